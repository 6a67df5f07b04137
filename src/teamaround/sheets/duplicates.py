"""Rows of one file that seem to be the same child, to be put before the person who uploaded it.

A pair is weighed on four things, each exact (2), near (1), unknown (0) or contrary (-1). Contrary surnames,
forenames or dates of birth end it: twins and siblings are not duplicates. This only asks a question; deciding
that two records are one child is the work of linkage.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from typing import TYPE_CHECKING

from teamaround.sheets.names import fold

if TYPE_CHECKING:
    from teamaround.sheets.caseload import CaseloadRow

#: The least weight of a pair that is shown: name and date of birth near in every part, and the same district.
ENOUGH = 4
#: Blocks over this size (everyone born on 1 January) are cut by the first letters of the names.
_LARGE_BLOCK = 60

_EXACT, _NEAR, _UNKNOWN, _CONTRARY = 2, 1, 0, -1


@dataclass(frozen=True, slots=True)
class _Key:
    place: int
    given: str
    family: str
    family_parts: frozenset[str]
    dob: date | None
    figures: str
    precision: str | None
    postcode: str
    outward: str
    sex: str
    nhs: str
    upn: str


def find_duplicates(rows: Sequence[CaseloadRow]) -> list[list[int]]:
    """Groups of row numbers, each in order, that share an identifier or agree on name, date of birth and
    postcode as far as they say them. Different valid NHS numbers or UPNs are different children."""
    keys = [_key(place, row) for place, row in enumerate(rows)]
    parent = list(range(len(rows)))

    def root(place: int) -> int:
        while parent[place] != place:
            parent[place] = parent[parent[place]]
            place = parent[place]
        return place

    for attribute in ("nhs", "upn", "reference"):
        first: dict[str, int] = {}
        for place, row in enumerate(rows):
            value = getattr(row, attribute)
            if value:
                parent[root(place)] = root(first.setdefault(value, place))
    for block in _blocks(keys):
        for at, one in enumerate(block):
            for other in block[at + 1 :]:
                if _weight(one, other) >= ENOUGH and root(one.place) != root(other.place):
                    parent[root(other.place)] = root(one.place)
    groups: dict[int, list[int]] = defaultdict(list)
    for place, row in enumerate(rows):
        groups[root(place)].append(row.number)
    return sorted(sorted(group) for group in groups.values() if len(group) > 1)


def _key(place: int, row: CaseloadRow) -> _Key:
    parts = [fold(part) for part in row.family.replace("-", " ").split()]
    return _Key(
        place,
        fold(row.given),
        "".join(parts),
        frozenset(part for part in parts if len(part) > 2),
        row.dob,
        f"{row.dob:%Y%m%d}" if row.dob else "",
        row.dob_precision,
        row.postcode,
        row.postcode.split(" ")[0],
        row.sex,
        row.nhs,
        row.upn,
    )


def _blocks(keys: Iterable[_Key]) -> Iterator[list[_Key]]:
    """Rows worth comparing: one birthday (day and month either way), one postcode, one name and district."""
    blocks: dict[tuple[object, ...], list[_Key]] = defaultdict(list)
    for key in keys:
        if key.dob:
            blocks["born", key.dob.year, *sorted((key.dob.month, key.dob.day))].append(key)
        if " " in key.postcode:
            blocks["lives", key.postcode].append(key)
        if key.given and key.family:
            blocks["named", key.given, key.family, key.outward].append(key)
    for block in blocks.values():
        if len(block) > _LARGE_BLOCK:
            yield from _cut(block)
        elif len(block) > 1:
            yield block


def _cut(block: list[_Key]) -> Iterator[list[_Key]]:
    pieces: dict[tuple[str, str], list[_Key]] = defaultdict(list)
    for key in block:
        pieces[key.given, key.family].append(key)
    singles: dict[tuple[str, str], list[_Key]] = defaultdict(list)
    for same in pieces.values():
        # Rows of one name are compared with their neighbours: enough to join them, and never a square.
        for at in range(len(same) - 1):
            yield same[at : at + 3]
        singles[same[0].given[:2], same[0].family[:2]].append(same[0])
    for near in singles.values():
        for at in range(0, len(near), _LARGE_BLOCK):
            yield near[at : at + _LARGE_BLOCK]


def _weight(one: _Key, other: _Key) -> int:
    if (one.nhs and other.nhs and one.nhs != other.nhs) or (one.upn and other.upn and one.upn != other.upn):
        return -9
    dob = _dates(one, other)
    if dob == _CONTRARY:
        return -9
    given = _forenames(one.given, other.given)
    if given == _CONTRARY:
        return -9
    family = _surnames(one, other)
    if family == _CONTRARY or {one.sex, other.sex} == {"F", "M"}:
        return -9
    if given == _UNKNOWN and family != _EXACT:
        return -9
    place = _postcodes(one, other)
    # Half a name is too little without a place to go with it.
    if _UNKNOWN in (given, family) and place < _NEAR:
        return -9
    return given + family + dob + place


def _dates(one: _Key, other: _Key) -> int:
    a, b = one.dob, other.dob
    if a is None or b is None:
        return _UNKNOWN
    if one.precision != "day" or other.precision != "day":
        same = a.year == b.year and ("year" in (one.precision, other.precision) or a.month == b.month)
        return _NEAR if same else _CONTRARY
    if a == b:
        return _EXACT
    if a.year == b.year and a.month == b.day and a.day == b.month:
        return _NEAR
    # 1 January is what is written when only the year is known.
    if a.year == b.year and (1, 1) in ((a.month, a.day), (b.month, b.day)):
        return _NEAR
    return _NEAR if sum(x != y for x, y in zip(one.figures, other.figures, strict=False)) == 1 else _CONTRARY


def _postcodes(one: _Key, other: _Key) -> int:
    if not one.postcode or not other.postcode:
        return _UNKNOWN
    if one.postcode == other.postcode:
        return _EXACT
    return _NEAR if one.outward == other.outward else _CONTRARY


@lru_cache(maxsize=65_536)
def _forenames(a: str, b: str) -> int:
    if not a or not b:
        return _UNKNOWN
    if a == b:
        return _EXACT
    short, long = sorted((a, b), key=len)
    if long.startswith(short):
        return _NEAR
    stem = short.rstrip("iey") if short[-1] in "iey" else ""
    if len(stem) > 2 and long.startswith(stem[:-1] if stem[-1] == stem[-2] else stem):
        return _NEAR
    return _NEAR if _alike(a, b) else _CONTRARY


def _surnames(one: _Key, other: _Key) -> int:
    a, b = one.family, other.family
    if not a or not b:
        return _UNKNOWN
    if a == b:
        return _EXACT
    if one.family_parts & other.family_parts or _alike(a, b):
        return _NEAR
    short, long = sorted((a, b), key=len)
    return _NEAR if len(short) == 1 and long.startswith(short) else _CONTRARY


@lru_cache(maxsize=65_536)
def _alike(a: str, b: str) -> bool:
    """Whether one slip of the pen, or two in a long name of the same beginning, turns one into the other."""
    allowed = 2 if min(len(a), len(b)) >= 6 and a[0] == b[0] else 1
    # Above forty letters the work would grow with the square, and no slip is worth it.
    if min(len(a), len(b)) < 3 or max(len(a), len(b)) > 40 or abs(len(a) - len(b)) > allowed:
        return False
    before: list[int] = []
    row = list(range(len(b) + 1))
    for i, x in enumerate(a, start=1):
        before, last, row = row, before, [i]
        for j, y in enumerate(b, start=1):
            cost = min(before[j] + 1, row[j - 1] + 1, before[j - 1] + (x != y))
            if i > 1 and j > 1 and x == b[j - 2] and a[i - 2] == y:
                cost = min(cost, last[j - 2] + 1)
            row.append(cost)
    return row[-1] <= allowed
