"""Parsing of what is typed on the pages of an assessment."""

from __future__ import annotations

import uuid
from typing import Any

from django import forms as django_forms
from django.utils.translation import gettext_lazy as _

from teamaround.ui import forms

from .actions import Given
from .forms_data import Group
from .models import Agreement, Going, Likelihood


def _text(
    label: Any, *, most: int, hint: Any = "", rows: int = 4, required: bool = False
) -> django_forms.CharField:
    return django_forms.CharField(
        label=label,
        help_text=hint,
        max_length=most,
        required=required,
        widget=django_forms.Textarea({"rows": rows}),
    )


class DomainsForm(forms.VersionedForm):
    """The domains of one group: for each, how it is going, strengths, needs. All may wait for another day."""

    mark_optional = False

    def __init__(self, *args: Any, group: Group, **kwargs: Any) -> None:
        self.group = group
        super().__init__(*args, **kwargs)
        for domain in group.domains:
            self.fields[f"{domain.key}_going"] = django_forms.ChoiceField(
                label=_("How is it going?"),
                choices=Going.choices,
                required=False,
                widget=forms.RadioSelect(inline=True, small=True),
            )
            self.fields[f"{domain.key}_strengths"] = _text(_("What is going well"), most=2000, rows=3)
            self.fields[f"{domain.key}_needs"] = _text(_("What is worrying or needed"), most=2000, rows=3)

    def answers(self) -> dict[str, Given]:
        """What was written, by domain."""
        return {
            domain.key: Given(
                going=self.cleaned_data[f"{domain.key}_going"],
                strengths=self.cleaned_data[f"{domain.key}_strengths"],
                needs=self.cleaned_data[f"{domain.key}_needs"],
            )
            for domain in self.group.domains
        }


class TextsForm(forms.VersionedForm):
    """A page of the assessment itself."""

    mark_optional = False

    def texts(self) -> dict[str, str]:
        """What was written, by field."""
        return {name: value for name, value in self.cleaned_data.items() if name != "version"}


class AboutForm(TextsForm):
    took_part = _text(
        _("Who took part?"),
        most=1000,
        rows=3,
        hint=_("Name each person, and say how they took part: met, rang, wrote."),
    )
    agreement = django_forms.ChoiceField(
        label=_("Who agreed to the assessment?"),
        help_text=_("Early help is voluntary. Who may see what you find is asked separately, under consent."),
        choices=Agreement.choices,
        required=False,
        widget=forms.RadioSelect,
    )


class ViewsForm(TextsForm):
    child_views = _text(
        _("What does the child say?"),
        most=4000,
        rows=5,
        hint=_("In their own words where you can. For a small child, what you saw."),
    )
    parents_views = _text(_("What do parents and carers say?"), most=4000, rows=5)
    differences = _text(_("Where do they see things differently? (optional)"), most=2000, rows=3)


class SummaryForm(TextsForm):
    summary = _text(
        _("What did you find, in short?"),
        most=4000,
        rows=5,
        hint=_("Strengths first, then what is worrying."),
    )
    needs_to_change = _text(
        _("What needs to change?"),
        most=4000,
        rows=5,
        hint=_("What will be different for the child when this has worked. The plan starts from here."),
    )


class RiskForm(forms.Form):
    token = django_forms.UUIDField(widget=django_forms.HiddenInput, initial=uuid.uuid4)
    worries = _text(
        _("What are we worried about?"),
        most=4000,
        rows=5,
        required=True,
        hint=_(
            "What could happen, to whom, and what has happened already. Say what is fact and what is your view."
        ),
    )
    likelihood = django_forms.ChoiceField(
        label=_("How likely is it?"), choices=Likelihood.choices, widget=forms.RadioSelect
    )
    keeps_safe = _text(
        _("What keeps the child safe?"),
        most=4000,
        rows=4,
        required=True,
        hint=_("People, places and agreements that already help."),
    )
    next_steps = _text(_("What will be done now?"), most=2000, rows=3)
    look_again_on = forms.DateField(label=_("When to look at this again"), required=False, not_past=True)


class ErrorForm(forms.VersionedForm):
    reason = django_forms.CharField(
        label=_("What was wrong?"),
        help_text=_("For example: written on the wrong child’s record."),
        max_length=500,
        widget=django_forms.Textarea({"rows": 3}),
    )
