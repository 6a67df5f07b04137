"""How the model's score compares with what people decided: decisions as data."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.db import connection, transaction

from teamaround.database.actor import ANONYMOUS, acting_as
from teamaround.linkage.comparisons import COMPARISONS
from teamaround.linkage.model import Model

from . import entries
from .agreement import band_of, limits
from .scores import scored_anew


@dataclass(frozen=True, slots=True)
class Decision:
    """One decided pair: whether it is one child, whether people said so, and whether the model would join it."""

    same: bool
    by_people: bool
    weight: float
    joins: bool


def decisions(model: Model) -> list[Decision]:
    """Every decided pair of the area, scored by `model` from its levels. To be called outside a transaction.

    ValueError where the model does not know a level of one of them.
    """
    with acting_as(ANONYMOUS), transaction.atomic():
        actor = entries.searching()
    with acting_as(actor), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("select * from app.recognition_decisions()")
        rows = cursor.fetchall()
    found = []
    for state, by_people, levels, given_share, family_share, population in rows:
        columns: dict[str, Any] = {
            f"{comparison.name}_level": level for comparison, level in zip(COMPARISONS, levels, strict=True)
        }
        columns |= {"given_share": given_share, "family_share": family_share, "population": population}
        score = scored_anew(columns, model)
        found.append(Decision(state != "different", by_people, score.weight, model.joins(score)))
    return found


def evaluate(found: Sequence[Decision], model: Model) -> dict[str, Any]:
    """Precision and recall of the model's joins against what people decided, over all and by band of weight.

    People mostly saw pairs that the model could not tell, so the figures are of the hard pairs, not of all.
    """
    people = [each for each in found if each.by_people]
    bands = sorted({band_of(each.weight) for each in people}, reverse=True)
    return {
        "model": model.version,
        "joins_from": round(model.join, 3),
        "decided_by_people": len(people),
        "joined_automatically": len(found) - len(people),
        **_figures(people),
        "bands": [
            {
                "from": limits(band)[0],
                "to": limits(band)[1],
                **_figures([each for each in people if band_of(each.weight) == band]),
            }
            for band in bands
        ],
    }


def _figures(found: Sequence[Decision]) -> dict[str, Any]:
    same = sum(each.same for each in found)
    joined = sum(each.joins for each in found)
    right = sum(each.same and each.joins for each in found)
    return {
        "pairs": len(found),
        "same": same,
        "different": len(found) - same,
        "would_join": joined,
        "precision": round(right / joined, 5) if joined else None,
        "recall": round(right / same, 5) if same else None,
    }
