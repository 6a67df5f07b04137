"""The nightly count. What it writes is rounded and suppressed already."""

from __future__ import annotations

import datetime as dt
import logging

from django.db import connection, transaction
from procrastinate.contrib.django import app

from teamaround.database.actor import acting_as
from teamaround.notices.services import service_actor

logger = logging.getLogger("teamaround.reports")


@app.periodic(cron="40 2 * * *")
@app.task(queueing_lock="count_coverage")
def count_coverage(timestamp: int) -> None:
    """Count the children known as young carers anew; counting twice changes nothing."""
    count_now()
    logger.info("children known as young carers counted")


def count_now() -> dt.datetime:
    """Count at once, as the service that does nothing else; returns when it was counted."""
    with acting_as(service_actor("counting")), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("select app.count_coverage()")
        row = cursor.fetchone()
    assert row is not None
    made_at: dt.datetime = row[0]
    return made_at
