"""One referral carries a case on: step up, step down, transfer, re-open. And what was sent or answered by mistake.

What goes along is what the receiving team may be told today, category by category, as “Before you share” answers it;
what was never agreed stays behind. Nothing is typed twice.
"""

from __future__ import annotations

import uuid
from collections.abc import Collection
from dataclasses import dataclass, replace
from typing import Any

from django.db import transaction
from django.db.models import CharField, DateTimeField, Value
from django.db.models.functions import Cast
from django.utils.translation import gettext as _

from teamaround.access.categories import Category
from teamaround.access.me import Me
from teamaround.access.refusals import NotAllowed
from teamaround.agencies.models import Membership, Team
from teamaround.agencies.roles import Permission
from teamaround.assessments.models import Assessment
from teamaround.assessments.models import Kind as AssessmentKind
from teamaround.notices.actions import notify
from teamaround.people.merging import records_of
from teamaround.people.models import Address, Person, SchoolPlace
from teamaround.plans import actions as plans
from teamaround.plans.models import Plan
from teamaround.procedures import moving_on as cases
from teamaround.procedures.models import Allocation, Episode, EpisodeStatus, LinkKind, Priority
from teamaround.sharing.before import Said, Verdict, before_sharing
from teamaround.sharing.decision_models import Decided
from teamaround.sharing.decisions import SharedWith, record_decision
from teamaround.ui.presentation import uk_date

from .actions import DECIDERS, Intake, ReferralRefused, _step, _tell_referrer, address, send
from .codes import Agreement, StepKind
from .models import LONGEST, Referral

CARRIED = (
    Category.IDENTITY,
    Category.EDUCATION,
    Category.REFERRAL,
    Category.ASSESSMENT,
    Category.PLAN,
)
"""The categories that a referral can carry."""


@dataclass(frozen=True, slots=True)
class Going:
    """One category: what there is of it in words, and whether it goes. `said` is why; None within one's own team."""

    category: Category
    holds: tuple[str, ...]
    goes: bool
    said: Said | None


@dataclass(frozen=True, slots=True)
class Parcel:
    """What a referral from a case to a team takes along: `intake` is the referral so far, without reason and
    agreement."""

    intake: Intake
    parts: tuple[Going, ...]

    @property
    def goes(self) -> tuple[Going, ...]:
        """What goes along, of what there is."""
        return tuple(each for each in self.parts if each.goes and each.holds)

    @property
    def stays(self) -> tuple[Going, ...]:
        """What stays behind, of what there is."""
        return tuple(each for each in self.parts if not each.goes and each.holds)


def parcel(
    *, episode: Episode, receiving_team: Team, person: Person | None = None, records: Collection[int] = ()
) -> Parcel:
    """What may go along from a case of my team to that team today. `person` and `records` are the child's, where they
    are read already. At most seven queries; changes nothing."""
    child = episode.subject_id
    assert child is not None, "a case that goes on names its child"
    own = receiving_team.pk == episode.author_team_id
    said = (
        {}
        if own
        else {each.category: each for each in before_sharing(subject=child, recipient=receiving_team.pk)}
    )
    may = {each for each in CARRIED if own or said[each].verdict == Verdict.ALLOWED}
    records = records or records_of(child)
    person = person or Person.objects.filter(pk=child).first()
    written = Referral.objects.filter(episode=episode).select_related("whereabouts").first()
    intake = _named(person, written)
    lives, school = _lives(records, written), _school(records, written)
    papers = _papers(episode)
    if Category.IDENTITY in may:
        intake = replace(intake, **lives)
    if Category.EDUCATION in may:
        intake = replace(intake, school=school)
    if Category.REFERRAL in may and written is not None:
        intake = _as_written(intake, written)
    known = [line for category in papers if category in may for line in papers[category]]
    if Category.REFERRAL in may and written is not None and written.assessments_known:
        known.append(written.assessments_known)
    intake = replace(intake, assessments_known="\n".join(known)[:1000])
    holds: dict[Category, tuple[str, ...]] = {
        Category.IDENTITY: _where(lives),
        Category.EDUCATION: (_("School"),) if school else (),
        Category.REFERRAL: _what_written(written),
        **{category: tuple(lines) for category, lines in papers.items()},
    }
    parts = tuple(Going(each, holds[each], each in may, said.get(each)) for each in CARRIED)
    return Parcel(intake, parts)


