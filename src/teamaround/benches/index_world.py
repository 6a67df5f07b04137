"""An index of any size up to England's: made-up children, written down as agencies do, and queries about some of them.

Parts are made beside each other in processes, each from its own seed, and go into the database by COPY. What the
triggers would derive row by row is written beside it; a test holds that both give the same.
"""

from __future__ import annotations

import io
import random
import uuid
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import psycopg

from teamaround.index.candidates import indexes_sql
from teamaround.index.nearness import COUNTED, LOCAL
from teamaround.linkage.features import Features, features_of
from teamaround.linkage.made_up import INDEX_SECTORS, SECTORS
from teamaround.linkage.made_up.families import ENGLAND, Child, Population
from teamaround.linkage.made_up.writing import Clerk, Written
from teamaround.linkage.model import Model, shipped
from teamaround.linkage.tables import table

SIZES = {"S": 2_000, "M": 100_000, "L": 11_000_000}
#: Children made in one part.
PART = 250_000
SEED = 3_101
#: One team works in each area of England; this is the first of them. The team numbered 1 works nowhere.
FIRST_TEAM = 101
COLUMNS = (
    "subject_id", "root_id", "given", "middle", "family", "given_sound", "family_sound", "given_letters",
    "family_letters", "given_forms", "family_parts", "family_forms", "family_sounds", "born", "sex", "postcode",
    "postcodes", "outward", "nhs", "nhs_traced", "upn", "tf_given", "tf_family", "guarded", "unread",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Part:
    """What one process makes: children numbered from `first`, `wanted` records about some, `strangers` about some
    who are left out of the index."""

    first: int
    count: int
    wanted: int
    strangers: int
    folder: Path
    parquet: bool


@dataclass(frozen=True, slots=True)
class Sought:
    """A record to look for, the subject that it is about (0 for somebody who is not in the index), and the postcode area
    where whoever looks for them works."""

    written: Written
    subject: int
    works: str


def build(
    superuser: str,
    size: str,
    folder: Path,
    note: Callable[[str], None],
    *,
    wanted: int,
    parquet: bool = False,
) -> list[Sought]:
    """Fill the migrated database at `superuser` with so many children, and give the records to look for.

    With `parquet`, the features also stand in files `features-N.parquet` of the folder, for DuckDB.
    """
    count = SIZES[size]
    parts = []
    starts = list(range(0, count, PART))
    for place, start in enumerate(starts):
        many = min(PART, count - start)
        mine = wanted // len(starts) + (place < wanted % len(starts))
        # A part's last family is complete, so a part may hold a few more than it was asked for.
        parts.append(Part(start + place * 1_000, many, mine - mine // 10, mine // 10, folder, parquet))
    sought: list[Sought] = []
    done = 0
    with psycopg.connect(superuser, autocommit=True) as connection:
        _make_room(connection)
        with ProcessPoolExecutor(2) as pool:
            for part, found in zip(parts, pool.map(_make, parts), strict=True):
                sought += found
                done += _load(connection, folder, part)
                note(f"{done:,} of {count:,} children")
        note("Making the indexes")
        for statement in indexes_sql():
            connection.execute(statement.encode())
        connection.execute("vacuum analyze person")
        connection.execute("vacuum analyze search_feature")
        connection.execute(COUNTED.encode())
        connection.execute("checkpoint")
    random.Random(SEED).shuffle(sought)  # noqa: S311 the same order in every run
    return sought


def _make_room(connection: psycopg.Connection) -> None:
    connection.execute("set session_replication_role = replica")
    connection.execute("set maintenance_work_mem = '1GB'")
    connection.execute("set synchronous_commit = off")
    for statement in indexes_sql():
        connection.execute(f"drop index {statement.split()[2]}".encode())
    connection.execute(
        "insert into agency (id, slug, name, sector, phone) values (1, 'agency', 'Agency', 'council', '')"
    )
    connection.execute("delete from service")
    connection.execute("delete from principal")
    connection.execute("insert into principal (id, kind) values (1, 'team'), (2, 'practitioner')")
    connection.execute(
        "insert into team (id, agency_id, slug, name, sensitivity, phone, email, takes_referrals, procedure_slug) "
        "values (1, 1, 'team', 'Team', '', '', '', false, '')"
    )
    for team, area in enumerate(ENGLAND, start=FIRST_TEAM):
        connection.execute("insert into principal (id, kind) values (%s, 'team')", [team])
        connection.execute(
            "insert into site (id, agency_id, name, address, postcode) values (%s, 1, %s, '', %s)",
            [team, area, f"{area}1 1AA"],
        )
        connection.execute(
            "insert into team (id, agency_id, slug, name, sensitivity, phone, email, takes_referrals, procedure_slug, site_id) "
            "values (%(team)s, 1, %(area)s, %(area)s, '', '', '', false, '', %(team)s)",
            {"team": team, "area": area},
        )


def _make(part: Part) -> list[Sought]:
    seed = SEED + part.first
    population = Population(seed, areas=ENGLAND, districts=28, first=part.first)
    clerk = Clerk(seed + 1, population)
    children = list(population.children(part.count + part.strangers))[: part.count + part.strangers]
    missing = set(clerk.random.sample(range(len(children)), part.strangers))
    known = [child for place, child in enumerate(children) if place not in missing]
    model = shipped()
    entries: list[Features] = []
    persons, features = io.StringIO(), io.StringIO()
    for place, child in enumerate(known):
        record = clerk.write(child, INDEX_SECTORS[place % len(INDEX_SECTORS)]).record
        read = features_of(record)
        entries.append(read)
        subject = child.number + 1
        persons.write(
            _line(subject, uuid.UUID(int=clerk.random.getrandbits(128), version=4), record.given, record.family,
                  record.born, record.sex or "U")
        )  # fmt: skip
        features.write(_line(*_columns(subject, read, model)))
    (part.folder / f"persons-{part.first}.copy").write_text(persons.getvalue(), encoding="utf-8")
    (part.folder / f"features-{part.first}.copy").write_text(features.getvalue(), encoding="utf-8")
    if part.parquet:
        import pyarrow.parquet

        whole = table(entries, model, first=part.first)
        pyarrow.parquet.write_table(whole, part.folder / f"features-{part.first}.parquet")
    chosen = [(child, child.number + 1) for child in clerk.random.sample(known, part.wanted)]
    chosen += [(children[place], 0) for place in sorted(missing)]
    return list(_sought(clerk, chosen, random.Random(seed + 2)))  # noqa: S311 the same in every run


def _sought(clerk: Clerk, chosen: Sequence[tuple[Child, int]], draw: random.Random) -> Iterator[Sought]:
    for place, (child, subject) in enumerate(chosen):
        home = child.postcode[:2].rstrip("0123456789")
        works = home if draw.randrange(100) < LOCAL else draw.choice(ENGLAND)
        yield Sought(clerk.write(child, SECTORS[place % len(SECTORS)]), subject, works)


def _columns(subject: int, read: Features, model: Model) -> tuple[object, ...]:
    """A row of search_feature: a list that says no more than the word beside it is empty."""

    def unless(found: tuple[str, ...], *plain: str) -> tuple[str, ...]:
        return () if found == plain else found

    return (
        subject, subject, read.given, read.middle, read.family, read.given_sound, read.family_sound, read.given_letters,
        read.family_letters, unless(read.given_forms, read.given), unless(read.family_parts, read.family),
        unless(read.family_forms, read.family), unless(read.family_sounds, read.family_sound), read.born, read.sex,
        read.postcode, read.postcodes, read.outward, read.nhs, read.nhs_traced, read.upn,
        model.frequency("given", read.given), model.frequency("family", read.family), False, False,
    )  # fmt: skip


def _line(*values: object) -> str:
    """A row as COPY reads it. The made-up names hold no sign that COPY would take for its own."""
    return "\t".join(_text(value) for value in values) + "\n"


def _text(value: object) -> str:
    if value is None:
        return "\\N"
    if isinstance(value, tuple):
        return "{" + ",".join(value) + "}"
    if isinstance(value, bool):
        return "t" if value else "f"
    return value.isoformat() if isinstance(value, date) else str(value)


def _load(connection: psycopg.Connection, folder: Path, part: Part) -> int:
    connection.execute(
        "create temp table if not exists arriving (id bigint, uuid uuid, given text, family_name text, born date, sex text)"
    )
    connection.execute("truncate arriving")
    _copy(connection, "arriving", folder / f"persons-{part.first}.copy")
    connection.execute("insert into subject (id, kind) select id, 'person' from arriving")
    connection.execute(
        "insert into person (subject_id, uuid, category, author_team_id, recorded_by, changed_by, recorded_at, changed_at, "
        "version, given, family_name, date_of_birth, born_precision, sex) "
        "select id, uuid, 'index', 1, 2, 2, now(), now(), 1, given, family_name, born, 'day', sex from arriving"
    )
    return _copy(connection, f"search_feature ({', '.join(COLUMNS)})", folder / f"features-{part.first}.copy")


def _copy(connection: psycopg.Connection, into: str, path: Path) -> int:
    with connection.cursor() as cursor:
        with path.open("rb") as source, cursor.copy(f"copy {into} from stdin".encode()) as copy:
            while block := source.read(1 << 20):
                copy.write(block)
        loaded = cursor.rowcount
    path.unlink()
    return loaded
