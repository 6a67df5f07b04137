"""Who fits a case: the workers of its team in order, each with the reasons in words. The manager decides.

What counts, and how much: room (up to 4 points, none without room), a language of the family (3 each), a woman or a man
where the young person asked (3), a skill that is needed (2 each), that they had this child's case before (4) or a
brother's or sister's (2), and how far their base is from the family's home in a straight line (2 next door, none from ten
miles on). Where the points of the postcodes are not known, the same district (1) or area (half a point) counts instead.

Of earlier work only the cases of the deciding team count. What another service does, or did, with the child tells
nothing here, whoever worked in it.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal

from django.db import transaction
from django.db.models import Count, OuterRef, Q, QuerySet, Subquery
from django.db.models.functions import Coalesce
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from teamaround.access.categories import Category
from teamaround.access.edits import StaleEdit, update_checked
from teamaround.access.me import Me
from teamaround.access.refusals import NotAllowed
from teamaround.agencies.models import Membership, Practitioner, Site, Skill, WorkerProfile
from teamaround.agencies.points import Point, points_of
from teamaround.agencies.roles import ROLES, Permission
from teamaround.people.codes import NeedKind
from teamaround.people.models import Address, Need
from teamaround.ui.presentation import uk_date

from .actions import EpisodeRefused
from .models import Allocation, AllocationWish, Episode, Prefers
from .versions import procedure_of

WORKERS = [key for key, role in ROLES.items() if Permission.WORK_CASES in role.permissions]
#: Until when somebody has a case that they have now.
STILL = dt.date.max
#: Points for a base next door to the family's home, and from how many miles on it counts nothing.
NEXT_DOOR, FAR = 2.0, 10.0
_BETWEEN = re.compile(r"[,;/&\n]|\band\b", re.IGNORECASE)
_POSTCODE = re.compile(r"([A-Z]{1,2})([0-9][A-Z0-9]?)")

Tone = Literal["good", "bad", "plain"]


@dataclass(frozen=True, slots=True)
class Reason:
    """Why somebody fits or does not, in words; `points` is what it counts."""

    words: str
    points: float = 0.0

    @property
    def tone(self) -> Tone:
        """Whether it speaks for them."""
        return "good" if self.points > 0 else "bad" if self.points < 0 else "plain"


@dataclass(frozen=True, slots=True)
class Wanted:
    """What the case asks for. `languages` in lower case; `district` is the outward postcode of the family's home, empty
    where unknown, and `home` its point."""

    prefers: str = ""
    languages: tuple[str, ...] = ()
    skills: tuple[str, ...] = ()
    district: str = ""
    home: Point | None = None


@dataclass(frozen=True, slots=True)
class Worker:
    """Somebody of the team, and what is known of them. `district` and `base` are where they are based. `child_until` and `family_until`: when they last had this
    child's case, or one of the family; None where never."""

    practitioner: int
    key: str
    name: str
    job_title: str
    families: int
    skills: tuple[str, ...] = ()
    languages: tuple[str, ...] = ()
    sex: str = ""
    district: str = ""
    base: Point | None = None
    has_it_now: bool = False
    child_until: dt.date | None = None
    family_until: dt.date | None = None


@dataclass(frozen=True, slots=True)
class Suggestion:
    """One worker with the reasons. `room`: whether there is a place for one more family."""

    worker: Worker
    reasons: tuple[Reason, ...]
    room: bool

    @property
    def points(self) -> float:
        """What the reasons come to."""
        return sum(each.points for each in self.reasons)


def rank(workers: Iterable[Worker], wanted: Wanted, per_worker: int) -> list[Suggestion]:
    """The workers, who fits best first; who has no room comes after all who have. Pure."""
    found = [
        Suggestion(each, tuple(_reasons(each, wanted, per_worker)), each.families < per_worker)
        for each in workers
    ]
    return sorted(
        found, key=lambda each: (not each.room, -each.points, each.worker.families, each.worker.name)
    )


def _reasons(worker: Worker, wanted: Wanted, per_worker: int) -> Iterable[Reason]:
    yield _room(worker.families, per_worker)
    spoken = {each.casefold(): each for each in worker.languages}
    for language in wanted.languages:
        if language in spoken:
            yield Reason(_("Speaks %(language)s.") % {"language": spoken[language]}, 3)
    if wanted.prefers in (Prefers.WOMAN, Prefers.MAN):
        yield from _as_asked(worker, wanted.prefers)
    for skill in wanted.skills:
        if skill in worker.skills:
            yield Reason(_("Knows: %(skill)s.") % {"skill": Skill(skill).label.lower()}, 2)
    if worker.child_until == STILL:
        yield Reason(_("Has another case of this child in your team."), 4)
    elif worker.child_until is not None:
        words = _("Had this child’s case in your team until %(day)s.")
        yield Reason(words % {"day": uk_date(worker.child_until)}, 4)
    elif worker.family_until == STILL:
        yield Reason(_("Has a case of this family in your team."), 2)
    elif worker.family_until is not None:
        words = _("Had a case of this family in your team until %(day)s.")
        yield Reason(words % {"day": uk_date(worker.family_until)}, 2)
    yield from _near(worker, wanted)


