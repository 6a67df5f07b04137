"""What the front door's forms ask, and what cannot be right."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django import forms as django_forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from teamaround.index.parts import TITLES
from teamaround.people import codes
from teamaround.people.actions import FactRefused, clean_identifier
from teamaround.ui import forms

from .fields import PostcodeField, phone_field, read_number

CARING_TASKS = (
    ("Cooking and cleaning", gettext_lazy("Cooking and cleaning")),
    ("Shopping and money", gettext_lazy("Shopping and money")),
    ("Looking after brothers or sisters", gettext_lazy("Looking after brothers or sisters")),
    ("Washing and dressing", gettext_lazy("Washing and dressing")),
    ("Medicines", gettext_lazy("Medicines")),
    ("Company and comfort", gettext_lazy("Company and comfort")),
    ("Interpreting", gettext_lazy("Interpreting")),
    ("Getting up at night", gettext_lazy("Getting up at night")),
)


def without_title(name: str) -> str:
    """The name without titles in front: 'Mrs Farah Rahman' to 'Farah Rahman', 'Dr.' to nothing."""
    words = name.split()
    while words and words[0].strip(".").lower() in TITLES:
        words = words[1:]
    return " ".join(words)


class _NamedForm(forms.Form):
    """A form that asks for a name: at least one part of it."""

    given = django_forms.CharField(label=gettext_lazy("First name"), max_length=200, required=False)
    family_name = django_forms.CharField(label=gettext_lazy("Last name"), max_length=200, required=False)

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean() or {}
        if not self.errors and not (cleaned.get("given") or cleaned.get("family_name")):
            self.add_error("given", _("Enter a first name or a last name."))
        return cleaned


class AddPersonForm(_NamedForm):
    """Somebody who is not in the index yet: what is known of them."""

    mark_optional = False
    date_of_birth = forms.ApproximateDateField(
        label=gettext_lazy("Date of birth"),
        required=False,
        not_future=True,
        help_text=gettext_lazy(
            "For example, 14 3 2012. Leave the day, or day and month, empty if you do not know."
        ),
    )
    sex = django_forms.ChoiceField(
        label=gettext_lazy("Sex"),
        choices=codes.Sex.choices,
        initial="U",
        widget=forms.RadioSelect(inline=True),
    )
    address = django_forms.CharField(label=gettext_lazy("House and street"), max_length=300, required=False)
    postcode = PostcodeField()
    phone = phone_field()
    nhs_number = django_forms.CharField(
        label=gettext_lazy("NHS number"),
        max_length=20,
        required=False,
        widget=forms.TextInput({"inputmode": "numeric"}, width=20),
    )
    pupil_number = django_forms.CharField(
        label=gettext_lazy("Pupil number"), max_length=20, required=False, widget=forms.TextInput(width=20)
    )
    local_reference = django_forms.CharField(
        label=gettext_lazy("Your own reference"),
        max_length=40,
        required=False,
        widget=forms.TextInput(width=20),
    )

    def clean_nhs_number(self) -> str:
        return read_number("nhs", self.cleaned_data["nhs_number"])

    def clean_pupil_number(self) -> str:
        return read_number("upn", self.cleaned_data["pupil_number"])


class NameForm(_NamedForm):
    """Another name somebody goes or went by."""

    field_order = ("given", "middle", "family_name", "kind")
    middle = django_forms.CharField(label=gettext_lazy("Middle names"), max_length=200, required=False)
    kind = django_forms.ChoiceField(
        label=gettext_lazy("What kind of name is it?"),
        choices=codes.NameKind.choices,
        initial="known_as",
        widget=forms.RadioSelect,
    )


class AddressForm(forms.Form):
    """Where somebody lives."""

    lines = django_forms.CharField(label=gettext_lazy("House and street"), max_length=300, required=False)
    postcode = PostcodeField()
    phone = phone_field()
    kind = django_forms.ChoiceField(
        label=gettext_lazy("What kind of address is it?"),
        choices=codes.AddressKind.choices,
        initial="home",
        widget=forms.RadioSelect,
    )
    since = forms.DateField(label=gettext_lazy("Since"), required=False, not_future=True)

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean() or {}
        if not self.errors and not any(cleaned.get(each) for each in ("lines", "postcode", "phone")):
            self.add_error("lines", _("Enter a street, a postcode or a phone number."))
        return cleaned


class NumberForm(forms.Form):
    """An identifier as this agency holds it."""

    scheme = django_forms.ChoiceField(
        label=gettext_lazy("Which number is it?"),
        choices=codes.IdentifierScheme.choices,
        widget=forms.RadioSelect,
    )
    value = django_forms.CharField(
        label=gettext_lazy("Number"), max_length=40, widget=forms.TextInput(width=20)
    )
    traced = django_forms.BooleanField(
        label=gettext_lazy("We checked it against the national register"), required=False
    )

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean() or {}
        if cleaned.get("scheme") and cleaned.get("value"):
            try:
                cleaned["value"] = clean_identifier(cleaned["scheme"], cleaned["value"])
            except FactRefused as refused:
                self.add_error("value", str(refused))
        return cleaned


class NeedForm(forms.Form):
    """A language, or a need in communicating."""

    kind = django_forms.ChoiceField(
        label=gettext_lazy("What is it about?"), choices=codes.NeedKind.choices, widget=forms.RadioSelect
    )
    words = django_forms.CharField(
        label=gettext_lazy("In words"),
        max_length=200,
        help_text=gettext_lazy("For example, Urdu, or large print"),
    )


class SchoolForm(forms.Form):
    """The school somebody is at."""

    school_name = django_forms.CharField(label=gettext_lazy("School"), max_length=120)
    young_carer_indicator = django_forms.ChoiceField(
        label=gettext_lazy("Does the school record them as a young carer?"),
        choices=[
            ("", gettext_lazy("Not known")),
            ("N", gettext_lazy("No")),
            ("P", gettext_lazy("Yes, told by a parent or guardian")),
            ("S", gettext_lazy("Yes, identified by the school")),
        ],
        required=False,
        widget=forms.RadioSelect,
    )


class EthnicityForm(forms.Form):
    """Ethnicity by the DfE's codes."""

    ethnicity = django_forms.ChoiceField(
        label=gettext_lazy("Ethnicity"),
        choices=[("", gettext_lazy("Choose what they say")), *codes.Ethnicity.choices],
    )


