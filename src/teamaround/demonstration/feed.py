"""Moor Lane School's own system keeps its caseload current: a feed with a key, and what it sent last night."""

from __future__ import annotations

import datetime as dt
import hashlib

from django.db import transaction
from django.utils import timezone

from teamaround.database.actor import acting_as
from teamaround.feeds.callers import Caller, me_of_feed, note_use
from teamaround.feeds.jobs import take_in
from teamaround.feeds.models import Feed, Scope, Way
from teamaround.feeds.receiving import Arrival, receive
from teamaround.feeds.setting_up import add_feed, make_key

from .area import Area
from .past import Past
from .telling import born

NAME = "School register"
A_WEEK = 194


def a_feed(area: Area, past: Past) -> None:
    """The feed and its key, whose words nobody keeps, and one caseload: three new children, and a row refused."""
    with past.at(12, 9, 40), area.as_("ada") as me:
        feed = add_feed(
            by=me.principal,
            team=area.teams["moor-lane"],
            name=NAME,
            way=Way.PUSH,
            silent_hours=A_WEEK,
        )
        key, _words = make_key(
            by=me.principal,
            agency=feed.team.agency,
            name=NAME,
            scopes=list(Scope.values),
            expires_on=timezone.localdate() + dt.timedelta(days=170),
            feeds=[feed],
        )
    with past.at(0, 2, 15) as then:
        feed = Feed.objects.select_related("team__agency").get(pk=feed.pk)
        caller = Caller(feed.pk, key.pk, frozenset(key.scopes), me_of_feed(feed))
        rows = _rows()
        arrival = Arrival(
            filename=f"Part of a caseload, {then:%Y-%m-%d %H.%M}.csv",
            count=len(rows),
            rows=rows,
            digest=hashlib.sha256(repr(rows).encode()).hexdigest(),
            key="demonstration",
            whole=False,
            as_of=then,
        )
        with acting_as(caller.me.actor()), transaction.atomic():
            note_use(caller)
            receive(by=caller, arrival=arrival)
        take_in(feed=feed.pk)


def _rows() -> list[dict[str, str]]:
    """As the school holds them. The last has a date of birth that is no day."""
    plain = (
        ("ML0311", "Ottilie", "Marchetti", born(11, 5), "NM4 3PL"),
        ("ML0312", "Bashir", "Daoud", born(13, 1), "NM4 8QF"),
        ("ML0313", "Carys", "Penhaligon", born(12, 8), "NM6 2ND"),
    )
    return [
        {
            "reference": reference,
            "given": given,
            "family": family,
            "date_of_birth": day.isoformat(),
            "postcode": postcode,
        }
        for reference, given, family, day, postcode in plain
    ] + [
        {
            "reference": "ML0314",
            "given": "Wren",
            "family": "Aldous",
            "date_of_birth": f"{timezone.localdate().year - 12}-02-31",
            "postcode": "NM4 1RS",
        }
    ]
