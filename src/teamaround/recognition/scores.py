"""A score as columns of a pair, and back."""

from __future__ import annotations

from typing import Any

from teamaround.linkage.comparisons import COMPARISONS, UNKNOWN
from teamaround.linkage.features import Features
from teamaround.linkage.model import FREQUENCIES, Model, Score, Term, probability

from .models import Pair

#: Pairs whose odds lie within three to one either way, in bits: two people look at them.
HARD = 1.5
#: Terms beside the comparisons', in the order in which the model sums them.
_RARITY = {f"{name}_rarity": f"{name}_rarity_bits" for name in FREQUENCIES}


def columns_of(left: Features, right: Features, model: Model, population: int) -> dict[str, Any]:
    """The columns of a pair that say how it scored."""
    score = model.score(left, right, population=population)
    bits = {term.name: term.weight for term in score.terms}
    levels = score.levels
    columns: dict[str, Any] = {
        "model_version": model.version,
        "population": population,
        "weight": score.weight,
        "doubt": abs(score.weight),
        "hard": abs(score.weight) <= HARD,
        "probability": score.probability,
        "family_chance": score.family,
        "prior_bits": bits["prior"],
        "siblings_bits": bits["siblings"],
    }
    for comparison in COMPARISONS:
        columns[f"{comparison.name}_level"] = levels.get(comparison.name, "unknown")
        columns[f"{comparison.name}_bits"] = bits[comparison.name]
    for name in FREQUENCIES:
        columns[f"{name}_rarity_bits"] = bits.get(f"{name}_rarity", 0.0)
        columns[f"{name}_share"] = max(
            model.frequency(name, getattr(left, name)), model.frequency(name, getattr(right, name))
        )
    return columns


def score_of(pair: Pair) -> Score:
    """The score as it was when the pair was scored: its terms sum to its weight."""
    terms = [Term("prior", "", pair.prior_bits)]
    for comparison in COMPARISONS:
        level = getattr(pair, f"{comparison.name}_level")
        terms.append(Term(comparison.name, level, getattr(pair, f"{comparison.name}_bits")))
        rarity = _RARITY.get(f"{comparison.name}_rarity")
        if rarity and getattr(pair, rarity):
            terms.append(Term(f"{comparison.name}_rarity", "", getattr(pair, rarity)))
    terms.append(Term("siblings", "", pair.siblings_bits))
    weight = pair.weight
    return Score(weight, probability(weight), tuple(terms), weight - pair.siblings_bits, pair.family_chance)


def scored_anew(columns: dict[str, Any], model: Model) -> Score:
    """What another model makes of the same levels. ValueError where it does not know one of them."""
    numbers = []
    for comparison in COMPARISONS:
        level = columns[f"{comparison.name}_level"]
        if level != "unknown" and level not in comparison.gammas:
            raise ValueError(f"This model has no level {level!r} of {comparison.name}.")
        numbers.append(UNKNOWN if level == "unknown" else comparison.gammas[level])
    shares = {name: float(columns[f"{name}_share"]) for name in FREQUENCIES}
    return model.score_levels(numbers, shares, int(columns["population"]))
