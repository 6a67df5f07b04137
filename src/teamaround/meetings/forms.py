"""Forms of meetings: parse only."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from typing import Any

from django import forms as django_forms
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from teamaround.agencies.models import Team
from teamaround.index.models import Involvement
from teamaround.people.models import Person
from teamaround.ui import forms

from .actions import InvitedPerson, InvitedTeam
from .models import InvitationAnswer, MeetingType
from .times import Busy, clash

ANOTHER = [("", _("Choose a team"))]


def moment(day: dt.date, time: dt.time) -> dt.datetime:
    """The moment of a civil day and time here."""
    return timezone.make_aware(dt.datetime.combine(day, time))


def by_agency(teams: Sequence[Team]) -> list[tuple[str, list[tuple[str, str]]]]:
    """Choices of teams under the names of their agencies."""
    groups: dict[str, list[tuple[str, str]]] = {}
    for team in teams:
        groups.setdefault(team.agency.name, []).append((str(team.pk), team.name))
    return list(groups.items())


class WhenWhereForm(forms.Form):
    """When and where a meeting takes place, and why."""

    starts_on = forms.DateField(label=_("Date"), not_past=True, help_text=_("For example, 27 11 2026"))
    starts_at = forms.TimeField(
        label=_("Time"), widget=forms.TextInput(width=10), help_text=_("For example, 3:30pm")
    )
    place = django_forms.CharField(
        label=_("Place"), max_length=200, help_text=_("Somewhere the family can get to and feels at ease.")
    )
    purpose = django_forms.CharField(
        label=_("Purpose"),
        max_length=500,
        widget=django_forms.Textarea({"rows": 3}),
        help_text=_("Everybody invited reads this. Say what the meeting is for, not what was confided."),
    )

    @property
    def moment(self) -> dt.datetime:
        """When the meeting starts."""
        return moment(self.cleaned_data["starts_on"], self.cleaned_data["starts_at"])


class ChangeForm(forms.VersionedForm, WhenWhereForm):
    """Moving a meeting, or saying its purpose better."""


class CallForm(WhenWhereForm):
    """Calling a meeting."""

    token = django_forms.UUIDField(widget=django_forms.HiddenInput)
    kind = django_forms.ChoiceField(label=_("What kind of meeting is it?"), widget=forms.RadioSelect)
    teams = django_forms.MultipleChoiceField(
        label=_("Teams that work with the family"), required=False, widget=forms.CheckboxSelectMultiple
    )
    other_team = django_forms.ChoiceField(
        label=_("Another team"),
        required=False,
        help_text=_("Services for adults too. You can invite more teams once the meeting is called."),
    )
    family = django_forms.MultipleChoiceField(
        label=_("The child and the family"), required=False, widget=forms.CheckboxSelectMultiple
    )
    other_people = django_forms.CharField(
        label=_("Anybody else, by name"),
        required=False,
        max_length=500,
        widget=django_forms.Textarea({"rows": 2}),
        help_text=_("One name on each line: a grandparent, a neighbour, an interpreter."),
    )
    field_order = (
        "kind", "starts_on", "starts_at", "place", "purpose", "teams", "other_team", "family", "other_people",
    )  # fmt: skip

    def __init__(
        self,
        *args: Any,
        involved: Sequence[Involvement],
        teams: Sequence[Team],
        family: Sequence[Person],
        types: Sequence[MeetingType],
        busy: Sequence[Busy] = (),
        **kwargs: Any,
    ) -> None:
        super().__init__(*args, **kwargs)
        self.busy = busy
        if self.is_bound and self.data.get("despite"):
            self._ask_despite()
        self.involved = {str(row.author_team_id): row for row in involved}
        self.people = {str(person.uuid): person for person in family}
        chosen: Any = self.fields
        chosen["kind"].choices = [(kind.key, kind.title) for kind in types]
        chosen["kind"].widget.hints = {kind.key: kind.usually for kind in types}
        chosen["teams"].choices = [(key, _team_words(row)) for key, row in self.involved.items()]
        chosen["other_team"].choices = [*ANOTHER, *by_agency(teams)]
        chosen["family"].choices = [(key, person.name) for key, person in self.people.items()]
        if not self.involved:
            del self.fields["teams"]

    def _ask_despite(self) -> None:
        self.fields["despite"] = django_forms.BooleanField(
            label=_("Call it at this time all the same"), required=False
        )

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        if cleaned.get("starts_on") and cleaned.get("starts_at") and not cleaned.get("despite"):
            other = clash(self.moment, self.busy)
            if other is not None:
                self._ask_despite()
                what = other.title or _("something with another agency")
                message = _(
                    "The family has something else within an hour of this: %(what)s. Choose another time."
                )
                self.add_error("starts_at", message % {"what": what})
        return cleaned

    def invited_teams(self) -> list[InvitedTeam]:
        """The teams that were chosen; one that works with the family with its worker."""
        rows = [self.involved[key] for key in self.cleaned_data.get("teams", [])]
        chosen = [InvitedTeam(row.author_team_id, row.practitioner_id) for row in rows]
        if other := self.cleaned_data["other_team"]:
            chosen.append(InvitedTeam(int(other)))
        return chosen

    def invited_people(self) -> list[InvitedPerson]:
        """Those of the family, and others by name."""
        known = [self.people[key] for key in self.cleaned_data["family"]]
        return [
            *(InvitedPerson(person.name, person.pk) for person in known),
            *(InvitedPerson(name) for name in names_in(self.cleaned_data["other_people"])),
        ]


def _team_words(row: Involvement) -> str:
    team = f"{row.author_team.name}, {row.author_team.agency.name}"
    return f"{row.practitioner.name}, {team}" if row.practitioner else team


def names_in(text: str) -> list[str]:
    """The names in a box that takes one on each line."""
    return [name.strip() for name in text.splitlines() if name.strip()]


class InviteForm(forms.Form):
    """Inviting one more team."""

    team = django_forms.ChoiceField(label=_("Team"))

    def __init__(self, *args: Any, teams: Sequence[Team], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        chosen: Any = self.fields["team"]
        chosen.choices = [*ANOTHER, *by_agency(teams)]


class CancelForm(forms.VersionedForm):
    """Cancelling a meeting."""

    reason = django_forms.CharField(
        label=_("Why is the meeting cancelled?"),
        max_length=300,
        widget=django_forms.Textarea({"rows": 2}),
        help_text=_("Everybody invited reads this."),
    )


class AnswerForm(forms.VersionedForm):
    """Answering an invitation."""

    answer = django_forms.ChoiceField(label=_("Will you come?"), widget=forms.RadioSelect)
    declined = django_forms.CharField(
        label=_("Why can you not come?"), max_length=500, widget=django_forms.Textarea({"rows": 2})
    )
    deputy = django_forms.CharField(label=_("Who comes instead?"), max_length=200)
    report = django_forms.CharField(
        label=_("Your report"),
        max_length=8000,
        widget=django_forms.Textarea({"rows": 10}),
        help_text=_("The team that called the meeting reads it, and teams the family has agreed to."),
    )
    reveals: Mapping[str, Mapping[str, Sequence[str]]] = {
        "answer": {"declined": ["declined"], "deputy": ["deputy"], "report": ["report"]}
    }

    def __init__(self, *args: Any, for_others: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        chosen: Any = self.fields["answer"]
        ours = [
            (InvitationAnswer.ACCEPTED, _("Yes")),
            (InvitationAnswer.DECLINED, _("No")),
            (InvitationAnswer.DEPUTY, _("Somebody comes in my place")),
            (InvitationAnswer.REPORT, _("No, but here is a report")),
        ]
        chosen.choices = [(answer.value, words) for answer, words in ours]
        if for_others:
            chosen.label = _("What did they answer?")
            chosen.choices = [
                (InvitationAnswer.ACCEPTED.value, _("They come")),
                (InvitationAnswer.DECLINED.value, _("They cannot come")),
            ]
            self.reveals = {}
            for name in ("declined", "deputy", "report"):
                del self.fields[name]

    @property
    def words(self) -> str:
        """What was written with the answer."""
        return str(self.cleaned_data.get(self.cleaned_data["answer"]) or "")
