"""Forms of supervision and audits: they parse, and say what is missing."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django import forms as django_forms
from django.utils.translation import gettext_lazy as _

from teamaround.agencies.models import Practitioner
from teamaround.ui import forms

from .auditing import Found
from .models import AuditQuestion, Feels, Finding, SupervisionKind

Choices = Sequence[tuple[Any, Any]]


def _long(limit: int, rows: int = 6) -> dict[str, Any]:
    return {"max_length": limit, "widget": django_forms.Textarea({"rows": rows})}


def _choose(form: forms.Form, name: str, choices: Choices) -> None:
    field = form.fields[name]
    assert isinstance(field, django_forms.ChoiceField)
    field.choices = list(choices)


class NotesForm(forms.VersionedForm):
    """The supervisor's notes, and when the two meet next."""

    reflection = django_forms.CharField(
        label=_("What did you reflect on together?"),
        required=False,
        help_text=_(
            "About the worker and the work. What is decided about a case belongs on the child’s file instead."
        ),
        **_long(8000, 8),
    )
    next_on = forms.DateField(label=_("Next supervision"), required=False)


class RecordForm(NotesForm):
    """A supervision that was held."""

    held_on = forms.DateField(label=_("Date of the supervision"), not_future=True)
    field_order = ("held_on", "reflection", "next_on")


class WordsForm(forms.VersionedForm):
    """What the worker says of a supervision."""

    words = django_forms.CharField(
        label=_("Your own words"),
        required=False,
        help_text=_("Your supervisor reads them beside the notes."),
        **_long(4000, 5),
    )


class SupportForm(forms.Form):
    """That clinical or peer support took place."""

    kind = django_forms.ChoiceField(
        label=_("Which support did you have?"),
        choices=[each for each in SupervisionKind.choices if each[0] != SupervisionKind.MANAGEMENT],
        widget=forms.RadioSelect,
    )
    held_on = forms.DateField(label=_("Date"), not_future=True)


class LoadForm(forms.Form):
    """What a worker says of the own load this week."""

    feels = django_forms.ChoiceField(
        label=_("How is it this week?"),
        choices=Feels.choices,
        widget=forms.RadioSelect(inline=True, small=True),
    )
    words = django_forms.CharField(
        label=_("In your own words"),
        required=False,
        help_text=_("Do not name a child."),
        **_long(300, 2),
    )


class DecideForm(forms.Form):
    """A manager's decision on a case."""

    decision = django_forms.CharField(
        label=_("What is decided?"),
        help_text=_("It stands on the child’s file. The family may ask to read it."),
        **_long(2000, 4),
    )
    why = django_forms.CharField(label=_("Why?"), required=False, **_long(2000, 3))
    decided_on = forms.DateField(label=_("Decided on"), not_future=True)
    with_worker = django_forms.ChoiceField(label=_("Talked over with"), required=False)

    def __init__(self, *args: Any, workers: Choices, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        _choose(self, "with_worker", [("", _("Nobody")), *workers])


class MeasuresForm(forms.Form):
    """A team's measures, and who manages its supervision."""

    mark_optional = False

    oversight_weeks = django_forms.IntegerField(
        label=_("A case needs a manager’s decision every how many weeks?"),
        min_value=1,
        max_value=26,
        widget=forms.TextInput(width=3, attrs={"inputmode": "numeric"}),
    )
    supervision_weeks = django_forms.IntegerField(
        label=_("A worker is supervised every how many weeks?"),
        min_value=1,
        max_value=26,
        widget=forms.TextInput(width=3, attrs={"inputmode": "numeric"}),
    )
    lead = django_forms.ChoiceField(
        label=_("Who manages supervision?"),
        required=False,
        help_text=_(
            "They read the notes of every supervision in this team. The team is told who it is. You cannot name yourself."
        ),
    )

    def __init__(self, *args: Any, leads: Sequence[Practitioner], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        _choose(
            self, "lead", [("", _("Nobody besides the two")), *((str(each.pk), each.name) for each in leads)]
        )


class QuestionForm(forms.Form):
    """A further question of a team's audits."""

    text = django_forms.CharField(label=_("Add a question of your team’s own"), max_length=200)


class SetAsideForm(forms.VersionedForm):
    """Why a drawn file is not audited."""

    reason = django_forms.CharField(
        label=_("Why is this file not audited?"),
        max_length=500,
        help_text=_("It stays in the list of draws, with your reason."),
        widget=django_forms.Textarea({"rows": 2}),
    )


class AuditForm(forms.VersionedForm):
    """An answer to every question, an action where one follows, and what is to be said of the whole file."""

    def __init__(
        self, *args: Any, questions: Sequence[AuditQuestion], workers: Choices, **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        self.questions = questions
        for each in questions:
            key = each.pk
            self.fields[f"found_{key}"] = django_forms.ChoiceField(
                label=each.text, choices=Finding.choices, widget=forms.RadioSelect(inline=True, small=True)
            )
            self.fields[f"note_{key}"] = django_forms.CharField(
                label=_("What you saw"), required=False, **_long(1000, 2)
            )
            self.fields[f"action_{key}"] = django_forms.CharField(
                label=_("What is to be done"), required=False, max_length=300
            )
            self.fields[f"owner_{key}"] = django_forms.ChoiceField(
                label=_("Who does it"), required=False, choices=[("", _("The team")), *workers]
            )
            self.fields[f"due_{key}"] = forms.DateField(label=_("By when"), required=False)
        self.fields["summary"] = django_forms.CharField(
            label=_("What is good in this file, and what is to be learned?"), required=False, **_long(2000, 4)
        )

    def blocks(self) -> list[dict[str, Any]]:
        """The fields question by question, as the page lays them out."""
        return [
            {
                "found": self[f"found_{each.pk}"],
                "note": self[f"note_{each.pk}"],
                "action": [self[f"{part}_{each.pk}"] for part in ("action", "owner", "due")],
                "open": any(
                    self.errors.get(f"{part}_{each.pk}") or self.data.get(f"{part}_{each.pk}")
                    for part in ("action", "owner", "due")
                )
                if self.is_bound
                else False,
            }
            for each in self.questions
        ]

    def answers(self) -> list[Found]:
        """What was found, from a valid form."""
        given = self.cleaned_data
        return [
            Found(
                question=each.pk,
                found=given[f"found_{each.pk}"],
                note=given[f"note_{each.pk}"],
                action=given[f"action_{each.pk}"],
                owner=int(given[f"owner_{each.pk}"]) if given[f"owner_{each.pk}"] else None,
                due_on=given[f"due_{each.pk}"],
            )
            for each in self.questions
        ]
