"""Whether the access log is whole: every seal recomputed from the rows it covers.

Reads with built-in functions alone and computes each digest here: a changed function of the database could not
hide a changed row. What each digest covers, as JSON arrays in the text form of PostgreSQL (times as whole
microseconds since 1970, numbers of transactions as text, digests in hexadecimal):

* a look: id, at, account_id, principal, page, act, reason_digest, outcome, xid, seal;
* a line: id, look, at, subject_id, categories, xid, seal;
* a batch: the digests of its looks, then of its lines, each by time and identifier;
* a seal: the chained digest of the seal before, then number, sealed_at, first_at, last_at, looks, lines,
  snapshot_xmin, snapshot_xmax, restarted, batch.

`reason_digest` is SHA-256 over the row's salt (16 bytes) and the reason. An erased reason has neither text nor
salt; the access that erased it names in its page the digest of all rows it erased.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import uuid
from collections.abc import Iterator
from dataclasses import asdict, dataclass, field
from typing import Any

import psycopg

LATE = dt.timedelta(minutes=5)
"""How old a row may be before it should have been sealed."""

_US = "(extract(epoch from {})*1000000)::bigint"
_SEALS = f"""
select s.number, s.looks, s.lines, s.snapshot_xmin::text::bigint, s.snapshot_xmax::text::bigint, s.restarted,
    {_US.format("s.sealed_at")}, s.batch, s.chained, json_build_array(s.number, {_US.format("s.sealed_at")},
    {_US.format("s.first_at")}, {_US.format("s.last_at")}, s.looks, s.lines, s.snapshot_xmin::text,
    s.snapshot_xmax::text, s.restarted, encode(s.batch, 'hex'))::text
from access_seal s order by s.number"""  # noqa: S608 - put together from this module's constants
_LOOKS = f"""
select k.seal, k.xid::text::bigint, {_US.format("k.at")}, json_build_array(k.id, {_US.format("k.at")}, k.account_id,
    k.principal, k.page, k.act, encode(k.reason_digest, 'hex'), k.outcome, k.xid::text, k.seal)::text,
    k.reason_digest, uuid_send(k.reason_salt), k.reason, k.erased_by, k.id, k.act, k.page
from access_look k where k.seal is not null order by k.seal, k.at, k.id"""  # noqa: S608 - as above
_LINES = f"""
select k.seal, k.xid::text::bigint, {_US.format("k.at")}, json_build_array(k.id, k.look, {_US.format("k.at")},
    k.subject_id, k.categories, k.xid::text, k.seal)::text
