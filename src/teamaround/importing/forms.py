"""Forms of an upload: parse only."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django import forms as django_forms
from django.utils.translation import gettext_lazy as _

from teamaround.access.me import Me
from teamaround.agencies.roles import Permission
from teamaround.index.models import InvolvementRole
from teamaround.sheets import FIELDS
from teamaround.ui import forms

from .after_presenters import UnlistedLine, register_words
from .deciding import Option
from .models import Authorisation, DateOrder, Decision, Ending, ImportColumn, ImportRow
from .presenters import option_words

LEFT_OUT = {
    "reason_for_care": _("Reason for the care (left out: it is the adult’s own)"),
    "plan_type": _("Type of plan (left out: plans are written here)"),
    "worker": _("Allocated worker (kept where it names a member of your team)"),
}
ROLES = ("registered", "school", "gp", "worker")


class UploadForm(forms.Form):
    """The file, the team whose caseload it is where the person belongs to several, and, where an authorisation is in
    force, whether it is a register of an area instead."""

    kind = django_forms.ChoiceField(label=_("What does the file list?"), widget=forms.RadioSelect)
    team = django_forms.ChoiceField(label=_("Which team’s caseload is it?"))
    file = django_forms.FileField(
        label=_("The file"),
        help_text=_(
            "A CSV file or an Excel workbook (.xlsx), up to 50,000 rows and 20 MB. Any column names will do."
        ),
        widget=django_forms.ClearableFileInput(attrs={"accept": ".csv,.txt,.tsv,.xlsx"}),
        error_messages={
            "empty": _("The file is empty. Choose one with a row of column names and a row a child.")
        },
        allow_empty_file=False,
    )

    def __init__(
        self, *args: Any, me: Me, authorisations: Sequence[Authorisation] = (), **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        self.authorisations = {f"register-{one.uuid}": one for one in authorisations}
        if authorisations:
            kind = self.fields["kind"]
            assert isinstance(kind, django_forms.ChoiceField)
            registers = {value: register_words(one) for value, one in self.authorisations.items()}
            kind.choices = [("caseload", _("Children our team works with")), *registers.items()]
            kind.widget = forms.RadioSelect(
                hints=dict.fromkeys(registers, str(_("Nobody becomes involved with these children."))),
                choices=kind.choices,
            )
            kind.initial = "caseload"
        else:
            del self.fields["kind"]
        teams = {
            str(seat.team): f"{seat.team_name}, {seat.agency_name}"
            for seat in me.seats
            if me.may_for(Permission.IMPORT_CASELOAD, seat.team)
        }
        team = self.fields["team"]
        assert isinstance(team, django_forms.ChoiceField)
        team.choices = list(teams.items())
        if len(teams) == 1:
            team.widget = django_forms.HiddenInput()
            team.initial = next(iter(teams))


class ColumnsForm(forms.VersionedForm):
    """What each column is, how dates are written, what the team is to these children and whether these are all of
    them. `whole` is None for a register of an area, of which the last two are not asked."""

    mark_optional = False

    def __init__(
        self,
        *args: Any,
        columns: Sequence[ImportColumn],
        role: str,
        date_order: str,
        whole: bool | None,
        **kwargs: Any,
    ) -> None:
        super().__init__(*args, **kwargs)
        choices = [(code, LEFT_OUT.get(code, words)) for code, words in FIELDS.items()]
        for column in columns:
            self.fields[f"column-{column.position}"] = django_forms.ChoiceField(
                label=_("“%(heading)s” is") % {"heading": column.heading},
                choices=choices,
                initial=column.field,
            )
        self.fields["date_order"] = django_forms.ChoiceField(
            label=_("How does the file write dates in figures?"),
            choices=DateOrder.choices,
            initial=date_order,
            required=False,
            widget=forms.RadioSelect,
        )
        self.fields["role"] = django_forms.ChoiceField(
            label=_("What is your team to these children?"),
            choices=[(role.value, role.label) for role in InvolvementRole if role.value in ROLES],
            initial=role,
            widget=forms.RadioSelect,
        )
        if whole is None:
            del self.fields["role"]
            return
        self.fields["whole"] = django_forms.ChoiceField(
            label=_("Does the file list everybody your team works with?"),
            choices=[("part", _("No, a part of them")), ("whole", _("Yes, the whole caseload"))],
            initial="whole" if whole else "part",
            required=False,
            widget=forms.RadioSelect(
                hints={
                    "part": str(_("Children who are not in the file stay as they are.")),
                    "whole": str(
                        _(
                            "You are then shown whom an earlier file listed and this one does not, and asked who of "
                            "them ends. Nothing ends without your answer."
                        )
                    ),
                }
            ),
        )

    def chosen(self) -> dict[int, str]:
        """Field by the column's position."""
        return {
            int(name.removeprefix("column-")): value
            for name, value in self.cleaned_data.items()
            if name.startswith("column-")
        }


