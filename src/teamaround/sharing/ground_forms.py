"""Parsing of what is typed on the pages of other bases, shields, settlements and agendas."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from typing import Any

from django import forms as django_forms
from django.utils.translation import gettext_lazy as _

from teamaround.access.categories import Category
from teamaround.ui import forms

from .actions import WORDING_VERSION
from .models import Article6, Article9, ReviewOutcome, ShieldLevel
from .wording import wording

SHARED = tuple(category for category in Category if category != Category.INDEX)


class CategoriesField(django_forms.MultipleChoiceField):
    """Categories to tick, each with its plain words."""

    def __init__(self, **kwargs: Any) -> None:
        hints = {str(key): str(words) for key, words in wording(WORDING_VERSION).categories.items()}
        kwargs.setdefault("widget", forms.CheckboxSelectMultiple(small=True, hints=hints))
        super().__init__(choices=[(str(each), each.label) for each in SHARED], **kwargs)


def reason_field(label: Any, help_text: Any = "", most: int = 1000) -> django_forms.CharField:
    """A reason in a few sentences."""
    return django_forms.CharField(
        label=label, help_text=help_text, max_length=most, widget=django_forms.Textarea({"rows": 4})
    )


class TokenForm(forms.Form):
    """A form whose second click is recognised."""

    token = django_forms.UUIDField(widget=django_forms.HiddenInput, initial=uuid.uuid4)


class TakeBackForm(forms.Form):
    """Who takes back what, from whom."""

    giver = django_forms.ChoiceField(
        label=_("Who takes it back?"),
        help_text=_("Not here? Ring the team that leads, or add them to the family first."),
        widget=forms.RadioSelect,
    )
    what = django_forms.ChoiceField(
        label=_("What is no longer shared?"),
        choices=[("all", _("Everything they agreed to")), ("some", _("Some of it"))],
        widget=forms.RadioSelect,
    )
    holders = django_forms.MultipleChoiceField(
        label=_("No longer with"), widget=forms.CheckboxSelectMultiple(small=True)
    )
    categories = CategoriesField(label=_("No longer this"))
    how = django_forms.ChoiceField(
        label=_("How did they say it?"),
        choices=[
            ("verbal", _("They told me")),
            ("signed", _("Signed on screen")),
            ("paper", _("In writing")),
        ],
        widget=forms.RadioSelect,
        initial="verbal",
    )
    reason = django_forms.CharField(
        label=_("Why, if they said"),
        help_text=_("Nobody has to give a reason."),
        max_length=500,
        required=False,
        widget=django_forms.Textarea({"rows": 2}),
    )

    reveals = {"what": {"some": ["holders", "categories"]}}

    def __init__(
        self, *args: Any, givers: Sequence[tuple[str, str]], teams: Sequence[tuple[str, str]], **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        giver: Any = self.fields["giver"]
        giver.choices = list(givers)
        holders: Any = self.fields["holders"]
        holders.choices = list(teams)


class ReviewForm(forms.VersionedForm):
    """A basis without consent, looked at again."""

    outcome = django_forms.ChoiceField(
        label=_("What did you decide?"), choices=ReviewOutcome.choices, widget=forms.RadioSelect
    )
    review_on = forms.DateField(label=_("When is it looked at again?"), not_past=True)
    reason = reason_field(_("What did you look at, and why does it go on or end?"))

    reveals = {"outcome": {ReviewOutcome.GOES_ON: ["review_on"]}}


class EmergencyForm(TokenForm):
    """Why a record must be opened now, and which part of it."""

    reason = reason_field(
        _("What has happened, and why can you not wait?"),
        _("The information-governance lead and the lead practitioner read this at once."),
    )
    categories = CategoriesField(
        label=_("What do you need to see?"), help_text=_("Only what the emergency needs.")
    )


class EmergencyReviewForm(forms.Form):
    """Whether an opening was justified."""

    justified = django_forms.ChoiceField(
        label=_("Was it justified?"),
        choices=[("yes", _("Yes, justified")), ("no", _("No, not justified"))],
        widget=forms.RadioSelect,
    )
    note = reason_field(_("How did you come to this view, and what follows from it?"))


class ShieldForm(forms.Form):
    """What is hidden, why, from whom not, and when that is looked at again."""

    level = django_forms.ChoiceField(
        label=_("What is hidden?"),
        choices=ShieldLevel.choices,
        widget=forms.RadioSelect(
            hints={
                str(ShieldLevel.WHEREABOUTS): "Address, telephone and school. Others still find the entry.",
                str(ShieldLevel.FULL): "Others learn only that a protected entry exists.",
            }
        ),
    )
    reason = reason_field(_("Who could find them, and what could happen?"))
    holders = django_forms.MultipleChoiceField(
        label=_("Who else may know where they are?"),
        help_text=_("Your own team always does. Name as few as you can."),
        required=False,
        widget=forms.CheckboxSelectMultiple(small=True),
    )
    review_on = forms.DateField(
        label=_("When will this be looked at again?"), not_past=True, help_text=_("Within six months.")
    )

    def __init__(self, *args: Any, teams: Sequence[tuple[str, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        holders: Any = self.fields["holders"]
        holders.choices = list(teams)
        if not teams:
            del self.fields["holders"]


class ShieldReviewForm(forms.VersionedForm):
    """A shield, looked at again: it stays, with other teams named if need be; or it is lifted."""

    outcome = django_forms.ChoiceField(
        label=_("What did you decide?"),
        choices=[("stays", _("It stays until a new review")), ("lifted", _("Lift it now"))],
        widget=forms.RadioSelect,
    )
    review_on = forms.DateField(label=_("When is it looked at again?"), not_past=True)
    holders = django_forms.MultipleChoiceField(
        label=_("Also let these teams know where they are"),
        required=False,
        widget=forms.CheckboxSelectMultiple(small=True),
    )
    reason = reason_field(_("What did you look at, and who agreed?"), most=500)

    reveals = {"outcome": {"stays": ["review_on"]}}

    def __init__(self, *args: Any, teams: Sequence[tuple[str, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        holders: Any = self.fields["holders"]
        holders.choices = list(teams)
        if not teams:
            del self.fields["holders"]


class SettleForm(forms.Form):
    """Whose yes stands."""

    basis = django_forms.ChoiceField(label=_("Whose answer stands?"), widget=forms.RadioSelect)
    reason = reason_field(
        _("Why does it stand?"),
        _("Whom you talked to, what each of them said, and what is best for the child."),
    )

    def __init__(self, *args: Any, answers: Sequence[tuple[str, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        basis: Any = self.fields["basis"]
        basis.choices = list(answers)


class AgendaForm(TokenForm):
    """Put a case before a panel."""

    panel = django_forms.ChoiceField(label=_("Which panel?"), widget=forms.RadioSelect)
    agenda_on = forms.DateField(label=_("On which day does it meet?"), not_past=True)
    question = django_forms.CharField(
        label=_("What is the panel asked to decide?"),
        max_length=500,
        widget=django_forms.Textarea({"rows": 3}),
    )
    categories = CategoriesField(
        label=_("What does the panel need to see?"),
        help_text=_("It sees this until the item is closed, and seven days after the meeting at most."),
    )

    def __init__(self, *args: Any, panels: Sequence[tuple[str, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        panel: Any = self.fields["panel"]
        panel.choices = list(panels)


class CloseItemForm(forms.VersionedForm):
    """What came of an item."""

    outcome = reason_field(_("What came of it?"), _("Or why it is taken off the agenda."))


NO_SPECIAL_DATA = "none"
"""What the form says where the record holds nothing."""


class LawfulForm(forms.Form):
    """On which ground of the UK GDPR my team uses this data."""

    article6 = django_forms.ChoiceField(
        label=_("Why may your team use their data?"), choices=Article6.choices, widget=forms.RadioSelect
    )
    # Nothing is chosen beforehand: that no such data is used is a statement, too.
    article9 = django_forms.TypedChoiceField(
        label=_("Why may it use data on health, beliefs or origin?"),
        choices=[(value or NO_SPECIAL_DATA, label) for value, label in Article9.choices],
        coerce=lambda value: "" if value == NO_SPECIAL_DATA else value,
        widget=forms.RadioSelect,
    )
    note = django_forms.CharField(label=_("Note"), max_length=500, required=False)
