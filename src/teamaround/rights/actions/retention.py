"""How long things are kept, what is held back, and disposing of what was kept long enough: two people, one door."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from django.db import connection, transaction
from django.db.utils import DatabaseError
from django.utils import timezone
from django.utils.translation import gettext as _

from teamaround.access.categories import Retention
from teamaround.access.me import Me

from ..fields import held_tables
from ..models import (
    Disposal,
    DisposalItem,
    DisposalKind,
    LegalHold,
    Measure,
    RequestKind,
    RequestOutcome,
    RetentionRule,
    RightsRequest,
)
from . import RightsRefused

ACTED_ON = (Retention.RECORD, Retention.INDEX, Retention.SHORT, Retention.LOG)
"""Classes that are disposed of here. Those of staff and of the system name no subject."""
MOST_ITEMS = 200_000


@dataclass(frozen=True, slots=True)
class Due:
    """So many rows of one table that a rule no longer keeps, of one subject; of none: reasons in the access log."""

    rule: int | None
    subject: int | None
    table: str
    category: str
    rows: int
    held: bool


def what_is_due(*, erasure_of: int | None = None) -> list[Due]:
    """What the rules no longer keep today; or everything on a person whose erasure was granted. Changes nothing."""
    tables = held_tables()
    with connection.cursor() as cursor:
        cursor.execute(
            "select rule, subject, tbl, category, n, held from app.retention_due(%s, %s, %s)",
            [[each.name for each in tables], [each.retention.value for each in tables], erasure_of],
        )
        return [Due(*row) for row in cursor.fetchall()]


def counted(due: Sequence[Due]) -> list[tuple[int | None, str, int, int]]:
    """Rule, table, rows that would go, rows that a hold keeps."""
    going: Counter[tuple[int | None, str]] = Counter()
    kept: Counter[tuple[int | None, str]] = Counter()
    for each in due:
        (kept if each.held else going)[(each.rule, each.table)] += each.rows
    keys = sorted({*going, *kept}, key=lambda key: (key[0] or 0, key[1]))
    return [(rule, table, going[(rule, table)], kept[(rule, table)]) for rule, table in keys]


@transaction.atomic
def set_rule(
    *,
    by: Me,
    retention: str,
    measure: str,
    length: int,
    authority: str,
    category: str = "",
    at_least_months: int = 0,
    effective_from: dt.datetime | None = None,
) -> RetentionRule:
    """From now or later keep a class by this rule. Raises RightsRefused for one that cannot be."""
    if retention not in ACTED_ON:
        raise RightsRefused(_("Choose what the rule is about."), "retention")
    if retention == Retention.LOG and (measure != Measure.WRITTEN or category):
        raise RightsRefused(
            _("Reasons in the access log are kept for months after they were written."), "measure"
        )
    if length < 1:
        raise RightsRefused(_("Enter a number from 1."), "length")
    if not authority.strip():
        raise RightsRefused(_("Say who decided it, and where it is written."), "authority")
    return RetentionRule.objects.create(
        retention=retention,
        category=category,
        measure=Measure(measure),
        length=length,
        at_least_months=at_least_months,
        authority=authority.strip(),
        effective_from=effective_from or timezone.now(),
        set_by_id=by.principal,
    )


@transaction.atomic
def set_hold(
    *,
    by: Me,
    subject: int,
    reason: str,
    since: dt.date,
    until: dt.date | None = None,
    with_family: bool = False,
) -> LegalHold:
    """Keep everything about a person or family, whatever the rules say. Raises RightsRefused without a reason."""
    if not reason.strip():
        raise RightsRefused(_("Say why it has to be kept."), "reason")
    if until is not None and until <= since:
        raise RightsRefused(_("The end must be after the beginning."), "until")
    return LegalHold.objects.create(
        subject_id=subject,
        reason=reason.strip(),
        since=since,
        until=until,
        with_family=with_family,
        set_by_id=by.principal,
    )


@transaction.atomic
def lift_hold(*, hold: LegalHold, reason: str) -> None:
    """End a hold now. Raises RightsRefused without a reason; lifted twice, the first stands."""
    if not reason.strip():
        raise RightsRefused(_("Say why it need not be kept any more."), "reason")
    LegalHold.objects.filter(pk=hold.pk, lifted_at=None).update(
        lifted_at=timezone.now(), lifted_reason=reason.strip()
    )


@transaction.atomic
def ask_for_disposal(*, by: Me, reason: str, request: RightsRequest | None = None) -> Disposal:
    """Ask that what is due today be disposed of; or, with a granted request, everything on that person.

    Nothing goes before somebody else confirms. Raises RightsRefused where nothing is due, or all of it held.
    """
    if not reason.strip():
        raise RightsRefused(_("Say why it is disposed of now."), "reason")
    if request is not None and not (
        request.kind == RequestKind.ERASURE and request.outcome == RequestOutcome.GRANTED
    ):
        raise RightsRefused(_("Grant the erasure first."))
    waiting = Disposal.objects.filter(done_at=None, cancelled_at=None)
    if request is None:
        waiting = waiting.filter(kind=DisposalKind.RETENTION)
    else:
        waiting = waiting.filter(request=request)
    if waiting.exists():
        raise RightsRefused(_("A disposal waits to be confirmed already."))
    found = what_is_due(erasure_of=request.subject_id if request else None)
    due = [each for each in found if not each.held][:MOST_ITEMS]
    if not due:
        raise RightsRefused(
            _("A legal hold keeps all of it. Lift the hold first.") if found else _("Nothing is due.")
        )
    texts = {table.name: list(table.texts) for table in held_tables()}
    disposal = Disposal.objects.create(
        kind=DisposalKind.ERASURE if request else DisposalKind.RETENTION,
        request=request,
        reason=reason.strip(),
        asked_by_id=by.principal,
    )
    DisposalItem.objects.bulk_create(
        [
            DisposalItem(
                disposal=disposal,
                rule_id=each.rule,
                subject_id=each.subject,
                table_name=each.table,
                category=each.category,
                texts=texts.get(each.table, []),
                rows=each.rows,
                before=timezone.now() if each.subject is None else None,
            )
            for each in due
        ],
        batch_size=1000,
    )
    return disposal


@transaction.atomic
def confirm_disposal(*, by: Me, disposal: Disposal) -> Disposal:
    """Confirm what somebody else asked for; it is done at once, and cannot be undone.

    Raises RightsRefused where the same person asked, or where it was done or taken back meanwhile.
    """
    if disposal.asked_by_id == by.principal:
        raise RightsRefused(_("You asked for it: somebody else has to confirm."))
    try:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute("select app.dispose(%s)", [disposal.uuid])
    except DatabaseError as refused:
        if getattr(refused.__cause__, "sqlstate", "") in ("TA006", "TA007"):
            raise RightsRefused(
                _("It was done, taken back or changed meanwhile. Look at the list.")
            ) from refused
        raise
    disposal.refresh_from_db()
    return disposal


@transaction.atomic
def take_back_disposal(*, by: Me, disposal: Disposal) -> None:
    """Take back a disposal that was not confirmed. What it would have removed stays."""
    Disposal.objects.filter(pk=disposal.pk, done_at=None, cancelled_at=None).update(
        cancelled_at=timezone.now(), cancelled_by_id=by.principal
    )
