"""What it costs when calendars change: every running clock of an area reckoned anew, against rewriting the same rows.

The area closes for five days to come. *Follow* is the product's own job: it reads every running clock, reckons it by its
team's calendar and writes those whose due moment moved, with the words beside them. The control reads every row and
writes as many of them in the same batches, with nothing reckoned and no policy or function between: the least that any
program would have to do.

Every fourth clock is one whose moment comes of more than its start, and is reckoned from the events of its case: the weekly
review, which stands still while a conference's plan runs (in one case of ten it did), and in another case of ten the
looked-after review in its second round, which has a limit of its own.
"""

from __future__ import annotations

import datetime as dt
import random
import time
import uuid
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import psycopg

from teamaround.procedures.calendars import procedure_for
from teamaround.procedures.following import BATCH, follow
from teamaround.procedures.models import ProcedureVersion
from teamaround.procedures.parts import ClockRule, Procedure
from teamaround.procedures.versions import install_shipped
from teamaround.rota.calendars import forget
from teamaround.workingtime import Pause, Reckoner, due

from .measure import BenchFailed, backend_cpu_ms
from .report import Report, Row

#: Running clocks. The smallest is what a large region has at once.
SIZES = {"S": 1_000_000, "M": 2_000_000, "L": 5_000_000}
TEAMS = 400
CLOCKS_AN_EPISODE = 4
SEED = 5_190
PROCEDURE = "stockport-families-first"
CLOSED_DAYS = 5
SAMPLE = 500
_NOW = dt.datetime.now(dt.UTC).replace(microsecond=0)
WHY = "Since Mon 2 Nov 10:00. Due Mon 16 Nov 10:00: 10 working days from Mon 2 Nov 10:00; weekends do not count."
PARTIES = """
delete from service where name <> 'clocks';
insert into agency (id, slug, name, sector, phone)
    select n, 'agency-' || n, 'Agency ' || n, 'voluntary', '' from generate_series(1, {teams}) n;
insert into principal (id, kind) select 1000 + n, 'team' from generate_series(1, {teams}) n;
insert into team (id, agency_id, slug, name, sensitivity, phone, email, takes_referrals, procedure_slug)
    select 1000 + n, n, 'team-' || n, 'Team ' || n, '', '', '', true, '{procedure}' from generate_series(1, {teams}) n;
insert into account (id, password, email, is_active) values (1, '!', 'admin@bench.example', true);
insert into principal (id, kind) values (9000, 'practitioner');
insert into practitioner (id, account_id, uuid, name, job_title, phone)
    values (9000, 1, gen_random_uuid(), 'Ada Winter', '', '');
insert into subject (id, kind) select n, 'person' from generate_series(1, {episodes}) n;
insert into episode (id, subject_id, category, author_team_id, recorded_by, changed_by, version, uuid, procedure_id, status,
        priority, stage, opened_at)
    select n, n, 'referral', 1001 + n % {teams}, 9000, 9000, 1, gen_random_uuid(), {version}, 'open', 'standard', 'review',
        now() - interval '90 days' from generate_series(1, {episodes}) n;
"""
CLOSE = """
insert into closure (uuid, recorded_by_id, recorded_at, day, until, reason)
values (gen_random_uuid(), 9000, now(), %s, %s, 'Training of the whole area')
"""


def build(superuser: str, clocks: int) -> None:
    """Fill the migrated database with running clocks, each due when the product says. Triggers are set aside."""
    install_shipped()
    version = ProcedureVersion.objects.values_list("pk", flat=True).get(slug=PROCEDURE)
    episodes = clocks // CLOCKS_AN_EPISODE
    with psycopg.connect(superuser) as connection:
        fill(connection, version, episodes)
        with connection.cursor().copy(
            "copy event (occurrence, kind, subject_id, category, author_team_id, episode, happened_at, recorded_at, "
            "recorded_by, voids) from stdin"
        ) as copy:
            for event in _events(episodes):
                copy.write_row(event)
        with connection.cursor().copy(
            "copy clock (episode_id, subject_id, category, author_team_id, key, title, started_at, due_at, why, link) "
            "from stdin"
        ) as copy:
            for row in _clocks(version, episodes):
                copy.write_row(row)
    with psycopg.connect(superuser, autocommit=True) as connection:
        connection.execute("vacuum analyze")


