"""Deciding who an uncertain row is: the children it may be, as the records and the file stand now."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass

from .checking import Known, child_in, people_like
from .matching import Child, as_candidate, judge, reason
from .models import ImportRow, ImportRun, Outcome


@dataclass(frozen=True, slots=True)
class Option:
    """One child that an uncertain row may be: somebody in the records, or an earlier row."""

    value: str
    subject: int | None
    row: int | None
    name: str
    born: dt.date | None
    precision: str
    sex: str
    area: str
    why: str


def options_of(run: ImportRun, rows: Sequence[ImportRow]) -> dict[int, list[Option]]:
    """For each uncertain row, by its number, the children it may be."""
    children = {row.number: child_in(row) for row in rows}
    known = _people(children)
    earlier = _leaders(run, {number for row in rows for number in row.like_rows})
    found: dict[int, list[Option]] = {}
    for row in rows:
        options = [_person(one) for one in known.get(row.number, [])]
        alike = {each.number: each for number in row.like_rows if (each := earlier.get(number)) is not None}
        options += [_row(children[row.number], each) for each in alike.values()]
        found[row.number] = options
    return found


def _leaders(run: ImportRun, numbers: Collection[int]) -> dict[int, ImportRow]:
    """For each of these rows the one with which it is taken together: itself where it stands alone."""
    kept = ImportRow.objects.filter(run=run).exclude(outcome=Outcome.REFUSE)
    rows = {row.number: row for row in kept.filter(number__in=numbers)}
    further = {row.same_as for row in rows.values() if row.same_as} - set(rows)
    rows |= {row.number: row for row in kept.filter(number__in=further)}
    found = {number: rows.get(rows[number].same_as or number) for number in numbers if number in rows}
    return {number: row for number, row in found.items() if row is not None and row.same_as is None}


def people_of(rows: Iterable[ImportRow]) -> set[int]:
    """The people in the records whom any of these rows may be."""
    found = _people({row.number: child_in(row) for row in rows})
    return {one.subject for people in found.values() for one in people}


def _people(children: Mapping[int, Child]) -> dict[int, list[Known]]:
    """For each numbered child the people it may be, as far as they are worth a person's look."""
    found = {}
    for number, people in people_like(children).items():
        by_key = {one.candidate.key: one for one in people}
        found[number] = [by_key[key] for key in judge([one.candidate for one in people]).keys]
    return found


def _person(known: Known) -> Option:
    return Option(
        f"p:{known.uuid}", known.subject, None, known.name, known.born, known.precision, known.sex, known.area,
        reason(known.candidate),
    )  # fmt: skip


def _row(child: Child, row: ImportRow) -> Option:
    return Option(
        f"r:{row.number}", None, row.number, row.name, row.date_of_birth, row.born_precision, row.sex,
        row.postcode, reason(as_candidate("", child_in(row), child)),
    )  # fmt: skip
