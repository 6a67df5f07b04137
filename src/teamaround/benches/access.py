"""What row-level security costs: each query under the policies against the same query with its filter by hand.

Both run on connections alike. *Under the policies* is the application's own role in a stamped transaction; the stamp's
verification is part of the query and counted, BEGIN, stamp and COMMIT are told apart. *By hand* is a role that no policy binds, with the author rule, the
grant and the shield rule written into the query and the principals as a literal: what a careful programmer would write
without the product.
The name search is judged by its own function's text with every check of the asker taken out.
"""

from __future__ import annotations

import random
import re
import statistics
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from importlib.resources import files
from pathlib import Path
from typing import Any

import psycopg

from teamaround.database.actor import Actor
from teamaround.database.stamp import sign
from teamaround.index.actions import Query
from teamaround.index.searching import TOLERATED, Wanted
from teamaround.linkage import COLUMNS
from teamaround.linkage.model import FREQUENCIES

from .ready import ready_for_search
from .report import Report, Row
from .world import GIVEN, SURNAMES

SIZES = {"S": 10_000, "M": 100_000, "L": 1_000_000}
USERS = 2_000
TEAMS = 400
ROUNDS = 300
COUNT_ROUNDS = 12

MAY = """({row}.author_team_id = any (%(mine)s::int[]) or exists (
    select 1 from access_grant g where g.subject_id = {row}.subject_id and g.category = {row}.category
        and g.principal_id = any (%(mine)s::int[]) and g.valid_during @> statement_timestamp()))"""
# What the involvement's second policy asks: a shield hides it from whoever has nothing but a stated purpose.
SHIELD = """(i.author_team_id = any (%(mine)s::int[]) or not exists (
        select 1 from sharing_shield s where s.subject_id = i.subject_id and s.valid_from <= statement_timestamp()
            and coalesce(least(s.valid_until, s.lifted_at), 'infinity') > statement_timestamp()
            and s.author_team_id <> all (%(mine)s::int[])
            and not exists (select 1 from sharing_shield_holder h where h.shield_id = s.id
                            and h.holder_id = any (%(mine)s::int[])))
    or exists (select 1 from access_grant g where g.subject_id = i.subject_id and g.basis_kind <> 'purpose'
               and g.principal_id = any (%(mine)s::int[]) and g.valid_during @> statement_timestamp()))"""
OPEN = """select e.id, e.kind, e.category, e.happened_at, e.author_team_id from event e
    where e.subject_id = %(subject)s {and_may} order by e.happened_at desc, e.id desc limit 20"""
CASELOAD = """select p.subject_id, p.uuid, p.given, p.family_name, p.date_of_birth, i.role, i.since
    from involvement i join person p on p.subject_id = i.subject_id {and_may_person}
    where i.author_team_id = %(team)s and i.until is null {and_may_involvement} order by i.id desc limit 100"""
COUNT = """select e.category, count(*) from event e
    where e.subject_id in (select i.subject_id from involvement i where i.author_team_id = %(team)s and i.until is null)
        {and_may} group by e.category"""
_ROW = ", ".join(f"%(f{place})s" for place in range(len(COLUMNS) + len(FREQUENCIES)))
SEARCH = f"""select subject_id, given, family_name, round(weight::numeric, 6)
    from app.search_index(row({_ROW})::app.features, '', %(least)s, 20)"""  # noqa: S608  # placeholders alone
UNFILTERED = SEARCH.replace("app.search_index", "public.search_index_unfiltered")


@dataclass(frozen=True, slots=True)
class Pair:
    """One operation: under the policies, by hand, and what it is asked with in each round."""

    op: str
    under: str
    by_hand: str
    asked: Callable[[random.Random, int], dict[str, object]]
    rounds: int = ROUNDS


