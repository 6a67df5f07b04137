"""Business events of assessments: started, filled in page by page, finished; and risk assessed."""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Mapping
from dataclasses import dataclass

from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from teamaround.access.categories import Category
from teamaround.access.edits import StaleEdit, update_checked
from teamaround.access.me import Me
from teamaround.agencies.refusals import Refused
from teamaround.procedures.actions import happened
from teamaround.procedures.models import Episode, EpisodeStatus

from .forms_data import Group, current_form, form_of
from .missing import Missing, missing_from
from .models import Assessment, AssessmentAnswer, Kind, RiskAnswer, Status


class AssessmentRefused(Refused):
    """The step cannot be taken; `field` names the form field, the message says what to do."""


class NotFinished(AssessmentRefused):
    """The assessment cannot be finished yet; `missing` lists exactly what it lacks."""

    def __init__(self, missing: list[Missing]) -> None:
        super().__init__(_("This assessment is not finished yet."))
        self.missing = missing


@dataclass(frozen=True, slots=True)
class Given:
    """What was written about one domain."""

    going: str = ""
    strengths: str = ""
    needs: str = ""


TEXTS = (
    "took_part",
    "agreement",
    "child_views",
    "parents_views",
    "differences",
    "summary",
    "needs_to_change",
)
"""The fields of the assessment itself that its pages may write."""


@transaction.atomic
def start_assessment(*, by: Me, episode: Episode) -> Assessment:
    """Start the episode's early help assessment, or give the one in progress: there is one at a time.

    Raises AssessmentRefused where the case is not open or its child is not known.
    """
    subject = _child_of(episode, EpisodeStatus.OPEN)
    running = Assessment.objects.filter(episode=episode, kind=Kind.EARLY_HELP, status=Status.IN_PROGRESS)
    found = running.first()
    if found is not None:
        return found
    try:
        with transaction.atomic():
            made = Assessment.objects.create(
                subject_id=subject,
                category=Category.ASSESSMENT,
                author_team_id=episode.author_team_id,
                episode=episode,
                kind=Kind.EARLY_HELP,
                form_version=current_form(Kind.EARLY_HELP).version,
            )
    except IntegrityError:
        # A second click came while the first was being written: there is one assessment, and both get it.
        return running.get()
    happened(by=by, episode=episode, kind="assessment.started", subjects=[subject])
    return made


def _child_of(episode: Episode, *statuses: str) -> int:
    if episode.status not in statuses:
        raise AssessmentRefused(_("This case is not open. Accept it or open it again first."))
    if episode.subject_id is None:
        raise AssessmentRefused(_("Say first which child this case is about."))
    return episode.subject_id


def group_version(assessment: Assessment, group: Group) -> int:
    """A number that rises with each change to any answer of the group; 0 before the first."""
    keys = [domain.key for domain in group.domains]
    return sum(assessment.answers.filter(domain__in=keys).values_list("version", flat=True))


@transaction.atomic
def save_texts(*, by: Me, assessment: Assessment, version: int, **texts: str) -> Assessment:
    """Keep pages of the assessment itself: who took part, views, summary (see `TEXTS`).

    Raises StaleEdit where somebody changed it since it was shown; AssessmentRefused once it is finished.
    """
    _open(assessment)
    unknown = set(texts) - set(TEXTS)
    if unknown:
        raise TypeError(f"not a field of the pages: {', '.join(sorted(unknown))}")
    update_checked(assessment, version=version, **{name: text.strip() for name, text in texts.items()})
    return assessment


@transaction.atomic
def save_answers(
    *, by: Me, assessment: Assessment, group: Group, version: int, answers: Mapping[str, Given]
) -> None:
    """Keep what was written about the group's domains; `version` is the `group_version` that was shown.

    Raises StaleEdit where somebody changed one of them since; AssessmentRefused once it is finished.
    """
    locked = Assessment.objects.select_for_update().get(pk=assessment.pk)
    _open(locked)
    if group_version(locked, group) != version:
        raise StaleEdit
    rows = {row.domain: row for row in locked.answers.all()}
    for domain in group.domains:
        given = answers.get(domain.key)
        if given is None:
            continue
        row = rows.get(domain.key)
        changes = {"going": given.going, "strengths": given.strengths.strip(), "needs": given.needs.strip()}
        if row is None:
            if any(changes.values()):
                AssessmentAnswer.objects.create(
                    assessment=locked,
                    subject_id=locked.subject_id,
                    category=locked.category,
                    author_team_id=locked.author_team_id,
                    domain=domain.key,
                    **changes,
                )
        elif any(getattr(row, name) != value for name, value in changes.items()):
            update_checked(row, version=row.version, **changes)


