"""Recognises the same child, whoever wrote the name. Pure: no database of the service and no framework.

`features_of` brings a record into one form; `Model.score` says how likely two are one child, and why; `link` does
it for whole files with Splink and DuckDB; `training.train` makes the weights anew.
"""

from __future__ import annotations

from teamaround.linkage.comparisons import COMPARISONS, gammas
from teamaround.linkage.explain import explain, waterfall
from teamaround.linkage.features import COLUMNS, Features, Record, features_of
from teamaround.linkage.model import Model, Score, Term, load, shipped

__all__ = [
    "COLUMNS",
    "COMPARISONS",
    "Features",
    "Model",
    "Record",
    "Score",
    "Term",
    "explain",
    "features_of",
    "gammas",
    "load",
    "shipped",
    "waterfall",
]
