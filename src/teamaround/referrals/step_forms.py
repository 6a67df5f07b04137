"""Forms of a referral in hand: checks, which child, the answer, the worker, words between the two teams."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from django import forms as django_forms
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from teamaround.agencies.models import Practitioner
from teamaround.procedures.parts import Admission, Criterion, OutOfArea
from teamaround.ui import forms

from . import codes
from .forms import long_answer
from .models import ReceiptCheck


def _apart(name: str, kwargs: dict[str, Any]) -> dict[str, Any]:
    """Ids of their own for a form that shares its page with others."""
    return {"auto_id": f"{name}_%s", **kwargs}


def _criterion_words(each: Criterion, admission: Admission) -> str:
    """A criterion with what it weighs: needed, so many points, or immediate."""
    weighs: list[object] = []
    if each.must:
        weighs.append(_("needed"))
    elif admission.accept_at:
        weighs.append(
            ngettext("%(points)d point", "%(points)d points", each.points) % {"points": each.points}
        )
    if each.key in admission.immediate_when:
        weighs.append(_("makes it immediate"))
    return f"{each.label} ({', '.join(str(one) for one in weighs)})" if weighs else each.label


class ReceiptCheckForm(forms.VersionedForm):
    """The four checks on receipt, and which of the procedure's criteria apply. A “no” is explained in a note for the
    team."""

    applies = django_forms.MultipleChoiceField(
        label=_("Which criteria of the procedure apply?"),
        required=False,
        widget=forms.CheckboxSelectMultiple(small=True),
    )
    criteria_met = django_forms.ChoiceField(
        label=_("Does it meet the criteria?"),
        choices=codes.Answer.choices,
        required=False,
        widget=forms.RadioSelect(small=True),
    )
    criteria_note = django_forms.CharField(label=_("What does not fit?"), max_length=500, required=False)
    family_knows = django_forms.ChoiceField(
        label=_("Does the family know?"),
        choices=codes.Answer.choices,
        required=False,
        widget=forms.RadioSelect(small=True),
    )
    family_note = django_forms.CharField(label=_("Why do they not know?"), max_length=500, required=False)
    details_complete = django_forms.ChoiceField(
        label=_("Are the details complete?"),
        help_text=_("If not, ask the referrer."),
        choices=codes.Answer.choices,
        required=False,
        widget=forms.RadioSelect(small=True),
    )
    details_note = django_forms.CharField(label=_("What is missing?"), max_length=500, required=False)
    assessments_read = django_forms.ChoiceField(
        label=_("Were existing assessments read?"),
        choices=codes.Answer.choices,
        required=False,
        widget=forms.RadioSelect(small=True),
    )
    assessments_note = django_forms.CharField(
        label=_("Which were not read, and why?"), max_length=500, required=False
    )
    reveals = {
        "criteria_met": {codes.Answer.NO: ["criteria_note"]},
        "family_knows": {codes.Answer.NO: ["family_note"]},
        "details_complete": {codes.Answer.NO: ["details_note"]},
        "assessments_read": {codes.Answer.NO: ["assessments_note"]},
    }
    mark_optional = False

    def __init__(self, *args: Any, admission: Admission, **kwargs: Any) -> None:
        super().__init__(*args, **_apart("check", kwargs))
        applies = self.fields["applies"]
        assert isinstance(applies, django_forms.MultipleChoiceField)
        applies.choices = [(each.key, _criterion_words(each, admission)) for each in admission.criteria]
        if not admission.criteria:
            del self.fields["applies"]

    @classmethod
    def showing(cls, check: ReceiptCheck | None, admission: Admission) -> ReceiptCheckForm:
        """The form with what is noted already."""
        if check is None:
            return cls(version=0, admission=admission)
        noted = {name: getattr(check, name) for name in cls.base_fields if name != "version"}
        return cls(version=check.version, initial=noted, admission=admission)

    def answers(self) -> dict[str, Any]:
        """The answers and notes."""
        return {name: value for name, value in self.cleaned_data.items() if name != "version"}


def _worker_choices(workers: Iterable[Practitioner], empty: Any) -> list[tuple[str, Any]]:
    choices: list[tuple[str, Any]] = [("", empty)]
    for worker in workers:
        count = getattr(worker, "open_cases", 0)
        words = _("%(name)s – %(count)d open case") if count == 1 else _("%(name)s – %(count)d open cases")
        choices.append((str(worker.uuid), words % {"name": worker.name, "count": count}))
    return choices


class _WorkerForm(forms.VersionedForm):
    """A form that names a worker; the value is the practitioner's uuid."""

    practitioner = django_forms.ChoiceField(label=_("Named worker"))
    empty = _("Choose a worker")
    part = "allocation"

    def __init__(self, *args: Any, workers: Sequence[Practitioner], **kwargs: Any) -> None:
        super().__init__(*args, **_apart(self.part, kwargs))
        self.workers = {str(worker.uuid): worker.pk for worker in workers}
        self.fields["practitioner"].choices = _worker_choices(workers, self.empty)  # type: ignore[attr-defined]

    @property
    def worker(self) -> int | None:
        """The principal of the worker chosen."""
        return self.workers.get(self.cleaned_data["practitioner"])


