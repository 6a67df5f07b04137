"""The week's board in the words of its page."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass

from django.urls import reverse
from django.utils.translation import gettext as _

from teamaround.workingtime import WEEKDAYS

from .working import SiteWeek


@dataclass(frozen=True, slots=True)
class Line:
    """Somebody's week at a site; `cells` in the order of the days."""

    name: str
    team: str
    url: str
    cells: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Board:
    """A site's week. `closed` says on which days it is closed, and why."""

    name: str
    where: str
    lines: tuple[Line, ...]
    closed: tuple[str, ...]


def headings(monday: dt.date) -> list[str]:
    """What the seven columns are called: "Mon 23"."""
    return [
        f"{_(name)[:3]} {(monday + dt.timedelta(days=number)).day}" for number, name in enumerate(WEEKDAYS)
    ]


def boards(sites: Sequence[SiteWeek], monday: dt.date) -> list[Board]:
    """The boards of these sites."""
    days = headings(monday)
    found = []
    for each in sites:
        site = each.site
        reasons: dict[str, list[str]] = {}
        for day, reason in zip(days, each.closed, strict=True):
            if reason:
                reasons.setdefault(reason, []).append(day)
        found.append(
            Board(
                name=site.name,
                where=", ".join(part for part in (site.agency.name, site.address, site.postcode) if part),
                lines=tuple(
                    Line(
                        there.name,
                        there.team,
                        reverse("rota:person", args=[there.uuid]),
                        tuple(words or "–" for words in there.days),
                    )
                    for there in each.people
                ),
                closed=tuple(
                    _("Closed on %(days)s: %(reason)s") % {"days": ", ".join(on), "reason": reason}
                    for reason, on in reasons.items()
                ),
            )
        )
    return found
