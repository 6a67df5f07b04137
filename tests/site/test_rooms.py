"""The order of the rooms, where import-linter cannot see: foreign keys by name."""

from __future__ import annotations

import tomllib
from pathlib import Path

from django.apps import apps

ROOT = Path(__file__).parents[2]


def floors() -> dict[str, int]:
    """Each room's floor, counted from the top, from the contract that import-linter holds."""
    contract = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["importlinter"]["contracts"][0]
    return {
        room.strip(" ()"): number
        for number, layer in enumerate(contract["layers"])
        for room in layer.split("|")
    }


def test_foreign_keys_go_down_the_floors_like_imports() -> None:
    order = floors()
    upward = []
    for model in apps.get_models():
        room = model.__module__.split(".")[1] if model.__module__.startswith("teamaround.") else None
        if room is None:
            continue
        for field in model._meta.get_fields():
            related = getattr(field, "related_model", None)
            if not getattr(field, "concrete", False) or not hasattr(related, "_meta"):
                continue
            module = related.__module__
            if not module.startswith("teamaround."):
                continue
            other = module.split(".")[1]
            if other != room and order[other] <= order[room]:
                upward.append(f"{model.__name__}.{field.name} -> {related.__name__}")
    assert upward == []


def test_every_room_of_the_package_is_placed_on_a_floor() -> None:
    rooms = {path.name for path in (ROOT / "src" / "teamaround").iterdir() if (path / "__init__.py").exists()}
    assert rooms - set(floors()) == set()