def pairs(children: int) -> list[Pair]:
    """The operations; `asked` draws a child, its name, or a team that the actor belongs to."""

    def of_team(draw: random.Random, team: int) -> dict[str, object]:
        step = draw.randrange(children // TEAMS - 2)
        return {"team": team, "subject": (team - 1) + TEAMS * step if team > 1 or step else TEAMS}

    def named(draw: random.Random, team: int) -> dict[str, object]:
        return {"n": draw.randrange(1, children)}

    may = {row: "and " + MAY.format(row=row) for row in ("e", "p", "i")}
    return [
        Pair("open a record", OPEN.format(and_may=""), OPEN.format(and_may=may["e"]), of_team),
        Pair(
            "caseload of 100",
            CASELOAD.format(and_may_person="", and_may_involvement=""),
            CASELOAD.format(and_may_person=may["p"], and_may_involvement=f"{may['i']} and {SHIELD}"),
            of_team,
        ),
        Pair("agency count", COUNT.format(and_may=""), COUNT.format(and_may=may["e"]), of_team, COUNT_ROUNDS),
        Pair("name search", SEARCH, UNFILTERED, named, ROUNDS // 5),
    ]


def build(superuser: str, size: str) -> None:
    """Fill the migrated database at `superuser`. Triggers are set aside; what they would derive is written."""
    with psycopg.connect(superuser) as connection:
        fill(connection, SIZES[size])
    with psycopg.connect(superuser, autocommit=True) as connection:
        connection.execute("vacuum analyze")


def fill(connection: psycopg.Connection, children: int) -> None:
    """The area itself, in the connection's transaction."""
    numbers = {
        "children": children,
        "teams": TEAMS,
        "workers": USERS,
        "given": ",".join(f"'{name}'" for name in GIVEN),
        "given_count": len(GIVEN),
        "surnames": ",".join(f"'{name}'" for name in SURNAMES),
        "surname_count": len(SURNAMES),
    }
    connection.execute("set session_replication_role = replica")
    for statement in (files("teamaround.benches") / "access.sql").read_text("utf-8").split(";\n"):
        connection.execute(statement.format(**numbers).encode())
    ready_for_search(connection, children)


def run(superuser: str, application: str, size: str, key: bytes) -> Report:
    """Measure each pair in turn, round by round. Raises ValueError where the two do not give the same rows."""
    children = SIZES[size]
    rows, figures, controls = [], {}, {}
    with psycopg.connect(application) as under, psycopg.connect(superuser) as free:
        for connection in (under, free):
            connection.prepare_threshold = None
        _unfiltered(free)
        names = _names(free)
        for pair in pairs(children):
            costs = _costs(pair, under, free, key, names)
            (ours, theirs), same = costs.of, costs.rows
            ratio = statistics.median(ours) / statistics.median(theirs)
            slug = pair.op.replace(" ", "_")
            controls[f"{slug}_by_hand"] = {
                "cpu_ms_median": statistics.median(theirs),
                "cpu_ms_p99": _at(theirs, 0.99),
            }
            rows.append(Row(pair.op, statistics.median(ours), _at(ours, 0.95), 1, 0, ratio))
            figures[f"{slug}_p99_ms"] = _at(ours, 0.99)
            figures[f"{slug}_with_begin_stamp_commit_ms"] = statistics.median(costs.whole)
            figures[f"{slug}_rows"] = float(same)
    return Report("access", size, controls, rows, {**figures, "children": float(children)})


Answer = tuple[list[tuple[Any, ...]], float, float]
"""Rows, CPU milliseconds of the query, and of its transaction."""


@dataclass(slots=True)
class Costs:
    """CPU milliseconds of the query under the policies and by hand, and of the first with its transaction; how many
    rows came in all."""

    of: tuple[list[float], list[float]]
    whole: list[float] = field(default_factory=list)
    rows: int = 0


def _costs(
    pair: Pair,
    under: psycopg.Connection,
    free: psycopg.Connection,
    key: bytes,
    names: Sequence[str],
) -> Costs:
    found = Costs(([], []))
    draw = random.Random(pair.op)  # noqa: S311 - the same questions in every run
    for number in range(pair.rounds + 5):
        team = draw.randrange(1, TEAMS)
        mine = [TEAMS + team, team]
        asked = {**pair.asked(draw, team), "mine": mine}
        if "n" in asked:
            wanted = Wanted.of(Query(name=names[draw.randrange(len(names))]))
            asked |= {f"f{place}": value for place, value in enumerate(wanted.values)}
            asked["least"] = wanted.whole - TOLERATED
        actor = Actor("practitioner", mine[0], tuple(mine), team)

        def policies(actor: Actor = actor, asked: dict[str, object] = asked) -> Answer:
            with _measured(under) as whole:
                under.execute("select set_config('app.stamp', %s, true)", [_stamp(actor, under, key)])
                with _measured(under) as taken:
                    rows = under.execute(pair.under, asked).fetchall()
                under.commit()
            return rows, taken[0], whole[0]

        def hand(asked: dict[str, object] = asked) -> Answer:
            free.execute("select 1")  # both are inside a transaction when the query starts
            with _measured(free) as taken:
                rows = free.execute(pair.by_hand, asked).fetchall()
            free.commit()
            return rows, taken[0], 0.0

        # Who comes first finds the child's pages cold: they take turns.
        if number % 2:
            (rows, ours, whole), (by_hand, theirs, _none) = policies(), hand()
        else:
            (by_hand, theirs, _none), (rows, ours, whole) = hand(), policies()
        if sorted(rows) != sorted(by_hand):
            raise ValueError(f"{pair.op}: the policies and the filter by hand give different rows")
        if number >= 5:  # the first ones warm up
            found.of[0].append(ours)
            found.of[1].append(theirs)
            found.whole.append(whole)
            found.rows += len(rows)
    return found


def _unfiltered(connection: psycopg.Connection) -> None:
    """The search's functions once more, without a look at who asks and what a shield hides from them."""
    functions = ("weigh", "find_placed", "search_index")
    for function in functions:
        found = connection.execute(
            "select pg_get_functiondef(oid) from pg_proc where oid = ('app.' || %s)::regproc", [function]
        ).fetchone()
        assert found is not None
        body = found[0].replace("SECURITY DEFINER", "").replace("app.actor_kind()", "'practitioner'")
        for name in functions:
            body = body.replace(f"app.{name}(", f"public.{name}_unfiltered(")
        connection.execute(re.sub(r"app\.(?:shielded|place_hidden|name_hidden)\([^()]*\)", "false", body))
    connection.commit()


def _stamp(actor: Actor, connection: psycopg.Connection, key: bytes) -> str:
    return sign(actor, backend_pid=connection.info.backend_pid, key=key)


@contextmanager
def _measured(connection: psycopg.Connection) -> Iterator[list[float]]:
    """CPU milliseconds of this thread and of the connection's backend, as the list's one entry."""
    schedule = Path(f"/proc/{connection.info.backend_pid}/schedstat")
    backend = int(schedule.read_text().split()[0]) if schedule.exists() else 0
    server, taken = time.thread_time(), [0.0]
    yield taken
    spent = (time.thread_time() - server) * 1000
    after = int(schedule.read_text().split()[0]) if schedule.exists() else 0
    taken[0] = spent + (after - backend) / 1e6


def _names(connection: psycopg.Connection) -> list[str]:
    """Names misspelt by one letter."""
    rows = connection.execute(
        "select given || 'e ' || family_name from person where subject_id % 997 = 5 limit 400"
    ).fetchall()
    connection.commit()
    return [typed for (typed,) in rows]


def _at(values: Sequence[float], share: float) -> float:
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, round(len(ordered) * share))]