from access_look_line k where k.seal is not null order by k.seal, k.at, k.id"""  # noqa: S608 - as above
_AGES = """
select count(*), min(at) from (
    select at from access_look where seal is null and at < clock_timestamp() - %(late)s
    union all select at from access_look_line where seal is null and at < clock_timestamp() - %(late)s) as waiting"""
_STRAY = """
select count(*), min(seal) from (
    select seal from access_look k join pg_class c on c.oid = k.tableoid where c.relname = 'access_look_default'
    union all select seal from access_look_line k join pg_class c on c.oid = k.tableoid
        where c.relname = 'access_look_line_default') as stray"""

KINDS = {
    "deleted_seal": "A seal is missing.",
    "changed_seal": "The seal itself was changed, or one before it.",
    "deleted_row": "Rows of this seal are missing.",
    "inserted_row": "Rows were added to this seal after it was made.",
    "changed_row": "A row of this seal was changed.",
    "changed_reason": "A stated reason was changed, or taken out without an erasure.",
    "back_dated_row": "A row says it is older than the transaction that wrote it can be.",
    "default_partition": "Rows lie outside the months that have a partition: a clock was wrong, or somebody put them there.",
    "unsealed": "Rows older than five minutes are not sealed: the worker does not run, or a transaction never ended.",
}


@dataclass(frozen=True, slots=True)
class Break:
    """One thing that is wrong: its kind (see KINDS) and the seal it was found at, where there is one."""

    kind: str
    seal: int | None = None
    rows: int = 0


@dataclass(slots=True)
class Verdict:
    """What was checked, and what is wrong; nothing is wrong where `breaks` is empty.

    `head` is the last seal's chained digest: kept away from this machine, it shows later whether the end of
    the chain was cut off. `restarts` counts the seals that say the database was restored before them.
    """

    seals: int = 0
    looks: int = 0
    lines: int = 0
    erased: int = 0
    restarts: int = 0
    waiting: int = 0
    head: str = ""
    breaks: list[Break] = field(default_factory=list)

    @property
    def whole(self) -> bool:
        """Whether nothing is wrong."""
        return not self.breaks

    def as_dict(self) -> dict[str, Any]:
        """For JSON: the first break apart, since what follows it may follow from it."""
        first = min(self.breaks, key=lambda each: (each.seal is None, each.seal or 0), default=None)
        return {**asdict(self), "whole": self.whole, "first_broken": asdict(first) if first else None}


@dataclass(slots=True)
class _Seal:
    number: int
    looks: int
    lines: int
    xmin: int
    xmax: int
    restarted: bool
    sealed_at: int
    batch: bytes
    chained: bytes
    text: str


class _Bound:
    """How old a row of the seal in hand can be, from the seals before it."""

    def __init__(self) -> None:
        self.seals: list[_Seal] = []

    def begin(self, seal: _Seal) -> None:
        """Before a seal's rows: a restored database counts its transactions anew."""
        if seal.restarted:
            self.seals = []

    def after(self, seal: _Seal) -> None:
        """After a seal's rows: it bounds the next ones."""
        self.seals.append(seal)

    def holds(self, xid: int, at: int) -> bool:
        """Whether transaction `xid` can have written a row at `at`, and too late for the seals before."""
        if not self.seals:
            return True
        last = self.seals[-1]
        if xid < last.xmin:
            return False
        if xid >= last.xmax:
            return at >= last.sealed_at
        # Under way when the last seal was made: it began after the latest seal that had not seen it begin.
        for seal in reversed(self.seals):
            if xid >= seal.xmax:
                return at >= seal.sealed_at
        return True


class _Erasures:
    """Reasons that were taken out, and the accesses that say so."""

    def __init__(self) -> None:
        self.gone: dict[uuid.UUID, list[str]] = {}
        self.told: dict[uuid.UUID, str] = {}
        self.seal_of: dict[uuid.UUID, int] = {}

    def false_ones(self) -> Iterator[Break]:
        """Erasures that no sealed access answers for."""
        for act, rows in self.gone.items():
            digest = hashlib.sha256(",".join(sorted(rows)).encode()).hexdigest()
            if self.told.get(act) != f"erased:{digest}":
                yield Break("changed_reason", self.seal_of[act], len(rows))


def verify(address: str) -> Verdict:
    """Check the whole chain, reading as the role of `address` (the auditor's) in one snapshot.

    Raises psycopg.Error where the log cannot be read.
    """
    found = Verdict()
    with psycopg.connect(address) as looking, psycopg.connect(address) as lining:
        looking.isolation_level = psycopg.IsolationLevel.REPEATABLE_READ
        lining.isolation_level = psycopg.IsolationLevel.REPEATABLE_READ
        looking.read_only = lining.read_only = True
        row = looking.execute("select pg_export_snapshot()").fetchone()
        assert row is not None
        lining.execute(psycopg.sql.SQL("set transaction snapshot {}").format(row[0]))
        seals = [_Seal(*each) for each in looking.execute(_SEALS)]
        _around(looking, found)
        _walk(seals, looking, lining, found)
    return found


def _around(reader: psycopg.Connection, found: Verdict) -> None:
    """Rows that wait too long for a seal, and rows outside the months."""
    waiting = reader.execute(_AGES, {"late": LATE}).fetchone()
    stray = reader.execute(_STRAY).fetchone()
    assert waiting is not None
    assert stray is not None
    found.waiting = waiting[0]
    if waiting[0]:
        found.breaks.append(Break("unsealed", None, waiting[0]))
    if stray[0]:
        found.breaks.append(Break("default_partition", stray[1], stray[0]))