class DecideForm(forms.Form):
    """An answer for each uncertain row of the page; a row may be left for later."""

    mark_optional = False

    def __init__(self, *args: Any, rows: Sequence[tuple[ImportRow, Sequence[Option]]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for row, options in rows:
            choices = [(option.value, option_words(option)) for option in options]
            hints = {option.value: option.why[:1].upper() + option.why[1:] for option in options}
            choices += [
                (Decision.DIFFERENT.value, Decision.DIFFERENT.label),
                (Decision.SKIP.value, Decision.SKIP.label),
            ]
            self.fields[f"answer-{row.number}"] = django_forms.ChoiceField(
                label=_("Who is %(name)s, row %(number)s?") % {"name": row.name, "number": row.number},
                choices=choices,
                required=False,
                initial=_answer(row, options),
                widget=forms.RadioSelect(
                    hints={**hints, "different": str(_("They are added as a new child."))}
                ),
            )
            self.fields[f"version-{row.number}"] = django_forms.IntegerField(
                initial=row.version, widget=django_forms.HiddenInput
            )

    def answers(self) -> dict[int, tuple[int, str]]:
        """Version and answer by row number, of the rows that were answered."""
        found = {}
        for name, value in self.cleaned_data.items():
            if name.startswith("answer-") and value:
                number = int(name.removeprefix("answer-"))
                found[number] = (self.cleaned_data[f"version-{number}"], value)
        return found


class WithdrawForm(forms.Form):
    """Why an import is withdrawn, and the plan that was looked at."""

    plan = django_forms.CharField(widget=django_forms.HiddenInput, max_length=64)
    reason = django_forms.CharField(
        label=_("Why is it withdrawn?"),
        help_text=_("For example: the wrong file, or another team’s children. It is kept beside each fact."),
        max_length=180,
        widget=django_forms.Textarea({"rows": 3}),
    )


ANSWERS = [
    (Ending.NONE.value, _("No, nobody’s ends")),
    (Ending.CHOSEN.value, _("Only with those I choose")),
    (Ending.ALL.value, _("Yes, with all of them")),
]


class EndingForm(forms.VersionedForm):
    """Who of those whom a whole caseload no longer lists ends, and on which day."""

    seen = django_forms.CharField(widget=django_forms.HiddenInput, max_length=64)
    said = django_forms.ChoiceField(
        label=_("Does your team’s work with them end?"),
        choices=ANSWERS,
        widget=forms.RadioSelect,
    )
    chosen = django_forms.MultipleChoiceField(label=_("Who ends?"), widget=forms.CheckboxSelectMultiple)
    on = forms.DateField(label=_("Last day"), not_future=True)
    reveals = {"said": {"chosen": ["chosen"]}}

    def __init__(self, *args: Any, lines: Sequence[UnlistedLine], choose: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if choose:
            chosen = self.fields["chosen"]
            assert isinstance(chosen, django_forms.MultipleChoiceField)
            chosen.choices = [
                (str(line.involvement), f"{line.name}, {line.words}")
                for line in lines
                if not line.carries_case
            ]
            return
        del self.fields["chosen"]
        self.reveals = {}
        said = self.fields["said"]
        assert isinstance(said, django_forms.ChoiceField)
        said.choices = [ANSWERS[0], ANSWERS[2]]


def _answer(row: ImportRow, options: Sequence[Option]) -> str:
    if row.decision in (Decision.DIFFERENT, Decision.SKIP):
        return row.decision
    for option in options:
        chosen = (option.subject, option.row)
        if row.decision == Decision.SAME and chosen == (row.subject_id, row.same_as):
            return option.value
    return ""
