"""A whole caseload no longer lists somebody: shown, asked, and ended only as a person answered."""

from __future__ import annotations

import datetime as dt
import hashlib
from collections.abc import Collection, Sequence
from uuid import UUID

from django.db import transaction
from django.db.models import F, Q, QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from teamaround.access.edits import StaleEdit, update_checked
from teamaround.access.me import Me
from teamaround.agencies.refusals import Refused
from teamaround.index import freshness
from teamaround.index.freshness import Unlisted
from teamaround.index.models import Involvement
from teamaround.people.models import Identifier
from teamaround.sheets.names import clean
from teamaround.sheets.table import as_text
from teamaround.ui.presentation import uk_date

from . import checking, deciding
from .models import (
    Decision,
    Ending,
    ImportEnding,
    ImportMade,
    ImportRow,
    ImportRun,
    MadeKind,
    Outcome,
    RunState,
)

#: States in which the question can be answered: before the rows are brought in, or after.
ANSWERED_IN = (RunState.CHECKED, RunState.DONE)


class EndingRefused(Refused):
    """The answer cannot be taken; `field` names the form field, the message says what to do."""


def unlisted(*, by: Me, run: ImportRun) -> list[Unlisted]:
    """The team's running involvements that an earlier upload brought and that this whole caseload does not list, the
    oldest first; empty for a part of a caseload.

    A child counts as listed also where a row that is undecided or left out may be them, or a refused row bears the
    reference under which the team filed them: of these nobody knows.
    """
    if not run.whole:
        return []
    listed = _listed(run)
    found = _missing(by, run, listed)
    # Who an uncertain row may be is a search for each: asked only where it can matter.
    perhaps = _perhaps_listed(run) - listed if found else set()
    return _missing(by, run, listed | perhaps) if perhaps else found


def _missing(by: Me, run: ImportRun, listed: set[int]) -> list[Unlisted]:
    return freshness.no_longer_listed(by=by, team=run.author_team_id, source=_brought(run), listed=listed)


def _brought(run: ImportRun) -> QuerySet[ImportMade, int]:
    made = ImportMade.objects.filter(
        author_team_id=run.author_team_id, kind=MadeKind.INVOLVEMENT, run__state=RunState.DONE
    )
    return made.exclude(run=run).values_list("row", flat=True)


def _listed(run: ImportRun) -> set[int]:
    rows = ImportRow.objects.filter(run=run).exclude(subject=None)
    return {subject for subject in rows.values_list("subject_id", flat=True) if subject}


def _perhaps_listed(run: ImportRun) -> set[int]:
    """Children whom a row that is undecided or left out may be, or under whose reference a refused row stands."""
    waits = Q(outcome=Outcome.DECIDE, decision__in=(Decision.NONE, Decision.SKIP))
    rows = list(ImportRow.objects.filter(waits | Q(outcome=Outcome.REFUSE), run=run))
    refused = {row.number for row in rows if row.outcome == Outcome.REFUSE}
    found = deciding.people_of(row for row in rows if row.outcome == Outcome.DECIDE)
    return found | _under_references(run, refused) if refused else found


def _under_references(run: ImportRun, refused: set[int]) -> set[int]:
    """Children whom the team filed under the references of refused rows."""
    sheet = checking.sheet_of(run)
    mapping = checking.mapping_of(run, sheet)
    places = [place for place, column in enumerate(sheet.header) if mapping.get(column) == "reference"]
    said = {
        clean(as_text(row.cells[place])) for row in sheet.rows if row.number in refused for place in places
    }
    own = Identifier.objects.filter(author_team_id=run.author_team_id, scheme="local", voided_at=None)
    return set(own.filter(value__in=said - {""}).values_list("subject_id", flat=True))


def ask_later(*, by: Me, run: ImportRun) -> None:
    """Write down of which involvements somebody has to say whether they end: nobody was there to be asked when the
    caseload was brought in."""
    asked = [one.involvement for one in unlisted(by=by, run=run) if not one.carries_case]
    ImportEnding.objects.bulk_create(
        [
            ImportEnding(run=run, author_team_id=run.author_team_id, involvement_id=one, chosen=False)
            for one in asked
        ],
        ignore_conflicts=True,
        batch_size=1_000,
    )


def is_waited_for(*, by: Me, run: ImportRun) -> bool:
    """Whether somebody still has to say who ends: the file is a whole caseload, and lists some no longer."""
    if not run.whole or run.ending != Ending.NOT_ASKED or run.state not in ANSWERED_IN:
        return False
    return any(not one.carries_case for one in unlisted(by=by, run=run))


