"""Making and moving an appointment: whom it may be for, with whom it may be, and the forms. Forms parse only."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django import forms as django_forms
from django.db import connection
from django.utils import timezone
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from teamaround.access.me import Me
from teamaround.agencies.models import Membership, Team
from teamaround.tasks.appointments import With
from teamaround.tasks.models import AppointmentKind
from teamaround.ui import forms
from teamaround.ui.presentation import stretch

from .diary import Entry, Who

TEAM, WORKER = "team", "worker"
MOST_TOLD = 3
"""Things that stand against a time, told one by one."""


def team_to_book(me: Me, subject: int) -> int | None:
    """The first of my teams that may make an appointment for somebody; None where none works with them. One query."""
    return next((team for team, _subject in _bookable(me.teams, [subject])), None)


def booking(me: Me, about: int, who: Sequence[Who]) -> tuple[int | None, list[Who]]:
    """The first of my teams that may make an appointment for `about`, and those of `who` for whom it may. One query."""
    may = _bookable(me.teams, [about, *(each.subject for each in who)])
    team = next((team for team, subject in may if subject == about), None)
    return team, [each for each in who if (team, each.subject) in may]


def _bookable(teams: Sequence[int], subjects: Sequence[int]) -> list[tuple[int, int]]:
    with connection.cursor() as cursor:
        cursor.execute(
            "select t, s from unnest(%s::int[]) with ordinality as teams(t, place), unnest(%s::bigint[]) s "
            "where app.may_book(t, s) order by place",
            [list(teams), list(subjects)],
        )
        return [(team, subject) for team, subject in cursor.fetchall()]


@dataclass(frozen=True, slots=True)
class Hosts:
    """With whom an appointment may be: workers of the own team, and every team that works, by agency."""

    choices: list[tuple[str, list[tuple[str, str]]]]
    found: Mapping[str, With]


def hosts_of(team: int) -> Hosts:
    """The own team's workers first, then the teams. Two queries."""
    workers = (
        Membership.objects.current()
        .filter(team_id=team, practitioner__left_at=None)
        .select_related("practitioner")
        .order_by("practitioner__name")
    )
    own = {f"{WORKER}-{row.practitioner_id}": row.practitioner.name for row in workers}
    found = {key: With(team=team, practitioner=int(key.rpartition("-")[2])) for key in own}
    groups: dict[str, list[tuple[str, str]]] = {}
    for row in Team.objects.filter(ended_at=None, agency__ended_at=None).select_related("agency"):
        key = f"{TEAM}-{row.pk}"
        found[key] = With(team=row.pk)
        groups.setdefault(row.agency.name, []).append((key, row.name))
    choices = [(gettext("My team"), list(own.items()))]
    choices += [(agency, sorted(teams, key=lambda each: each[1])) for agency, teams in sorted(groups.items())]
    return Hosts(choices, found)


def _moment(day: dt.date, time: dt.time) -> dt.datetime:
    # In UTC: between two moments of one zone Python reckons by the clock on the wall.
    return timezone.make_aware(dt.datetime.combine(day, time)).astimezone(dt.UTC)


