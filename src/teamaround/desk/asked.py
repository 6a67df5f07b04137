"""What somebody else asked of me, as My day lists it: cases allocated to me, invitations to a meeting,
and what families wrote."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from django.utils import timezone
from django.utils.translation import gettext as _

from teamaround.access.me import Me
from teamaround.database.asking import Question
from teamaround.tasks.waiting import FromFamilies
from teamaround.ui.presentation import near_day, uk_day, uk_time

from .clocks import page, told_child

MOST_CASES = 10


@dataclass(frozen=True, slots=True)
class Asked:
    """One line: what is asked, where it is done, and why it stands here."""

    title: str
    url: str
    reason: str
    action: str


def asking_new_cases(me: Me) -> Question:
    """My new cases, as a question among others: for `given_case`. The last one allocated comes first.

    A case is new that somebody else allocated to me and nobody has begun: by a contact or visit since, whoever made
    it, or by whatever I record on it myself.
    """
    return Question("app.day_new_cases(%s, %s)", (me.principal, MOST_CASES))


def given_case(row: Sequence[Any]) -> Asked:
    """The line for a case that was allocated to me: one of those that `asking_new_cases` was answered."""
    case, _subject, since, by, *child = row
    at = dt.datetime.fromisoformat(since)
    near = abs((timezone.localdate() - timezone.localdate(at)).days) < 2
    when = near_day(at).lower() if near else _("on %(day)s") % {"day": near_day(at)}
    return Asked(
        title=_("New case: %(child)s") % {"child": told_child(child) or _("a child not on record yet")},
        url=page("desk:case", case),
        reason=_("%(name)s allocated this case to you %(when)s. No contact or visit is recorded since.")
        % {"name": by or _("Your team"), "when": when},
        action=_("Open the case"),
    )


def from_families(answer: Iterable[Sequence[Any]]) -> list[Asked]:
    """The lines for what families wrote on their own pages and nobody has answered."""
    return [Asked(each.title, each.url, each.reason, each.action) for each in FromFamilies.told(answer)]


def invitation(
    title: str, about: str, key: str, team: str, starts: dt.datetime, place: str, *, by_name: bool
) -> Asked:
    """The line for an invitation to a meeting."""
    words = (
        _("%(team)s invited you and waits for your answer. It is on %(day)s at %(time)s, %(place)s.")
        if by_name
        else _(
            "%(team)s invited your team, and nobody has answered. It is on %(day)s at %(time)s, %(place)s."
        )
    )
    told = {"team": team, "day": uk_day(starts), "time": uk_time(starts), "place": place}
    return Asked(
        title=f"{title}: {about}", url=page("meetings:answer", key), reason=words % told, action=_("Answer")
    )
