"""A score in plain words, for the person who picks a child from a list or sits at the review desk."""

from __future__ import annotations

from collections.abc import Mapping

from teamaround.linkage.comparisons import COMPARISONS
from teamaround.linkage.model import Score

#: The order in which a person would say it.
_SAID_FIRST = ("nhs", "upn", "given", "family", "born", "place", "sex", "middle")
_LABELS = {
    "prior": "Before anything is compared",
    "siblings": "Could be a brother, sister or twin",
    "given_rarity": "How rare the forename is",
    "family_rarity": "How rare the surname is",
}
#: Rarity worth a word, in bits.
_RARE = 3.0


def explain(score: Score) -> str:
    """What agrees and what does not: "same birthday; surname spelt differently; lives nearby". No values."""
    levels = score.levels
    said = said_of(levels)
    rare = {term.name: term.weight for term in score.terms}
    if levels.get("family") == "same" and rare.get("family_rarity", 0.0) > _RARE:
        said.append("a rare surname")
    if levels.get("born") == "unknown":
        said.append("a birthday is missing")
    if score.family > 0.5:
        said.append("may be a brother, sister or twin")
    return "; ".join(said) or "nothing in common"


def said_of(levels: Mapping[str, str]) -> list[str]:
    """The words of each level, by comparison name; nothing of what is unknown or goes without saying."""
    said = []
    if levels.get("given") == "same" and levels.get("family") == "same":
        said.append("same name")
    by_name = {comparison.name: comparison for comparison in COMPARISONS}
    for name in _SAID_FIRST:
        code = levels.get(name, "unknown")
        if code == "unknown" or (said[:1] == ["same name"] and name in {"given", "family"}):
            continue
        comparison = by_name[name]
        words = comparison.by_gamma[comparison.gammas[code]].words
        if words:
            said.append(words)
    return said


def waterfall(score: Score) -> list[tuple[str, str, float]]:
    """(what, in words, weight) of each term that says something, in the order of the sum; they sum to the weight."""
    by_name = {comparison.name: comparison for comparison in COMPARISONS}
    steps = []
    for term in score.terms:
        if term.level == "unknown":
            continue
        if term.level:
            comparison = by_name[term.name]
            words = comparison.by_gamma[comparison.gammas[term.level]].words
            steps.append((comparison.label, words or "the same", term.weight))
        else:
            steps.append((_LABELS[term.name], "", term.weight))
    return steps
