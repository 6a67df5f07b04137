"""A manager's own part of supervision, as My day lists it: the cases that wait for a manager's decision, a line a team."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Sequence
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from teamaround.database.asking import Question
from teamaround.supervision.loaders import OVERSIGHT_WEEKS
from teamaround.ui.presentation import uk_date

from .asked import Asked

AHEAD = 7
"""Days; what falls due within them is told beside what is overdue."""


def asking_oversight(managing: Sequence[int], *, today: dt.date) -> Question:
    """For each team that I manage, how many open cases no manager decided on for longer than the team's measure, and of
    how many that comes within seven days. For `oversight_lines`; it names no child."""
    return Question(
        "app.day_oversight(%s::int[], %s, %s, %s)", (list(managing), today, AHEAD, OVERSIGHT_WEEKS)
    )


def overdue_cases(answer: Iterable[Sequence[Any]]) -> int:
    """How many cases of all these teams are overdue."""
    return sum(row[3] for row in answer)


def oversight_lines(answer: Iterable[Sequence[Any]], *, today: dt.date) -> list[Asked]:
    """The line of each team in which a case is overdue or nearly so, the longest without a decision first."""
    return [_line(*row, today=today) for row in answer]


def _line(
    slug: str, team: str, weeks: int, late: int, soon: int, longest: str | None, *, today: dt.date
) -> Asked:
    measure = ngettext(
        "%(team)s decides on each case every week.", "%(team)s decides on each case every %(n)d weeks.", weeks
    ) % {"team": team, "n": weeks}
    if late:
        title = ngettext(
            "%(n)d case is overdue for a manager’s decision",
            "%(n)d cases are overdue for a manager’s decision",
            late,
        ) % {"n": late}
        since = dt.date.fromisoformat(str(longest))
        reason = f"{measure} {_('The longest has waited since %s.') % uk_date(since)}"
        if soon:
            reason += " " + ngettext(
                "%(n)d more is due in the next 7 days.", "%(n)d more are due in the next 7 days.", soon
            ) % {"n": soon}
    else:
        title = ngettext(
            "%(n)d case is due for a manager’s decision in the next 7 days",
            "%(n)d cases are due for a manager’s decision in the next 7 days",
            soon,
        ) % {"n": soon}
        reason = measure
    return Asked(
        title=title,
        url=reverse("supervision:of_team", args=[slug]) + "#oversight",
        reason=reason,
        action=_("See the cases"),
    )