def _named(person: Person | None, written: Referral | None) -> Intake:
    """The child's name and birth: without them nobody can be referred."""
    known = person or written
    if known is None:
        raise ReferralRefused(_("Your team no longer sees who this child is. Send a new referral."))
    return Intake(
        given=known.given,
        family_name=known.family_name,
        worries="",
        date_of_birth=known.date_of_birth,
        born_precision=known.born_precision,
        sex=known.sex,
    )


def _lives(records: Collection[int], written: Referral | None) -> dict[str, Any]:
    home = Address.objects.filter(subject_id__in=records, until=None, voided_at=None).order_by("-id").first()
    if home is not None:
        return {"address": home.lines, "postcode": home.postcode, "phone": home.phone}
    lives = written.lives if written is not None else None
    return {name: getattr(lives, name, "") for name in ("address", "postcode", "phone")}


def _school(records: Collection[int], written: Referral | None) -> str:
    place = (
        SchoolPlace.objects.filter(subject_id__in=records, until=None, voided_at=None).order_by("-id").first()
    )
    if place is not None:
        return place.school_name
    return written.lives.school if written is not None else ""


_KEPT = (
    *("others_in_family", "cares", "cares_for", "caring_tasks", "caring_hours", "going_well", "hoped_for"),
    *("criteria", "childs_words"),
)


def _as_written(intake: Intake, written: Referral) -> Intake:
    """With what the referral that began the case says; its worries come after those of today."""
    return replace(intake, worries=written.worries, **{name: getattr(written, name) for name in _KEPT})


def _where(lives: dict[str, str]) -> tuple[str, ...]:
    titles = {"address": _("Address"), "postcode": _("Postcode"), "phone": _("Telephone")}
    return tuple(titles[name] for name, value in lives.items() if value)


def _what_written(written: Referral | None) -> tuple[str, ...]:
    if written is None:
        return ()
    return tuple(
        words
        for words, there in (
            (_("What was worrying when the case began"), written.worries),
            (_("What goes well, and what is hoped for"), written.going_well or written.hoped_for),
            (_("The child’s own words"), written.childs_words),
            (_("Whom the child cares for, and how"), written.cares),
            (_("Who else is in the family"), written.others_in_family),
        )
        if there
    )


def _papers(episode: Episode) -> dict[Category, list[str]]:
    """The team's own finished assessments and agreed plans of the case: which, when and by whom. One query."""
    team = episode.author_team.name
    assessed = Assessment.objects.filter(
        episode=episode, author_team_id=episode.author_team_id, status__in=("completed", "amended")
    ).values_list("kind", "completed_at")
    planned = (
        Plan.objects.filter(episode=episode, agreed_on__isnull=False)
        .annotate(kind=Value("", output_field=CharField()), at=Cast("agreed_on", DateTimeField()))
        .values_list("kind", "at")
    )
    found: dict[Category, list[str]] = {Category.ASSESSMENT: [], Category.PLAN: []}
    rows = [(day, kind) for kind, day in assessed.union(planned, all=True) if day is not None]
    for day, kind in sorted(rows, reverse=True):
        words = {"what": AssessmentKind(kind).label if kind else "", "day": uk_date(day), "team": team}
        if kind:
            found[Category.ASSESSMENT].append(_("%(what)s, finished %(day)s, by %(team)s") % words)
        else:
            found[Category.PLAN].append(_("Plan, agreed %(day)s, by %(team)s") % words)
    return found


