"""Background work of procedures."""

from __future__ import annotations

import logging

from procrastinate.contrib.django import app

from .following import follow
from .ladder import climb
from .late import report_late_clocks
from .reminding import remind

logger = logging.getLogger("teamaround.procedures")


@app.periodic(cron="* * * * *")
@app.task(name="procedures.follow_calendars", queueing_lock="procedures_follow_calendars")
def follow_calendars(timestamp: int) -> None:
    """Bring running clocks up to the calendars, where these changed or a run before was interrupted."""
    _follow()


@app.task(name="procedures.follow_now", queueing_lock="procedures_follow_now")
def follow_now() -> None:
    """The same at once: somebody has just changed a calendar."""
    _follow()


def _follow() -> None:
    done = follow()
    if done.seen:
        logger.info("clocks reckoned anew: %s looked at, %s moved", done.seen, done.moved)


@app.periodic(cron="*/5 * * * *")
@app.task(queueing_lock="report_late_clocks")
def tell_of_late_clocks(timestamp: int) -> None:
    """Tell of what is due soon; write down which clocks are late, and tell who owes them, and further up."""
    soon = remind()
    told = report_late_clocks() + climb()
    if soon or told:
        logger.info("told of something due soon: %s, late: %s", soon, told)
