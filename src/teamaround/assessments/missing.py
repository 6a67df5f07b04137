"""What an assessment still lacks before it can be finished. Pure: it reads what it is given."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from django.utils.translation import gettext as _

from .forms_data import FormDefinition, Group
from .models import Agreement, Assessment, AssessmentAnswer, Going

ABOUT, VIEWS, SUMMARY = "about", "views", "summary"


@dataclass(frozen=True, slots=True)
class Missing:
    """One thing that is missing: the page it belongs on, its field there, and what to do."""

    page: str
    field: str
    words: str


def missing_from(
    form: FormDefinition, assessment: Assessment, answers: Sequence[AssessmentAnswer]
) -> list[Missing]:
    """Everything that is missing, in the order of the pages; empty when the assessment can be finished."""
    found = _about(assessment)
    by_domain = {answer.domain: answer for answer in answers}
    for group in form.groups:
        found += _group(group, by_domain)
    return found + _views(assessment) + _summary(assessment)


def _about(assessment: Assessment) -> list[Missing]:
    found = []
    if not assessment.took_part.strip():
        found.append(Missing(ABOUT, "took_part", _("Who took part")))
    if not assessment.agreement:
        found.append(Missing(ABOUT, "agreement", _("Who agreed to the assessment")))
    elif assessment.agreement == Agreement.NOBODY:
        found.append(
            Missing(ABOUT, "agreement", _("Nobody has agreed to the assessment yet: ask the family first"))
        )
    return found


def _group(group: Group, answers: dict[str, AssessmentAnswer]) -> list[Missing]:
    found = []
    for domain in group.domains:
        answer = answers.get(domain.key)
        if answer is None or not answer.going:
            words = _("%(domain)s: say how it is going") % {"domain": domain.name}
            found.append(Missing(group.key, f"{domain.key}_going", words))
        elif answer.going == Going.WELL and not answer.strengths.strip():
            words = _("%(domain)s: say what is going well") % {"domain": domain.name}
            found.append(Missing(group.key, f"{domain.key}_strengths", words))
        elif answer.going != Going.WELL and not answer.needs.strip():
            words = _("%(domain)s: say what the worry is") % {"domain": domain.name}
            found.append(Missing(group.key, f"{domain.key}_needs", words))
    return found


def _views(assessment: Assessment) -> list[Missing]:
    found = []
    if not assessment.child_views.strip():
        found.append(Missing(VIEWS, "child_views", _("The child’s own views")))
    if not assessment.parents_views.strip():
        found.append(Missing(VIEWS, "parents_views", _("The views of parents and carers")))
    return found


def _summary(assessment: Assessment) -> list[Missing]:
    found = []
    if not assessment.summary.strip():
        found.append(Missing(SUMMARY, "summary", _("What you found, in short")))
    if not assessment.needs_to_change.strip():
        found.append(Missing(SUMMARY, "needs_to_change", _("What needs to change")))
    return found