@dataclass(frozen=True, slots=True)
class Asking:
    """What is said anew where a case goes on: why, whether the family agrees, how soon, and who is to lead."""

    reason: str
    agreement: str = Agreement.AGREE
    agreement_reason: str = ""
    priority: str = Priority.STANDARD
    immediate_reason: str = ""
    lead: bool = False


@transaction.atomic
def move_on(
    *, by: Me, episode: Episode, kind: str, receiving_team: Team, asking: Asking, form_token: uuid.UUID
) -> Referral:
    """Refer the child of my team's case on, with what may go along; the case stays open, and its lead stays, until the
    other team accepts. Re-opening refers a closed case to its own team.

    The same `form_token` gives the referral sent first. Raises ReferralRefused, EpisodeRefused.
    """
    if not by.may_for(Permission.REFER, episode.author_team_id):
        raise NotAllowed(
            _("You cannot refer this child on."),
            _("Somebody of the team that has the case may."),
        )
    earlier = Referral.objects.filter(form_token=form_token, author_team_id__in=by.teams).first()
    if earlier is not None:
        return earlier
    again = kind == LinkKind.REOPEN
    episode = Episode.objects.select_for_update(of=("self",)).select_related("author_team").get(pk=episode.pk)
    _may_go_on(episode, receiving_team, again=again)
    if not asking.reason.strip():
        raise ReferralRefused(_("Say why."), "reason")
    taken = parcel(episode=episode, receiving_team=receiving_team)
    intake = replace(
        taken.intake,
        worries=_worries(asking.reason, taken.intake.worries),
        agreement=asking.agreement,
        agreement_reason=asking.agreement_reason,
        immediate_reason=asking.immediate_reason,
    )
    referral = send(
        by=by,
        team=episode.author_team_id,
        receiving_team=receiving_team,
        child=episode.subject_id,
        intake=intake,
        form_token=form_token,
        priority=asking.priority,
        moves=kind,
        asks_to_lead=asking.lead and not again,
    )
    cases.link(
        by=by,
        episode=referral.episode,
        from_episode=episode,
        kind=kind,
        lead=asking.lead and not again,
        reason=asking.reason,
    )
    if not again:
        _write_down(by, episode, receiving_team, taken, asking)
    return referral


def _may_go_on(episode: Episode, receiving_team: Team, *, again: bool) -> None:
    if episode.subject_id is None:
        raise ReferralRefused(_("Say first which child this is about."))
    same = Episode.objects.filter(subject_id=episode.subject_id, author_team_id=receiving_team.pk)
    at_work = same.filter(status__in=(EpisodeStatus.WAITING, EpisodeStatus.OPEN))
    if again:
        if episode.status != EpisodeStatus.CLOSED:
            raise ReferralRefused(_("Only a case that is closed is re-opened."))
        if receiving_team.pk != episode.author_team_id:
            raise ReferralRefused(_("Only the team that closed a case re-opens it."))
        if at_work.exists():
            raise ReferralRefused(_("Your team has a case for this child already, or a referral that waits."))
        return
    if episode.status != EpisodeStatus.OPEN:
        raise ReferralRefused(_("This case is not open."))
    if receiving_team.pk == episode.author_team_id:
        raise ReferralRefused(_("Choose another team. Within the team, name another worker."), "team")
    # Of a referral by somebody else nothing is told: only what this team sent itself.
    if at_work.filter(referring_team_id=episode.author_team_id).exists():
        raise ReferralRefused(_("You have referred this child to that team already."), "team")


def _worries(reason: str, before: str) -> str:
    parts = [reason.strip()]
    if before.strip():
        parts.append(_("When the case began:") + "\n" + before.strip())
    return "\n\n".join(parts)[:LONGEST]


