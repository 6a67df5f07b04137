"""Forms of joining two records, and of undoing it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django import forms as django_forms
from django.forms import BoundField
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from teamaround.people.models import Person
from teamaround.ui import forms

from .joined import recorded
from .undoing import Written


class JoinForm(forms.Form):
    """Which record stands for the person, and how one knows that they are the same."""

    into = django_forms.ChoiceField(
        label=gettext_lazy("Which record stands for the person?"),
        help_text=gettext_lazy(
            "Its name and date of birth are shown first. The other’s stay in view beneath."
        ),
        widget=forms.RadioSelect,
    )
    reason = django_forms.CharField(
        label=gettext_lazy("How do you know that they are the same person?"),
        help_text=gettext_lazy("For example: the school and the mother say that it is one child."),
        max_length=300,
        widget=django_forms.Textarea({"rows": 3}),
    )

    def __init__(self, *args: Any, people: Sequence[Person], **more: Any) -> None:
        super().__init__(*args, **more)
        choices: Any = self.fields["into"]
        choices.choices = [(str(row.uuid), f"{row.name}, {recorded(row)}") for row in people]


class UndoForm(forms.VersionedForm):
    """Row by row, where what was written meanwhile belongs; and why the records are parted."""

    reason = django_forms.CharField(
        label=gettext_lazy("Why are they not the same person?"),
        max_length=300,
        widget=django_forms.Textarea({"rows": 3}),
    )

    def __init__(
        self, *args: Any, rows: Sequence[Written], first: Person, second: Person, **more: Any
    ) -> None:
        super().__init__(*args, **more)
        self.rows = rows
        for row in rows:
            if row.hangs:
                continue
            here, there = (first, second) if row.first else (second, first)
            told = {"kind": row.kind, "words": row.words, "on": row.on, "who": row.who}
            label = _("%(kind)s: %(words)s") % told if row.words else row.kind
            self.fields[row.field] = django_forms.ChoiceField(
                label=label,
                help_text=_("%(on)s, %(who)s") % told,
                choices=[
                    ("stays", _("Stays with %(name)s") % {"name": _called(here, there)}),
                    ("other", _("Belongs to %(name)s") % {"name": _called(there, here)}),
                ],
                initial="stays",
                widget=forms.RadioSelect(small=True, inline=True),
            )

    def under(self, *, first: bool) -> list[BoundField]:
        """The questions about the rows that stand under the first record, or under the second."""
        return [self[row.field] for row in self.rows if row.first == first and not row.hangs]


def _called(one: Person, other: Person) -> str:
    """The name; where both bear it, with the agency that wrote the record."""
    return one.name if one.name != other.name else f"{one.name} ({one.author_team.agency.name})"