def words_of(run: ImportRun) -> str:
    """What was answered about those no longer listed, or came of it, in words; "" where nothing was."""
    if run.finished_at and run.ended:
        return ngettext(
            "%(number)s child whom the file no longer lists: your team’s work with them ended on %(day)s.",
            "%(number)s children whom the file no longer lists: your team’s work with them ended on %(day)s.",
            run.ended,
        ) % {"number": run.ended, "day": uk_date(run.ends_on) if run.ends_on else ""}
    if run.ending == Ending.NONE:
        return _("Of the children whom the file no longer lists, nobody’s involvement ends.")
    if run.ending in (Ending.ALL, Ending.CHOSEN) and not run.finished_at:
        number = ImportEnding.objects.filter(run=run, chosen=True).count()
        return ngettext(
            "%(number)s child whom the file no longer lists ends with this upload.",
            "%(number)s children whom the file no longer lists end with this upload.",
            number,
        ) % {"number": number}
    return ""


def seen_digest(found: Sequence[Unlisted]) -> str:
    """What tells whether the same involvements are still those that were shown."""
    return hashlib.sha256(",".join(str(one.involvement) for one in found).encode()).hexdigest()[:16]


@transaction.atomic
def answer(
    *,
    by: Me,
    run: ImportRun,
    version: int,
    said: str,
    on: dt.date | None = None,
    chosen: Collection[UUID] = (),
    seen: str = "",
) -> int:
    """Say who of those no longer listed ends: `said` is an `Ending`, `chosen` the involvements where it is "chosen".

    Before the rows are brought in the answer waits for them; after that it is carried out at once. `on` is the last
    day, today where it is left out. One that carries an open case or a referral in hand never ends here. How many
    are to end. Raises EndingRefused for an answer that cannot be taken, StaleEdit where the run moved on, where it was
    answered and carried out already, or where others are unlisted now than those shown (`seen`).
    """
    run.refresh_from_db()
    carried_out = run.state == RunState.DONE and run.ending != Ending.NOT_ASKED
    if run.state not in ANSWERED_IN or not run.whole or carried_out:
        raise StaleEdit
    if said not in (Ending.NONE, Ending.ALL, Ending.CHOSEN):
        raise EndingRefused("Choose one of the answers.", "said")
    on = on or timezone.localdate()
    if on > timezone.localdate():
        raise EndingRefused("The last day must not be in the future.", "on")
    found = unlisted(by=by, run=run)
    if seen and seen != seen_digest(found):
        raise StaleEdit
    may = {one.involvement for one in found if not one.carries_case}
    if said == Ending.CHOSEN:
        may &= set(Involvement.objects.filter(uuid__in=chosen).values_list("pk", flat=True))
        if not may:
            raise EndingRefused("Choose at least one child, or say that nobody’s ends.", "chosen")
    ends = may if said != Ending.NONE else set()
    update_checked(run, version=version, ending=said, ends_on=on if said != Ending.NONE else None)
    ImportEnding.objects.filter(run=run).exclude(involvement_id__in=ends).update(chosen=False)
    ImportEnding.objects.bulk_create(
        [
            ImportEnding(run=run, author_team_id=run.author_team_id, involvement_id=one, chosen=True)
            for one in sorted(ends)
        ],
        update_conflicts=True,
        unique_fields=["run", "involvement"],
        update_fields=["chosen"],
        batch_size=1_000,
    )
    if run.state == RunState.DONE:
        carry_out(by=by, run=run)
    return len(ends)


def carry_out(*, by: Me, run: ImportRun) -> int:
    """End what was answered and is still unlisted, and remember it so that a withdrawal opens it again. How many
    ended. Part of the transaction that brings the rows in, or of the answer that came after."""
    if run.ending not in (Ending.ALL, Ending.CHOSEN):
        return 0
    wanted = set(ImportEnding.objects.filter(run=run, chosen=True).values_list("involvement_id", flat=True))
    still = {one.involvement for one in unlisted(by=by, run=run)}
    ended = freshness.end_unlisted(
        by=by, team=run.author_team_id, involvements=sorted(wanted & still), on=run.ends_on
    )
    ImportMade.objects.bulk_create(
        [
            ImportMade(run=run, author_team_id=run.author_team_id, kind=MadeKind.INVOLVEMENT_ENDED, row=one)
            for one in ended
        ],
        batch_size=5_000,
    )
    ImportRun.objects.filter(pk=run.pk).update(ended=F("ended") + len(ended))
    return len(ended)
