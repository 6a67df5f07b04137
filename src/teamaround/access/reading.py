"""Reading the access log: by the person it is about, and by the information-governance lead. Nobody else can.

Both readings are functions of the database that verify who asks: see `access/migrations/0006_watching.py`.
"""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Sequence
from dataclasses import dataclass

from django.db import connection, models


class PageKind(models.TextChoices):
    """What somebody looked at, in the words a family reads."""

    SEARCH = "search", "A search for a name"
    RECORD = "record", "Your page: who works with you"
    FAMILY = "family", "Your family’s page"
    CASE = "case", "Your case"
    REFERRAL = "referral", "A request for help"
    ASSESSMENT = "assessment", "An assessment"
    PLAN = "plan", "Your plan"
    MEETING = "meeting", "A meeting about you"
    SHARING = "sharing", "What you agreed may be shared"
    LIST = "list", "A list of the people they work with"
    OVERSIGHT = "oversight", "A check of who looked"
    OTHER = "other", "Another page"


_KINDS: tuple[tuple[str, PageKind], ...] = (
    ("desk:search", PageKind.SEARCH),
    ("desk:open_found", PageKind.SEARCH),
    ("desk:family", PageKind.FAMILY),
    ("desk:case", PageKind.CASE),
    ("desk:my_day", PageKind.LIST),
    ("desk:", PageKind.RECORD),
    ("referrals:", PageKind.REFERRAL),
    ("assessments:", PageKind.ASSESSMENT),
    ("plans:", PageKind.PLAN),
    ("tasks:", PageKind.PLAN),
    ("meetings:", PageKind.MEETING),
    ("sharing:", PageKind.SHARING),
    ("importing:", PageKind.LIST),
    ("oversight:", PageKind.OVERSIGHT),
)


def page_kind(page: str, act: str) -> PageKind:
    """The plain kind of a page by the name of its URL pattern and what was done there."""
    if act == "list":
        return PageKind.LIST
    if act == "search":
        return PageKind.SEARCH
    return next((kind for prefix, kind in _KINDS if page.startswith(prefix)), PageKind.OTHER)


@dataclass(frozen=True, slots=True)
class Cursor:
    """Where a page of looks ended: the last one's time and identifier."""

    at: dt.datetime
    look: uuid.UUID


@dataclass(frozen=True, slots=True)
class LookOnMe:
    """One look at a person's record, as the person may know it: no practitioner's name, no number."""

    at: dt.datetime
    role: str
    agency: str
    page: PageKind
    act: str
    reason: str
    categories: tuple[str, ...]
    cursor: Cursor


_LOOKS_ON = "select look, at, role, agency, page, act, reason, categories from app.looks_on(%s, %s, %s, %s)"


def looks_on(subject: int, *, before: Cursor | None = None, most: int = 50) -> list[LookOnMe]:
    """Who looked at the subject's record, the latest first, at most 200.

    Only the person's own portal account may ask, else the database refuses (DatabaseError). Looks that may
    tip somebody off are left out before anything is counted. A look appears within about two minutes.
    """
    with connection.cursor() as cursor:
        cursor.execute(
            _LOOKS_ON, [subject, before.at if before else None, before.look if before else None, most]
        )
        rows = cursor.fetchall()
    return [
        LookOnMe(at, role, agency, page_kind(page, act), act, reason, tuple(categories), Cursor(at, look))
        for look, at, role, agency, page, act, reason, categories in rows
    ]


@dataclass(frozen=True, slots=True)
class LoggedLook:
    """One access as the information-governance lead reads it; of many subjects, the first five by name."""

    look: uuid.UUID
    at: dt.datetime
    who: str
    job_title: str
    team: str
    agency: str
    page: str
    act: str
    reason: str
    outcome: str
    subjects: Sequence[int]
    names: Sequence[str]
    categories: Sequence[str]
    total: int


_ACCESS_LOG = (
    "select look, at, who, job_title, team, agency_name, page, act, reason, outcome, subjects, names, categories, total "
    "from app.access_log(%s, %s, %s, %s, %s, %s)"
)


def access_log(
    *,
    since: dt.datetime,
    until: dt.datetime,
    agency: int | None = None,
    before: Cursor | None = None,
    most: int = 50,
) -> list[LoggedLook]:
    """The access log from `since` to before `until`, the latest first, at most 200.

    Only a current information-governance lead may ask, else the database refuses (DatabaseError).
    """
    with connection.cursor() as cursor:
        cursor.execute(
            _ACCESS_LOG,
            [since, until, agency, before.at if before else None, before.look if before else None, most],
        )
        return [LoggedLook(*row) for row in cursor.fetchall()]


def alert_names(subjects: Sequence[int]) -> dict[int, str]:
    """The names of subjects that an alert is about. Only a current information-governance lead may ask."""
    with connection.cursor() as cursor:
        cursor.execute("select subject_id, name from app.alert_names(%s)", [list(subjects)])
        return dict(cursor.fetchall())
