"""Business events of a referral: sent, checked, its child named, answered, allocated, talked over.

Each writes its step, which both teams read, and tells those who wait for it, in one transaction. The episode
and its clocks are moved by the actions of `procedures`.
"""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Collection, Iterable, Mapping
from dataclasses import asdict, dataclass, field
from typing import Any

from django.db import IntegrityError, transaction
from django.urls import reverse
from django.utils.translation import gettext as _

from teamaround.access.categories import Category
from teamaround.access.edits import StaleEdit, update_checked
from teamaround.access.me import Me
from teamaround.access.refusals import NotAllowed
from teamaround.agencies.models import Membership, Practitioner, Team
from teamaround.agencies.refusals import Refused
from teamaround.agencies.roles import ROLES, Permission
from teamaround.notices.actions import notify
from teamaround.people import actions as people
from teamaround.people.models import Person
from teamaround.procedures import actions as procedures
from teamaround.procedures.models import Allocation, Episode, EpisodeStatus, Priority
from teamaround.procedures.versions import procedure_of

from .codes import Agreement, Arrival, StepKind
from .models import ReceiptCheck, Referral, ReferralStep, Whereabouts

DECIDERS = [role.key for role in ROLES.values() if Permission.DECIDE_REFERRALS in role.permissions]


WHEREABOUTS = ("address", "postcode", "phone", "school")


class ReferralRefused(Refused):
    """The step cannot be taken; `field` names the form field, the message says what to do."""


@dataclass(frozen=True, slots=True)
class Intake:
    """What the referrer says, as typed. Field names are those of `Referral` and of its `Whereabouts`."""

    given: str
    family_name: str
    worries: str
    agreement: str = Agreement.AGREE
    agreement_reason: str = ""
    date_of_birth: dt.date | None = None
    born_precision: str = "day"
    sex: str = "U"
    address: str = ""
    postcode: str = ""
    phone: str = ""
    school: str = ""
    others_in_family: str = ""
    cares: bool | None = None
    cares_for: str = ""
    caring_tasks: str = ""
    caring_hours: str = ""
    going_well: str = ""
    hoped_for: str = ""
    criteria: list[str] = field(default_factory=list)
    assessments_known: str = ""
    childs_words: str = ""
    immediate_reason: str = ""
    arrival: str = Arrival.WRITTEN
    told_by: str = ""


@transaction.atomic
def send(
    *,
    by: Me,
    team: int,
    receiving_team: Team,
    child: int | None,
    intake: Intake,
    form_token: uuid.UUID,
    priority: str = Priority.STANDARD,
    moves: str = "",
    asks_to_lead: bool = False,
) -> Referral:
    """Send a referral from my `team`; the receiving team's clock runs from now.

    The same `form_token` never sends twice: the referral sent first is returned. `moves` says how a case goes on
    with it (see `moving_on`). Raises ReferralRefused, and EpisodeRefused where that team takes none.
    """
    if team not in by.teams:
        raise NotAllowed(_("You cannot send a referral for this team."), _("Those who work in it may."))
    people.check_date_of_birth(intake.date_of_birth)
    if not (intake.given.strip() or intake.family_name.strip()):
        raise ReferralRefused("Enter a first name or a last name.", "given")
    sent = Referral.objects.filter(form_token=form_token, author_team_id__in=by.teams)
    earlier = sent.first()
    if earlier is not None:
        return earlier
    try:
        with transaction.atomic():
            referral = _send(
                by, team, receiving_team, child, intake, form_token, priority, (moves, asks_to_lead)
            )
    except IntegrityError:
        # Two clicks at one moment: the other one's referral stands once it is committed.
        earlier = sent.first()
        if earlier is None:
            raise
        return earlier
    deciders = Membership.objects.current().filter(team=receiving_team, role__in=DECIDERS)
    told = [each for each in deciders.values_list("practitioner_id", flat=True) if each != by.principal]
    notify(practitioners=told, kind="referral.received", link=address(referral))
    return referral


def _send(
    by: Me,
    team: int,
    receiving_team: Team,
    child: int | None,
    intake: Intake,
    form_token: uuid.UUID,
    priority: str,
    moves: tuple[str, bool],
) -> Referral:
    episode = procedures.receive(
        by=by, team=team, receiving_team=receiving_team, child=child, priority=priority
    )
    typed = asdict(intake)
    lives = {name: typed.pop(name) for name in WHEREABOUTS}
    referral = Referral.objects.create(
        subject_id=child,
        category=Category.REFERRAL,
        author_team_id=team,
        receiving_team=receiving_team,
        episode=episode,
        form_token=form_token,
        moves=moves[0],
        asks_to_lead=moves[1],
        **typed,
    )
    Whereabouts.objects.create(
        referral=referral,
        subject_id=child,
        category=Category.REFERRAL,
        author_team_id=team,
        receiving_team=receiving_team,
        **lives,
    )
    _step(referral, team, StepKind.RECEIVED)
    return referral


