"""Why a child whom a run added stays when it is withdrawn: as far as the withdrawing team may read why.

What it may not read is told as no more than that somebody else recorded something; sensitive services are not even
counted (see `app.rests_on`).
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from typing import TYPE_CHECKING

from django.db import connection
from django.utils.translation import gettext as _

from .models import ImportRun

if TYPE_CHECKING:
    from .withdrawing import Plan

# Each reads under the policies of whoever asks. %(subjects)s are the children, %(run)s the run, %(team)s its team.
_ASKED: tuple[tuple[str, str], ...] = (
    (
        "other_team",
        "select i.subject_id from involvement i where i.subject_id = any (%(subjects)s) and i.until is null "
        "and i.author_team_id <> %(team)s",
    ),
    (
        "case",
        "select e.subject_id from episode e where e.subject_id = any (%(subjects)s) and e.status in ('open', 'closed')",
    ),
    ("referral", "select r.subject_id from referral r where r.subject_id = any (%(subjects)s)"),
    (
        "sharing",
        "select b.subject_id from sharing_basis b where b.subject_id = any (%(subjects)s) "
        "union select b.given_by_id from sharing_basis b where b.given_by_id = any (%(subjects)s) "
        "union select l.subject_id from sharing_line l where l.subject_id = any (%(subjects)s)",
    ),
    (
        "joined",
        "select m.subject_id from person_merge m where m.undone_at is null and m.subject_id = any (%(subjects)s) "
        "union select m.into_id from person_merge m where m.undone_at is null and m.into_id = any (%(subjects)s)",
    ),
    (
        "later",
        "select l.subject_id from import_row l join import_run r on r.id = l.run_id "
        "where l.subject_id = any (%(subjects)s) and r.id <> %(run)s and r.state = 'done'",
    ),
)
_QUESTION = " union ".join(f"select '{code}', q.* from ({question}) q" for code, question in _ASKED)  # noqa: S608  # both stand above


def words() -> dict[str, str]:
    """Each reason as a sentence."""
    return {
        "known": _("Was known before this file."),
        "other_team": _("Another team works with them."),
        "case": _("There is a case."),
        "referral": _("There is a referral."),
        "sharing": _("A decision about sharing was recorded."),
        "joined": _("Joined with another record."),
        "later": _("Another file of your team lists them."),
        "by_hand": _("What the file said was changed by hand since."),
        "recorded": _("Something else was recorded about them."),
    }


def reasons_of(run: ImportRun, plan: Plan, subjects: Sequence[int]) -> dict[int, list[str]]:
    """For each of these children of the run who stays, why, in sentences. One query."""
    said: dict[int, list[str]] = defaultdict(list)
    staying = [subject for subject in subjects if subject not in plan.gone]
    texts = words()
    for subject in staying:
        if subject not in plan.added:
            said[subject].append(texts["known"])
    asked = {"subjects": staying, "run": run.pk, "team": run.author_team_id}
    with connection.cursor() as cursor:
        cursor.execute(_QUESTION, asked)
        found = set(cursor.fetchall())
    for code, _question in _ASKED:
        for subject in staying:
            if (code, subject) in found:
                said[subject].append(texts[code])
    for subject in staying:
        if subject in plan.by_hand:
            said[subject].append(texts["by_hand"])
        elif not said[subject]:
            said[subject].append(texts["recorded"])
    return said
