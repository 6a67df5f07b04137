"""Why a value was not taken: a code for machines, a sentence for people, never the value itself."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Reason:
    """What is wrong and what to do, in plain words that repeat no one's data; and a stable code for it."""

    code: str
    text: str


class RefusedError(ValueError):
    """A value that cannot be used, and the reason."""

    def __init__(self, reason: Reason) -> None:
        self.reason = reason
        super().__init__(reason.text)


FORMULA = Reason(
    "formula", "The cell holds a formula, which is never worked out here. Replace it with the plain value."
)
