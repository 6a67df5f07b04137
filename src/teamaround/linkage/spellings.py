"""Families of spellings and short forms: Bob and Robert, Mohammed and Muhammad, Witkowski and Witkowska.

The families are data, `spellings.yaml`, which whoever knows better may add to. A name's `forms` are the families
that it stands in; two names of one family share a form.
"""

from __future__ import annotations

from collections import defaultdict
from functools import cache, lru_cache
from importlib.resources import files

import yaml

from teamaround.linkage.normalise import words


@cache
def families() -> dict[str, dict[str, tuple[str, ...]]]:
    """By "forenames" and "surnames": name to the families that it stands in, each called by its first name."""
    text = files("teamaround.linkage").joinpath("spellings.yaml").read_text(encoding="utf-8")
    found: dict[str, dict[str, tuple[str, ...]]] = {}
    for kind, groups in yaml.safe_load(text).items():
        heads: dict[str, list[str]] = defaultdict(list)
        for lines in groups.values():
            for line in lines:
                names = ["".join(words(name)) for name in line.split()]
                for name in dict.fromkeys(names):
                    if names[0] not in heads[name]:
                        heads[name].append(names[0])
        found[kind] = {name: tuple(of) for name, of in heads.items()}
    return found


@lru_cache(maxsize=100_000)
def forms(name: str, kind: str = "forenames") -> tuple[str, ...]:
    """The families of a normalised name, and the name itself where it stands in none; () for ""."""
    return families()[kind].get(name) or ((name,) if name else ())
