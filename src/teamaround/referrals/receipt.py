"""The checks on receipt in words: what was noted, and what the procedure's criteria that apply come to."""

from __future__ import annotations

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from teamaround.procedures.parts import Admission
from teamaround.ui.components import SummaryRow

from .codes import Answer
from .models import ReceiptCheck
from .written import filled


def _applying(check: ReceiptCheck | None, admission: Admission) -> list[str]:
    """Keys of the criteria that apply, as far as the procedure has them: the case may follow another since."""
    return [each.key for each in admission.criteria if check is not None and each.key in check.applies]


def reckoned_words(check: ReceiptCheck | None, admission: Admission) -> str:
    """What the criteria that apply come to, for a person to decide by; empty where nothing was ticked."""
    applying = _applying(check, admission)
    if not applying:
        return ""
    score = admission.score(applying)
    said = []
    if admission.accept_at:
        words = ngettext(
            "%(points)d point of the %(needed)d that the procedure asks for.",
            "%(points)d points of the %(needed)d that the procedure asks for.",
            score.points,
        )
        said.append(words % {"points": score.points, "needed": admission.accept_at})
    if score.missing:
        said.append(_("Not met: %(labels)s.") % {"labels": "; ".join(each.label for each in score.missing)})
    if score.accepted:
        said.append(_("The procedure takes such a family."))
    if score.immediate:
        said.append(_("The procedure treats it as immediate."))
    return " ".join(str(each) for each in said)


def check_rows(check: ReceiptCheck | None, admission: Admission) -> list[SummaryRow]:
    """The checks on receipt as they were noted."""
    if check is None:
        return []
    applying = _applying(check, admission)
    labels = [each.label for each in admission.criteria if each.key in applying]
    return filled(
        (_("Criteria that apply"), [*labels, reckoned_words(check, admission)] if labels else []),
        *(
            (label, [str(Answer(given).label), note] if given else [])
            for label, given, note in (
                (_("Meets the criteria"), check.criteria_met, check.criteria_note),
                (_("The family knows"), check.family_knows, check.family_note),
                (_("Details complete"), check.details_complete, check.details_note),
                (_("Existing assessments read"), check.assessments_read, check.assessments_note),
            )
        ),
    )