def address(referral: Referral) -> str:
    """The page of a referral."""
    return reverse("referrals:detail", args=[referral.uuid])


def _step(referral: Referral, team: int, kind: str, words: str = "") -> ReferralStep:
    return ReferralStep.objects.create(
        subject_id=referral.subject_id,
        category=Category.REFERRAL,
        author_team_id=team,
        referral=referral,
        referring_team_id=referral.author_team_id,
        receiving_team_id=referral.receiving_team_id,
        kind=kind,
        words=words.strip()[:1000],
    )


def _tell_referrer(by: Me, referral: Referral) -> None:
    if referral.recorded_by_id != by.principal:
        notify(
            practitioners=[referral.recorded_by_id],
            kind="referral.news",
            link=address(referral),
        )


def _receiver(by: Me, referral: Referral, permission: Permission) -> int:
    if not by.may_for(permission, referral.receiving_team_id):
        raise NotAllowed(
            _("You cannot do this with this referral."),
            _("The team that it was sent to may: deciding is for its manager."),
        )
    return referral.receiving_team_id


def _episode(referral: Referral, version: int | None = None) -> Episode:
    """The referral's episode, held until the transaction ends; StaleEdit where it moved on."""
    episode = Episode.objects.select_for_update().get(pk=referral.episode_id)
    if version is not None and episode.version != version:
        raise StaleEdit
    return episode


@transaction.atomic
def check_receipt(*, by: Me, referral: Referral, version: int, answers: Mapping[str, Any]) -> ReceiptCheck:
    """Note the checks on receipt; `version` is 0 before there are any. Once all four have an answer, both
    teams see that the referral was checked. `applies` are keys of the procedure's criteria: where one of them makes a
    request immediate, a waiting referral is so from now, and its clocks follow. Raises StaleEdit."""
    team = _receiver(by, referral, Permission.WORK_CASES)
    check = ReceiptCheck.objects.filter(referral=referral).first()
    if (check.version if check else 0) != version:
        raise StaleEdit
    was_complete = check is not None and check.complete
    if check is not None:
        update_checked(check, version=version, **answers)
    else:
        try:
            with transaction.atomic():
                check = ReceiptCheck.objects.create(
                    referral=referral,
                    subject_id=referral.subject_id,
                    category=Category.REFERRAL,
                    author_team_id=team,
                    **answers,
                )
        except IntegrityError as taken:
            raise StaleEdit from taken
    _make_immediate(referral, answers.get("applies", ()))
    if check.complete and not was_complete:
        _step(referral, team, StepKind.CHECKED)
        if referral.subject_id is not None:
            procedures.happened(
                by=by, episode=_episode(referral), kind="referral.checked", subjects=[referral.subject_id]
            )
    return check


def _make_immediate(referral: Referral, applies: Collection[str]) -> None:
    episode = _episode(referral)
    admission = procedure_of(episode.procedure_id).admission
    if episode.status != EpisodeStatus.WAITING or episode.priority == Priority.IMMEDIATE:
        return
    if admission.score(applies).immediate:
        update_checked(episode, version=episode.version, priority=Priority.IMMEDIATE)
        procedures.advance(episode=episode)


@transaction.atomic
def name_child(*, by: Me, referral: Referral, version: int, child: int) -> Referral:
    """Say which child the referral is about. Raises StaleEdit where a colleague was first."""
    _receiver(by, referral, Permission.WORK_CASES)
    episode = _episode(referral, version)
    procedures.name_child(by=by, episode=episode, child=child)
    update_checked(referral, version=referral.version, subject_id=child)
    check = ReceiptCheck.objects.filter(referral=referral).first()
    if check is not None:
        update_checked(check, version=check.version, subject_id=child)
        if check.complete:
            checked = referral.steps.filter(kind=StepKind.CHECKED).order_by("id").first()
            procedures.happened(
                by=by,
                episode=episode,
                kind="referral.checked",
                subjects=[child],
                happened_at=checked.recorded_at if checked else None,
            )
    return referral


