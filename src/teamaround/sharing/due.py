"""What falls due about sharing, as My day lists it. One query, under the reader's own policies."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from teamaround.access.me import Me
from teamaround.agencies.roles import Permission
from teamaround.database.asking import Question, ask
from teamaround.ui.presentation import uk_date

RENEWAL_DAYS = 28
"""How long before a consent runs out, or a sixteenth birthday, one is told."""
REVIEW_DAYS = 7
MOST = 50


@dataclass(frozen=True, slots=True)
class DueSharing:
    """One line: what falls due, why, and where it is done. `subject` is whom it names, for the access log."""

    title: str
    reason: str
    url: str
    action: str
    due: dt.date
    subject: int | None


def asking(me: Me) -> Question:
    """What falls due for my teams, as a question among others: for `told`."""
    return Question(
        "app.sharing_due(%s, %s::int[], %s, %s, %s, %s, %s)",
        (
            me.principal,
            list(me.teams),
            timezone.localdate(),
            RENEWAL_DAYS,
            REVIEW_DAYS,
            me.may(Permission.OVERSEE_ACCESS),
            MOST,
        ),
    )


def told(answer: Sequence[Sequence[Mapping[str, Any]]]) -> list[DueSharing]:
    """The lines of what `asking` was answered, the soonest first."""
    rows = [
        _line(
            row["what"],
            row["uuid"],
            row["person"],
            row["subject_id"],
            row["name"],
            row["giver"],
            dt.date.fromisoformat(row["due"]),
        )
        for part in answer
        for row in part
    ]
    return sorted(rows, key=lambda each: each.due)


def due_for(me: Me) -> list[DueSharing]:
    """What falls due for my teams, the soonest first: consents to renew and sixteenth birthdays within 28 days,
    reviews within 7 days; requests to see more, and answers to mine of the last 7 days; for whoever governs access,
    openings in an emergency that wait for a review. One query.
    """
    return told(ask({"due": asking(me)})["due"])


def _line(
    what: str, key: object, person: object, subject: int | None, name: str, giver: str | None, due: dt.date
) -> DueSharing:
    past = due < timezone.localdate()
    day = uk_date(due)
    if what == "consent":
        title = _("Ask %(name)s’s family again about sharing") % {"name": name}
        words = (
            _("%(giver)s’s answer ran out on %(day)s.")
            if past
            else _("%(giver)s’s answer runs out on %(day)s.")
        )
        reason = words % {"giver": giver or _("An"), "day": day}
        url, action = reverse("sharing:consent", args=[person]), _("Ask again")
    elif what == "sixteen":
        title = _("Ask %(name)s before their sixteenth birthday") % {"name": name}
        words = _("On %(day)s %(name)s decides for themselves: ask them before then.")
        reason = words % {"day": day, "name": name.split(" ")[0]}
        url, action = reverse("sharing:consent", args=[person]), _("Ask")
    elif what == "shield":
        title = _("Review the shield of %(name)s") % {"name": name}
        reason = _("Due by %(day)s. It stays up until you lift it.") % {"day": day}
        url, action = reverse("sharing:shield_review", args=[key]), _("Review")
    elif what == "asked":
        title = _("%(team)s asks to see more") % {"team": name}
        reason = _("Asked on %(day)s. The request waits for your answer.") % {"day": day}
        url, action, name = reverse("sharing:request", args=[key]), _("Answer"), ""
    elif what == "answered":
        title = _("Your request to see more has an answer")
        reason = _("Answered on %(day)s.") % {"day": day}
        url, action = reverse("sharing:request", args=[key]), _("Read it")
    elif what == "break_glass":
        title = _("Review an opening in an emergency")
        reason = _("Opened on %(day)s.") % {"day": day}
        url, action = reverse("sharing:emergency_review", args=[key]), _("Review")
    else:
        title = _("Review why %(name)s’s information is shared without consent") % {"name": name}
        words = (
            _("It ended on %(day)s: nobody reviewed it.")
            if past
            else _("It ends on %(day)s unless you review it.")
        )
        reason = words % {"day": day}
        url, action = reverse("sharing:review", args=[key]), _("Review")
    return DueSharing(title, reason, url, action, due, subject if name else None)