def _write_down(by: Me, episode: Episode, receiving_team: Team, taken: Parcel, asking: Asking) -> None:
    """What was told, and on which ground, stands in the record of sharing."""
    gone = [each for each in taken.goes if each.said is not None]
    if not gone or episode.subject_id is None:
        return
    told = asking.agreement != Agreement.UNAWARE
    record_decision(
        by=by,
        team=episode.author_team_id,
        subject=episode.subject_id,
        decided=Decided.SHARED,
        recipient=SharedWith(team=receiving_team.pk),
        categories=[str(each.category) for each in gone],
        said=[each.said for each in gone if each.said is not None],
        reason=asking.reason,
        told_family=told,
        why_not_told="" if told else asking.agreement_reason,
        episode=episode.pk,
    )


@transaction.atomic
def withdraw(*, by: Me, referral: Referral, reason: str) -> None:
    """Take back a referral that my team sent and nobody answered; those who decide there are told.

    Raises EpisodeRefused.
    """
    if not by.may_for(Permission.REFER, referral.author_team_id):
        raise NotAllowed(
            _("You cannot take this referral back."),
            _("Somebody of the team that sent it may."),
        )
    cases.withdraw(by=by, episode=referral.episode, reason=reason)
    _step(referral, referral.author_team_id, StepKind.WITHDRAWN, reason)
    told = _deciders(referral.receiving_team_id) - {by.principal}
    notify(practitioners=sorted(told), kind="referral.answered", link=address(referral))


def _deciders(team: int) -> set[int]:
    held = Membership.objects.current().filter(team_id=team, role__in=DECIDERS)
    return set(held.values_list("practitioner_id", flat=True))


@transaction.atomic
def take_back_answer(*, by: Me, episode: Episode, version: int, reason: str) -> Episode:
    """The answer to a referral was a mistake: it waits again, and the referrer reads why. Raises EpisodeRefused,
    StaleEdit."""
    act = cases.take_back_decline if episode.status == EpisodeStatus.DECLINED else cases.take_back_acceptance
    episode = act(by=by, episode=episode, version=version, reason=reason)
    _tell(
        by,
        episode,
        _("Our answer was a mistake. The referral waits again. %(why)s") % {"why": reason.strip()},
    )
    return episode


@transaction.atomic
def take_back_allocation(*, by: Me, episode: Episode, version: int, reason: str) -> Allocation | None:
    """The worker was named by mistake. The referrer is told that, and not why. Raises EpisodeRefused, StaleEdit."""
    restored = cases.take_back_allocation(by=by, episode=episode, version=version, reason=reason)
    _tell(by, episode, _("The worker was named by mistake."))
    if restored is not None:
        _name_again(episode, restored)
    return restored


@transaction.atomic
def take_back_closure(*, by: Me, episode: Episode, version: int, reason: str) -> Episode:
    """The case was closed by mistake: it goes on, with the plan that ended with it. The referrer is told that, and not
    why. Raises EpisodeRefused, StaleEdit."""
    closed_at = episode.closed_at
    episode = cases.take_back_closure(by=by, episode=episode, version=version, reason=reason)
    if closed_at is not None:
        plans.go_on(by=by, episode=episode, since=closed_at)
    _tell(by, episode, _("The case was closed by mistake. It is open again."))
    current = Allocation.objects.filter(episode=episode, until=None).first()
    if current is not None:
        _name_again(episode, current)
    return episode


def _referral_of(episode: Episode) -> Referral | None:
    return Referral.objects.filter(episode=episode).first()


def _tell(by: Me, episode: Episode, words: str) -> None:
    referral = _referral_of(episode)
    if referral is not None:
        _step(referral, episode.author_team_id, StepKind.PUT_RIGHT, words)
        _tell_referrer(by, referral)


def _name_again(episode: Episode, allocation: Allocation) -> None:
    referral = _referral_of(episode)
    worker = allocation.practitioner
    if referral is not None:
        said = ", ".join(part for part in (worker.name, worker.job_title, worker.phone) if part)
        _step(referral, episode.author_team_id, StepKind.ALLOCATED, said)
