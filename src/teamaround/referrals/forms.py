"""The form that sends a referral: it parses, and names the field that is wrong. Rules live in the actions."""

from __future__ import annotations

import re
import uuid
from collections.abc import Mapping, Sequence
from typing import Any

from django import forms as django_forms
from django.utils.translation import gettext_lazy as _

from teamaround.agencies.models import Team
from teamaround.people.codes import HoursBand, Sex
from teamaround.procedures.models import Priority
from teamaround.ui import forms

from . import codes
from .actions import Intake
from .models import LONGEST

_POSTCODE = re.compile(r"[A-Z]{1,2}[0-9][A-Z0-9]?(?: ?[0-9][A-Z]{2})?")
_MOST_RADIOS = 7


def long_answer(label: Any, *, rows: int = 4, most: int = LONGEST, **more: Any) -> django_forms.CharField:
    return django_forms.CharField(
        label=label, max_length=most, widget=django_forms.Textarea({"rows": rows}), **more
    )


class NewReferralForm(forms.Form):
    """The professional referral form. `teams` are those that take referrals."""

    form_token = django_forms.UUIDField(widget=django_forms.HiddenInput)
    receiving_team = django_forms.ChoiceField(label=_("Which team do you refer to?"))
    arrival = django_forms.ChoiceField(
        label=_("How does this referral come about?"),
        choices=codes.Arrival.choices,
        widget=forms.RadioSelect,
    )
    told_by = django_forms.CharField(
        label=_("Who told you?"),
        max_length=200,
        help_text=_(
            "Their name, who they are and how to reach them. For example, Mrs Bell, grandmother, 01632 960 144"
        ),
    )
    priority = django_forms.ChoiceField(
        label=_("How soon is an answer needed?"),
        choices=[
            (Priority.STANDARD, _("In the usual time")),
            (Priority.IMMEDIATE, _("At once")),
        ],
        widget=forms.RadioSelect(
            hints={
                Priority.IMMEDIATE.value: str(
                    _("A child in danger now: ring 999 or children’s social care first.")
                )
            }
        ),
    )
    immediate_reason = long_answer(_("Why can it not wait?"), rows=2, most=500)

    given = django_forms.CharField(
        label=_("First names"),
        max_length=200,
        required=False,
        help_text=_("At least a first name or a last name is needed."),
    )
    family_name = django_forms.CharField(label=_("Last name"), max_length=200, required=False)
    date_of_birth = forms.ApproximateDateField(
        label=_("Date of birth"),
        required=False,
        not_future=True,
        help_text=_("For example, 27 3 2014. Leave out the day or month if you do not know it."),
    )
    sex = django_forms.ChoiceField(
        label=_("Sex"), choices=Sex.choices, widget=forms.RadioSelect(inline=True, small=True)
    )
    address = django_forms.CharField(
        label=_("Address"), max_length=300, required=False, widget=django_forms.Textarea({"rows": 2})
    )
    postcode = django_forms.CharField(
        label=_("Postcode"), max_length=8, required=False, widget=forms.TextInput(width=10)
    )
    phone = django_forms.CharField(
        label=_("Family’s telephone number"), max_length=30, required=False, widget=forms.TextInput(width=20)
    )
    school = django_forms.CharField(label=_("School or college"), max_length=120, required=False)

    others_in_family = long_answer(
        _("Who else is in the family?"),
        required=False,
        rows=3,
        help_text=_(
            "Name, age, who they are to the child, and whether they live together. One person a line."
        ),
    )
    cares = django_forms.ChoiceField(
        label=_("Does the child care for somebody?"),
        choices=[("yes", _("Yes")), ("no", _("No")), ("unknown", _("Not known"))],
        widget=forms.RadioSelect,
    )
    cares_for = django_forms.CharField(
        label=_("Whom do they care for?"),
        max_length=200,
        help_text=_(
            "For example, Mum and a little brother. Do not write why: that is the other person’s own information."
        ),
    )
    caring_tasks = long_answer(
        _("What do they do?"),
        rows=3,
        most=1000,
        required=False,
        help_text=_("One task a line. For example, cooks in the evening; sits with Mum at night."),
    )
    caring_hours = django_forms.ChoiceField(
        label=_("About how many hours a week?"), choices=HoursBand.choices, required=False
    )

    worries = long_answer(_("What is worrying?"))
    going_well = long_answer(_("What is going well?"), required=False, rows=3)
    hoped_for = long_answer(_("What do you hope for?"), required=False, rows=3)
    criteria = django_forms.MultipleChoiceField(
        label=_("Which of these apply?"),
        choices=codes.Criterion.choices,
        required=False,
        widget=forms.CheckboxSelectMultiple(small=True),
    )
    assessments_known = long_answer(
        _("Which assessments and plans do you know of?"),
        required=False,
        rows=2,
        most=1000,
        help_text=_("Which, by whom and when, so that nobody has to tell their story again."),
    )

    agreement = django_forms.ChoiceField(
        label=_("Does the family know of this referral, and agree?"),
        choices=codes.Agreement.choices,
        widget=forms.RadioSelect,
    )
    refused_reason = long_answer(_("What do they say, and why refer all the same?"), rows=2, most=500)
    unaware_reason = long_answer(_("Why do they not know?"), rows=2, most=500)
    childs_words = long_answer(
        _("What does the child say?"),
        required=False,
        rows=3,
        help_text=_("In the child’s own words, where you can."),
    )

    reveals = {
        "arrival": {codes.Arrival.FOR_ANOTHER: ["told_by"]},
        "priority": {Priority.IMMEDIATE: ["immediate_reason"]},
        "cares": {"yes": ["cares_for", "caring_tasks", "caring_hours"]},
        "agreement": {
            codes.Agreement.REFUSE: ["refused_reason"],
            codes.Agreement.UNAWARE: ["unaware_reason"],
        },
    }

    def __init__(self, *args: Any, teams: Sequence[Team], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.teams = {team.slug: team for team in teams}
        field: Any = self.fields["receiving_team"]
        if len(teams) <= _MOST_RADIOS:
            field.choices = [(team.slug, team.name) for team in teams]
            field.widget = forms.RadioSelect(
                choices=field.choices, hints={team.slug: team.agency.name for team in teams}
            )
        else:
            field.choices = [("", _("Choose a team"))] + [
                (team.slug, f"{team.name}, {team.agency.name}") for team in teams
            ]

    def clean_postcode(self) -> str:
        written = " ".join(str(self.cleaned_data["postcode"]).upper().split())
        if written and not _POSTCODE.fullmatch(written):
            raise django_forms.ValidationError(
                _("Enter a postcode like SK1 3XE, or its first half. Leave it empty if you do not know it.")
            )
        return written

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        if {"given", "family_name"} <= set(cleaned) and not (cleaned["given"] or cleaned["family_name"]):
            self.add_error("given", _("Enter a first name or a last name"))
        return cleaned

    @property
    def team(self) -> Team:
        """The team chosen, once the form is valid."""
        return self.teams[self.cleaned_data["receiving_team"]]

    def intake(self) -> Intake:
        """What was typed, once the form is valid."""
        said = self.cleaned_data
        born = said["date_of_birth"]
        plain = (
            "given family_name sex address postcode phone school others_in_family cares_for caring_tasks caring_hours "
            "worries going_well hoped_for criteria assessments_known agreement childs_words immediate_reason arrival told_by"
        )
        return Intake(
            date_of_birth=born.value if born else None,
            born_precision=str(born.precision) if born else "day",
            cares={"yes": True, "no": False}.get(said["cares"]),
            agreement_reason=said["refused_reason"] or said["unaware_reason"],
            **{name: said[name] for name in plain.split()},
        )


def typed_again(form: type[NewReferralForm], typed: Mapping[str, Any]) -> dict[str, Any]:
    """A draft as initial values: what each widget reads from what was typed. A used form's token is no part."""
    read: dict[str, Any] = {}
    for name, field in form.base_fields.items():
        if name == "form_token":
            continue
        value = field.widget.value_from_datadict(_Typed(typed), {}, name)
        if value not in (None, "", [], ["", "", ""]):
            read[name] = _date(field, value) if isinstance(field, forms.ApproximateDateField) else value
    return read


def _date(field: forms.ApproximateDateField, value: Any) -> Any:
    try:
        return field.to_python(value)
    except django_forms.ValidationError:
        return " ".join(part for part in value if part)


class _Typed(dict[str, Any]):
    """A draft read as a widget reads a request: single values and lists alike."""

    def getlist(self, name: str) -> list[Any]:
        value = self.get(name, [])
        return list(value) if isinstance(value, list | tuple) else [value]


def fresh_token() -> uuid.UUID:
    """A token of one showing of the form: the same one never sends twice."""
    return uuid.uuid4()


def refuse(form: django_forms.Form, refused: ValueError) -> None:
    """Show beside its field why an action refused, or above the form where it names no field."""
    field = getattr(refused, "field", "")
    form.add_error(field if field in form.fields else None, str(refused))
