"""Forms of changing, publishing and moving."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from django import forms as django_forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from teamaround.procedures.clock_text import spoken_limit
from teamaround.procedures.format import WHO, ClockRule, Procedure
from teamaround.procedures.marks import MOST_CHARACTERS
from teamaround.ui import forms
from teamaround.workingtime import Limit

from .event_choices import grouped_kinds
from .words import plain_limit, who_words


class TextForm(forms.VersionedForm):
    """The whole text of a procedure."""

    text = django_forms.CharField(
        label=gettext_lazy("The procedure, as text"),
        strip=False,
        max_length=MOST_CHARACTERS,
        widget=django_forms.Textarea({"rows": 30, "spellcheck": "false", "autocapitalize": "off"}),
    )


class ClockForm(forms.VersionedForm):
    """The commonest changes: how long, from what to what, and by whom."""

    limit = django_forms.CharField(
        label=gettext_lazy("How long?"),
        max_length=60,
        widget=forms.TextInput(width=20),
        help_text=gettext_lazy(
            "For example: weekly, every 10 working days, within 2 hours, same day, 45 working days, 3 months"
        ),
    )
    start = django_forms.ChoiceField(label=gettext_lazy("It starts at"))
    stop = django_forms.MultipleChoiceField(
        label=gettext_lazy("It stops at the first of"), widget=forms.CheckboxSelectMultiple(small=True)
    )
    who = django_forms.ChoiceField(label=gettext_lazy("Who owes it?"), widget=forms.RadioSelect())
    reason = django_forms.CharField(
        label=gettext_lazy("The reason, as people read it"),
        max_length=160,
        widget=django_forms.Textarea({"rows": 2}),
        help_text=gettext_lazy("{started}, {due} and {limit} are filled in for each case."),
    )

    def __init__(self, *args: Any, procedure: Procedure, rule: ClockRule, **kwargs: Any) -> None:
        kwargs["initial"] = {
            "limit": _("every %(limit)s") % {"limit": plain_limit(rule.limit)}
            if rule.repeats
            else str(rule.limit),
            "start": rule.start,
            "stop": list(rule.stop),
            "who": rule.who,
            "reason": rule.reason,
        }
        super().__init__(*args, **kwargs)
        self.rule = rule
        fields: Any = self.fields
        fields["start"].choices = grouped_kinds(procedure)
        fields["stop"].choices = grouped_kinds(procedure, first=rule.stop, first_words=_("What stops it now"))
        fields["who"].choices = [(who, who_words(who).capitalize()) for who in WHO]
        if rule.follow_up:  # it starts at closing, which is not written
            del fields["start"]

    def clean_limit(self) -> str:
        """The limit as the file writes it."""
        written = spoken_limit(self.cleaned_data["limit"])
        try:
            Limit.parse(written, of=self.rule.limit.of)
        except ValueError as refused:
            raise django_forms.ValidationError(str(refused)) from refused
        return written

    def changes(self) -> dict[str, str | list[str]]:
        """What is written into the text."""
        names = [str(name) for name in ("limit", "start", "who", "reason") if name in self.fields]
        kept: dict[str, str | list[str]] = {name: self.cleaned_data[name] for name in names}
        return kept | {"stop": self.cleaned_data["stop"]}


class NewForm(forms.Form):
    """A new procedure: what it is called, and from what it begins."""

    name = django_forms.CharField(
        label=gettext_lazy("What is the procedure called?"),
        max_length=80,
        help_text=gettext_lazy("For example: Young carers in Northmoor. Its address is made of it."),
    )
    like = django_forms.ChoiceField(
        label=gettext_lazy("From what does it begin?"), widget=forms.RadioSelect, required=False
    )

    def __init__(self, *args: Any, patterns: Sequence[tuple[str, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field: Any = self.fields["like"]
        field.choices = [
            ("", _("A blank: one referral, one clock, to be filled in")),
            *((slug, _("A copy of %(name)s") % {"name": name}) for slug, name in patterns),
        ]


class WithdrawForm(forms.Form):
    """Why a version is taken back before it begins."""

    why = django_forms.CharField(
        label=gettext_lazy("Why is it withdrawn?"),
        max_length=300,
        widget=django_forms.Textarea({"rows": 3}),
        help_text=gettext_lazy("Stands beside the version for everybody who reads the procedure."),
    )


class TeamForm(forms.VersionedForm):
    """What a team runs, and to whom its procedures go further up."""

    first = django_forms.ChoiceField(
        label=gettext_lazy("Which procedure do new cases follow?"), widget=forms.RadioSelect, required=False
    )
    further = django_forms.MultipleChoiceField(
        label=gettext_lazy("Which others does the team run?"),
        widget=forms.CheckboxSelectMultiple,
        required=False,
        help_text=gettext_lazy("While a referral waits, you can choose one of them for it."),
    )
    senior_manager = django_forms.ChoiceField(
        label=gettext_lazy("Who is the senior manager of the team?"),
        required=False,
        help_text=gettext_lazy(
            "They are told where a procedure says so. Without one, the team’s managers are."
        ),
    )

    def __init__(
        self,
        *args: Any,
        procedures: Mapping[str, str],
        people: Sequence[tuple[str, str]],
        takes_referrals: bool,
        **kwargs: Any,
    ) -> None:
        super().__init__(*args, **kwargs)
        fields: Any = self.fields
        fields["first"].choices = [*procedures.items(), *([] if takes_referrals else [("", _("None"))])]
        fields["further"].choices = list(procedures.items())
        fields["senior_manager"].choices = [("", _("Nobody by name")), *people]


class FollowForm(forms.VersionedForm):
    """Which of the team's procedures a waiting case follows."""

    procedure = django_forms.ChoiceField(
        label=gettext_lazy("Which procedure does this case follow?"), widget=forms.RadioSelect
    )

    def __init__(self, *args: Any, procedures: Sequence[tuple[str, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field: Any = self.fields["procedure"]
        field.choices = list(procedures)


class PublishForm(forms.VersionedForm):
    """From which day, and why."""

    effective_on = forms.DateField(
        label=gettext_lazy("From which day is it in force?"),
        help_text=gettext_lazy(
            "Today or a later day. New cases follow it from then on; running cases do not."
        ),
    )
    note = django_forms.CharField(
        label=gettext_lazy("What changed, and why?"),
        max_length=300,
        widget=django_forms.Textarea({"rows": 3}),
        help_text=gettext_lazy("Stands beside the version for everybody who reads the procedure."),
    )


class MoveForm(forms.VersionedForm):
    """Why a running case is put under another version."""

    reason = django_forms.CharField(
        label=gettext_lazy("Why?"),
        max_length=500,
        widget=django_forms.Textarea({"rows": 3}),
        help_text=gettext_lazy("Stands in the chronology of the case."),
    )