def _room(families: int, per_worker: int) -> Reason:
    told = {"taken": families, "of": per_worker}
    free = per_worker - families
    if free <= 0:
        return Reason(_("No room: has %(taken)d of %(of)d families.") % told, -4)
    words = ngettext(
        "Has %(taken)d of %(of)d families: room for %(free)d more.",
        "Has %(taken)d of %(of)d families: room for %(free)d more.",
        free,
    )
    return Reason(words % {**told, "free": free}, round(4 * free / per_worker, 2))


def _as_asked(worker: Worker, prefers: str) -> Iterable[Reason]:
    asked = _("a woman") if prefers == Prefers.WOMAN else _("a man")
    if not worker.sex:
        return
    if worker.sex == prefers:
        yield Reason(_("Is %(who)s, as the young person asked.") % {"who": asked}, 3)
    else:
        yield Reason(_("The young person asked for %(who)s.") % {"who": asked}, -3)


def _near(worker: Worker, wanted: Wanted) -> Iterable[Reason]:
    if worker.base is not None and wanted.home is not None:
        miles = worker.base.miles_to(wanted.home)
        points = round(max(0.0, NEXT_DOOR * (1 - miles / FAR)), 2)
        yield Reason(
            _("Is based %(far)s from the family’s home in a straight line.") % {"far": _far(miles)}, points
        )
    elif worker.district and worker.district == wanted.district:
        yield Reason(
            _("Is based in the same postcode district, %(district)s.") % {"district": wanted.district}, 1
        )
    elif worker.district and area_of(worker.district) == area_of(wanted.district):
        told = {"area": area_of(wanted.district), "based": worker.district}
        yield Reason(_("Is based in the same postcode area, %(area)s (%(based)s).") % told, 0.5)


def _far(miles: float) -> str:
    if miles < 1:
        return _("less than a mile")
    rounded = round(miles)
    return ngettext("about %(n)d mile", "about %(n)d miles", rounded) % {"n": rounded}


def district_of(postcode: str) -> str:
    """The outward part of a postcode, such as SK1; empty where it is none."""
    words = postcode.upper().split()
    first = words[0] if words else ""
    if len(words) == 1 and len(first) > 4:
        first = first[:-3]
    found = _POSTCODE.fullmatch(first)
    return found[0] if found else ""


def area_of(district: str) -> str:
    """The letters with which a postcode begins, such as SK."""
    found = _POSTCODE.match(district)
    return found[1] if found else ""


def workers_for(episode: Episode) -> QuerySet[Practitioner]:
    """Who works cases in the episode's team now, with `open_cases`, and what I may read of what they can do."""
    members = Membership.objects.current().filter(team_id=episode.author_team_id, role__in=WORKERS)
    counted = (
        Allocation.objects.filter(
            practitioner=OuterRef("pk"), author_team_id=episode.author_team_id, until=None
        )
        .order_by()
        .values("practitioner")
        .annotate(n=Count("pk"))
        .values("n")
    )
    return (
        Practitioner.objects.filter(pk__in=members.values("practitioner_id"), left_at=None)
        .annotate(open_cases=Coalesce(Subquery(counted), 0))
        .select_related("profile__based_at")
        .order_by("name", "pk")
    )


@dataclass(frozen=True, slots=True)
class Suggestions:
    """The answer, what it was asked for, and which languages stand on the child's record."""

    found: list[Suggestion]
    wanted: Wanted
    wish: AllocationWish | None
    per_worker: int
    from_record: tuple[str, ...] = field(default=())


def suggest(*, by: Me, episode: Episode, records: Collection[int], told_home: str = "") -> Suggestions:
    """Who of my team fits the case, best first. `records` are the child's; `told_home` is the postcode that the referral
    gave, for where I see none on the record. Six queries, however large the team.

    Raises NotAllowed for somebody who does not allocate in that team.
    """
    if not by.may_for(Permission.DECIDE_REFERRALS, episode.author_team_id):
        raise NotAllowed(
            _("You cannot allocate this case."),
            _("The manager of the team that has the case may."),
        )
    wish = AllocationWish.objects.filter(episode=episode).first()
    home, told = _home(records) or told_home, _languages(records)
    based = {each: _base(each) or episode.author_team.site for each in workers_for(episode)}
    points = points_of({home, *(site.postcode for site in based.values() if site is not None)})
    languages = list(dict.fromkeys(each.casefold() for each in (*(wish.languages if wish else ()), *told)))
    wanted = Wanted(
        prefers=wish.prefers if wish else "",
        languages=tuple(languages),
        skills=tuple(wish.skills) if wish else (),
        district=district_of(home),
        home=points.get(home),
    )
    per_worker = procedure_of(episode.procedure_id).capacity.per_worker
    child, family, current = _before(episode, records)
    workers = [
        _worker(each, site, points, child.get(each.pk), family.get(each.pk), each.pk == current)
        for each, site in based.items()
    ]
    # Whoever has the case now stands last: they are shown, and not chosen.
    found = sorted(rank(workers, wanted, per_worker), key=lambda each: each.worker.has_it_now)
    return Suggestions(found, wanted, wish, per_worker, tuple(told))