class _AboutAnotherForm(forms.Form):
    """A form that names another member of the person's families."""

    def __init__(self, *args: Any, others: Iterable[tuple[str, str]] = (), **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["other"]
        if isinstance(field, django_forms.ChoiceField):
            field.choices = [*self.first_choices(), *others]

    def first_choices(self) -> list[tuple[str, str]]:
        return []


class CaringForm(_AboutAnotherForm):
    """What a child does as a carer. It never asks why."""

    other = django_forms.ChoiceField(
        label=gettext_lazy("Whom do they care for?"), required=False, widget=forms.RadioSelect
    )
    relation = django_forms.CharField(
        label=gettext_lazy("Who that is to them"),
        max_length=60,
        required=False,
        help_text=gettext_lazy("For example, mum, or little brother"),
    )
    tasks = django_forms.MultipleChoiceField(
        label=gettext_lazy("What do they do?"),
        choices=CARING_TASKS,
        required=False,
        widget=forms.CheckboxSelectMultiple,
    )
    more = django_forms.CharField(label=gettext_lazy("Anything else they do"), max_length=80, required=False)
    hours = django_forms.ChoiceField(
        label=gettext_lazy("For how many hours a week?"),
        choices=codes.HoursBand.choices,
        required=False,
        widget=forms.RadioSelect,
    )

    def first_choices(self) -> list[tuple[str, str]]:
        return [("", _("Somebody who is not on a record here"))]

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean() or {}
        if not self.errors and not any(cleaned.get(each) for each in ("other", "relation", "tasks", "more")):
            self.add_error("relation", _("Say whom they care for, or what they do."))
        return cleaned


class RelationshipForm(_AboutAnotherForm):
    """How somebody is related to another member of the family."""

    kind = django_forms.ChoiceField(
        label=gettext_lazy("They are the"), choices=codes.RelationshipKind.choices, widget=forms.RadioSelect
    )
    other = django_forms.ChoiceField(label=gettext_lazy("Of whom?"), widget=forms.RadioSelect)
    parental_responsibility = django_forms.BooleanField(
        label=gettext_lazy("They have parental responsibility for this child"), required=False
    )


class ReasonForm(forms.Form):
    """Why an adult needs care: on the adult's own record."""

    kind = django_forms.ChoiceField(
        label=gettext_lazy("Why do they need care?"),
        choices=codes.CareReasonKind.choices,
        widget=forms.RadioSelect,
    )


class FamilyForm(forms.Form):
    """A family, begun from one of its members."""

    name = django_forms.CharField(
        label=gettext_lazy("What is the family called?"),
        max_length=200,
        help_text=gettext_lazy("For example, Rahman family"),
    )
    role = django_forms.ChoiceField(
        label=gettext_lazy("Who are they in it?"), choices=codes.FamilyRole.choices, widget=forms.RadioSelect
    )
    lives_here = django_forms.BooleanField(
        label=gettext_lazy("They live in this home"), required=False, initial=True
    )


class MemberForm(forms.Form):
    """A further member of a family."""

    role = django_forms.ChoiceField(
        label=gettext_lazy("Who are they in this family?"),
        choices=codes.FamilyRole.choices,
        widget=forms.RadioSelect,
    )
    lives_here = django_forms.BooleanField(
        label=gettext_lazy("They live in this home"), required=False, initial=True
    )


class EndForm(forms.Form):
    """The last day of a team's work with somebody."""

    on = forms.DateField(label=gettext_lazy("Last day"), not_future=True)