def _walk(
    seals: list[_Seal], looking: psycopg.Connection, lining: psycopg.Connection, found: Verdict
) -> None:
    erasures = _Erasures()
    bound = _Bound()
    before = b""
    with looking.cursor("looks") as looks, lining.cursor("lines") as lines:
        looks.itersize = lines.itersize = 5000
        looks.execute(_LOOKS)
        lines.execute(_LINES)
        look_rows = _Peeked(iter(looks))
        line_rows = _Peeked(iter(lines))
        expected = 1
        for seal in seals:
            _missing(expected, seal.number, look_rows, line_rows, found)
            expected = seal.number + 1
            _seal_itself(seal, before, found)
            bound.begin(seal)
            _batch(seal, look_rows, line_rows, bound, erasures, found)
            before = seal.chained
            bound.after(seal)
        _missing(expected, None, look_rows, line_rows, found)
    found.breaks += erasures.false_ones()
    found.erased = sum(len(rows) for rows in erasures.gone.values())
    found.seals = len(seals)
    found.restarts = sum(seal.restarted for seal in seals)
    found.head = before.hex()


class _Peeked:
    """Rows in the order of their seals, taken a seal at a time."""

    def __init__(self, rows: Iterator[tuple[Any, ...]]) -> None:
        self.rows = rows
        self.next: tuple[Any, ...] | None = next(rows, None)

    def of(self, number: int) -> Iterator[tuple[Any, ...]]:
        """The rows of this seal, which must be the next one."""
        while self.next is not None and self.next[0] == number:
            yield self.next
            self.next = next(self.rows, None)

    def orphans(self, until: int | None) -> dict[int, int]:
        """Skip rows of seals before `until` (None: all that is left); how many each had."""
        found: dict[int, int] = {}
        while self.next is not None and (until is None or self.next[0] < until):
            found[self.next[0]] = found.get(self.next[0], 0) + 1
            self.next = next(self.rows, None)
        return found


def _missing(expected: int, number: int | None, looks: _Peeked, lines: _Peeked, found: Verdict) -> None:
    """Seals that are not there: a gap in their numbers, or rows that name them."""
    orphans = looks.orphans(number)
    for seal, rows in lines.orphans(number).items():
        orphans[seal] = orphans.get(seal, 0) + rows
    if number is not None and number > expected:
        orphans.setdefault(expected, 0)
    found.breaks += [Break("deleted_seal", seal, rows) for seal, rows in sorted(orphans.items())]


def _seal_itself(seal: _Seal, before: bytes, found: Verdict) -> None:
    if hashlib.sha256(before + seal.text.encode()).digest() != seal.chained:
        found.breaks.append(Break("changed_seal", seal.number))


def _batch(
    seal: _Seal, looks: _Peeked, lines: _Peeked, bound: _Bound, erasures: _Erasures, found: Verdict
) -> None:
    """One seal's rows against its counts and its digest."""
    batch = hashlib.sha256()
    sha256 = hashlib.sha256
    seen = [0, 0]
    reasons = old = 0
    for row in looks.of(seal.number):
        seen[0] += 1
        batch.update(sha256(row[3].encode()).digest())
        old += not bound.holds(row[1], row[2])
        reasons += not _reason_holds(row, erasures)
        if row[9] == "erase":
            erasures.told[row[8]] = row[10]
    for row in lines.of(seal.number):
        seen[1] += 1
        batch.update(sha256(row[3].encode()).digest())
        old += not bound.holds(row[1], row[2])
    found.looks += seen[0]
    found.lines += seen[1]
    missing = seal.looks - seen[0], seal.lines - seen[1]
    if any(each > 0 for each in missing):
        found.breaks.append(Break("deleted_row", seal.number, sum(max(each, 0) for each in missing)))
    elif any(each < 0 for each in missing):
        found.breaks.append(Break("inserted_row", seal.number, -sum(min(each, 0) for each in missing)))
    elif batch.digest() != seal.batch:
        found.breaks.append(Break("changed_row", seal.number))
    if reasons:
        found.breaks.append(Break("changed_reason", seal.number, reasons))
    if old:
        found.breaks.append(Break("back_dated_row", seal.number, old))


def _reason_holds(row: tuple[Any, ...], erasures: _Erasures) -> bool:
    digest, salt, reason, erased_by, look = row[4:9]
    if erased_by is not None:
        erasures.gone.setdefault(erased_by, []).append(str(look))
        erasures.seal_of.setdefault(erased_by, row[0])
        return bool(salt is None and reason == "")
    return bool(salt is not None and hashlib.sha256(salt + reason.encode()).digest() == digest)
