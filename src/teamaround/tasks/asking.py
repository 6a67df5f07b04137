"""Asking whoever leads what lies behind a withdrawal; telling them, and who governs, of an emergency."""

from __future__ import annotations

import datetime as dt

from django.db import ProgrammingError, connection, transaction
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from teamaround.access.me import Me
from teamaround.notices.actions import notify
from teamaround.sharing.models import Basis

DAYS = 5


def ask_what_lies_behind(*, subject: int, team: int | None) -> None:
    """Put an action on the list of whoever leads for the subject, due in five days. Once while it is open.

    `team` recorded the withdrawal; None where a family member did it themselves. A team that works with the
    subject no more asks nobody.
    """
    words = _("Ask what lies behind the withdrawal of consent, and whether anything has to change")
    due = timezone.localdate() + dt.timedelta(days=DAYS)
    try:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute("select app.ask_what_lies_behind(%s, %s, %s, %s)", [subject, team, words, due])
    except ProgrammingError as refused:
        if getattr(refused.__cause__, "sqlstate", "") != "42501":
            raise


def tell_of_emergency(*, by: Me, basis: Basis) -> None:
    """Tell who governs access by a notice, and whoever leads for the subject by an action due today."""
    words = _("%(name)s, %(team)s, opened this record in an emergency: %(reason)s. Talk to them about it.")
    said = {"name": by.name, "team": basis.author_team.name, "reason": basis.reason.rstrip(".")[:180]}
    with connection.cursor() as cursor:
        cursor.execute("select app.tell_of_emergency(%s, %s)", [basis.pk, words % said])
        cursor.execute("select * from app.who_governs()")
        governs = [row[0] for row in cursor.fetchall()]
    notify(practitioners=governs, kind="emergency.opened", link=reverse("sharing:emergencies"))
