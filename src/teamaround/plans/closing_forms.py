"""Forms of closing, a part each, and the one that closes."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django import forms as django_forms
from django.utils.translation import gettext_lazy as _

from teamaround.procedures.follow_ups import Agreed
from teamaround.ui import forms

from .forms import OwnerForm, _long
from .models import Achieved, OutcomeArea

NOT_RELEVANT = "none"


class OutcomesForm(forms.VersionedForm):
    """Which outcomes were achieved or not, and why."""

    achieved = django_forms.ChoiceField(
        label=_("Taken together, were the goals achieved?"),
        choices=Achieved.choices,
        widget=forms.RadioSelect,
    )
    why = django_forms.CharField(label=_("Why, achieved or not?"), **_long(4000, 5))

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for area in OutcomeArea:
            self.fields[area.value] = django_forms.ChoiceField(
                label=area.label,
                choices=[*Achieved.choices, (NOT_RELEVANT, _("Not part of it"))],
                initial=NOT_RELEVANT,
                widget=forms.RadioSelect(inline=True, small=True),
            )
        self.order_fields([*OutcomeArea.values, "achieved", "why", "version"])

    def areas(self) -> dict[str, str]:
        """The answers where the outcome mattered, from a valid form."""
        typed = self.cleaned_data
        return {area: typed[area] for area in OutcomeArea.values if typed[area] != NOT_RELEVANT}


class StepdownForm(OwnerForm, forms.VersionedForm):
    """Who leads after stepping down, who stays, and how to come back."""

    agreed_on = forms.DateField(label=_("Date on which they agreed to lead"), not_future=True)
    who_stays = django_forms.CharField(
        label=_("Who stays with the family?"), max_length=500, help_text=_("Services, relatives and friends.")
    )
    ongoing = django_forms.CharField(label=_("Work that goes on"), required=False, **_long(4000, 3))
    asks_after = django_forms.ChoiceField(
        label=_("Will your team ask how they are after closing?"),
        choices=[("yes", _("Yes")), ("no", _("No"))],
        widget=forms.RadioSelect(
            hints={
                "yes": str(_("The days you agree take the place of what the procedure asks for.")),
                "no": str(_("Then nobody asks. Your reason stands in the chronology.")),
            }
        ),
    )
    follow_up_on = forms.DateField(label=_("On which day?"), not_past=True)
    again_on = forms.DateField(label=_("And again on"), required=False, not_past=True)
    follow_up_by = django_forms.ChoiceField(label=_("Who asks?"))
    no_follow_up = django_forms.CharField(label=_("Why not?"), max_length=500)
    exit_strategy = django_forms.CharField(
        label=_("What the family does if things get harder"), **_long(4000, 3)
    )
    future_contact = django_forms.CharField(
        label=_("How the family can come back"),
        max_length=500,
        help_text=_("Write what was explained to them."),
    )
    field_order = [
        "owner",
        "worker",
        "named",
        "agreed_on",
        "who_stays",
        "ongoing",
        "asks_after",
        "follow_up_on",
        "again_on",
        "follow_up_by",
        "no_follow_up",
        "exit_strategy",
        "future_contact",
        "version",
    ]

    reveals = OwnerForm.reveals | {
        "asks_after": {"yes": ["follow_up_on", "again_on", "follow_up_by"], "no": ["no_follow_up"]}
    }

    def __init__(self, *args: Any, team: Sequence[tuple[int, str, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.team = {key: pk for pk, key, _name in team}
        asks: Any = self.fields["follow_up_by"]
        asks.choices = [("", _("The managers of the team")), *((key, name) for _pk, key, name in team)]
        asks.required = False
        self.fields["owner"].label = _("Who leads after stepping down?")
        self.fields["owner"].error_messages["required"] = _("Say who leads after stepping down")
        self.fields["worker"].help_text = ""

    def follow_ups(self) -> list[Agreed]:
        """The days agreed, and who asks, from a valid form."""
        said = self.cleaned_data
        if said["asks_after"] != "yes":
            return []
        who = self.team.get(said["follow_up_by"])
        return [Agreed(day, who) for day in (said["follow_up_on"], said["again_on"]) if day is not None]


class FeedbackForm(forms.VersionedForm):
    """That views were asked for, and what was said."""

    asked_on = forms.DateField(label=_("Date on which they were asked"), not_future=True)
    child_views = django_forms.CharField(
        label=_("What the young person says"), required=False, **_long(4000, 4)
    )
    family_views = django_forms.CharField(label=_("What the family says"), required=False, **_long(4000, 4))


class CloseForm(forms.VersionedForm):
    """Closing itself."""

    outcome = django_forms.CharField(
        label=_("What may the referrer be told?"),
        required=False,
        help_text=_("One sentence. The team that made the referral reads this and nothing more of the case."),
        **_long(300, 2),
    )
    text = django_forms.CharField(
        label=_("A line for the chronology"),
        required=False,
        help_text=_("Those who may read the plan of this child will read it."),
        **_long(1000, 2),
    )
