"""On duty: what falls due while its owner is not at work, what was handed over, and how to reach the family."""

from __future__ import annotations

import dataclasses
import datetime as dt
import uuid
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from django.db import connection
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from teamaround.access.me import Me
from teamaround.agencies.models import Practitioner
from teamaround.assessments.models import Assessment, Kind, Status
from teamaround.database.asking import Question
from teamaround.people.models import Address, FamilyMember, Person
from teamaround.procedures.calendars import calendar_of
from teamaround.procedures.models import Episode
from teamaround.rota.duty import my_shifts, on_duty
from teamaround.rota.models import DutyShift, HandoverNote
from teamaround.rota.working import holidays_around
from teamaround.ui.components import Clock as ClockView
from teamaround.ui.presentation import near_day, stretch, uk_time, week_moment

from .asked import Asked
from .clocks import clock_view, page

MOST = 50

# Read under my own policies.
_CLOCKS = """
with falls as materialized (
    select c.*, e.uuid, e.procedure_id
    from app.falls_to_duty(%(who)s, %(now)s, %(holidays)s::date[]) f join clock c on c.id = f join episode e on e.id = c.episode_id
)
select f.title, f.why, f.due_at, f.author_team_id, f.subject_id, f.uuid, f.procedure_id, p.given, p.family_name, w.name, f.key,
    (select count(*) from falls)
from falls f left join person p on p.subject_id = f.subject_id left join practitioner w on w.id = f.owner_id
where (f.due_at, f.uuid, f.key) > (%(due)s, %(case)s, %(key)s)
order by f.due_at, f.uuid, f.key limit %(most)s
"""
_FIRST = (dt.datetime.min.replace(tzinfo=dt.UTC), uuid.UUID(int=0), "")


def asking_duty(me: Me, *, now: dt.datetime) -> Question:
    """Whether I am on duty, and what falls to me, as a question among others: for `duty_line`."""
    return Question("app.day_duty(%s, %s, %s::date[])", (me.principal, now, _holidays(now)))


def _holidays(now: dt.datetime) -> list[dt.date]:
    day = timezone.localdate(now)
    return holidays_around(day - dt.timedelta(days=9), day + dt.timedelta(days=9))


def duty_line(told: Any) -> tuple[Asked, ...]:
    """The line on My day of what `asking_duty` was answered: none where I am not on duty."""
    if not told:
        return ()
    until = dt.datetime.fromisoformat(told["until"])
    clocks, notes = told["clocks"], told["notes"]
    said = [
        ngettext("%(n)d clock falls to you", "%(n)d clocks fall to you", clocks) % {"n": clocks}
        if clocks
        else _("No clock falls to you"),
        ngettext("%(n)d note was left", "%(n)d notes were left", notes) % {"n": notes} if notes else "",
    ]
    reason = f"{', '.join(part for part in said if part)}."
    title = _("You are on duty until %s") % week_moment(until)
    return (Asked(title, page("desk:on_duty"), reason, _("See what falls to you")),)


def asking_swaps(me: Me) -> Question:
    """Which shifts I am asked to take over, as a question among others: for `swap_lines`."""
    return Question("app.day_swaps(%s, %s)", (me.principal, MOST))


def swap_lines(told: Iterable[Sequence[Any]]) -> tuple[Asked, ...]:
    """The lines on My day of what `asking_swaps` was answered, the soonest shift first."""
    return tuple(
        Asked(
            _("%(who)s asks you to take a shift") % {"who": who},
            page("rota:duty", slug),
            _("On duty for %(team)s from %(when)s.")
            % {
                "team": team,
                "when": stretch(dt.datetime.fromisoformat(starts), dt.datetime.fromisoformat(ends)),
            },
            _("Take it, or say that you cannot"),
        )
        for who, team, slug, starts, ends in told
    )


@dataclass(frozen=True, slots=True)
class Handed:
    """A handover note with what has to be at hand beside it."""

    name: str
    text: str
    line: str
    case_url: str
    safety_url: str
    safety: str
    phones_url: str
    key: uuid.UUID


@dataclass(frozen=True, slots=True)
class Shift:
    """One of my shifts, or who is on duty for one of my teams now."""

    words: str
    url: str


