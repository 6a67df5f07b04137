"""What the information-governance lead types."""

from __future__ import annotations

from django import forms as django_forms
from django.utils.translation import gettext_lazy as _

from teamaround.access.models import AlertOutcome
from teamaround.agencies.models import Agency
from teamaround.ui import forms


class FilterForm(django_forms.Form):
    """Which part of the log. Whatever cannot be read is left out."""

    since = django_forms.DateField(required=False)
    until = django_forms.DateField(required=False)
    agency = django_forms.ModelChoiceField(Agency.objects.all(), required=False, to_field_name="slug")


class SettleForm(forms.Form):
    """What was found about an alert."""

    outcome = django_forms.ChoiceField(
        label=_("What did you find?"), choices=AlertOutcome.choices, widget=forms.RadioSelect
    )
    reason = django_forms.CharField(
        label=_("What you found out, and from whom"),
        help_text=_("Name no child or family here."),
        max_length=500,
        widget=django_forms.Textarea({"rows": 4}),
    )


def _switch() -> django_forms.ChoiceField:
    return django_forms.ChoiceField(
        label=_("Raise these alerts?"),
        choices=[("yes", _("Yes")), ("no", _("No"))],
        widget=forms.RadioSelect(inline=True),
    )


class SwitchForm(forms.Form):
    """Whether alerts of a kind are raised."""

    active = _switch()


class ManyForm(forms.Form):
    """How many different people in an hour are too many."""

    active = _switch()
    limit = django_forms.IntegerField(
        label=_("More than this many different people in an hour"),
        help_text=_("Lists and searches are not counted."),
        min_value=1,
        max_value=10_000,
        widget=forms.TextInput(width=5, attrs={"inputmode": "numeric"}),
    )


class HoursForm(forms.Form):
    """When an agency works."""

    active = _switch()
    agency = django_forms.ModelChoiceField(
        Agency.objects.filter(ended_at=None), label=_("Agency"), required=False, empty_label=_("All agencies")
    )
    opens = forms.TimeField(
        label=_("Begins"), help_text=_("On working days, for example 7am"), widget=forms.TextInput(width=5)
    )
    closes = forms.TimeField(label=_("Ends"), help_text=_("For example 8pm"), widget=forms.TextInput(width=5))


class NameForm(forms.Form):
    """A well-known name."""

    given = django_forms.CharField(label=_("First name"), max_length=200, widget=forms.TextInput(width=20))
    family_name = django_forms.CharField(
        label=_("Family name"), max_length=200, widget=forms.TextInput(width=20)
    )
