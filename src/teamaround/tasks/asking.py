"""Asking whoever leads to find out what lies behind a withdrawal of consent."""

from __future__ import annotations

import datetime as dt

from django.db import connection
from django.utils import timezone
from django.utils.translation import gettext as _

DAYS = 5


def ask_what_lies_behind(*, subject: int, team: int | None) -> None:
    """Put an action on the list of whoever leads for the subject, due in five days. Once while it is open.

    `team` recorded the withdrawal; None where a family member did it themselves.
    """
    words = _("Ask what lies behind the withdrawal of consent, and whether anything has to change")
    due = timezone.localdate() + dt.timedelta(days=DAYS)
    with connection.cursor() as cursor:
        cursor.execute("select app.ask_what_lies_behind(%s, %s, %s, %s)", [subject, team, words, due])
