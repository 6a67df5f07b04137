"""Is this row somebody who is already known? By the model of `linkage`, in words for the page.

Recognised without asking: certain by the model, with nobody else who fits nearly as well. What is uncertain, or fits
two children alike, is put before a person; a likely brother, sister or twin is neither recognised nor offered.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Literal, cast

from teamaround.linkage import Features, Record, features_of, shipped
from teamaround.linkage.clustering import FAMILY, MARGIN
from teamaround.linkage.explain import said_of
from teamaround.linkage.normalise import Precision

Kind = Literal["new", "recognised", "unsure"]


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
    middle: str = ""


@dataclass(frozen=True, slots=True)
class Candidate:
    """Somebody a row may be. `key` tells candidates apart; `weight`, `family` and `levels` are the score's."""

    key: str
    weight: float
    family: float
    levels: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Verdict:
    """`keys` are the candidates: exactly one when recognised, one or more when unsure, none when new."""

    kind: Kind
    keys: tuple[str, ...] = ()
    why: str = ""


@lru_cache(maxsize=20_000)
def features(child: Child) -> Features:
    """The child as the model compares it."""
    return features_of(
        Record(
            given=child.given,
            middle=child.middle,
            family=child.family_name,
            born=child.born,
            precision=cast(Precision, child.precision),
            sex=child.sex,
            postcodes=(child.postcode,) if child.postcode else (),
            nhs=child.nhs,
            upn=child.upn,
        )
    )


def as_candidate(key: str, child: Child, sought: Child) -> Candidate:
    """A child as a candidate for `sought`: another row of the same file, or one whom the records name."""
    score = shipped().score(features(child), features(sought))
    return Candidate(key, score.weight, score.family, score.levels)


def judge(candidates: Sequence[Candidate]) -> Verdict:
    """The verdict over all candidates. Two who fit nearly alike are put before a person."""
    model = shipped()
    ranked = sorted(candidates, key=lambda one: -one.weight)
    offered = [one for one in ranked if one.weight >= model.review and one.family <= FAMILY]
    if not offered:
        return Verdict("new")
    best = offered[0]
    if best.weight < model.join or best.family > model.family_most or not bears_out(best):
        return Verdict("unsure", tuple(one.key for one in offered), reason(best))
    rivals = [one for one in offered[1:] if one.weight >= best.weight - MARGIN]
    if rivals:
        return Verdict("unsure", tuple(one.key for one in offered), "more than one child fits")
    return Verdict("recognised", (best.key,), reason(best))


def bears_out(candidate: Candidate) -> bool:
    """Whether nothing stands out that a person would ask about, however much the rest outweighs it: another forename,
    another number, another sex; a forename of one letter; or, without a number in common, no birthday in common, or a
    slip in both birthday and surname."""
    levels = candidate.levels
    numbered = "same" in (levels.get("nhs"), levels.get("upn"))
    if "other" in (levels.get("given"), levels.get("nhs"), levels.get("upn"), levels.get("sex")):
        return False
    if levels.get("given") in ("initial", "unknown") and not numbered:
        return False
    if numbered:
        return True
    if levels.get("born") in ("other", "unknown", None):
        return False
    return levels.get("born") in ("same", "new_year") or levels.get("family") in ("same", "part", "form")


def bears_reference(candidate: Candidate) -> bool:
    """Whether a child whom the same team filed under the row's own reference is the row's child. A reference
    given to another child since must not tie the two: nothing that both say may be contrary."""
    return not any(
        candidate.levels.get(name) == "other" for name in ("given", "family", "born", "nhs", "upn")
    )


def reason(candidate: Candidate) -> str:
    """What fits and what does not, in words for the page."""
    said = said_of(candidate.levels)
    if candidate.levels.get("born") == "unknown":
        said.append("a birthday is missing")
    return ", ".join(said) or "little to compare"
