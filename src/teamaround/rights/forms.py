"""What the governance lead types."""

from __future__ import annotations

from django import forms as django_forms
from django.utils.translation import gettext_lazy as _

from teamaround.access.categories import Category, Retention
from teamaround.agencies.models import Agency
from teamaround.ui import forms

from .models import Decision, Measure, RequestKind, RequestOutcome


def _words(label: object, *, most: int, rows: int = 3, hint: object = "") -> django_forms.CharField:
    return django_forms.CharField(
        label=str(label) if isinstance(label, str) else label,  # type: ignore[arg-type]
        help_text=hint,  # type: ignore[arg-type]
        max_length=most,
        widget=django_forms.Textarea({"rows": rows}),
    )


class PersonForm(forms.Form):
    """Whom it is about: found by exact name and date of birth alone."""

    given = django_forms.CharField(label=_("First name"), max_length=200, widget=forms.TextInput(width=20))
    family_name = django_forms.CharField(
        label=_("Family name"), max_length=200, widget=forms.TextInput(width=20)
    )
    born = forms.DateField(label=_("Date of birth"), not_future=True)
    postcode = django_forms.CharField(
        label=_("Postcode"), max_length=8, required=False, widget=forms.TextInput(width=10),
        help_text=_("Where several people have that name and date of birth"),
    )  # fmt: skip


class RequestForm(PersonForm):
    """Somebody asked about their own data."""

    kind = django_forms.ChoiceField(
        label=_("What do they ask for?"), choices=RequestKind.choices, widget=forms.RadioSelect
    )
    asked_on = forms.DateField(label=_("The day we received it"), not_future=True)
    asked_by = django_forms.CharField(
        label=_("Who asked"), max_length=200,
        help_text=_("The person, or who speaks for them and by what right. For example: her mother, with parental responsibility"),
    )  # fmt: skip
    identity = _words(_("How you made sure who they are"), most=300, rows=2)


class PauseForm(forms.Form):
    """A clarification is asked for."""

    question = _words(_("What did you ask?"), most=500)
    asked_on = forms.DateField(label=_("The day you asked"), not_future=True)


class AnswerForm(forms.Form):
    """The clarification came."""

    answered_on = forms.DateField(label=_("The day the answer came"), not_future=True)


class ReasonForm(forms.Form):
    """A reason, and nothing else."""

    reason = _words(_("Reason"), most=500, hint=_("Name no child or family here."))


class CloseForm(forms.Form):
    """How a request ended."""

    outcome = django_forms.ChoiceField(label=_("How did it end?"), widget=forms.RadioSelect)
    reason = _words(_("What the person was told"), most=1000)

    def __init__(self, *args: object, kind: str, **kwargs: object) -> None:
        super().__init__(*args, **kwargs)
        own = RequestOutcome.ANSWERED if kind == RequestKind.ACCESS else RequestOutcome.GRANTED
        choices = [own, RequestOutcome.REFUSED, RequestOutcome.WITHDRAWN]
        self.fields["outcome"].choices = [(each.value, each.label) for each in choices]  # type: ignore[attr-defined]


class DecideForm(forms.Form):
    """Keep or redact what is ticked."""

    decision = django_forms.ChoiceField(
        label=_("What is ticked is to be"),
        choices=[(Decision.KEEP.value, _("Kept")), (Decision.REDACT.value, _("Redacted"))],
        widget=forms.RadioSelect(inline=True),
    )
    reason = django_forms.CharField(label=_("Why"), max_length=300)


class RuleForm(forms.Form):
    """How long a class is kept."""

    retention = django_forms.ChoiceField(
        label=_("What is kept"),
        choices=[
            (each.value, each.label)
            for each in (Retention.RECORD, Retention.INDEX, Retention.SHORT, Retention.LOG)
        ],
        widget=forms.RadioSelect,
    )
    category = django_forms.ChoiceField(
        label=_("Of which category"),
        choices=[("", _("Every category without a rule of its own")), *Category.choices],
        required=False,
    )
    length = django_forms.IntegerField(
        label=_("How long"),
        min_value=1,
        max_value=1200,
        widget=forms.TextInput(width=4, attrs={"inputmode": "numeric"}),
    )
    measure = django_forms.ChoiceField(
        label=_("Counted in"), choices=Measure.choices, widget=forms.RadioSelect
    )
    at_least_months = django_forms.IntegerField(
        label=_("And at least so many months after the last entry"), min_value=0, max_value=1200, initial=0,
        widget=forms.TextInput(width=4, attrs={"inputmode": "numeric"}),
    )  # fmt: skip
    authority = django_forms.CharField(label=_("Who decided it, and where it is written"), max_length=300)


class HoldForm(PersonForm):
    """Keep everything about somebody."""

    with_family = django_forms.BooleanField(label=_("And about everybody in their family"), required=False)
    reason = _words(_("Why it has to be kept"), most=500)
    since = forms.DateField(label=_("From"))
    until = forms.DateField(
        label=_("Until"), required=False, help_text=_("Leave empty where nobody knows yet")
    )


class AgreementForm(forms.Form):
    """A sharing agreement."""

    agencies = django_forms.ModelMultipleChoiceField(
        Agency.objects.filter(ended_at=None), label=_("Agencies"), widget=forms.CheckboxSelectMultiple
    )
    purpose = _words(_("What it is for"), most=500)
    reference = django_forms.CharField(
        label=_("Where the document is"), max_length=200, help_text=_("Its number or place in your files")
    )
    since = forms.DateField(label=_("In force from"))
    review_on = forms.DateField(label=_("To be reviewed on"))


class RenewForm(forms.VersionedForm):
    """An agreement goes on."""

    review_on = forms.DateField(label=_("Next review"))


class EndForm(forms.VersionedForm):
    """An agreement ends."""

    reason = _words(_("Why it ends"), most=500)
