"""What reaches My day from the casework rooms: news of referrals, and today's meetings."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from teamaround.access.me import Me


@dataclass(frozen=True, slots=True)
class NewsItem:
    """One piece of news of a referral: whom it is about, what happened, and when."""

    subject: int | None
    name: str
    url: str
    what: str
    detail: str
    when: dt.datetime


@dataclass(frozen=True, slots=True)
class Appointment:
    """A meeting of today."""

    subject: int | None
    title: str
    url: str
    place: str
    at: dt.datetime
    done: bool
    next: bool


def referral_news(me: Me) -> list[NewsItem]:
    """What happened lately to referrals that my teams sent or received, latest first."""
    return []


def appointments(me: Me) -> list[Appointment]:
    """Today's meetings to which I am called, in order."""
    return []
