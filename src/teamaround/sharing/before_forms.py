"""Parsing of what is typed before sharing, and when asking to see more."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from typing import Any

from django import forms as django_forms
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from teamaround.access.categories import Category
from teamaround.agencies.models import Sector
from teamaround.ui import forms

from .before import KINDS, Recipient
from .decision_models import ReliedOn, Reply
from .decisions import AS_RECORDED

OUTSIDE = "outside"
KIND = "kind-"


class RecipientForm(forms.Form):
    """With whom one may want to share: a team, a kind of agency, or somebody outside the partnership."""

    to = django_forms.ChoiceField(label=_("Who are you sharing with?"), required=False)

    def __init__(self, *args: Any, recipients: Sequence[Recipient], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        involved = [(each.slug, each.name) for each in recipients if each.involved]
        others = [(each.slug, each.name) for each in recipients if not each.involved]
        to: Any = self.fields["to"]
        to.choices = [
            ("", _("Choose")),
            *([(_("Working with them now"), involved)] if involved else []),
            (_("A kind of agency"), [(f"{KIND}{sector}", Sector(sector).label) for sector in KINDS]),
            *([(_("Other teams"), others)] if others else []),
            (OUTSIDE, _("Somebody outside the partnership")),
        ]


class DecisionForm(forms.Form):
    """What was decided, why, and what was thought of first. Which button was pressed says what was decided."""

    token = django_forms.UUIDField(widget=django_forms.HiddenInput, initial=uuid.uuid4)
    categories = django_forms.MultipleChoiceField(
        label=_("What it is about"),
        widget=forms.CheckboxSelectMultiple,
        error_messages={"required": _("Tick what it is about.")},
    )
    recipient_words = django_forms.CharField(
        label=_("Which organisation, and who there?"), max_length=120, required=False
    )
    reason = django_forms.CharField(
        label=_("Why?"),
        help_text=_("Why they need it; or why you do not share it. One or two sentences."),
        max_length=1000,
        widget=django_forms.Textarea({"rows": 3}),
    )
    relied_on = django_forms.ChoiceField(
        label=_("What lets you share it?"), widget=forms.RadioSelect(small=True), initial=AS_RECORDED
    )
    advice_from = django_forms.CharField(
        label=_("Whose advice did you take?"),
        help_text=_("For example, your manager or the safeguarding lead."),
        max_length=200,
        required=False,
    )
    told_family = django_forms.ChoiceField(
        label=_("Does the family know of this decision?"),
        choices=[("yes", _("Yes")), ("no", _("No"))],
        widget=forms.RadioSelect(small=True),
    )
    why_not_told = django_forms.CharField(
        label=_("Why not?"), max_length=500, widget=django_forms.Textarea({"rows": 2})
    )
    decided_on = forms.DateField(label=_("When did you decide?"), not_future=True)

    reveals = {"told_family": {"no": ["why_not_told"]}}

    def __init__(
        self, *args: Any, order: Sequence[Category], duty: bool, outside: bool, **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        categories: Any = self.fields["categories"]
        categories.choices = [(str(each), each.label) for each in order]
        relied_on: Any = self.fields["relied_on"]
        grounds = [ReliedOn.SAFEGUARDING, *([ReliedOn.DUTY] if duty else []), ReliedOn.VITAL]
        relied_on.choices = [
            (AS_RECORDED, _("What this page shows as allowed")),
            *[(str(each), each.label) for each in grounds],
        ]
        self.fields["recipient_words"].required = outside
        self.initial.setdefault("decided_on", timezone.localdate())


class AskForm(forms.Form):
    """What a team needs to see, and why."""

    token = django_forms.UUIDField(widget=django_forms.HiddenInput, initial=uuid.uuid4)
    categories = django_forms.MultipleChoiceField(
        label=_("What do you need to see?"), widget=forms.CheckboxSelectMultiple(small=True)
    )
    reason = django_forms.CharField(
        label=_("Why do you need it?"),
        help_text=_("What you do for them, and what you could do better if you knew."),
        max_length=1000,
        widget=django_forms.Textarea({"rows": 4}),
    )

    def __init__(self, *args: Any, categories: Sequence[Category], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        wanted: Any = self.fields["categories"]
        wanted.choices = [(str(each), each.label) for each in categories]


class ReplyForm(forms.VersionedForm):
    """One of the three replies."""

    answer = django_forms.ChoiceField(label=_("Your answer"), choices=Reply.choices, widget=forms.RadioSelect)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        widget: Any = self.fields["answer"].widget
        widget.hints = {
            Reply.ARRANGING: _("You ask the family, or record another reason for sharing, on the next page."),
            Reply.TALK: _("They get your name and telephone number."),
            Reply.NO: _("They read the same words whether or not there is anything to see."),
        }