def _open(assessment: Assessment) -> None:
    if assessment.status != Status.IN_PROGRESS:
        raise AssessmentRefused(_("This assessment is finished. Start another to record a change."))


@transaction.atomic
def finish_assessment(*, by: Me, assessment: Assessment) -> Assessment:
    """Finish the assessment. A second call finds it finished and does nothing.

    Raises NotFinished with exactly what is missing; nothing is written then.
    """
    locked = (
        Assessment.objects.select_for_update(of=("self",)).select_related("episode").get(pk=assessment.pk)
    )
    if locked.status in (Status.COMPLETED, Status.AMENDED):
        return locked
    _open(locked)
    missing = missing_from(form_of(locked.kind, locked.form_version), locked, list(locked.answers.all()))
    if missing:
        raise NotFinished(missing)
    update_checked(
        locked,
        version=locked.version,
        status=Status.COMPLETED,
        completed_at=max(timezone.now(), locked.started_at),
    )
    happened(by=by, episode=locked.episode, kind="assessment.finished", subjects=[locked.subject_id])
    return locked


@transaction.atomic
def enter_in_error(*, by: Me, assessment: Assessment, version: int, reason: str) -> Assessment:
    """Mark the assessment as recorded by mistake. It stays, and says so. Raises AssessmentRefused without a reason."""
    if assessment.status == Status.ENTERED_IN_ERROR:
        return assessment
    if not reason.strip():
        raise AssessmentRefused(_("Say what was wrong, so that nobody relies on it."), "reason")
    update_checked(
        assessment, version=version, status=Status.ENTERED_IN_ERROR, error_reason=reason.strip()[:500]
    )
    return assessment


@transaction.atomic
def assess_risk(
    *,
    by: Me,
    episode: Episode,
    worries: str,
    likelihood: str,
    keeps_safe: str,
    next_steps: str = "",
    look_again_on: dt.date | None = None,
    token: uuid.UUID | None = None,
) -> Assessment:
    """Record a risk assessment, finished as it is recorded. The same `token` again gives the same record.

    A waiting referral may have one too: it is due before the referral is decided. Raises AssessmentRefused
    where a field is empty, the date is past, or the child is not known.
    """
    subject = _child_of(episode, EpisodeStatus.OPEN, EpisodeStatus.WAITING)
    for field, text in (("worries", worries), ("keeps_safe", keeps_safe)):
        if not text.strip():
            raise AssessmentRefused(_("Write something here, even if it is that there is nothing."), field)
    if look_again_on is not None and look_again_on < timezone.localdate():
        raise AssessmentRefused(_("Choose a day that is still to come."), "look_again_on")
    chosen = token or uuid.uuid4()
    found = Assessment.objects.filter(uuid=chosen, episode=episode, kind=Kind.RISK).first()
    if found is not None:
        return found
    now = timezone.now()
    try:
        with transaction.atomic():
            made = Assessment.objects.create(
                uuid=chosen,
                subject_id=subject,
                category=Category.ASSESSMENT,
                author_team_id=episode.author_team_id,
                episode=episode,
                kind=Kind.RISK,
                form_version=current_form(Kind.RISK).version,
                status=Status.COMPLETED,
                started_at=now,
                completed_at=now,
            )
    except IntegrityError as twice:
        found = Assessment.objects.filter(uuid=chosen, episode=episode, kind=Kind.RISK).first()
        if found is None:
            raise AssessmentRefused(_("Open this page again, then send it once more.")) from twice
        return found
    RiskAnswer.objects.create(
        assessment=made,
        subject_id=subject,
        category=made.category,
        author_team_id=made.author_team_id,
        worries=worries.strip(),
        likelihood=likelihood,
        keeps_safe=keeps_safe.strip(),
        next_steps=next_steps.strip(),
        look_again_on=look_again_on,
    )
    happened(by=by, episode=episode, kind="risk.assessed", subjects=[subject])
    return made