class WhenForm(forms.Form):
    """When and where, and what a calendar shows."""

    starts_on = forms.DateField(label=_("Date"), help_text=_("For example, 27 11 2026"))
    starts = forms.TimeField(
        label=_("Start time"), widget=forms.TextInput(width=10), help_text=_("For example, 3:30pm")
    )
    ends = forms.TimeField(
        label=_("End time"),
        required=False,
        widget=forms.TextInput(width=10),
        help_text=_("Leave it empty for the usual length."),
    )
    place = django_forms.CharField(
        label=_("Place"),
        required=False,
        max_length=200,
        help_text=_("Say “At home” rather than an address: whoever may see plans and meetings reads this."),
    )
    title = django_forms.CharField(
        label=_("What calendars show"),
        required=False,
        max_length=60,
        help_text=_("A telephone shows this to whoever looks. Leave it empty for a neutral title. No names."),
    )

    def times(self, lasts: int) -> tuple[dt.datetime, dt.datetime]:
        """The first moment and the last; `lasts` minutes where no end was given."""
        cleaned = self.cleaned_data
        starts_at = _moment(cleaned["starts_on"], cleaned["starts"])
        if cleaned.get("ends") is None:
            return starts_at, starts_at + dt.timedelta(minutes=lasts)
        return starts_at, _moment(cleaned["starts_on"], cleaned["ends"])

    def ask_despite(self) -> None:
        """Offer to keep to the time although somebody has something else then."""
        self.fields["despite"] = django_forms.BooleanField(
            label=_("Keep to this time all the same"), required=False
        )

    def refuse_clash(self, taken: Sequence[Entry], names: Mapping[int, str], *, worker: str = "") -> None:
        """Say what they have at that time already, or what the worker of that name has."""
        self.ask_despite()
        for entry in taken[:MOST_TOLD]:
            whose = worker or ", ".join(filter(None, map(names.get, entry.people)))
            message = gettext(
                "%(name)s has something else then: %(what)s, %(when)s. Choose another time."
            ) % {
                "name": whose or gettext("The family"),
                "what": entry.title,
                "when": stretch(entry.starts_at, entry.ends_at),
            }
            self.add_error("starts", message)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if self.is_bound and self.data.get("despite"):
            self.ask_despite()


class MakeForm(WhenForm):
    """Making an appointment."""

    token = django_forms.UUIDField(widget=django_forms.HiddenInput)
    kind = django_forms.ChoiceField(label=_("What is it?"), widget=forms.RadioSelect)
    people = django_forms.MultipleChoiceField(
        label=_("Who is it for?"),
        widget=forms.CheckboxSelectMultiple,
        help_text=_("Each sees it in their own calendar, if they keep one. Choose only those who come."),
    )
    whom = django_forms.ChoiceField(label=_("With whom?"), required=False)
    with_words = django_forms.CharField(
        label=_("Or somebody else"),
        required=False,
        max_length=120,
        help_text=_("For example, the dentist. Do not name a service that others should not know of."),
    )
    field_order = (
        "kind", "people", "starts_on", "starts", "ends", "whom", "with_words", "place", "title",
    )  # fmt: skip

    def __init__(
        self,
        *args: Any,
        kinds: Sequence[AppointmentKind],
        who: Sequence[Who],
        hosts: Hosts,
        **kwargs: Any,
    ) -> None:
        super().__init__(*args, **kwargs)
        self.kinds = {kind.key: kind for kind in kinds}
        self.subjects = {str(each.key): each.subject for each in who}
        self.hosts = hosts
        chosen: Any = self.fields
        chosen["kind"].choices = [(kind.key, kind.title) for kind in kinds]
        chosen["people"].choices = [(str(each.key), each.name) for each in who]
        chosen["whom"].choices = [("", gettext("Choose a worker or a team")), *hosts.choices]

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        whom, words = cleaned.get("whom"), cleaned.get("with_words", "").strip()
        if not whom and not words and "whom" not in self.errors:
            self.add_error("whom", gettext("Say with whom the appointment is."))
        # The reader stands there from the beginning: whoever writes somebody else need not take that back first.
        if whom and words and "whom" in self.changed_data:
            self.add_error("with_words", gettext("Name one: a worker or team, or somebody else in words."))
        return cleaned

    def chosen(self) -> list[int]:
        """The subjects whom it is for."""
        return [self.subjects[key] for key in self.cleaned_data["people"]]

    def host(self) -> With:
        """With whom it is."""
        words = self.cleaned_data["with_words"].strip()
        return With(words=words) if words else self.hosts.found[self.cleaned_data["whom"]]

    def minutes(self) -> int:
        """How long the chosen kind usually lasts."""
        return self.kinds[self.cleaned_data["kind"]].lasts


class MoveForm(forms.VersionedForm, WhenForm):
    """Moving an appointment, or saying where it is."""


class CancelForm(forms.VersionedForm):
    """Cancelling an appointment."""

    reason = django_forms.CharField(
        label=_("Why is it cancelled?"),
        max_length=300,
        widget=django_forms.Textarea({"rows": 2}),
        help_text=_("Whoever may see the appointment reads this."),
    )


def names_of(who: Collection[Who]) -> dict[int, str]:
    """What each is called, by the record that stands for them."""
    return {each.subject: each.name for each in who}