def fill(connection: psycopg.Connection, version: int, episodes: int) -> None:
    """Who works there and on which cases, in the connection's transaction; `version` is the procedure's."""
    connection.execute("set session_replication_role = replica")
    connection.execute(
        PARTIES.format(teams=TEAMS, procedure=PROCEDURE, episodes=episodes, version=version).encode()
    )


@dataclass(frozen=True, slots=True)
class _Review:
    """The clock of a case that is reckoned from its events: which, since when, and how long the case stood still."""

    key: str
    begun: dt.datetime
    entered: dt.datetime | None
    pause: Pause | None


def _reviews(episodes: int) -> Iterator[tuple[int, _Review]]:
    """One for each case, the same each time within a run."""
    chance = random.Random(SEED)  # noqa: S311  # made-up clocks
    for episode in range(1, episodes + 1):
        if episode % 10 == 0:
            begun = _NOW - dt.timedelta(seconds=chance.randrange(85 * 86_400))
            yield episode, _Review("care-review", begun, begun - dt.timedelta(days=25), None)
            continue
        begun = _NOW - dt.timedelta(seconds=chance.randrange(int(7.5 * 86_400)))
        pause = None
        if episode % 10 == 1:
            begun -= dt.timedelta(days=6)
            pause = Pause(begun + dt.timedelta(days=1), begun + dt.timedelta(days=5))
        yield episode, _Review("review", begun, None, pause)


def _events(episodes: int) -> Iterator[tuple[object, ...]]:
    for episode, review in _reviews(episodes):
        happened = [("care.reviewed" if review.entered else "plan.agreed", review.begun)]
        if review.entered:
            happened.append(("care.entered", review.entered))
        if review.pause:
            happened += [("conference.held", review.pause.begins), ("protection.ended", review.pause.ends)]
        for kind, at in sorted(happened, key=lambda each: each[1]):
            team = 1001 + episode % TEAMS
            yield uuid.uuid4(), kind, episode, "plan", team, episode, at, at, 9000, False


def _moment(procedure: Procedure, review: _Review) -> dt.datetime:
    """When the clock of these events is due, worked out from its rule alone."""
    rule = procedure.clock(review.key)
    limit = rule.then[0] if review.entered else rule.limit
    pauses = [review.pause] if review.pause else []
    return due(review.begun, limit, procedure.calendar_for(rule), pauses).at


def _clocks(version: int, episodes: int) -> Iterator[tuple[object, ...]]:
    """Running clocks of every kind of limit; most are due in the weeks to come, some are late."""
    chance = random.Random(SEED)  # noqa: S311  # made-up clocks
    procedure = procedure_for(version, 1001)
    rules: list[tuple[ClockRule, Reckoner, float]] = []
    for key, days in (("allocate", 2.0), ("assess", 15.0), ("ending", 182.0)):
        rule = procedure.clock(key)
        rules.append((rule, Reckoner(rule.limit, procedure.calendar_for(rule)), days))
    for episode, review in _reviews(episodes):
        found = [(procedure.clock(review.key), review.begun, _moment(procedure, review))]
        for rule, reckon, days in rules:
            begun = _NOW - dt.timedelta(seconds=chance.randrange(int(days * 86_400)))
            found.append((rule, begun, reckon(begun)))
        for rule, begun, at in found:
            team = 1001 + episode % TEAMS
            yield episode, episode, "referral", team, rule.key, rule.title, begun, at, WHY, rule.link


