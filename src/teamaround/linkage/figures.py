"""How well children are recognised: measured on made-up areas and on files whose truth is known."""

from __future__ import annotations

import time
from collections import Counter, defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from teamaround.linkage.batch import Engine, Pair, decide, score
from teamaround.linkage.features import features_of
from teamaround.linkage.made_up import Area, Written, area
from teamaround.linkage.model import Model


@dataclass(frozen=True, slots=True)
class Best:
    """The best candidate of one record of a caseload: its place in the index, weight, and whether it is right."""

    record: int
    place: int
    weight: float
    right: bool


def measure(
    model: Model,
    *,
    index: int,
    caseload: int,
    seed: int,
    harsher: float = 1.0,
    note: Callable[[str], None] = lambda text: None,
    engine: Engine | None = None,
) -> dict[str, Any]:
    """Link a made-up caseload to a made-up index by the model; the figures of docs/benchmarks.md."""
    note(f"Making up {index:,} children and {caseload:,} records")
    made = area(index=index, caseload=caseload, seed=seed, harsher=harsher)
    started = time.perf_counter()
    files = [[features_of(one.record) for one in part] for part in (made.index, made.caseload)]
    ready = time.perf_counter()
    note("Linking")
    pairs = score(files, model, population=index, within=False, engine=engine)
    linked = time.perf_counter()
    joined = decide(files[0] + files[1], pairs, model, index, range(len(files[0]))).joined
    done = time.perf_counter()
    return {
        "index": len(made.index),
        "caseload": len(made.caseload),
        "seed": seed,
        "harsher": harsher,
        "model": model.version,
        **_rates(made, pairs, joined, model),
        "seconds": {
            "features": round(ready - started, 1),
            "linking": round(linked - ready, 1),
            "joining": round(done - linked, 1),
        },
    }


def _rates(made: Area, pairs: Sequence[Pair], joined: Sequence[Pair], model: Model) -> dict[str, Any]:
    offset = len(made.index)
    child_at = {one.child: place for place, one in enumerate(made.index)}
    best: dict[int, Best] = {}
    true_found: dict[int, float] = {}
    for pair in pairs:
        place, record = pair.left, pair.right - offset
        right = made.index[place].child == made.caseload[record].child
        if right:
            true_found[record] = pair.weight
        if record not in best or pair.weight > best[record].weight:
            best[record] = Best(record, place, pair.weight, right)
    present = [place for place, one in enumerate(made.caseload) if one.child in child_at]
    ranked = sorted(best.values(), key=lambda one: -one.weight)
    right_joins = {pair.right - offset for pair in joined if _right(made, pair)}
    wrong = [pair for pair in joined if not _right(made, pair)]
    families = [pair for pair in wrong if _one_family(made, pair)]
    review = {
        record
        for record, weight in true_found.items()
        if record not in right_joins and weight >= model.review
    }
    f1, cut, precision, recall = _best_f1(ranked, len(present))

    def recall_by(kind: Callable[[Written], str]) -> dict[str, float]:
        all_of: Counter[str] = Counter(kind(made.caseload[record]) for record in present)
        found: Counter[str] = Counter(kind(made.caseload[record]) for record in right_joins)
        return {key: round(found[key] / count, 4) for key, count in sorted(all_of.items())}

    faults: dict[str, list[int]] = defaultdict(list)
    for record in present:
        for fault in set(made.caseload[record].faults):
            faults[fault].append(record in right_joins)
    by_origin = recall_by(lambda one: one.origin)
    return {
        "best_1": {
            "f1": round(f1, 4), "at_weight": round(cut, 2), "precision": round(precision, 4), "recall": round(recall, 4),
        },
        "pairs_scored": len(pairs),
        "blocked": round(len(true_found) / max(1, len(present)), 4),
        "joins": {
            "precision": round(1 - len(wrong) / max(1, len(joined)), 5),
            "recall": round(len(right_joins) / max(1, len(present)), 4),
            "wrong": len(wrong),
            "left_for_review": round(len(review) / max(1, len(present)), 4),
        },
        "siblings_or_twins_falsely_joined_per_10000": round(10_000 * len(families) / len(made.caseload), 2),
        "recall_by_origin": by_origin,
        "recall_between_origins": round(max(by_origin.values()) - min(by_origin.values()), 4),
        "recall_by_sector": recall_by(lambda one: one.sector),
        "recall_by_fault": {
            fault: round(sum(hits) / len(hits), 3) for fault, hits in sorted(faults.items()) if len(hits) >= 20
        },
    }  # fmt: skip


def _right(made: Area, pair: Pair) -> bool:
    return made.index[pair.left].child == made.caseload[pair.right - len(made.index)].child


def _one_family(made: Area, pair: Pair) -> bool:
    return made.index[pair.left].family == made.caseload[pair.right - len(made.index)].family


def _best_f1(ranked: Sequence[Best], present: int) -> tuple[float, float, float, float]:
    """The best F1 over all thresholds when each record takes its best candidate, with threshold and rates."""
    best = (0.0, 0.0, 0.0, 0.0)
    right = 0
    for count, one in enumerate(ranked, start=1):
        right += one.right
        precision, recall = right / count, right / max(1, present)
        f1 = 2 * precision * recall / (precision + recall) if right else 0.0
        if f1 > best[0]:
            best = (f1, one.weight, precision, recall)
    return best