def _base(row: Practitioner) -> Site | None:
    """Where somebody said that they are based."""
    profile: WorkerProfile | None = getattr(row, "profile", None)
    return profile.based_at if profile is not None else None


def _worker(
    row: Practitioner,
    site: Site | None,
    points: Mapping[str, Point],
    child: dt.date | None,
    family: dt.date | None,
    has_it_now: bool,
) -> Worker:
    profile: WorkerProfile | None = getattr(row, "profile", None)
    return Worker(
        practitioner=row.pk,
        key=str(row.uuid),
        name=row.name,
        job_title=row.job_title,
        families=row.open_cases,  # type: ignore[attr-defined]  # annotated by workers_for
        skills=tuple(profile.skills) if profile else (),
        languages=tuple(profile.languages) if profile else (),
        sex=profile.sex if profile else "",
        district=district_of(site.postcode) if site is not None else "",
        base=points.get(site.postcode) if site is not None else None,
        has_it_now=has_it_now,
        child_until=child,
        family_until=family,
    )


def _home(records: Collection[int]) -> str:
    """The postcode where the child lives, as far as I may see it: nothing while a shield hides it from me."""
    rows = Address.objects.filter(subject_id__in=records, until=None, voided_at=None).exclude(postcode="")
    return rows.order_by("-id").values_list("postcode", flat=True).first() or ""


def _languages(records: Collection[int]) -> list[str]:
    """What has to be spoken, as the record says it."""
    rows = Need.objects.filter(
        subject_id__in=records, kind__in=(NeedKind.LANGUAGE, NeedKind.INTERPRETER), until=None, voided_at=None
    )
    parts = [part for words in rows.values_list("words", flat=True) for part in _BETWEEN.split(words)]
    return list(dict.fromkeys(" ".join(part.split()) for part in parts if part.strip()))


def _before(
    episode: Episode, records: Collection[int]
) -> tuple[dict[int, dt.date], dict[int, dt.date], int | None]:
    """Who had the child's case, who had one of the family, in this team and until when; and who has this one now."""
    same_family = Q(episode__family_id=episode.family_id) if episode.family_id else Q(pk=None)
    rows = (
        Allocation.objects.filter(author_team_id=episode.author_team_id)
        .filter(Q(subject_id__in=records) | same_family)
        .values_list("practitioner_id", "subject_id", "episode_id", "until")
        .order_by()
    )
    child: dict[int, dt.date] = {}
    family: dict[int, dt.date] = {}
    current = None
    for worker, subject, number, until in rows:
        if number == episode.pk and until is None:
            current = worker
            continue
        day = timezone.localdate(until) if until is not None else STILL
        seen = child if subject in records else family
        seen[worker] = max(day, seen.get(worker, day))
    return child, family, current


@transaction.atomic
def keep_wish(
    *,
    by: Me,
    episode: Episode,
    version: int,
    prefers: str,
    languages: Sequence[str],
    skills: Sequence[str],
) -> AllocationWish:
    """Say what the worker of this case should bring; `version` is 0 before anything was said.

    Raises NotAllowed for who does not allocate in the team, EpisodeRefused, StaleEdit.
    """
    if not by.may_for(Permission.DECIDE_REFERRALS, episode.author_team_id):
        raise NotAllowed(
            _("You cannot say what the worker of this case should bring."),
            _("The manager of the team that has the case may."),
        )
    if len(languages) > 8 or any(len(each) > 40 for each in languages):
        raise EpisodeRefused(_("Name at most 8 languages, each in at most 40 letters."), "languages")
    said = {"prefers": prefers, "languages": list(languages), "skills": sorted(skills)}
    # Two who say it first at once wait here for each other.
    Episode.objects.select_for_update(no_key=True).filter(pk=episode.pk).first()
    kept = AllocationWish.objects.select_for_update().filter(episode=episode).first()
    if kept is None:
        if version:
            raise StaleEdit
        return AllocationWish.objects.create(
            subject_id=episode.subject_id,
            category=Category.REFERRAL,
            author_team_id=episode.author_team_id,
            episode=episode,
            **said,
        )
    update_checked(kept, version=version, **said)
    return kept