@transaction.atomic
def add_child(*, by: Me, referral: Referral, version: int) -> Person:
    """Add the child as a new person with what the referrer typed, and name it. Raises StaleEdit, FactRefused."""
    team = _receiver(by, referral, Permission.WORK_CASES)
    lives = referral.lives
    person = people.add_person(
        by=by,
        team=team,
        given=referral.given,
        family_name=referral.family_name,
        date_of_birth=referral.date_of_birth,
        born_precision=referral.born_precision,
        sex=referral.sex,
        postcode=lives.postcode,
        address=lives.address,
        phone=lives.phone,
    )
    if lives.school:
        people.set_school(by=by, team=team, person=person.pk, school_name=lives.school)
    if referral.cares:
        people.note_caring(
            by=by,
            team=team,
            person=person.pk,
            relation=referral.cares_for[:60],
            tasks=[line[:80] for line in referral.caring_tasks.splitlines()],
            hours=referral.caring_hours,
        )
    name_child(by=by, referral=referral, version=version, child=person.pk)
    return person


@transaction.atomic
def accept(
    *,
    by: Me,
    referral: Referral,
    version: int,
    words: str = "",
    practitioner: int | None = None,
    out_of_area: bool = False,
    approval: str = "",
) -> Episode:
    """Accept the referral, and allocate it at once where a `practitioner` is named. `out_of_area` and `approval` as
    the procedure's acceptance has them: the referrer reads neither.

    Raises StaleEdit, EpisodeRefused.
    """
    team = _receiver(by, referral, Permission.DECIDE_REFERRALS)
    episode = procedures.accept(
        by=by,
        episode=_episode(referral, version),
        version=version,
        text=words,
        out_of_area=out_of_area,
        approval=approval,
    )
    _step(referral, team, StepKind.ACCEPTED, words)
    if practitioner is not None:
        _allocate(by, referral, episode, practitioner, "")
    _tell_referrer(by, referral)
    return episode


@transaction.atomic
def decline(*, by: Me, referral: Referral, version: int, reason: str) -> Episode:
    """Decline the referral, with the reason that the referrer reads. Raises StaleEdit, EpisodeRefused."""
    team = _receiver(by, referral, Permission.DECIDE_REFERRALS)
    episode = procedures.decline(by=by, episode=_episode(referral, version), version=version, reason=reason)
    _step(referral, team, StepKind.DECLINED, reason)
    _tell_referrer(by, referral)
    return episode


@transaction.atomic
def allocate(*, by: Me, referral: Referral, version: int, practitioner: int, words: str = "") -> Allocation:
    """Allocate the accepted referral to a named worker of the team. Raises StaleEdit, EpisodeRefused."""
    _receiver(by, referral, Permission.DECIDE_REFERRALS)
    episode = _episode(referral, version)
    if episode.status != EpisodeStatus.OPEN:
        raise ReferralRefused("Accept the referral first.")
    allocation = _allocate(by, referral, episode, practitioner, words)
    _tell_referrer(by, referral)
    return allocation


def _allocate(by: Me, referral: Referral, episode: Episode, practitioner: int, words: str) -> Allocation:
    before = episode.version
    allocation = procedures.allocate(by=by, episode=episode, practitioner=practitioner, text=words)
    # An allocation counts the episode's version up only where it moves the stage. It is counted in any case,
    # so that two managers who name a worker at one moment do not replace each other's choice unseen.
    if episode.version == before:
        update_checked(episode, version=before)
    worker = Practitioner.objects.get(pk=practitioner)
    said = ", ".join(part for part in (worker.name, worker.job_title, worker.phone) if part)
    _step(referral, referral.receiving_team_id, StepKind.ALLOCATED, said)
    if practitioner != by.principal:
        notify(practitioners=[practitioner], kind="case.allocated", link=address(referral))
    return allocation


@transaction.atomic
def write_to_referrer(*, by: Me, referral: Referral, kind: str, words: str) -> ReferralStep:
    """Ask the referrer a question, or say how long the child will wait. Raises ReferralRefused."""
    team = _receiver(by, referral, Permission.WORK_CASES)
    if kind not in (StepKind.QUESTION, StepKind.WAITING):
        raise ReferralRefused("Choose what you want to tell the referrer.", "kind")
    step = _step(referral, team, kind, _said(words))
    _tell_referrer(by, referral)
    return step


@transaction.atomic
def answer(*, by: Me, referral: Referral, words: str) -> ReferralStep:
    """Answer the receiving team. Whoever asked is told. Raises ReferralRefused."""
    if referral.author_team_id not in by.teams:
        raise NotAllowed(_("You cannot answer this question."), _("The team that sent the referral may."))
    step = _step(referral, referral.author_team_id, StepKind.ANSWERED, _said(words))
    notify(practitioners=_askers(referral, by), kind="referral.answered", link=address(referral))
    return step


def _said(words: str) -> str:
    if not words.strip():
        raise ReferralRefused("Write what you want to say.", "words")
    return words


def _askers(referral: Referral, by: Me) -> Iterable[int]:
    asked = referral.steps.filter(kind=StepKind.QUESTION).values_list("recorded_by_id", flat=True)
    return {each for each in asked if each != by.principal}
