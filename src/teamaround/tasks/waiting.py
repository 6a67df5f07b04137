"""What waits for somebody in rooms beside the desk: their own page, My day, asks for it here."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from teamaround.access.me import Me
from teamaround.database.asking import Question


@dataclass(frozen=True, slots=True)
class WaitingLine:
    """One line: what waits, where it is done, why it stands here, and the verb. It names nobody."""

    title: str
    url: str
    reason: str
    action: str


def _nothing(me: Me) -> None:
    return None


def _no_lines(answer: Iterable[Sequence[Any]]) -> list[WaitingLine]:
    return []


class FromFamilies:
    """What families wrote and wait for. The portal, a floor above, says what to ask, where there is anything to ask
    for somebody, and reads the answer."""

    asking: Callable[[Me], Question | None] = staticmethod(_nothing)
    told: Callable[[Iterable[Sequence[Any]]], list[WaitingLine]] = staticmethod(_no_lines)