class DecisionForm(_WorkerForm):
    """Accept, and perhaps allocate at once; or decline, with the reason."""

    decision = django_forms.ChoiceField(
        label=_("Your answer"),
        choices=[("accept", _("Accept")), ("decline", _("Do not accept"))],
        widget=forms.RadioSelect,
    )
    practitioner = django_forms.ChoiceField(label=_("Named worker"), required=False)
    words = long_answer(
        _("Anything the referrer should know"),
        rows=2,
        most=1000,
        required=False,
    )
    reason = long_answer(
        _("Why not, and what could they try next?"),
        rows=3,
        most=1000,
        help_text=_("The referrer reads this."),
    )
    out_of_area = django_forms.BooleanField(
        label=_("The family lives outside the area"),
        required=False,
    )
    approval = long_answer(
        _("Why do you approve that?"),
        rows=2,
        most=500,
        help_text=_("It stands in the case’s chronology. The referrer does not read it."),
    )
    empty = _("Allocate later")
    part = "decision"
    reveals = {
        "decision": {"accept": ["practitioner", "words", "out_of_area"], "decline": ["reason"]},
        "out_of_area": {"on": ["approval"]},
    }

    def __init__(self, *args: Any, out_of_area: OutOfArea, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if out_of_area == "manager approves":
            return
        # Where such families are taken nobody is asked; where they are not, the answer is refused with what to do.
        del self.fields["approval"]
        if out_of_area == "taken":
            del self.fields["out_of_area"]
        else:
            self.fields["out_of_area"].help_text = _("The procedure takes no such family: do not accept.")


class AllocationForm(_WorkerForm):
    """Name the worker."""


class MessageForm(forms.Form):
    """From the receiving team to the referrer."""

    kind = django_forms.ChoiceField(
        label=_("What do you want to do?"),
        choices=[
            (codes.StepKind.QUESTION, _("Ask a question")),
            (codes.StepKind.WAITING, _("Say how long they will wait")),
        ],
        widget=forms.RadioSelect(small=True),
    )
    words = long_answer(_("Your words"), rows=3, most=1000)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **_apart("message", kwargs))


class AnswerForm(forms.Form):
    """From the referrer to the receiving team."""

    words = long_answer(_("Your answer"), rows=3, most=1000)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **_apart("answer", kwargs))


class ChildForm(forms.VersionedForm):
    """Which child it is: one of those found, or somebody not yet in the index."""

    NEW = "new"
    child = django_forms.ChoiceField(label=_("Which child is this?"), widget=forms.RadioSelect)

    def __init__(self, *args: Any, found: Sequence[tuple[str, str, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field: Any = self.fields["child"]
        field.choices = [(value, text) for value, text, _hint in found] + [
            (self.NEW, _("None of these: add the child with what the referrer typed"))
        ]
        field.widget = forms.RadioSelect(
            choices=field.choices, hints={value: hint for value, _text, hint in found}
        )
