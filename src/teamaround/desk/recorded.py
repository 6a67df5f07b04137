"""The page that follows one click: what was recorded, whether it was in time, and how to take it back."""

from __future__ import annotations

import datetime as dt
import uuid
from dataclasses import dataclass

from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from teamaround.access.me import Me
from teamaround.events.models import Event, EventNote
from teamaround.people.models import Person
from teamaround.procedures.actions import standing
from teamaround.procedures.models import Episode
from teamaround.procedures.one_click import NEEDS_A_FORM, standing_rows
from teamaround.ui import forms
from teamaround.ui.components import Identity
from teamaround.ui.presentation import uk_datetime

from .person import identity_of

ENTERED_LATE = dt.timedelta(hours=1)


class AnotherTimeForm(forms.Form):
    """When it happened, where that was not the moment of the click."""

    on = forms.DateField(label=gettext_lazy("Day"), not_future=True)
    at = forms.TimeField(
        label=gettext_lazy("Time"),
        widget=forms.TextInput(width=5),
        help_text=gettext_lazy("For example, 2:30pm"),
    )

    def moment(self) -> dt.datetime:
        """The moment that was typed, in local time. For a valid form."""
        return timezone.make_aware(dt.datetime.combine(self.cleaned_data["on"], self.cleaned_data["at"]))


@dataclass(frozen=True, slots=True)
class Recorded:
    """Everything the page shows. `occurrence` is None once it was undone; `mine` says whether I may change it here."""

    identity: Identity | None
    words: str
    happened_at: dt.datetime | None
    late_entry: str
    text: str
    ended: tuple[str, ...]
    occurrence: uuid.UUID | None
    mine: bool
    subjects: tuple[int, ...]
    category: str


def load_recorded(episode: Episode, occurrence: uuid.UUID, me: Me) -> Recorded | None:
    """Read the page; None where this case has no such entry. Five queries."""
    first = Event.objects.filter(occurrence=occurrence, episode=episode.pk).order_by("id").first()
    if first is None:
        return None
    rows = standing_rows(episode, occurrence)
    person = Person.objects.filter(pk=episode.subject_id).first() if episode.subject_id else None
    now = rows[0] if rows else None
    return Recorded(
        identity=identity_of(person) if person is not None else None,
        words=first.words,
        happened_at=now.happened_at if now is not None else None,
        late_entry=_late_entry(now) if now is not None else "",
        text=next(iter(EventNote.objects.filter(event=now).values_list("text", flat=True)), "")
        if now
        else "",
        ended=tuple(_ended(episode, now)) if now is not None else (),
        occurrence=occurrence if now is not None else None,
        mine=now is not None and now.recorded_by_id == me.principal and now.kind not in NEEDS_A_FORM,
        subjects=tuple(sorted({row.subject_id for row in rows or [first]})),
        category=first.category,
    )


def _late_entry(row: Event) -> str:
    if row.recorded_at - row.happened_at < ENTERED_LATE:
        return ""
    return _("Recorded late, on %(when)s.") % {"when": uk_datetime(row.recorded_at)}


def _ended(episode: Episode, row: Event) -> list[str]:
    """What stopped with it, and whether that was in time."""
    said = []
    for clock in standing(episode).clocks:
        if clock.stopped_at != row.happened_at or row.kind not in clock.rule.stop:
            continue
        words = (
            _("%(title)s: done in time. It was due %(due)s.")
            if clock.state == "met"
            else _("%(title)s: done late. It was due %(due)s.")
        )
        said.append(words % {"title": clock.title, "due": uk_datetime(clock.due_at)})
    return said
