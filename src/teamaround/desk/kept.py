"""What waits for those who keep the area in order, as My day lists it: pairs of records for the review desk, feeds
that are late, and feeds of which somebody has to decide something."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from teamaround.access.me import Me
from teamaround.agencies.roles import Permission
from teamaround.database.asking import Question
from teamaround.importing.loaders import importing_teams

from .asked import Asked
from .clocks import page

MOST_PAIRS = 100
MOST_FEEDS = 10


def asking_kept(me: Me) -> Question:
    """What I keep in order, as a question among others: for `kept`. Only those who may act on a line are asked for it."""
    decides = me.may(Permission.MERGE_RECORDS)
    keeps = _administers(me) or me.may(Permission.DECIDE_REFERRALS)
    return Question("app.day_kept(%s, %s, %s, %s)", (me.principal, decides, keeps, MOST_PAIRS))


def kept(me: Me, told: Mapping[str, Any]) -> tuple[Asked, ...]:
    """The lines of what `asking_kept` was answered: at most one for pairs and one for feeds."""
    pairs, late = told.get("pairs") or 0, told.get("late") or ()
    lines = []
    if pairs:
        lines.append(_pairs(pairs))
    if late:
        lines.append(_late(me, late))
    return tuple(lines)


def asking_feeds(me: Me) -> Question | None:
    """Which feeds of the teams whose caseload I may bring in wait for a decision, as a question among others: for
    `feed_lines`; None where there is no such team."""
    teams = importing_teams(me)
    return Question("app.day_feeds(%s::int[], %s)", (teams, MOST_FEEDS)) if teams else None


def feed_lines(told: Sequence[Sequence[Any]]) -> list[Asked]:
    """A line for each feed that waits: what has to be decided, and where."""
    lines = []
    for name, uuid, rows, columns, ends in told:
        why = []
        if rows:
            why.append(
                ngettext(
                    "%(n)d row may be a child who is known already.",
                    "%(n)d rows may be children who are known already.",
                    rows,
                )
                % {"n": rows}
            )
        if ends:
            why.append(_("It no longer lists somebody: you say whose work with the child ended."))
        if columns:
            why.append(_("Its columns are new: you say once what each of them is."))
        title = _("The feed “%(name)s” waits for a decision") % {"name": name}
        lines.append(Asked(title, page("feeds:feed", uuid), " ".join(why), _("See what came")))
    return lines


def _pairs(number: int) -> Asked:
    if number >= MOST_PAIRS:
        title = _("%(n)d pairs of records or more wait for a look") % {"n": number}
    else:
        title = ngettext(
            "%(n)d pair of records waits for a look", "%(n)d pairs of records wait for a look", number
        ) % {"n": number}
    reason = _("Two records may be of one child. You say whether they are, one pair after the other.")
    return Asked(title, page("recognition:desk"), reason, _("Open the review desk"))


def _late(me: Me, late: Sequence[Mapping[str, str]]) -> Asked:
    room = "administration" if _administers(me) else "feeds"
    if len(late) == 1:
        title = _("The feed “%(name)s” is late") % {"name": late[0]["name"]}
        url = page(f"{room}:feed", late[0]["uuid"])
    else:
        title, url = _("%(n)d feeds are late") % {"n": len(late)}, page(f"{room}:feeds")
    reason = _("It has been silent for longer than it should be. Ask the agency whose system sends it.")
    return Asked(title, url, reason, _("See what came"))


def _administers(me: Me) -> bool:
    return me.may(Permission.SET_UP_AREA)
