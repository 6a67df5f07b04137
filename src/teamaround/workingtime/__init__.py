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
    bank_holidays,
)
from teamaround.workingtime.clock import Due, Pause, due
from teamaround.workingtime.limits import Limit
from teamaround.workingtime.phrases import Bucket, Skipped, bucket, remaining, say_instant, say_time

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
    "Due",
    "Limit",
    "Pause",
    "Skipped",
    "bank_holidays",
    "bucket",
    "due",
    "remaining",
    "say_instant",
    "say_time",
]