@dataclass(frozen=True, slots=True)
class DutyPage:
    """Everything the page shows; `on` says whether I am on duty now. `count` counts every clock that falls to me; `next`
    shows those after the ones shown, and `first` the beginning again."""

    on: bool
    shifts: tuple[Shift, ...]
    others: tuple[str, ...]
    clocks: tuple[ClockView, ...]
    count: int
    next: str
    first: str
    notes: tuple[Handed, ...]
    clock_subjects: frozenset[int]
    note_subjects: frozenset[int]
    risk_subjects: frozenset[int]


def load_duty(me: Me, *, now: dt.datetime | None = None, after: str = "") -> DutyPage:
    """Read the page, the clocks from behind the one that `after` names. Six queries, however much falls due; seven where nothing is left there."""
    start = _place(after)
    now = now or timezone.now()
    shifts = my_shifts(me, now)
    running = [shift for shift in shifts if shift.starts_at <= now]
    found = _clocks(me, now, start) if running else []
    if running and not found and start != _FIRST:
        # What stood behind was done meanwhile.
        start, found = _FIRST, _clocks(me, now, _FIRST)
    rows = found[:MOST]
    notes = _notes({shift.team_id for shift in running}, now) if running else []
    safety = _safety({note.subject_id for note in notes})
    names = dict(
        Practitioner.objects.filter(pk__in={each.recorded_by_id for each in notes}).values_list("pk", "name")
    )
    children = _children({note.subject_id for note in notes})
    cases = dict(Episode.objects.filter(pk__in={note.episode for note in notes}).values_list("pk", "uuid"))
    return DutyPage(
        on=bool(running),
        shifts=tuple(_shift(shift, now) for shift in shifts),
        others=_others(me, now),
        clocks=tuple(_falling(row, now) for row in rows),
        count=rows[0][-1] if rows else 0,
        next=f"?after={_cursor(rows[-1])}" if len(found) > MOST else "",
        first="" if start == _FIRST else page("desk:on_duty"),
        notes=tuple(_handed(note, names, children, cases, safety) for note in notes),
        clock_subjects=frozenset(row[4] for row in rows if row[4] is not None),
        note_subjects=frozenset(note.subject_id for note in notes),
        risk_subjects=frozenset(safety),
    )


def _clocks(me: Me, now: dt.datetime, start: tuple[dt.datetime, uuid.UUID, str]) -> list[tuple[Any, ...]]:
    due, case, key = start
    given: dict[str, Any] = {"who": me.principal, "now": now, "holidays": _holidays(now), "most": MOST + 1}
    with connection.cursor() as cursor:
        cursor.execute(_CLOCKS, given | {"due": due, "case": case, "key": key})
        return list(cursor.fetchall())


def _cursor(row: tuple[Any, ...]) -> str:
    """Where a clock stands in the list. Rows of clocks are written anew with each event: their numbers say nothing."""
    return f"{row[2].astimezone(dt.UTC):%Y%m%dT%H%M%S.%f}_{row[5]}_{row[10]}"


def _place(after: str) -> tuple[dt.datetime, uuid.UUID, str]:
    """What a `_cursor` says; the beginning of the list for anything else."""
    try:
        moment, case, key = after[:120].split("_", 2)
        due = dt.datetime.strptime(moment, "%Y%m%dT%H%M%S.%f").replace(tzinfo=dt.UTC)
        return (due, uuid.UUID(case), key) if "\x00" not in key else _FIRST
    except ValueError:
        return _FIRST


def _falling(row: tuple[Any, ...], now: dt.datetime) -> ClockView:
    title, why, due_at, team, _subject, key, procedure, given, family, owner, *_rest = row
    view = clock_view(
        title=title,
        why=why,
        due_at=due_at,
        calendar=calendar_of(procedure, team),
        url=page("desk:case", key),
        subject=" ".join(part for part in (given, family) if part) or _("a child not on record yet"),
        now=now,
    )
    whose = (
        _("%s has the case, and is not at work then.") % owner
        if owner
        else _("Nobody is named for this, and no manager is at work then.")
    )
    return dataclasses.replace(view, reason=f"{view.reason} {whose}")


def _notes(teams: set[int], now: dt.datetime) -> list[HandoverNote]:
    rows = HandoverNote.objects.filter(author_team_id__in=teams, settled_at=None, until__gt=now)
    return list(rows.order_by("-recorded_at", "-id")[:MOST])


