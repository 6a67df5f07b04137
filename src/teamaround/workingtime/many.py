"""The same reckoning for a whole area: one limit on one calendar, for many starts."""

from datetime import UTC, datetime

from teamaround.workingtime.calendar import FIRST_YEAR, Calendar, Span, civil, instant
from teamaround.workingtime.clock import clock_in_hours, due
from teamaround.workingtime.limits import Limit


class Reckoner:
    """`reckoner(start)` is `due(start, limit, calendar).at`, several times as fast from the second start of a day on.

    What depends on the day alone is worked out once a day: for a limit in working days the day on which it ends, for
    one in whole days the moment itself. Raises ValueError as `due` does.
    """

    def __init__(self, limit: Limit, calendar: Calendar) -> None:
        self.limit = limit
        self.calendar = calendar.term_time() if limit.in_term else calendar
        self._days: dict[int, tuple[tuple[Span, ...], int]] = {}
        self._ends: dict[tuple[int, int], datetime] = {}

    def __call__(self, start: datetime) -> datetime:
        if start.tzinfo is None or start.year <= FIRST_YEAR:
            return self._slowly(start)
        if self.limit.unit == "working day":
            return self._working_days(start)
        if self.limit.in_whole_days:
            return self._whole_days(start)
        return self._slowly(start)

    def _slowly(self, start: datetime) -> datetime:
        return due(start, self.limit, self.calendar).at

    def _working_days(self, start: datetime) -> datetime:
        day, clock = civil(start)
        known = self._days.get(day)
        if known is None:
            spans = self.calendar.spans(day) if self.calendar.idle_reason(day) is None else ()
            known = spans, self.calendar.working_day_after(day, self.limit.amount)
            self._days[day] = known
        spans, last = known
        for number, (opens, closes) in enumerate(spans):
            if clock < closes:
                if clock >= opens:
                    return instant(last, clock_in_hours(self.calendar, last, clock))
                return self._shared(start, day, number)
        return self._shared(start, day, len(spans))

    def _whole_days(self, start: datetime) -> datetime:
        day, clock = civil(start)
        known = self._days.get(day)
        if known is None:
            known = self._days[day] = self.calendar.spans(day), 0
        return self._shared(start, day, int(bool(known[0]) and clock >= known[0][-1][1]))

    def _shared(self, start: datetime, day: int, part: int) -> datetime:
        """What every start in this part of the day has in common."""
        found = self._ends.get((day, part))
        if found is None:
            found = self._ends[day, part] = self._slowly(start.astimezone(UTC))
        return found