def run(superuser: str, size: str, note: Callable[[str], None], *, clocks: int | None = None) -> Report:
    """Build, close the area, follow, and rewrite as many rows for the control. Raises BenchFailed where the clocks are
    not what the product reckons one by one, or where following again finds anything left to do."""
    many = clocks or SIZES[size]
    note(f"{many:,} clocks")
    build(superuser, many)
    _close(superuser)
    before, server, began = backend_cpu_ms(), time.thread_time(), time.perf_counter()
    done = follow()
    seconds = time.perf_counter() - began
    database = backend_cpu_ms() - before
    cpu = (time.thread_time() - server) * 1000 + database
    if not done.finished or done.seen != many or follow().seen:
        raise BenchFailed("the clocks do not all follow")
    _check(superuser, many // CLOCKS_AN_EPISODE)
    with psycopg.connect(superuser, autocommit=True) as connection:
        connection.execute("vacuum analyze clock")
    control, control_seconds = _rewrite(superuser, done.moved)
    a_batch = many / BATCH
    return Report(
        name="clocks",
        size=size,
        controls={
            "rewrite": {
                "cpu_ms_median": control / a_batch,
                "cpu_ms_p95": control / a_batch,
                "rows": done.moved,
            }
        },
        rows=[Row("follow_batch", cpu / a_batch, cpu / a_batch, 4, 0, cpu / control)],
        figures={
            "clocks": many,
            "moved": done.moved,
            "cpu_ms": cpu,
            "of_it_database_cpu_ms": database,
            "seconds": seconds,
            "rows_a_second": many / seconds,
            "cpu_microseconds_a_row": cpu * 1000 / many,
            "control_cpu_ms": control,
            "control_seconds": control_seconds,
        },
    )


def _close(superuser: str) -> None:
    """The first five working days that begin in ten days."""
    first = dt.date.today() + dt.timedelta(days=10)
    first += dt.timedelta(days=(7 - first.weekday()) % 7)
    with psycopg.connect(superuser) as connection:
        connection.execute(CLOSE, [first, first + dt.timedelta(days=CLOSED_DAYS - 1)])
    forget()


def _check(superuser: str, episodes: int) -> None:
    """A sample of the clocks, each against the plain reckoning; those that come of events from what was made up."""
    version = ProcedureVersion.objects.values_list("pk", flat=True).get(slug=PROCEDURE)
    with psycopg.connect(superuser) as connection:
        found = connection.execute(
            "select episode_id, author_team_id, key, started_at, due_at from clock order by md5(id::text) limit %s",
            [SAMPLE],
        ).fetchall()
    sampled = {row[0] for row in found}
    reviews = {episode: review for episode, review in _reviews(episodes) if episode in sampled}
    for episode, team, key, started_at, due_at in found:
        procedure = procedure_for(version, team)
        rule = procedure.clock(key)
        expected = (
            _moment(procedure, reviews[episode])
            if key == reviews[episode].key
            else due(started_at, rule.limit, procedure.calendar_for(rule)).at
        )
        if expected != due_at:
            raise BenchFailed(f"a clock ({key}) is not due when it should be")


def _rewrite(superuser: str, moved: int) -> tuple[float, float]:
    """CPU milliseconds and seconds to read every clock and to write `moved` of them, in batches as the job's."""
    with psycopg.connect(superuser) as connection:
        backend = Path(f"/proc/{connection.info.backend_pid}/schedstat")

        def used() -> float:
            return int(backend.read_text().split()[0]) / 1e6 if backend.exists() else 0.0

        total = connection.execute("select count(*) from clock").fetchone()
        share = moved / total[0] if total else 0.0
        before, own, began, last = used(), time.thread_time(), time.perf_counter(), 0
        while True:
            rows = connection.execute(
                "select id, episode_id, author_team_id, key, started_at, due_at, why from clock where id > %s "
                "order by id limit %s",
                [last, BATCH],
            ).fetchall()
            if not rows:
                break
            chosen = rows[: round(len(rows) * share)]
            connection.execute(
                "update clock c set due_at = n.due, why = n.why "
                "from unnest(%s::bigint[], %s::timestamptz[], %s::text[]) as n(id, due, why) where c.id = n.id",
                [
                    [row[0] for row in chosen],
                    [row[5] + dt.timedelta(days=1) for row in chosen],
                    [row[6] for row in chosen],
                ],
            )
            connection.commit()
            last = rows[-1][0]
        return (time.thread_time() - own) * 1000 + used() - before, time.perf_counter() - began
