"""Forms of the planning numbers: parse only."""

from __future__ import annotations

from typing import Any

from django import forms as django_forms
from django.core.validators import MaxValueValidator, MinValueValidator
from django.utils.translation import gettext_lazy as _

from teamaround.agencies.models import Agency, Team
from teamaround.ui import forms

from .loaders import SORTS, rates, teams_to_choose
from .models import FIRST_AGE, LAST_AGE, PlaceKind, Rate, Way


class RateField(django_forms.ModelChoiceField):
    """A rate, told by its name and percentage."""

    def label_from_instance(self, obj: Any) -> str:
        return f"{obj.name}: {obj.percent.normalize():f}%"


class TeamsField(django_forms.ModelMultipleChoiceField):
    """Teams, told with their agency."""

    def label_from_instance(self, obj: Any) -> str:
        return f"{obj.name}, {obj.agency.name}"


class CoverageForm(django_forms.Form):
    """What a reader asks of the page; whatever is not understood falls back to the usual."""

    by = django_forms.ChoiceField(choices=PlaceKind.choices, required=False)
    way = django_forms.ChoiceField(choices=Way.choices, required=False)
    sort = django_forms.ChoiceField(choices=[(sort, sort) for sort in SORTS], required=False)
    name = django_forms.CharField(max_length=60, required=False)
    none = django_forms.ChoiceField(choices=[("yes", "yes")], required=False)
    after = django_forms.CharField(max_length=400, required=False)


def _whole(label: Any, **more: Any) -> django_forms.IntegerField:
    return django_forms.IntegerField(
        label=label, widget=forms.TextInput(width=5, attrs={"inputmode": "numeric"}), **more
    )


def _age(label: Any, initial: int) -> django_forms.IntegerField:
    return _whole(
        label, initial=initial, validators=[MinValueValidator(FIRST_AGE), MaxValueValidator(LAST_AGE)]
    )


class PlaceForm(forms.Form):
    """One place and its number."""

    kind = django_forms.ChoiceField(
        label=_("What is it?"), choices=PlaceKind.choices, widget=forms.RadioSelect
    )
    name = django_forms.CharField(
        label=_("Name"),
        max_length=120,
        help_text=_("A school’s as agencies write it, so that its pupils are recognised."),
    )
    postcodes = django_forms.CharField(
        label=_("Postcodes of the area"),
        max_length=1000,
        help_text=_(
            "Districts or sectors, separated by commas. For example, NM4, NM5 2. For a ward, the sectors it lies in."
        ),
    )
    agency = django_forms.ModelChoiceField(
        label=_("Which partner is it?"),
        queryset=Agency.objects.none(),
        required=False,
        empty_label=_("None of them"),
        help_text=_("A surgery’s children are those with whom this partner says it works."),
    )
    children = _whole(_("How many children"), validators=[MinValueValidator(1), MaxValueValidator(1_000_000)])
    from_age = _age(_("From age"), FIRST_AGE)
    to_age = _age(_("To age"), LAST_AGE)
    as_of = forms.DateField(label=_("True on"), not_future=True, help_text=_("For example, 15 1 2026"))
    source = django_forms.CharField(
        label=_("Where the number comes from"),
        max_length=200,
        help_text=_("For example, School census, January 2026"),
    )

    reveals = {"kind": {"area": ["postcodes"]}}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        agency = self.fields["agency"]
        assert isinstance(agency, django_forms.ModelChoiceField)
        agency.queryset = Agency.objects.filter(ended_at=None)


class FileForm(forms.Form):
    """A table of planning numbers."""

    file = django_forms.FileField(
        label=_("The file"),
        help_text=_("A CSV file or an Excel workbook (.xlsx) of up to 2,000 lines."),
        widget=django_forms.ClearableFileInput(attrs={"accept": ".csv,.txt,.tsv,.xlsx"}),
    )


class ChoiceForm(forms.Form):
    """The low and the high rate that the partnership expects by."""

    low = RateField(label=_("Low"), queryset=Rate.objects.none(), empty_label=None)
    high = RateField(label=_("High"), queryset=Rate.objects.none(), empty_label=None)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name in ("low", "high"):
            field = self.fields[name]
            assert isinstance(field, RateField)
            field.queryset = rates()


class RateForm(forms.Form):
    """A rate of the partnership's own."""

    name = django_forms.CharField(label=_("Name"), max_length=120)
    percent = django_forms.DecimalField(
        label=_("How many in a hundred"),
        max_digits=5,
        decimal_places=2,
        widget=forms.TextInput(width=5, attrs={"inputmode": "decimal", "data-suffix": "%"}),
    )
    from_age = _age(_("From age"), FIRST_AGE)
    to_age = _age(_("To age"), LAST_AGE)
    source = django_forms.CharField(label=_("Source"), max_length=200)
    meaning = django_forms.CharField(
        label=_("What it counts"), max_length=300, widget=django_forms.Textarea({"rows": 3})
    )


class ServicesForm(forms.Form):
    """Which teams are young carers' services."""

    teams = TeamsField(
        label=_("Which teams are young carers’ services?"),
        queryset=Team.objects.none(),
        required=False,
        widget=forms.CheckboxSelectMultiple(small=True),
        help_text=_(
            "A child with whom one of them works counts as registered. Sensitive services are not on the list."
        ),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        teams = self.fields["teams"]
        assert isinstance(teams, TeamsField)
        teams.queryset = teams_to_choose()
