"""Calendars and the arithmetic of limits: when something is due, and why.

Pure: no database, no settings, no clock of its own. Instants are aware datetimes, stored in UTC; civil dates,
opening hours and limits are those of Europe/London.
"""

from teamaround.workingtime.calendar import (
    EVERY_DAY,
    FIRST_YEAR,
    LAST_YEAR,
    LONDON,
    MONDAY_TO_FRIDAY,
    WEEKDAYS,
    Calendar,
    Closure,
    Term,
    bank_holidays,
)
from teamaround.workingtime.clock import Due, Pause, due
from teamaround.workingtime.cycles import Cycle
from teamaround.workingtime.limits import Limit
from teamaround.workingtime.many import Reckoner
from teamaround.workingtime.phrases import Bucket, Skipped, bucket, remaining, say_instant, say_time
from teamaround.workingtime.spent import elapsed, left

__all__ = [
    "EVERY_DAY",
    "FIRST_YEAR",
    "LAST_YEAR",
    "LONDON",
    "MONDAY_TO_FRIDAY",
    "WEEKDAYS",
    "Bucket",
    "Calendar",
    "Closure",
    "Cycle",
    "Due",
    "Limit",
    "Pause",
    "Reckoner",
    "Skipped",
    "Term",
    "bank_holidays",
    "bucket",
    "due",
    "elapsed",
    "left",
    "remaining",
    "say_instant",
    "say_time",
]
