"""Is this row somebody who is already known? Pure: names, dates and codes in; a verdict with reasons out.

Recognised without asking: an equal NHS number or pupil number on a name that is not somebody else's; the
same name and whole date of birth; or a name spelt nearly so with the same date of birth and postcode.
Weaker or several candidates are put before a person. A different forename is a different child: brothers,
sisters and twins share everything else, so they are neither recognised nor offered.
"""

from __future__ import annotations

import datetime as dt
import difflib
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Literal

from teamaround.sheets.names import fold

Fit = Literal["same", "near", "alike", "unknown", "other"]
Birth = Literal["same", "compatible", "swapped", "one part", "unknown", "other"]
Kind = Literal["new", "recognised", "unsure"]

#: Below this share of common letters two spellings are not taken for one forename even under one number.
ALIKE = 0.6


@dataclass(frozen=True, slots=True)
class Child:
    """What a row or a record says of a child. Names as written; `born` None where nothing is said."""

    given: str = ""
    family_name: str = ""
    born: dt.date | None = None
    precision: str = "day"
    sex: str = "U"
    postcode: str = ""
    nhs: str = ""
    upn: str = ""


@dataclass(frozen=True, slots=True)
class Candidate:
    """Somebody a row may be. `key` tells candidates apart; `other_*` say that a different number is held."""

    key: str
    given: str
    family_name: str
    born: dt.date | None
    precision: str
    sex: str
    same_postcode: bool
    same_number: bool
    other_number: bool


@dataclass(frozen=True, slots=True)
class Verdict:
    """`keys` are the candidates: exactly one when recognised, one or more when unsure, none when new."""

    kind: Kind
    keys: tuple[str, ...] = ()
    why: str = ""


def as_candidate(key: str, child: Child, sought: Child) -> Candidate:
    """Another row of the same file as a candidate for `sought`."""
    numbers = ((child.nhs, sought.nhs), (child.upn, sought.upn))
    return Candidate(
        key=key,
        given=child.given,
        family_name=child.family_name,
        born=child.born,
        precision=child.precision,
        sex=child.sex,
        same_postcode=bool(child.postcode) and " " in child.postcode and child.postcode == sought.postcode,
        same_number=any(one and one == other for one, other in numbers),
        other_number=any(one and other and one != other for one, other in numbers),
    )


def judge(sought: Child, candidates: Sequence[Candidate]) -> Verdict:
    """The verdict over all candidates. Two that would each be recognised are put before a person."""
    sure: list[tuple[str, str]] = []
    unsure: list[tuple[str, str]] = []
    for candidate in candidates:
        kind, why = _weigh(sought, candidate)
        if kind == "recognised":
            sure.append((candidate.key, why))
        elif kind == "unsure":
            unsure.append((candidate.key, why))
    if len(sure) == 1:
        return Verdict("recognised", (sure[0][0],), sure[0][1])
    if sure:
        return Verdict("unsure", tuple(key for key, _ in [*sure, *unsure]), "more than one child fits")
    if unsure:
        return Verdict("unsure", tuple(key for key, _ in unsure), unsure[0][1])
    return Verdict("new")


def bears_reference(sought: Child, candidate: Candidate) -> bool:
    """Whether a child whom the same team filed under the row's own reference is the row's child. A reference
    given to another child since must not tie the two: nothing that both say may be contrary."""
    given, family, birth = fits(sought, candidate)
    return "other" not in (given, family, birth) and not candidate.other_number


def reason(sought: Child, candidate: Candidate) -> str:
    """What fits and what does not, in words for the page."""
    given, family, birth = fits(sought, candidate)
    said = []
    if candidate.same_number:
        said.append("same number")
    if candidate.other_number:
        said.append("a different number")
    if given == "same" and family == "same":
        said.append("same name")
    elif given in ("same", "near", "alike") and family == "other":
        said.append("another surname")
    elif "unknown" in (given, family):
        said.append("part of the name missing")
    else:
        said.append("name spelt differently")
    said.append(
        {
            "same": "same birthday",
            "compatible": "birthday known in part",
            "swapped": "day and month swapped",
            "one part": "birthday differs in one part",
            "unknown": "a birthday is missing",
            "other": "different birthday",
        }[birth]
    )
    if candidate.same_postcode:
        said.append("same postcode")
    if {sought.sex, candidate.sex} == {"F", "M"}:
        said.append("different sex")
    return ", ".join(said)


