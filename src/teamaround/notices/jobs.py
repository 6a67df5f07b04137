"""Background jobs: sending, and what is done by the calendar. Arguments are numbers alone."""

from __future__ import annotations

import datetime as dt
import logging

from django.conf import settings
from django.core.mail import EmailMessage
from django.db import connection, transaction
from django.db.models.functions import Now
from django.utils import timezone
from procrastinate import RetryStrategy
from procrastinate.contrib.django import app

from teamaround.database.actor import acting_as
from teamaround.workingtime.calendar import bank_holidays

from .digests import send_digests
from .feeds import tell_late_feeds
from .involvements import keep_involvements, tell_begun
from .models import Message
from .outbox import mail_server, sends
from .reading import forget_names, read_names
from .services import service_actor

logger = logging.getLogger("teamaround.notices")
MONTHS_AHEAD = 15


@app.task(retry=RetryStrategy(max_attempts=8, exponential_wait=4))
def send_message(message: int) -> None:
    """Send one message. A second run finds it sent; a mail server that fails is tried again, ever later."""
    if not sends():
        return
    with acting_as(service_actor("post")), transaction.atomic():
        row = Message.objects.select_for_update(skip_locked=True).filter(pk=message, sent_at=None).first()
        if row is None:
            return
        EmailMessage(
            row.subject_line, row.body, to=[row.address], connection=mail_server(settings.TEAMAROUND_MAIL_URL)
        ).send()
        Message.objects.filter(pk=row.pk).update(sent_at=Now(), body="")


@app.periodic(cron="10 3 * * *")
@app.task(queueing_lock="purge_drafts")
def purge_drafts(timestamp: int) -> None:
    """Remove what was typed, never saved, and is past its purge date."""
    with acting_as(service_actor("housekeeping")), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("select app.purge_drafts()")
        row = cursor.fetchone()
    logger.info("drafts purged: %s", row[0] if row else 0)


@app.periodic(cron="20 3 1 * *")
@app.task(queueing_lock="prepare_access_log")
def prepare_access_log(timestamp: int) -> None:
    """Make the access log's partitions for the months to come; those that are there stay."""
    with acting_as(service_actor("housekeeping")), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(
            "select app.make_log_partitions(%s, %s)", [timezone.localdate().replace(day=1), MONTHS_AHEAD]
        )


@app.periodic(cron="* * * * *")
@app.task(queueing_lock="seal_access_log")
def seal_access_log(timestamp: int) -> None:
    """Seal what the access log took in. The line goes to the machine's own log: a copy of each seal elsewhere."""
    with acting_as(service_actor("sealing")), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("select seal, looks, lines, chained from app.seal_log()")
        row = cursor.fetchone()
    if row is not None:
        logger.info("access log sealed: seal %s, %s looks, %s lines, %s", *row)


@app.periodic(cron="* * * * *")
@app.task(queueing_lock="watch_access_log")
def watch_access_log(timestamp: int) -> None:
    """Raise alerts about what was sealed since; looking twice raises nothing twice."""
    year = timezone.localdate().year
    closed = [dt.date.fromordinal(day) for each in (year - 1, year) for day in bank_holidays(each)]
    with acting_as(service_actor("watching")), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("select app.raise_alerts(%s)", [closed])
        row = cursor.fetchone()
    if row is not None and row[0]:
        logger.info("access alerts raised: %s", row[0])


@app.periodic(cron="40 3 * * *")
@app.task(queueing_lock="keep_involvements")
def ask_about_quiet_involvements(timestamp: int) -> None:
    """Ask whether teams still work with those nobody was in contact with, and end what nobody confirmed."""
    done = keep_involvements()
    logger.info(
        "involvements: %s teams asked, %s reminded, %s ended", done["asked"], done["reminded"], done["ended"]
    )


@app.periodic(cron="*/15 * * * *")
@app.task(queueing_lock="tell_begun")
def tell_who_began(timestamp: int) -> None:
    """Tell workers that another service began with somebody they work with."""
    told = tell_begun()
    if told:
        logger.info("told of another service: %s", told)


@app.periodic(cron="*/10 7-21 * * *")
@app.task(queueing_lock="send_digests")
def send_what_waits(timestamp: int) -> None:
    """Send the digests of those who are in working hours now."""
    sent = send_digests()
    if sent:
        logger.info("digests sent: %s", sent)


@app.periodic(cron="25 7-18 * * *")
@app.task(queueing_lock="tell_late_feeds")
def tell_of_late_feeds(timestamp: int) -> None:
    """Tell those who keep a feed that it is late."""
    told = tell_late_feeds()
    if told:
        logger.info("told of a late feed: %s", told)


@app.periodic(cron="*/10 * * * *")
@app.task(queueing_lock="read_names")
def read_written_names(timestamp: int) -> None:
    """Read names that reached the database without a reading, or were read by the rules of an earlier release."""
    texts, records = read_names()
    if texts or records:
        logger.info("names read: %s texts, %s records made ready", texts, records)


@app.periodic(cron="50 3 * * 0")
@app.task(queueing_lock="forget_names")
def forget_written_names(timestamp: int) -> None:
    """Drop the readings of names that nobody bears any more."""
    logger.info("readings forgotten: %s", forget_names())
