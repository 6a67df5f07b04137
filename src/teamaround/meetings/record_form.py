"""The form that records a meeting: the family's views first, then who came, what was decided, who does what."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django import forms as django_forms
from django.forms.boundfield import BoundField
from django.forms.utils import ErrorDict
from django.utils import timezone
from django.utils.datastructures import MultiValueDict
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from teamaround.agencies.models import Practitioner
from teamaround.tasks.actions import Owner
from teamaround.ui import forms

from .forms import moment, names_in
from .minutes import ActionTyped, MinutesTyped, ViewTyped
from .models import Meeting, MeetingInvitation

MOST_ROWS = 40
_ROW = re.compile(r"(decision|action)(?:_what|_owner|_due)?_(\d{1,3})(?:_day|_month|_year)?")


@dataclass(frozen=True, slots=True)
class Rows:
    """How many decisions and actions a page has room for."""

    decisions: int = 2
    actions: int = 2

    def one_more(self, of: str) -> Rows:
        """The same with room for another `decision` or `action`, up to the most a page may have."""
        return Rows(
            min(self.decisions + (of == "decision"), MOST_ROWS),
            min(self.actions + (of == "action"), MOST_ROWS),
        )


ROWS = Rows()


@dataclass(frozen=True, slots=True)
class FamilyVoice:
    """Somebody of the family whose views are asked."""

    name: str
    person: int | None


@dataclass(frozen=True, slots=True)
class ActionRow:
    """The fields of one action."""

    number: int
    what: BoundField
    owner: BoundField
    due: BoundField


def voices(meeting: Meeting, invitations: Sequence[MeetingInvitation]) -> list[FamilyVoice]:
    """The child first, invited or not, then everybody of the family who was invited."""
    child = FamilyVoice(meeting.about, meeting.subject_id)
    others = [
        FamilyVoice(each.words, each.person_id)
        for each in invitations
        if each.invited_team_id is None and each.person_id != meeting.subject_id
    ]
    return [child, *others]


def owner_choices(
    meeting: Meeting,
    invitations: Sequence[MeetingInvitation],
    colleagues: Sequence[Practitioner],
    voices: Sequence[FamilyVoice],
) -> list[Any]:
    """Who may take on an action: my team's workers, those invited, and the family."""
    team = meeting.author_team_id
    ours = [(f"{each.pk}:{team}", each.name) for each in colleagues]
    invited = [
        (f"{each.practitioner_id or ''}:{each.invited_team_id}", each.name)
        for each in invitations
        if each.invited_team_id
    ]
    family = [(f"words:{number}", voice.name) for number, voice in enumerate(voices)]
    groups = [(meeting.author_team.name, ours), (_("Invited"), invited), (_("The family"), family)]
    return [("", _("Choose who")), *[group for group in groups if group[1]]]


