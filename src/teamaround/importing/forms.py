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

from .deciding import Option
from .models import Decision, ImportColumn, ImportRow
from .presenters import option_words

LEFT_OUT = {
    "reason_for_care": _("Reason for the care (left out: it is the adult’s own)"),
    "plan_type": _("Type of plan (left out: plans are written here)"),
    "worker": _("Allocated worker (kept where it names a member of your team)"),
}
ROLES = ("registered", "school", "gp", "worker")


class UploadForm(forms.Form):
    """The file, and the team whose caseload it is where the person belongs to several."""

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

    def __init__(self, *args: Any, me: Me, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
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
    """What each column is, and what the team is to these children."""

    mark_optional = False

    def __init__(self, *args: Any, columns: Sequence[ImportColumn], role: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        choices = [(code, LEFT_OUT.get(code, words)) for code, words in FIELDS.items()]
        for column in columns:
            self.fields[f"column-{column.position}"] = django_forms.ChoiceField(
                label=_("“%(heading)s” is") % {"heading": column.heading},
                choices=choices,
                initial=column.field,
            )
        self.fields["role"] = django_forms.ChoiceField(
            label=_("What is your team to these children?"),
            choices=[(role.value, role.label) for role in InvolvementRole if role.value in ROLES],
            initial=role,
            widget=forms.RadioSelect,
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
    """Why an import is withdrawn."""

    reason = django_forms.CharField(
        label=_("Why is it withdrawn?"),
        help_text=_("For example: the wrong file, or another team’s children. It is kept beside each fact."),
        max_length=180,
        widget=django_forms.Textarea({"rows": 3}),
    )


def _answer(row: ImportRow, options: Sequence[Option]) -> str:
    if row.decision in (Decision.DIFFERENT, Decision.SKIP):
        return row.decision
    for option in options:
        chosen = (option.subject, option.row)
        if row.decision == Decision.SAME and chosen == (row.subject_id, row.same_as):
            return option.value
    return ""
