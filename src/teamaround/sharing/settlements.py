"""Where two who may decide contradict each other: what stands, and settling it."""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass

from django.db import transaction
from django.db.models import Q
from django.db.models.functions import Now
from django.utils import timezone
from django.utils.translation import gettext as _

from teamaround.access.edits import update_checked
from teamaround.access.me import Me
from teamaround.events.actions import record
from teamaround.people.merging import records_of

from .actions import BasisRefused
from .models import Answer, Basis, BasisLine, Kind, Settlement
from .standing import rules_on


@dataclass(frozen=True, slots=True)
class Says:
    """What somebody says of one cell now: `share`, or not."""

    giver: int
    name: str
    share: bool
    basis: int
    since: dt.datetime


@dataclass(frozen=True, slots=True)
class Disagreement:
    """One cell in which somebody says yes and somebody says no; `settled` names the settlement that stands."""

    holder: int
    category: str
    yes: tuple[Says, ...]
    no: tuple[Says, ...]
    settled: uuid.UUID | None


Cell = tuple[int, int, str, int]
"""The record that something was said about, the holder, the category, and the giver."""


def ruling(lines: Iterable[BasisLine], at: dt.datetime) -> dict[Cell, Says]:
    """What rules in each cell: the giver's latest decision about that record, while it says anything.

    `lines` come with their basis and its giver. What the same giver said about another record of the same person
    stands beside it.
    """
    latest: dict[Cell, BasisLine] = {}
    for line in sorted(lines, key=lambda each: (each.basis.valid_from, each.basis_id)):
        if line.basis.valid_from <= at and line.basis.given_by_id is not None:
            latest[line.subject_id, line.holder_id, line.shared_category, line.basis.given_by_id] = line
    found = {}
    for key, line in latest.items():
        basis = line.basis
        withdrawn = basis.withdrawn_at if basis.withdrawn_at and basis.withdrawn_at <= at else None
        share = line.answer == Answer.SHARE and withdrawn is None
        if share and basis.valid_until is not None and basis.valid_until <= at:
            continue
        name = basis.given_by.name if basis.given_by else ""
        found[key] = Says(key[3], name, share, basis.pk, withdrawn or basis.valid_from)
    return found


def disagreements_of(records: Collection[int], *, youngest: int | None) -> list[Disagreement]:
    """The cells in which others contradict each other about the person of these records, as far as I may see. Two
    queries.

    `youngest` is the subject's age in whole years: from 16 on nobody else decides, and where the subject has
    decided, that stands: neither is a disagreement.
    """
    now = timezone.now()
    if youngest is not None and youngest >= rules_on(timezone.localdate()).presumed_able:
        return []
    lines = BasisLine.objects.filter(subject_id__in=records, basis__kind=Kind.CONSENT).select_related(
        "basis__given_by"
    )
    cells: dict[tuple[int, str], list[Says]] = {}
    for (_record, holder, category, _giver), said in ruling(lines, now).items():
        cells.setdefault((holder, category), []).append(said)
    apart = {
        cell: said
        for cell, said in cells.items()
        if not {each.giver for each in said} & set(records) and len({each.share for each in said}) == 2
    }
    if not apart:
        return []
    settlements = list(
        Settlement.objects.filter(Q(valid_until=None) | Q(valid_until__gt=Now()), subject_id__in=records)
    )
    return [
        _disagreement(holder, category, said, settlements)
        for (holder, category), said in sorted(apart.items())
    ]


def _disagreement(
    holder: int, category: str, said: Sequence[Says], settlements: Sequence[Settlement]
) -> Disagreement:
    yes = tuple(each for each in said if each.share)
    no = tuple(each for each in said if not each.share)
    settled = None
    for settlement in settlements:
        stands = settlement.basis_id in {each.basis for each in yes}
        if stands and all(each.since <= settlement.valid_from for each in no):
            settled = settlement.uuid
    return Disagreement(holder, category, yes, no, settled)


@transaction.atomic
def settle(*, by: Me, team: int, subject: int, basis: Basis, reason: str) -> Settlement:
    """Settle a disagreement between equals: in the cells where this consent says share, its answer stands over
    every no that has begun by now. A later no counts again; the subject's own always does.

    Raises BasisRefused without a reason, or for a basis that is no consent about this subject.
    """
    if not reason.strip():
        raise BasisRefused("reason", _("Say whom you talked to, and why this answer stands."))
    records = records_of(subject)
    if basis.kind != Kind.CONSENT or not basis.lines.filter(subject_id__in=records).exists():
        raise BasisRefused("basis", _("Choose one of the answers that were given."))
    standing = Settlement.objects.filter(
        Q(valid_until=None) | Q(valid_until__gt=Now()), subject_id__in=records, author_team_id__in=by.teams
    )
    for earlier in standing:
        end_settlement(by=by, settlement=earlier)
    settlement = Settlement.objects.create(
        subject_id=subject, basis=basis, reason=reason.strip(), author_team_id=team, valid_from=timezone.now()
    )
    record(by=by, team=team, kind="disagreement.settled", subjects=[subject])
    return settlement


@transaction.atomic
def end_settlement(*, by: Me, settlement: Settlement) -> Settlement:
    """End a settlement: the more restrictive answer stands again. Ended twice, it ended once."""
    now = timezone.now()
    if settlement.valid_until is None or settlement.valid_until > now:
        update_checked(settlement, version=settlement.version, valid_until=max(now, settlement.valid_from))
    return settlement