class RecordForm(forms.VersionedForm):
    """Recording a meeting. As many decisions and actions are drawn as `rows` says; empty ones are passed over.

    `added` is the field of the row that was asked for: the page opens there.
    """

    token = django_forms.UUIDField(widget=django_forms.HiddenInput)
    held_on = forms.DateField(label=gettext_lazy("Date it was held"), not_future=True)
    held_at = forms.TimeField(label=gettext_lazy("Time"), widget=forms.TextInput(width=10))
    views_missing = django_forms.CharField(
        label=gettext_lazy("If somebody’s views are missing, why?"),
        required=False,
        max_length=1000,
        widget=django_forms.Textarea({"rows": 2}),
    )
    came = django_forms.MultipleChoiceField(
        label=gettext_lazy("Who came?"), required=False, widget=forms.CheckboxSelectMultiple
    )
    also_came = django_forms.CharField(
        label=gettext_lazy("Anybody else who came"),
        required=False,
        max_length=500,
        widget=django_forms.Textarea({"rows": 2}),
        help_text=gettext_lazy("One name on each line, with the agency."),
    )
    dissent = django_forms.CharField(
        label=gettext_lazy("Did anybody disagree? Who, and with what?"),
        required=False,
        max_length=2000,
        widget=django_forms.Textarea({"rows": 2}),
    )
    notes = django_forms.CharField(
        label=gettext_lazy("Other minutes"),
        required=False,
        max_length=8000,
        widget=django_forms.Textarea({"rows": 6}),
    )
    next_on = forms.DateField(label=gettext_lazy("Date of the next meeting"), required=False)

    def __init__(
        self,
        *args: Any,
        voices: Sequence[FamilyVoice],
        invitations: Sequence[MeetingInvitation],
        owners: Sequence[Any],
        rows: Rows = ROWS,
        judged: bool = True,
        added: str = "",
        **kwargs: Any,
    ) -> None:
        super().__init__(*args, **kwargs)
        self.voices = voices
        self.invitations = {str(each.uuid): each for each in invitations}
        self.rows = rows
        self.judged = judged
        chosen: Any = self.fields["came"]
        chosen.choices = [(key, each.name) for key, each in self.invitations.items()]
        if not self.invitations:
            del self.fields["came"]
        for number, voice in enumerate(voices):
            self.fields[f"view_{number}"] = django_forms.CharField(
                label=_("%(name)s’s views, in their own words") % {"name": voice.name},
                required=False,
                max_length=4000,
                widget=django_forms.Textarea({"rows": 3}),
            )
        for number in range(rows.decisions):
            self._add_decision(number)
        for number in range(rows.actions):
            self._add_action(number, owners)
        if added in self.fields:
            self.fields[added].widget.attrs["autofocus"] = True
        for field in self.fields.values():
            self._kinder_messages(field)

    def _add_decision(self, number: int) -> None:
        self.fields[f"decision_{number}"] = django_forms.CharField(
            label=_("Decision %(number)s") % {"number": number + 1}, required=False, max_length=1000
        )

    def _add_action(self, number: int, owners: Sequence[Any]) -> None:
        self.fields[f"action_what_{number}"] = django_forms.CharField(
            label=_("What is to be done"),
            required=False,
            max_length=300,
        )
        self.fields[f"action_owner_{number}"] = django_forms.ChoiceField(
            label=_("Who does it"), required=False, choices=owners
        )
        self.fields[f"action_due_{number}"] = forms.DateField(label=_("By when"), required=False)

    def full_clean(self) -> None:
        """Judge what was typed; a form that only takes back what was typed is not judged."""
        if self.judged:
            super().full_clean()
        else:
            self._errors = ErrorDict()
            self.cleaned_data = {}

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        for number in range(self.rows.actions):
            what, owner, due = (cleaned.get(f"action_{part}_{number}") for part in ("what", "owner", "due"))
            if (owner or due) and not what:
                self._incomplete("what", number, _("Action %(number)s: say what is to be done, or clear it"))
            if what and not owner:
                self._incomplete("owner", number, _("Action %(number)s: choose who does it"))
            if what and not due:
                self._incomplete("due", number, _("Action %(number)s: give the date by which it is done"))
        return cleaned

    def _incomplete(self, part: str, number: int, message: str) -> None:
        if f"action_{part}_{number}" not in self.errors:
            self.add_error(f"action_{part}_{number}", message % {"number": number + 1})

    def view_fields(self) -> list[BoundField]:
        """The questions for the family's views."""
        return [self[f"view_{number}"] for number in range(len(self.voices))]

    def decision_fields(self) -> list[BoundField]:
        """The boxes for decisions."""
        return [self[f"decision_{number}"] for number in range(self.rows.decisions)]

    def action_rows(self) -> list[ActionRow]:
        """The rows for actions."""
        return [
            ActionRow(
                number + 1,
                self[f"action_what_{number}"],
                self[f"action_owner_{number}"],
                self[f"action_due_{number}"],
            )
            for number in range(self.rows.actions)
        ]

    def typed(self) -> MinutesTyped:
        """What the action records."""
        data = self.cleaned_data
        return MinutesTyped(
            held_at=moment(data["held_on"], data["held_at"]),
            views=[
                ViewTyped(voice.name, data[f"view_{number}"], voice.person)
                for number, voice in enumerate(self.voices)
            ],
            views_missing=data["views_missing"],
            family=[voice.name for voice in self.voices],
            came=[self.invitations[key].pk for key in data.get("came", [])],
            also_came=names_in(data["also_came"]),
            decisions=[data[f"decision_{number}"] for number in range(self.rows.decisions)],
            dissent=data["dissent"],
            actions=[
                ActionTyped(
                    data[f"action_what_{number}"],
                    self._owner(data[f"action_owner_{number}"]),
                    data[f"action_due_{number}"],
                    number,
                )
                for number in range(self.rows.actions)
                if data[f"action_what_{number}"]
            ],
            notes=data["notes"],
            next_on=data["next_on"],
        )

    def _owner(self, chosen: str) -> Owner:
        first, second = chosen.split(":")
        if first == "words":
            return Owner(words=self.voices[int(second)].name[:120])
        return Owner(practitioner=int(first) if first else None, team=int(second))


def taken_back(typed: Mapping[str, Any]) -> MultiValueDict[str, Any]:
    """A draft as posted data."""
    return MultiValueDict(
        {name: value if isinstance(value, list) else [value] for name, value in typed.items()}
    )


def rows_in(data: Mapping[str, Any]) -> Rows:
    """How many rows the page had that was posted, never fewer than a fresh one has."""
    found = [each for name in data if (each := _ROW.fullmatch(name))]
    most = {
        of: max((int(each[2]) + 1 for each in found if each[1] == of), default=0)
        for of in ("decision", "action")
    }
    return Rows(
        min(max(ROWS.decisions, most["decision"]), MOST_ROWS),
        min(max(ROWS.actions, most["action"]), MOST_ROWS),
    )


def held_initial(meeting: Meeting) -> dict[str, dt.date | dt.time]:
    """When the meeting was planned for, in the boxes where the time it was held goes."""
    planned = timezone.localtime(meeting.starts_at)
    return {"held_on": planned.date(), "held_at": planned.time()}
