"""Limits as people write them: "2 hours", "same day", "1 working day", "3 months"."""

import re
from calendar import monthrange
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Literal

Unit = Literal["minute", "hour", "same day", "working day", "calendar day", "week", "month"]
Of = Literal["elapsed", "opening"]
IfClosed = Literal["next open day", "last open day"]

EXAMPLES = '"30 minutes", "2 hours", "same day", "1 working day", "1 week" or "3 months"'

# A hundred years in each unit, counted generously: nobody means that, so it is a slip of the keyboard.
_HUNDRED_YEARS: dict[str, int] = {
    "minute": 52_596_000,
    "hour": 876_600,
    "working day": 25_000,
    "calendar day": 36_525,
    "week": 5_217,
    "month": 1_200,
}
_LONGEST_IN_OPENING_HOURS = 1_000
_MONTHS_A_YEAR = 12
_DAYS_A_UNIT = {"same day": 0, "calendar day": 1, "week": 7}
_UNITS: dict[str, Unit] = {
    "minute": "minute",
    "hour": "hour",
    "working day": "working day",
    "calendar day": "calendar day",
    "week": "week",
    "month": "month",
}

_WRITTEN = re.compile(
    r"(?P<amount>-?\d+(?:[.,]\d+)?)\s+(?P<opening>opening\s+)?"
    r"(?P<unit>minute|hour|working\s+day|calendar\s+day|day|week|month|year)s?"
    r"(?P<date>\s+to\s+the\s+corresponding\s+date)?",
    re.IGNORECASE,
)
_IN_TERM = re.compile(r"\s+in\s+term(?:\s+time)?$", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Limit:
    """How long something may take.

    `amount` counts `unit`s: more than 0 and less than a hundred years; it is 1 for "same day". `of` says
    for hours and minutes whether all time counts (`elapsed`) or only time in opening hours (`opening`).
    `if_closed` says what happens when a limit in calendar days, weeks or months ends on a day when the
    service is closed: the end of the next open day, or, for a limit that the law states as "at most", the
    end of the last open day before. `in_term` counts in term time: days of the school holidays count as days on
    which the service is closed.

    Raises ValueError that says what to write instead.
    """

    amount: int
    unit: Unit
    of: Of = "elapsed"
    if_closed: IfClosed = "next open day"
    in_term: bool = False

    def __post_init__(self) -> None:
        if self.in_term and self.unit in ("minute", "hour") and self.of == "elapsed":
            raise ValueError(
                "Hours that run day and night take no notice of term time. "
                f'Write "{self.amount} opening {self.unit}s in term time", or leave out "in term time".'
            )
        if self.unit == "same day":
            if self.amount != 1:
                raise ValueError('Write "same day" without a number.')
            return
        if self.amount <= 0:
            raise ValueError(
                f"A limit of {self.amount} {self.unit}s leaves no time at all. "
                'Write "same day", or a number of at least 1, such as "1 working day".'
            )
        if self.amount >= _HUNDRED_YEARS[self.unit]:
            raise ValueError(
                f"A limit of {self.amount} {self.unit}s is a hundred years or more. "
                'Write the length that is meant, such as "6 months".'
            )
        if self.of == "opening":
            if self.unit not in ("minute", "hour"):
                raise ValueError(
                    f'Only hours and minutes can be counted in opening hours. Write "{self.amount} working '
                    f'day{"s" if self.amount > 1 else ""}", or leave out "opening".'
                )
            if self.amount > _LONGEST_IN_OPENING_HOURS * (60 if self.unit == "minute" else 1):
                raise ValueError(
                    f"A limit of more than {_LONGEST_IN_OPENING_HOURS} opening hours is hard to follow. "
                    'Write it in working days, such as "45 working days".'
                )

    @classmethod
    def parse(cls, text: str, *, of: Of = "elapsed", if_closed: IfClosed = "next open day") -> "Limit":
        """Read a limit as a person writes it.

        "30 minutes", "2 hours" (with `of="opening"`, or written "2 opening hours": only time in opening
        hours), "same day", "1 working day", "3 calendar days", "1 week", "3 months", "1 year"; each of them
        with "in term time" behind it, except hours day and night. A month is always "to the corresponding
        date": that may be written as well. Capitals and extra blanks do not matter. Raises ValueError that says what to write instead.
        """
        written = " ".join(text.split())
        shorter = _IN_TERM.sub("", written)
        in_term, written = shorter != written, shorter
        if written.lower() == "same day":
            return cls(1, "same day", if_closed=if_closed, in_term=in_term)
        match = _WRITTEN.fullmatch(written)
        if match is None:
            raise ValueError(f'"{written[:40]}" is not a limit. Write {EXAMPLES}.')
        if match["date"] and match["unit"].lower() not in ("month", "year"):
            raise ValueError(
                f'Only months and years end on the corresponding date. Write "{match["amount"]} {match["unit"]}s".'
            )
        number, unit = match["amount"], " ".join(match["unit"].lower().split())
        if not number.lstrip("-").isascii() or not number.lstrip("-").isdigit():
            raise ValueError(
                f'"{written}" is not a whole number. Write a smaller unit, such as "90 minutes".'
            )
        if len(number) > 9:
            raise ValueError(
                f'"{written[:40]}" is a hundred years or more. '
                'Write the length that is meant, such as "6 months".'
            )
        amount = int(number)
        if unit == "day":
            raise ValueError(
                f'"{written}" can be read in two ways. Write "{amount} working days" (weekends and bank '
                f'holidays do not count) or "{amount} calendar days" (every day counts).'
            )
        if unit == "year":
            unit, amount = "month", amount * _MONTHS_A_YEAR
        return cls(amount, _UNITS[unit], "opening" if match["opening"] else of, if_closed, in_term)

    def __str__(self) -> str:
        """The limit in words that `parse` reads back."""
        term = " in term time" if self.in_term else ""
        if self.unit == "same day":
            return f"{self.unit}{term}"
        opening = "opening " if self.of == "opening" else ""
        return f"{self.amount} {opening}{self.unit}{'' if self.amount == 1 else 's'}{term}"

    @property
    def in_whole_days(self) -> bool:
        """Whether the limit ends with the service's day rather than at a clock time."""
        return self.unit in ("same day", "calendar day", "week", "month")

    def corresponding_day(self, start: date) -> date:
        """The date on which a limit in whole days ends that began on `start`, whether or not that day is
        open.

        A month ends on the same day of a later month, or on its last day where it is too short.
        """
        if self.unit == "month":
            year, month = divmod(start.year * _MONTHS_A_YEAR + start.month - 1 + self.amount, _MONTHS_A_YEAR)
            return date(year, month + 1, min(start.day, monthrange(year, month + 1)[1]))
        return start + timedelta(days=self.amount * _DAYS_A_UNIT[self.unit])
