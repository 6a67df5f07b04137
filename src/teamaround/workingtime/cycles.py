"""Limits of something that comes round: "every 10 working days", "3 months then every 6"."""

import re
from dataclasses import dataclass
from typing import Literal

from teamaround.workingtime.limits import Limit

_THEN = re.compile(r"\s*,?\s*\bthen\b\s*(?:every\b)?\s*", re.IGNORECASE)
_EVERY = re.compile(r"^every\s+(?=\S)", re.IGNORECASE)
_IN_TERM = re.compile(r"\s+in\s+term(?:\s+time)?$", re.IGNORECASE)
_WORDS = {
    "daily": "1 calendar day",
    "weekly": "1 week",
    "fortnightly": "2 weeks",
    "monthly": "1 month",
    "yearly": "1 year",
}
_UNITS_ALONE = {"working day", "week", "month", "year"}

IfClosed = Literal["next open day", "last open day"]


@dataclass(frozen=True, slots=True)
class Cycle:
    """The limit of the first round, and that of each later one. Each round begins when the one before was done, or
    fell due: whoever asks says from when it counts."""

    first: Limit
    then: Limit

    @classmethod
    def parse(cls, text: str, *, if_closed: IfClosed = "next open day") -> "Cycle":
        """Read a cycle as a person writes it: "weekly", "every 10 working days", "3 months then every 6",
        "3 months, then every 6 months in term time".

        A later number without a unit takes that of the first. Raises ValueError that says what to write instead.
        """
        written = " ".join(text.split())
        first, *later = _THEN.split(written)
        if len(later) > 1 or (later and not later[0]):
            raise ValueError(
                f'"{written[:60]}" is not a cycle. Write one "then", such as "3 months then every 6".'
            )
        begun = _limit(first, if_closed)
        if not later:
            return cls(begun, begun)
        if later[0].isascii() and later[0].isdigit():
            if begun.unit == "same day":
                raise ValueError(
                    f'"{written[:60]}" does not say every {later[0]} of what. Write "{later[0]} weeks".'
                )
            return cls(begun, Limit(int(later[0][:9]), begun.unit, begun.of, if_closed, begun.in_term))
        return cls(begun, _limit(later[0], if_closed))

    def limit(self, number: int) -> Limit:
        """The limit of a round; rounds count from 1. Raises ValueError for a number below."""
        if number < 1:
            raise ValueError("Rounds count from 1.")
        return self.first if number == 1 else self.then

    def __str__(self) -> str:
        """The cycle in words that `parse` reads back."""
        return f"every {self.first}" if self.first == self.then else f"{self.first} then every {self.then}"


def _limit(written: str, if_closed: IfClosed) -> Limit:
    plain = _EVERY.sub("", written)
    how_often, in_term = _IN_TERM.sub("", plain).lower(), _IN_TERM.search(plain)
    if how_often in _UNITS_ALONE:
        plain = f"1 {plain}"
    elif how_often in _WORDS:
        plain = _WORDS[how_often] + (in_term[0] if in_term else "")
    return Limit.parse(plain, if_closed=if_closed)
