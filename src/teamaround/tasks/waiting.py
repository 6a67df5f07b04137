"""What waits for somebody in rooms beside the desk: their own page, My day, asks for it here."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from teamaround.access.me import Me


@dataclass(frozen=True, slots=True)
class WaitingLine:
    """One line: what waits, where it is done, why it stands here, and the verb. It names nobody."""

    title: str
    url: str
    reason: str
    action: str


def _nothing(me: Me) -> list[WaitingLine]:
    return []


class FromFamilies:
    """What families wrote and wait for. The portal, a floor above, says how to find it. One query at most."""

    find: Callable[[Me], list[WaitingLine]] = staticmethod(_nothing)