def _safety(subjects: set[int]) -> dict[int, Assessment]:
    """The latest risk assessment of each child: what keeps them safe stands there."""
    rows = Assessment.objects.filter(subject_id__in=subjects, kind=Kind.RISK, status=Status.COMPLETED)
    return {row.subject_id: row for row in rows.order_by("completed_at", "id")}


def _children(subjects: set[int]) -> dict[int, str]:
    return {row.pk: row.name for row in Person.objects.filter(pk__in=subjects)}


def _handed(
    note: HandoverNote,
    names: dict[int, str],
    children: dict[int, str],
    cases: dict[int, uuid.UUID],
    safety: dict[int, Assessment],
) -> Handed:
    case, risk = cases.get(note.episode), safety.get(note.subject_id)
    said = _("%(who)s, %(day)s at %(time)s, until %(until)s") % {
        "who": names.get(note.recorded_by_id, ""),
        "day": near_day(note.recorded_at).lower(),
        "time": uk_time(note.recorded_at),
        "until": week_moment(note.until),
    }
    return Handed(
        name=children.get(note.subject_id, _("A child not on record yet")),
        text=note.text,
        line=said,
        case_url=page("desk:case", case) if case else "",
        safety_url=page("assessments:detail", risk.uuid)
        if risk
        else page("assessments:risk", case)
        if case
        else "",
        safety=_("What keeps them safe") if risk else _("No risk is assessed yet: assess it"),
        phones_url=page("desk:duty_phones", case) if case else "",
        key=note.uuid,
    )


def _shift(shift: DutyShift, now: dt.datetime) -> Shift:
    when = stretch(shift.starts_at, shift.ends_at)
    if shift.starts_at <= now:
        when = _("now, until %(ends)s") % {"ends": week_moment(shift.ends_at)}
    words = f"{shift.team.name}: {when}"
    return Shift(words, page("rota:duty", shift.team.slug))


def _others(me: Me, now: dt.datetime) -> tuple[str, ...]:
    """Who else is on duty for my teams now, in words, each with a number to ring."""
    found = on_duty(me.teams, now)
    wanted = {who for each in found.values() for who in each} - {me.principal}
    people = {row.pk: row for row in Practitioner.objects.filter(pk__in=wanted)} if wanted else {}
    said = []
    for seat in {seat.team: seat for seat in me.seats}.values():
        for who in sorted(found.get(seat.team, set()) & people.keys()):
            row = people[who]
            said.append(
                _("%(team)s: %(name)s, %(phone)s")
                % {"team": seat.team_name, "name": row.name, "phone": row.phone or _("no number given")}
            )
    return tuple(said)


@dataclass(frozen=True, slots=True)
class Phone:
    """Somebody of the family and their number."""

    name: str
    role: str
    phone: str


def phones_of(episode: Episode) -> tuple[list[Phone], list[tuple[int, str]]]:
    """How to reach the child and the family, as far as I may read it: a shield hides numbers as it hides addresses.
    Three queries. The second part says what is shown: subjects and categories."""
    today = timezone.localdate()
    roles: dict[int, str] = {}
    if episode.family_id is not None:
        places = FamilyMember.objects.filter(subject_id=episode.family_id, voided_at=None)
        for row in places.filter(Q(until=None) | Q(until__gt=today)):
            roles.setdefault(row.person_id, row.get_role_display())
    wanted = set(roles) if episode.subject_id is None else {episode.subject_id, *roles}
    people = list(Person.objects.filter(pk__in=wanted, died_on=None).order_by("given", "subject_id"))
    rows = Address.objects.filter(subject_id__in=wanted, voided_at=None).exclude(phone="")
    numbers = {row.subject_id: row for row in rows.filter(Q(until=None) | Q(until__gt=today)).order_by("id")}
    found = [
        Phone(
            person.name,
            roles.get(person.pk, _("Child")),
            numbers[person.pk].phone if person.pk in numbers else "",
        )
        for person in people
        if person.pk in numbers or person.pk == episode.subject_id
    ]
    told = [(person.pk, person.category) for person in people]
    return found, told + [(row.subject_id, row.category) for row in numbers.values()]