def _weigh(sought: Child, candidate: Candidate) -> tuple[Kind, str]:
    given, family, birth = fits(sought, candidate)
    why = reason(sought, candidate)
    contrary = candidate.other_number or {sought.sex, candidate.sex} == {"F", "M"}
    named = given in ("same", "near") and family in ("same", "near")
    whole = given == "same" and family == "same"
    if candidate.same_number:
        supported = given in ("same", "near") or (
            given in ("alike", "unknown") and birth in ("same", "compatible")
        )
        return ("recognised" if supported and birth != "other" and not contrary else "unsure"), why
    if given == "other":
        return "new", why
    if birth == "same":
        if whole or (named and candidate.same_postcode):
            return ("unsure" if contrary else "recognised"), why
        if candidate.other_number:
            return "new", why
        if family == "other":
            return ("unsure" if given in ("same", "near") and candidate.same_postcode else "new"), why
        return "unsure", why
    if candidate.other_number or birth == "other":
        return "new", why
    if whole and (birth != "unknown" or candidate.same_postcode):
        return "unsure", why
    if named and candidate.same_postcode:
        return "unsure", why
    return "new", why


def fits(sought: Child, candidate: Candidate) -> tuple[Fit, Fit, Birth]:
    """How forename, surname and birthday of the two compare."""
    given = name_fit(fold(sought.given), fold(candidate.given))
    family = surname_fit(sought.family_name, candidate.family_name)
    if given == "other" and family == "other":
        crossed = name_fit(fold(sought.given), fold(candidate.family_name))
        if crossed == "same" and name_fit(fold(sought.family_name), fold(candidate.given)) == "same":
            given = family = "near"
    birth = birth_fit(sought.born, sought.precision, candidate.born, candidate.precision)
    return given, family, birth


@lru_cache(maxsize=65_536)
def name_fit(one: str, other: str) -> Fit:
    """Two folded forenames. `near` is one slip inside five letters or more: the first and the last letter tell
    names apart (Maria and Marie may be twins). `alike` says that only something stronger can tie them, such as
    a short form or a slip at the beginning. An initial leaves the rest `unknown`."""
    if not one or not other:
        return "unknown"
    if one == other:
        return "same"
    ends = one[0] == other[0] and one[-1] == other[-1]
    if ends and min(len(one), len(other)) >= 5 and slips(one, other) <= 1:
        return "near"
    shorter, longer = sorted((one, other), key=len)
    if longer.startswith(shorter) or (len(shorter) >= 4 and (shorter in longer or slips(one, other) <= 1)):
        return "unknown" if len(shorter) == 1 else "alike"
    if one[0] == other[0] and difflib.SequenceMatcher(None, one, other).ratio() >= ALIKE:
        return "alike"
    return "other"


def surname_fit(one: str, other: str) -> Fit:
    """Two surnames as written; a part of a double surname is near to the whole."""
    first, second = fold(one), fold(other)
    if not first or not second:
        return "unknown"
    if first == second:
        return "same"
    parts = [
        {fold(part) for part in name.replace("-", " ").split() if len(part) > 2} for name in (one, other)
    ]
    if parts[0] and parts[1] and (parts[0] < parts[1] or parts[1] < parts[0]):
        return "near"
    if min(len(first), len(second)) >= 3 and slips(first, second) <= 1:
        return "near"
    return "other"


def birth_fit(one: dt.date | None, one_precision: str, other: dt.date | None, other_precision: str) -> Birth:
    """Two dates of birth, each known to the day, the month or the year."""
    if one is None or other is None:
        return "unknown"
    if one_precision != "day" or other_precision != "day":
        agree = one.year == other.year
        if "year" not in (one_precision, other_precision):
            agree = agree and one.month == other.month
        return "compatible" if agree else "other"
    if one == other:
        return "same"
    if one.year == other.year and (one.day, one.month) == (other.month, other.day):
        return "swapped"
    if one.year == other.year and (1, 1) in ((one.month, one.day), (other.month, other.day)):
        # Registers write 1 January where the year alone is known.
        return "one part"
    parts = (one.year == other.year) + (one.month == other.month) + (one.day == other.day)
    return "one part" if parts == 2 else "other"


def slips(one: str, other: str) -> int:
    """0 or 1 for at most one letter added, dropped, changed or two neighbours changed about; otherwise 2."""
    if one == other:
        return 0
    if len(one) > len(other):
        one, other = other, one
    if len(other) - len(one) > 1:
        return 2
    start = 0
    while start < len(one) and one[start] == other[start]:
        start += 1
    if len(one) < len(other):
        return 1 if one[start:] == other[start + 1 :] else 2
    if one[start + 1 :] == other[start + 1 :]:
        return 1
    crossed = one[start : start + 2] == other[start : start + 2][::-1]
    return 1 if crossed and one[start + 2 :] == other[start + 2 :] else 2
