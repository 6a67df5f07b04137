"""Joining two records of one person, and undoing it. No row moves while they are joined; grants follow by trigger."""

from __future__ import annotations

from collections.abc import Sequence

from django.db import DatabaseError, connection, transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from teamaround.access.edits import update_checked
from teamaround.access.me import Me
from teamaround.agencies.refusals import Refused
from teamaround.agencies.roles import Permission
from teamaround.events.actions import record

from .merging import root_of
from .models import Merge, Person

Move = tuple[str, int]
"""A row that goes to the other record when a joining is undone: its table and its number."""


class MergeRefused(Refused):
    """The records cannot be joined or parted as asked; `field` names the form field, the message says what to do."""

    def __init__(self, field: str, message: str) -> None:
        super().__init__(message, field)


@transaction.atomic
def merge_records(*, by: Me, team: int, person: int, into: int, reason: str) -> Merge:
    """Say that two records are one person: `into` stands for them from now on, and nothing is moved or lost.

    The acting team's manager must be able to open both. Raises MergeRefused without a reason or the permission, for
    records that are one already, for one of which another stands as the person, and for one I may not open, as where
    a full shield hides it from me (told alike).
    """
    if not by.may_for(Permission.MERGE_RECORDS, team):
        raise MergeRefused("", _("Your team’s manager joins records."))
    if not reason.strip():
        raise MergeRefused("reason", _("Say how you know that they are the same person."))
    both = {person, into}
    seen = Person.objects.filter(pk__in=both, voided_at=None).count() if len(both) == 2 else 0
    if seen < 2:
        raise MergeRefused("", _("Choose another record of this person."))
    if root_of(person) != person or root_of(into) != into:
        raise MergeRefused("", _("One of the records is joined to another already. Open that person’s page."))
    try:
        with transaction.atomic():
            merge = Merge.objects.create(
                subject_id=person, into_id=into, author_team_id=team, reason=reason.strip()[:300]
            )
    except DatabaseError as refused:
        if getattr(refused.__cause__, "sqlstate", "") not in ("TA011", "23505"):
            raise
        words = _("One of the records was joined to another a moment ago. Open the person’s page.")
        raise MergeRefused("", words) from refused
    merge.refresh_from_db()
    record(by=by, team=team, kind="records.joined", subjects=[into, person])
    return merge


@transaction.atomic
def undo_merge(*, by: Me, team: int, merge: Merge, reason: str, moves: Sequence[Move] = ()) -> Merge:
    """Part the two records again. What was written meanwhile stays where it was written, save `moves`: each of those
    rows goes to the other record, with all that hangs on it.

    Raises MergeRefused without a reason or the permission, where it was undone before, and for a row that cannot
    go (then nothing is undone); StaleEdit where it changed meanwhile.
    """
    if not by.may_for(Permission.MERGE_RECORDS, team):
        raise MergeRefused("", _("Your team’s manager undoes the joining of records."))
    if not reason.strip():
        raise MergeRefused("reason", _("Say why they are not the same person."))
    if merge.undone_at is not None:
        raise MergeRefused("", _("This was undone already."))
    record(by=by, team=team, kind="records.parted", subjects=[merge.into_id, merge.subject_id])
    update_checked(merge, version=merge.version, undone_at=timezone.now(), undo_reason=reason.strip()[:300])
    for table, row in moves:
        _rehome(merge, table, row)
    return merge


def _rehome(merge: Merge, table: str, row: int) -> None:
    try:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute("select app.rehome(%s, %s, %s)", [merge.uuid, table, row])
    except DatabaseError as refused:
        state = getattr(refused.__cause__, "sqlstate", "")
        if state == "23505":
            words = _("The other record has an entry of the same kind already. Let one of the rows stay.")
            raise MergeRefused("", words) from refused
        if state != "42501":
            raise
        raise MergeRefused("", _("One of the rows cannot go to the other record. Let it stay.")) from refused
