"""Forms of a case that goes on elsewhere, and of what is taken back as a mistake."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from typing import Any

from django import forms as django_forms
from django.utils.translation import gettext_lazy as _

from teamaround.procedures.models import LinkKind, Priority
from teamaround.referrals.codes import Agreement
from teamaround.referrals.moving_on import Asking
from teamaround.ui import forms

from .moving_on import KINDS, Choice


def _long(label: Any, *, rows: int = 3, most: int = 500, **more: Any) -> django_forms.CharField:
    return django_forms.CharField(
        label=label, max_length=most, widget=django_forms.Textarea({"rows": rows}), **more
    )


class WhereForm(forms.Form):
    """Which way, and to which team. Sent by GET: nothing is written yet."""

    kind = django_forms.ChoiceField(
        label=_("What do you want to do?"),
        choices=[(kind, words[0]) for kind, words in KINDS.items()],
        widget=forms.RadioSelect(hints={str(kind): str(words[1]) for kind, words in KINDS.items()}),
    )


class TeamForm(forms.Form):
    """To which team."""

    kind = django_forms.ChoiceField(choices=LinkKind.choices, widget=django_forms.HiddenInput)
    team = django_forms.ChoiceField(label=_("To which team?"), widget=forms.RadioSelect)

    def __init__(self, *args: Any, found: Sequence[Choice], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        hints = {
            each.team.slug: str(_("The procedure names this team for it")) for each in found if each.named
        }
        field: Any = self.fields["team"]
        field.choices = [(each.team.slug, each.words) for each in found]
        field.widget = forms.RadioSelect(choices=field.choices, hints=hints)


class AskingForm(forms.Form):
    """What is said anew: why, whether the family agrees, how soon, who is to lead."""

    form_token = django_forms.UUIDField(widget=django_forms.HiddenInput)
    reason = _long(
        _("Why, and what do you ask them for?"),
        rows=4,
        help_text=_("They read this, and it stands in what has happened. At most 500 characters."),
    )
    agreement = django_forms.ChoiceField(
        label=_("Does the family know of this, and agree?"),
        choices=Agreement.choices,
        widget=forms.RadioSelect,
    )
    refused_reason = _long(_("What do they say, and why refer all the same?"), rows=2)
    unaware_reason = _long(_("Why do they not know?"), rows=2)
    lead = django_forms.ChoiceField(
        label=_("Who leads, once they accept?"),
        choices=[("them", _("Their team")), ("us", _("Who leads today"))],
        widget=forms.RadioSelect(hints={"them": str(_("Until they accept, your team goes on leading."))}),
    )
    priority = django_forms.ChoiceField(
        label=_("How soon is an answer needed?"),
        choices=[(Priority.STANDARD, _("In the usual time")), (Priority.IMMEDIATE, _("At once"))],
        widget=forms.RadioSelect,
    )
    immediate_reason = _long(_("Why can it not wait?"), rows=2)

    reveals = {
        "priority": {Priority.IMMEDIATE: ["immediate_reason"]},
        "agreement": {Agreement.REFUSE: ["refused_reason"], Agreement.UNAWARE: ["unaware_reason"]},
    }

    def __init__(self, *args: Any, asks_lead: bool, **kwargs: Any) -> None:
        kwargs["initial"] = {"form_token": uuid.uuid4(), "priority": "standard", **kwargs.get("initial", {})}
        super().__init__(*args, **kwargs)
        if not asks_lead:
            del self.fields["lead"]

    def asking(self) -> Asking:
        """What was said, from a valid form."""
        said = self.cleaned_data
        return Asking(
            reason=said["reason"],
            agreement=said["agreement"],
            agreement_reason=said["refused_reason"] or said["unaware_reason"],
            priority=said["priority"],
            immediate_reason=said["immediate_reason"],
            lead=said.get("lead") == "them",
        )


class MistakeForm(forms.VersionedForm):
    """Why something is taken back."""

    reason = _long(_("What was the mistake?"))
