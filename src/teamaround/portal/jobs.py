"""What is done each night for the families' own pages."""

from __future__ import annotations

import logging

from django.db import connection, transaction
from procrastinate.contrib.django import app

from teamaround.database.actor import acting_as
from teamaround.notices.services import service_actor

logger = logging.getLogger("teamaround.portal")


@app.periodic(cron="15 3 * * *")
@app.task(queueing_lock="purge_portal_codes")
def purge_portal_codes(timestamp: int) -> None:
    """Remove one-time codes that are past their time, used or not."""
    with acting_as(service_actor("housekeeping")), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("select app.purge_portal_codes()")
        row = cursor.fetchone()
    logger.info("one-time codes purged: %s", row[0] if row else 0)
