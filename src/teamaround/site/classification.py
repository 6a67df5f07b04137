"""How each field is classified: privacy, retention, family visibility. Read from `classification.yaml`."""

from __future__ import annotations

import functools
from dataclasses import dataclass
from importlib.resources import files

import yaml

from teamaround.access.categories import FamilyView, Privacy, Retention


@dataclass(frozen=True, slots=True)
class Classes:
    """The classes of one field."""

    privacy: Privacy
    retention: Retention
    family: FamilyView


@functools.cache
def classification() -> dict[str, dict[str, Classes]]:
    """Table, field, classes. Raises ValueError for a word that is no class."""
    text = (files("teamaround.site") / "classification.yaml").read_text("utf-8")
    found: dict[str, dict[str, Classes]] = {}
    for table, fields in yaml.safe_load(text).items():
        found[table] = {}
        for name, words in fields.items():
            privacy, retention, family = words.split()
            found[table][name] = Classes(Privacy(privacy), Retention(retention), FamilyView(family))
    return found
