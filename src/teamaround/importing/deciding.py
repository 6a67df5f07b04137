"""Deciding who an uncertain row is: the children it may be, as the records and the file stand now."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from django.db.models import Q

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
    kept = ImportRow.objects.filter(run=run).exclude(outcome=Outcome.REFUSE)
    born = {row.date_of_birth for row in rows if row.date_of_birth}
    postcodes = {row.postcode for row in rows if row.postcode}
    nearby = list(kept.filter(Q(date_of_birth__in=born) | Q(postcode__in=postcodes)).order_by("number"))
    found: dict[int, list[Option]] = {}
    for number, child in children.items():
        options = [_person(one) for one in known.get(number, [])]
        earlier = {str(row.number): row for row in nearby if row.number < number and row.same_as is None}
        in_file = judge([as_candidate(key, child_in(row), child) for key, row in earlier.items()])
        options += [_row(child, earlier[key]) for key in in_file.keys]
        found[number] = options
    return found


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
