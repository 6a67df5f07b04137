"""What an administrator types of feeds and keys. The rules are the actions' own; these forms only read."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from typing import Any

from django import forms as django_forms
from django.utils.translation import gettext_lazy as _

from teamaround.feeds.models import Feed, Scope, Way
from teamaround.feeds.presenters import SILENCES
from teamaround.ui import forms

from .forms import TeamChoice

UNTIL_ENDED = -1
OVERLAPS = {
    UNTIL_ENDED: _("When I end it, on its own last day at the latest"),
    0: _("At once"),
    1: _("After a day"),
    7: _("After a week"),
    30: _("After 30 days"),
}


def _name() -> Any:
    return django_forms.CharField(
        label=_("Name of the feed"),
        max_length=80,
        help_text=_("For example, the name of the system that sends it."),
    )


def _silence() -> Any:
    return django_forms.TypedChoiceField(
        label=_("How often does it come?"),
        choices=list(SILENCES.items()),
        coerce=int,
        initial=26,
        widget=forms.RadioSelect,
        help_text=_(
            "A feed that is silent for longer shows as late. Its team’s manager and administrators are told once."
        ),
    )


class FeedForm(forms.Form):
    team = TeamChoice(label=_("Team whose caseload it is"))
    name = _name()
    way = django_forms.ChoiceField(
        label=_("How does it come?"), choices=Way.choices, widget=forms.RadioSelect
    )
    whole_files = django_forms.BooleanField(
        label=_("Each file lists all children of the team"),
        required=False,
        help_text=_("The team is then asked about children whom a file no longer lists."),
    )
    silent_hours = _silence()
    reveals = {"way": {"folder": ["whole_files"]}}

    def chosen(self) -> dict[str, Any]:
        """What was typed, as the action takes it."""
        typed = self.cleaned_data
        return {
            **typed,
            "silent_hours": typed["silent_hours"] or None,
            "whole_files": bool(typed.get("whole_files")),
        }


class ChangeFeedForm(forms.Form):
    name = _name()
    silent_hours = _silence()

    def chosen(self) -> dict[str, Any]:
        """What was typed, as the action takes it."""
        typed = self.cleaned_data
        return {**typed, "silent_hours": typed["silent_hours"] or None}


def _last_day() -> Any:
    return forms.DateField(
        label=_("Last day on which it opens"), help_text=_("At most a year from today."), not_past=True
    )


class KeyForm(forms.Form):
    name = django_forms.CharField(
        label=_("Name of the key"),
        max_length=80,
        help_text=_("For example, the system that will call with it."),
    )
    reach = django_forms.ChoiceField(
        label=_("Which feeds does it open?"),
        choices=[
            ("some", _("Those that I choose")),
            ("every", _("Every feed of the agency, those added later too")),
        ],
        widget=forms.RadioSelect,
    )
    feeds = django_forms.MultipleChoiceField(label=_("Feeds"), widget=forms.CheckboxSelectMultiple())
    scopes = django_forms.MultipleChoiceField(
        label=_("What may it do there?"),
        choices=Scope.choices,
        initial=list(Scope.values),
        widget=forms.CheckboxSelectMultiple(),
    )
    expires_on = _last_day()
    reveals = {"reach": {"some": ["feeds"]}}

    def __init__(self, *args: Any, feeds: Sequence[Feed], **kwargs: Any) -> None:
        self.can_open = {str(feed.uuid): feed for feed in feeds}
        super().__init__(*args, **kwargs)
        named = [(number, f"{feed.team.name}: {feed.name}") for number, feed in self.can_open.items()]
        self.fields["feeds"].choices = named  # type: ignore[attr-defined]  # its field has choices
        if not named:
            del self.fields["feeds"]
            self.fields["reach"].choices = self.fields["reach"].choices[1:]  # type: ignore[attr-defined]  # as above

    def chosen(self) -> dict[str, Any]:
        """What was typed, as the action takes it."""
        typed = self.cleaned_data
        every = typed["reach"] == "every"
        return {
            "name": typed["name"],
            "scopes": typed["scopes"],
            "expires_on": typed["expires_on"],
            "feeds": None if every else [self.can_open[number] for number in typed["feeds"]],
        }


class RotateForm(forms.Form):
    expires_on = _last_day()
    overlap = django_forms.TypedChoiceField(
        label=_("When does the earlier key end?"),
        choices=list(OVERLAPS.items()),
        coerce=int,
        initial=UNTIL_ENDED,
        widget=forms.RadioSelect,
        help_text=_("Both work until then, so that the agency can change over without a gap."),
    )

    def chosen(self) -> dict[str, Any]:
        """What was typed, as the action takes it."""
        typed = self.cleaned_data
        overlap = typed["overlap"]
        return {
            "expires_on": typed["expires_on"],
            "earlier_end_in": None if overlap == UNTIL_ENDED else dt.timedelta(days=overlap),
        }
