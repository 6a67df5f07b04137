"""Forms of this room: they parse, and name the field that is wrong. Rules live in the actions."""

from __future__ import annotations

import re
import uuid
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from django import forms as django_forms
from django.utils.translation import gettext_lazy as _

from teamaround.agencies.models import Practitioner, Team
from teamaround.people.codes import HoursBand, Sex
from teamaround.procedures.models import Priority
from teamaround.ui import forms

from . import codes
from .actions import Intake
from .models import LONGEST, ReceiptCheck

_POSTCODE = re.compile(r"[A-Z]{1,2}[0-9][A-Z0-9]?(?: ?[0-9][A-Z]{2})?")
_MOST_RADIOS = 7


def _long(label: Any, *, rows: int = 4, most: int = LONGEST, **more: Any) -> django_forms.CharField:
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
    immediate_reason = _long(_("Why can it not wait?"), rows=2, most=500)

    given = django_forms.CharField(label=_("First names"), max_length=200, required=False)
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

    others_in_family = _long(
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
    caring_tasks = _long(
        _("What do they do?"),
        rows=3,
        most=1000,
        required=False,
        help_text=_("One task a line. For example, cooks in the evening; sits with Mum at night."),
    )
    caring_hours = django_forms.ChoiceField(
        label=_("About how many hours a week?"), choices=HoursBand.choices, required=False
    )

    worries = _long(_("What is worrying?"))
    going_well = _long(_("What is going well?"), required=False, rows=3)
    hoped_for = _long(_("What do you hope for?"), required=False, rows=3)
    criteria = django_forms.MultipleChoiceField(
        label=_("Which of these apply?"),
        choices=codes.Criterion.choices,
        required=False,
        widget=forms.CheckboxSelectMultiple(small=True),
    )
    assessments_known = _long(
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
    refused_reason = _long(_("What do they say, and why refer all the same?"), rows=2, most=500)
    unaware_reason = _long(_("Why do they not know?"), rows=2, most=500)
    childs_words = _long(
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


def _apart(name: str, kwargs: dict[str, Any]) -> dict[str, Any]:
    """Ids of their own for a form that shares its page with others."""
    return {"auto_id": f"{name}_%s", **kwargs}


class ReceiptCheckForm(forms.VersionedForm):
    """The four checks on receipt. A “no” is explained in a note for the team."""

    criteria_met = django_forms.ChoiceField(
        label=_("Does it meet the criteria?"),
        choices=codes.Answer.choices,
        required=False,
        widget=forms.RadioSelect(small=True),
    )
    criteria_note = django_forms.CharField(label=_("What does not fit?"), max_length=500, required=False)
    family_knows = django_forms.ChoiceField(
        label=_("Does the family know?"),
        choices=codes.Answer.choices,
        required=False,
        widget=forms.RadioSelect(small=True),
    )
    family_note = django_forms.CharField(label=_("Why do they not know?"), max_length=500, required=False)
    details_complete = django_forms.ChoiceField(
        label=_("Are the details complete?"),
        help_text=_("If not, ask the referrer."),
        choices=codes.Answer.choices,
        required=False,
        widget=forms.RadioSelect(small=True),
    )
    details_note = django_forms.CharField(label=_("What is missing?"), max_length=500, required=False)
    assessments_read = django_forms.ChoiceField(
        label=_("Were existing assessments read?"),
        choices=codes.Answer.choices,
        required=False,
        widget=forms.RadioSelect(small=True),
    )
    assessments_note = django_forms.CharField(
        label=_("Which were not read, and why?"), max_length=500, required=False
    )
    reveals = {
        "criteria_met": {codes.Answer.NO: ["criteria_note"]},
        "family_knows": {codes.Answer.NO: ["family_note"]},
        "details_complete": {codes.Answer.NO: ["details_note"]},
        "assessments_read": {codes.Answer.NO: ["assessments_note"]},
    }
    mark_optional = False

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **_apart("check", kwargs))

    @classmethod
    def showing(cls, check: ReceiptCheck | None) -> ReceiptCheckForm:
        """The form with what is noted already."""
        if check is None:
            return cls(version=0)
        noted = {name: getattr(check, name) for name in cls.base_fields if name != "version"}
        return cls(version=check.version, initial=noted)

    def answers(self) -> dict[str, str]:
        """The answers and notes."""
        return {name: value for name, value in self.cleaned_data.items() if name != "version"}


def _worker_choices(workers: Iterable[Practitioner], empty: Any) -> list[tuple[str, Any]]:
    choices: list[tuple[str, Any]] = [("", empty)]
    for worker in workers:
        count = getattr(worker, "open_cases", 0)
        words = _("%(name)s – %(count)d open case") if count == 1 else _("%(name)s – %(count)d open cases")
        choices.append((str(worker.uuid), words % {"name": worker.name, "count": count}))
    return choices


class _WorkerForm(forms.VersionedForm):
    """A form that names a worker; the value is the practitioner's uuid."""

    practitioner = django_forms.ChoiceField(label=_("Named worker"))
    empty = _("Choose a worker")
    part = "allocation"

    def __init__(self, *args: Any, workers: Sequence[Practitioner], **kwargs: Any) -> None:
        super().__init__(*args, **_apart(self.part, kwargs))
        self.workers = {str(worker.uuid): worker.pk for worker in workers}
        self.fields["practitioner"].choices = _worker_choices(workers, self.empty)  # type: ignore[attr-defined]

    @property
    def worker(self) -> int | None:
        """The principal of the worker chosen."""
        return self.workers.get(self.cleaned_data["practitioner"])


class DecisionForm(_WorkerForm):
    """Accept, and perhaps allocate at once; or decline, with the reason."""

    decision = django_forms.ChoiceField(
        label=_("Your answer"),
        choices=[("accept", _("Accept")), ("decline", _("Do not accept"))],
        widget=forms.RadioSelect,
    )
    practitioner = django_forms.ChoiceField(label=_("Named worker"), required=False)
    words = _long(
        _("Anything the referrer should know"),
        rows=2,
        most=1000,
        required=False,
    )
    reason = _long(
        _("Why not, and what could they try next?"),
        rows=3,
        most=1000,
        help_text=_("The referrer reads this."),
    )
    empty = _("Allocate later")
    part = "decision"
    reveals = {"decision": {"accept": ["practitioner", "words"], "decline": ["reason"]}}


class AllocationForm(_WorkerForm):
    """Name the worker."""


class MessageForm(forms.Form):
    """From the receiving team to the referrer."""

    kind = django_forms.ChoiceField(
        label=_("What do you want to do?"),
        choices=[
            (codes.StepKind.QUESTION, _("Ask a question")),
            (codes.StepKind.WAITING, _("Say how long they will wait")),
        ],
        widget=forms.RadioSelect(small=True),
    )
    words = _long(_("Your words"), rows=3, most=1000)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **_apart("message", kwargs))


class AnswerForm(forms.Form):
    """From the referrer to the receiving team."""

    words = _long(_("Your answer"), rows=3, most=1000)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **_apart("answer", kwargs))


class ChildForm(forms.VersionedForm):
    """Which child it is: one of those found, or somebody not yet in the index."""

    NEW = "new"
    child = django_forms.ChoiceField(label=_("Which child is this?"), widget=forms.RadioSelect)

    def __init__(self, *args: Any, found: Sequence[tuple[str, str, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field: Any = self.fields["child"]
        field.choices = [(value, text) for value, text, _hint in found] + [
            (self.NEW, _("None of these: add the child with what the referrer typed"))
        ]
        field.widget = forms.RadioSelect(
            choices=field.choices, hints={value: hint for value, _text, hint in found}
        )
