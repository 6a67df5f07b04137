"""Sittings of panels: an agenda of the cases put before them, ranked and timed; what is decided; what is missing here.

A case is put on a panel's agenda by the team that works it (`sharing.agendas`); that opens the case to the panel until
the panel decides. Here the panel orders what it was given.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from django.db import connection, transaction
from django.db.models import Exists, F, Max, OuterRef, Q, Subquery
from django.db.models.functions import Coalesce
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from teamaround.access.edits import update_checked
from teamaround.access.me import Me
from teamaround.agencies.models import Membership, Panel
from teamaround.disclosure import Shown, show
from teamaround.events.models import Event
from teamaround.notices.actions import notify
from teamaround.procedures.models import Episode, EpisodeStatus
from teamaround.sharing.agendas import agenda_of, close_item
from teamaround.sharing.models import AgendaItem

from .actions import MeetingRefused
from .kinds import Need, PanelOutcome, PanelReason
from .models import PanelItem, PanelSitting

QUIET_DAYS = 28
"""A case in which nothing happened for so many days has stagnated."""
NEARLY_SIX_MONTHS = 150
"""Days open after which a case nears six months."""
LEAST_MINUTES = 5


@dataclass(frozen=True, slots=True)
class Standing:
    """How a case stands: days since anything happened, days open, whether it was immediate, days on the agenda."""

    quiet_days: int = 0
    open_days: int = 0
    immediate: bool = False
    waiting_days: int = 0

    @property
    def reason(self) -> str:
        """Why it is before the panel: that it stood still comes before its age, and both before the asking."""
        if self.quiet_days >= QUIET_DAYS:
            return PanelReason.STAGNATED
        return PanelReason.SIX_MONTHS if self.open_days >= NEARLY_SIX_MONTHS else PanelReason.ASKED


def urgency(case: Standing) -> int:
    """From 0 to 100: 40 for an immediate case, up to 30 for standing still (full at eight weeks), up to 20 for its
    age (full at six months), up to 10 for waiting on the agenda (full at four weeks).
    """

    def share(of: int, days: int, full: int) -> float:
        return of * min(max(days, 0), full) / full

    return round(
        40 * case.immediate
        + share(30, case.quiet_days, 56)
        + share(20, case.open_days, 182)
        + share(10, case.waiting_days, 28)
    )


def time_boxes(minutes: int, cases: int) -> int:
    """Minutes for each case: the sitting's time shared equally, to whole fives, never under five."""
    return max(LEAST_MINUTES, minutes // max(cases, 1) // 5 * 5)


@transaction.atomic
def plan_sitting(*, by: Me, panel: Panel, starts_at: dt.datetime, place: str, lasts: int) -> PanelSitting:
    """Say when a panel sits. Raises MeetingRefused for a time that has passed or is over a year away."""
    if panel.pk not in by.panels and panel.chair_team_id not in by.teams:
        raise MeetingRefused(_("Only a panel and the team that chairs it set its sittings."))
    if not timezone.now() < starts_at < timezone.now() + dt.timedelta(days=366):
        raise MeetingRefused(_("Give a time to come, within a year."), "starts_on")
    if not 15 <= lasts <= 600:
        raise MeetingRefused(_("Give between 15 minutes and 10 hours."), "lasts")
    return PanelSitting.objects.create(
        panel=panel, starts_at=starts_at, place=place.strip()[:200], lasts=lasts
    )


@transaction.atomic
def build_agenda(*, by: Me, sitting: PanelSitting) -> list[PanelItem]:
    """Put every case on the panel's agenda before this sitting, the most urgent first, and share out the time.

    Built again, new cases are added and those not yet decided are ranked anew. Raises MeetingRefused for a panel
    of which I am no member, or a sitting that is over.
    """
    _must_sit(by, sitting)
    PanelSitting.objects.select_for_update(no_key=True).get(pk=sitting.pk)
    known = {row.agenda_item_id: row for row in PanelItem.objects.filter(sitting=sitting)}
    cases = standings(sitting.panel_id)
    today = timezone.localdate()
    ranked: list[tuple[int, Standing, AgendaItem]] = []
    for item in agenda_of(sitting.panel_id):
        days = (today - timezone.localdate(item.recorded_at)).days
        quiet, open_, immediate = cases.get(item.pk, (0, 0, False))
        case = Standing(quiet, open_, immediate, days)
        ranked.append((urgency(case), case, item))
    ranked.sort(key=lambda each: (-each[0], each[2].pk))
    undecided = [
        (number, case, item)
        for number, case, item in ranked
        if item.pk not in known or known[item.pk].decided_at is None
    ]
    minutes = time_boxes(sitting.lasts, len(undecided))
    for rank, (number, case, item) in enumerate(undecided, 1):
        place = {"reason": case.reason, "urgency": number, "rank": rank, "minutes": minutes}
        row = known.get(item.pk)
        if row is None:
            PanelItem.objects.create(
                subject_id=item.subject_id,
                category="plan",
                author_team_id=item.author_team_id,
                sitting=sitting,
                panel_id=sitting.panel_id,
                agenda_item=item,
                **place,
            )
        elif any(getattr(row, name) != value for name, value in place.items()):
            update_checked(row, version=row.version, **place)
    return items_of(sitting)


def standings(panel: int) -> dict[int, tuple[int, int, bool]]:
    """Days quiet, days open, immediate or not: of the cases on the agenda of a panel on which I sit."""
    with connection.cursor() as cursor:
        cursor.execute(
            "select agenda_item, quiet_days, open_days, immediate from app.agenda_standing(%s)", [panel]
        )
        return {row[0]: (row[1] or 0, row[2] or 0, bool(row[3])) for row in cursor.fetchall()}


def items_of(sitting: PanelSitting) -> list[PanelItem]:
    """The cases of a sitting that I may see, in the order of its agenda."""
    rows = PanelItem.objects.filter(sitting=sitting)
    return list(
        rows.select_related("agenda_item", "author_team", "author_team__agency", "subject__person").order_by(
            "rank", "id"
        )
    )


@dataclass(frozen=True, slots=True)
class Decided:
    """What a panel decided of a case; a gap in provision where something needed is not there."""

    outcome: str
    decision: str = ""
    gap_need: str = ""
    gap_area: str = ""
    gap_note: str = ""
    escalate: bool = False


@transaction.atomic
def decide(*, by: Me, item: PanelItem, version: int, decided: Decided) -> PanelItem:
    """Record what came of a case. Unless it is put off, it leaves the agenda and the panel sees no more of it.

    `escalate` tells the managers of the case's team. Raises MeetingRefused, or StaleEdit.
    """
    _must_sit(by, item.sitting)
    if item.decided_at is not None:
        raise MeetingRefused(_("This case is decided already."))
    if decided.outcome not in PanelOutcome.values:
        raise MeetingRefused(_("Choose what came of it."), "outcome")
    deferred = decided.outcome == PanelOutcome.DEFERRED
    if not deferred and not decided.decision.strip():
        raise MeetingRefused(_("Say what was decided, so that the team can go on."), "decision")
    if decided.gap_need and decided.gap_need not in Need.values:
        raise MeetingRefused(_("Choose what is missing."), "gap_need")
    if not decided.gap_need and (decided.gap_area.strip() or decided.gap_note.strip()):
        raise MeetingRefused(_("Choose what is missing."), "gap_need")
    now = timezone.now()
    update_checked(
        item,
        version=version,
        outcome=decided.outcome,
        decision=decided.decision.strip()[:1000],
        decided_at=now,
        escalated_at=now if decided.escalate else None,
        gap_need=decided.gap_need,
        gap_area=decided.gap_area.strip()[:60],
        gap_note=decided.gap_note.strip()[:300],
    )
    if decided.escalate:
        notify(
            practitioners=set(managers_of(item.author_team_id)) - {by.principal},
            kind="case.stagnated",
            link=reverse("meetings:panel_item", args=[item.uuid]),
        )
    if not deferred:
        row = AgendaItem.objects.get(pk=item.agenda_item_id)
        if row.closed_at is None:
            words = f"{PanelOutcome(decided.outcome).label}: {decided.decision.strip()}"
            close_item(by=by, item=row, version=row.version, outcome=words[:1000])
    return item


@transaction.atomic
def close_sitting(*, by: Me, sitting: PanelSitting, version: int) -> PanelSitting:
    """Close a sitting. What was not reached is put off: it stays on the agenda, for the next."""
    _must_sit(by, sitting)
    for item in PanelItem.objects.filter(sitting=sitting, decided_at=None):
        update_checked(item, version=item.version, outcome=PanelOutcome.DEFERRED, decided_at=timezone.now())
    update_checked(sitting, version=version, closed_at=timezone.now())
    return sitting


def _must_sit(by: Me, sitting: PanelSitting) -> None:
    if sitting.panel_id not in by.panels:
        raise MeetingRefused(_("Only members of the panel do this."))
    if sitting.closed_at is not None:
        raise MeetingRefused(_("This sitting is over."))


def managers_of(team: int) -> list[int]:
    """Who manages a team now."""
    current = Membership.objects.current().filter(team_id=team, role="manager", practitioner__left_at=None)
    return list(current.values_list("practitioner_id", flat=True))


def due_cases(me: Me, *, most: int = 50) -> list[Episode]:
    """My teams' open cases that a panel may need to see, and that are on no agenda: those in which nothing happened
    longest first. `last` is when anything happened.
    """
    now = timezone.now()
    last = Event.objects.filter(episode=OuterRef("pk")).values("episode").annotate(at=Max("happened_at"))
    listed = AgendaItem.objects.filter(
        subject=OuterRef("subject"), author_team=OuterRef("author_team"), closed_at=None
    )
    rows = (
        Episode.objects.filter(author_team__in=me.teams, status=EpisodeStatus.OPEN, subject__isnull=False)
        .annotate(last=Coalesce(Subquery(last.values("at")), F("opened_at")))
        .filter(
            Q(last__lte=now - dt.timedelta(days=QUIET_DAYS))
            | Q(opened_at__lte=now - dt.timedelta(days=NEARLY_SIX_MONTHS))
        )
        .exclude(Exists(listed))
        .select_related("subject__person", "author_team")
        .order_by("last", "id")
    )
    return list(rows[:most])


def standing_of(case: Episode) -> Standing:
    """How a case from `due_cases` stands."""
    now = timezone.now()
    last: dt.datetime = case.last  # type: ignore[attr-defined]  # annotated by due_cases
    return Standing((now - last).days, (now - case.opened_at).days, case.priority == "immediate")


@dataclass(frozen=True, slots=True)
class Gap:
    """Children for whom something was missing: the need, the area where it may be named, how many."""

    need: str
    area: str
    children: Shown


def gaps(after: dt.date, until: dt.date) -> list[Gap]:
    """Gaps in provision that panels found from `after` until before `until`, by need and area, rounded and suppressed.

    The database refuses whoever does not plan for the area.
    """
    with connection.cursor() as cursor:
        cursor.execute("select need, area, children from app.provision_gaps(%s, %s)", [after, until])
        rows = cursor.fetchall()
    return [
        Gap(str(Need(need).label), area, show(children, zero_tells=False)) for need, area, children in rows
    ]
