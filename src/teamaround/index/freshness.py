"""Keeping involvements fresh: quiet ones are asked about, confirmed or ended; a whole caseload ends what it no
longer lists, after asking."""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from django.db import IntegrityError, connection, transaction
from django.db.models import F, Q, QuerySet
from django.db.models.functions import Greatest, Now
from django.utils import timezone
from django.utils.translation import gettext as _

from teamaround.access.me import Me
from teamaround.access.models import BasisKind, Grant
from teamaround.agencies.actions import log_act
from teamaround.agencies.refusals import Refused
from teamaround.people.merging import records_of
from teamaround.people.one_person import all_records

from .models import EndReason, FreshnessRule, Involvement, InvolvementRole

BEGIN_AGAIN_DAYS = 90
"""For so long, in days, a team may begin again what ended because nobody confirmed it."""


class DaysRefused(Refused):
    """These days cannot be set; `field` names the form field, the message says what to do."""


@transaction.atomic
def set_days(
    *, by: int, role: str, quiet_after_days: int, remind_after_days: int, end_after_days: int
) -> FreshnessRule:
    """After how many days an involvement of this role is asked about; how many days after the question its team is
    reminded, and after how many it ends. It holds from the next night on. `by` is the administrator's principal: the
    database refuses anybody else. One line in the administration log, with the days of before; none where nothing changes.

    Raises DaysRefused for days out of bounds, and where the end leaves less than a week after the reminder.
    """
    if not FreshnessRule.SHORTEST <= quiet_after_days <= FreshnessRule.LONGEST:
        raise DaysRefused(
            _("Choose between %(least)d and %(most)d days.")
            % {"least": FreshnessRule.SHORTEST, "most": FreshnessRule.LONGEST},
            "quiet_after_days",
        )
    if remind_after_days < 1:
        raise DaysRefused(_("The reminder comes at least a day after the question."), "remind_after_days")
    if end_after_days > FreshnessRule.LATEST_END:
        raise DaysRefused(
            _("It ends after %d days at the latest.") % FreshnessRule.LATEST_END, "end_after_days"
        )
    if end_after_days < remind_after_days + FreshnessRule.TO_ANSWER:
        raise DaysRefused(
            _("Leave the team a week to answer after the reminder: %d days or more.")
            % (remind_after_days + FreshnessRule.TO_ANSWER),
            "end_after_days",
        )
    rule = FreshnessRule.objects.select_for_update(no_key=True, of=("self",)).get(role=role)
    before = (rule.quiet_after_days, rule.remind_after_days, rule.end_after_days)
    days = (quiet_after_days, remind_after_days, end_after_days)
    if days != before:
        FreshnessRule.objects.filter(role=role).update(
            quiet_after_days=quiet_after_days,
            remind_after_days=remind_after_days,
            end_after_days=end_after_days,
        )
        words = _("%(role)s: asked after %(ask)d days, reminded after %(remind)d, ended after %(end)d")
        said = [
            words % {"role": rule.get_role_display(), "ask": ask, "remind": remind, "end": end}
            for ask, remind, end in (days, before)
        ]
        log_act(
            "set_quiet_days",
            by=by,
            reason=_("%(now)s. Before: %(before)s") % {"now": said[0], "before": said[1]},
        )
        rule.refresh_from_db()
    return rule


@dataclass(frozen=True, slots=True)
class Unlisted:
    """An involvement of the team that a whole caseload no longer lists. One that `carries_case` (the team has an open
    case or a referral in hand) is shown and never ended by an upload."""

    involvement: int
    subject: int
    role: str
    practitioner: int | None
    since: dt.date
    last_contact_on: dt.date | None
    carries_case: bool


def no_longer_listed(
    *, by: Me, team: int, source: Collection[int] | QuerySet[Any, Any], listed: Iterable[int]
) -> list[Unlisted]:
    """The team's running involvements that came by an earlier upload and that this full caseload does not list.

    `source` are the involvements that earlier uploads brought: their numbers, or a queryset of one column of them
    (what importing remembers as made). `listed` are the subjects whom the caseload lists; one listed under any record of a
    person counts as listed under all. Reads only; ask before ending anything. Two queries, one more for the cases. The
    oldest first.
    """
    here = all_records(listed)
    rows = list(
        Involvement.objects.filter(pk__in=source, author_team_id=team, until=None)
        .exclude(subject_id__in=here)
        .order_by("since", "id")
    )
    cases = _with_cases(team, [row.subject_id for row in rows])
    return [
        Unlisted(
            involvement=row.pk,
            subject=row.subject_id,
            role=row.role,
            practitioner=row.practitioner_id,
            since=row.since,
            last_contact_on=row.last_contact_on,
            carries_case=row.subject_id in cases,
        )
        for row in rows
    ]


@transaction.atomic
def end_unlisted(*, by: Me, team: int, involvements: Collection[int], on: dt.date | None = None) -> list[int]:
    """End these involvements of the team, because a whole caseload no longer lists them. The numbers of those ended.

    Passed over are those that ended meanwhile, those of another team, and those that carry an open case or a referral in
    hand. What each opened closes with the day `on` (today where it is left out; never before it began).
    """
    running = Involvement.objects.filter(pk__in=involvements, author_team_id=team, until=None)
    found = dict(running.order_by("pk").select_for_update().values_list("pk", "subject_id"))
    cases = _with_cases(team, found.values())
    ending = [pk for pk, subject in found.items() if subject not in cases]
    Involvement.objects.filter(pk__in=ending).update(
        until=Greatest(F("since"), on or timezone.localdate()),
        end_reason=EndReason.UNLISTED,
        asked_on=None,
        reminded_on=None,
        version=F("version") + 1,
    )
    return ending


@transaction.atomic
def begin_unlisted_again(*, by: Me, team: int, involvements: Collection[int]) -> list[int]:
    """Take back `end_unlisted`, as where the upload is withdrawn. The numbers of those that run again.

    Passed over are those that ended otherwise since, and those where the team began anew meanwhile.
    """
    ended = Involvement.objects.filter(
        pk__in=involvements, author_team_id=team, end_reason=EndReason.UNLISTED
    )
    return [row.pk for row in ended.order_by("pk") if _reopen(row)]


@transaction.atomic
def confirm_listed(*, by: Me, team: int, subjects: Iterable[int], on: dt.date | None = None) -> int:
    """A whole caseload lists these subjects: each involvement of the team with them is confirmed on that day (today
    where it is left out). How many were."""
    return _confirm(
        Involvement.objects.filter(subject_id__in=all_records(subjects), author_team_id=team, until=None), on
    )


@transaction.atomic
def confirm(*, by: Me, involvements: Iterable[uuid.UUID], on: dt.date | None = None) -> int:
    """“Still working with them”, for involvements of my teams, in one step. How many were confirmed."""
    rows = Involvement.objects.filter(uuid__in=list(involvements), author_team_id__in=by.teams, until=None)
    return _confirm(rows, on)


def _confirm(rows: QuerySet[Involvement], on: dt.date | None) -> int:
    # The later of two answers wins whoever writes first, so there is no version to compare.
    day = on or timezone.localdate()
    later = rows.filter(Q(confirmed_on=None) | Q(confirmed_on__lt=day) | Q(asked_on__isnull=False))
    return later.update(
        confirmed_on=Greatest(F("confirmed_on"), day),
        asked_on=None,
        reminded_on=None,
        version=F("version") + 1,
    )


@transaction.atomic
def end_asked(*, by: Me, involvements: Iterable[uuid.UUID], on: dt.date | None = None) -> int:
    """“No longer”, for involvements of my teams that were asked about, in one step. How many ended, on that day
    (today where it is left out; never before it began).

    One that carries an open case or a referral in hand does not end here: closing the case ends it.
    """
    rows = Involvement.objects.filter(
        uuid__in=list(involvements), author_team_id__in=by.teams, until=None, asked_on__isnull=False
    )
    found = list(rows.order_by("pk").select_for_update())
    cases = {
        (team, subject)
        for team in {row.author_team_id for row in found}
        for subject in _with_cases(team, [row.subject_id for row in found if row.author_team_id == team])
    }
    ending = [row.pk for row in found if (row.author_team_id, row.subject_id) not in cases]
    return Involvement.objects.filter(pk__in=ending).update(
        until=Greatest(F("since"), on or timezone.localdate()), version=F("version") + 1
    )


@transaction.atomic
def begin_again(*, by: Me, involvement: uuid.UUID) -> Involvement | None:
    """Begin again what ended because nobody confirmed it: the same row runs on, and its history says what happened.

    None where there is no such row of my teams, where it ended longer ago than `BEGIN_AGAIN_DAYS`, or where the team
    began anew meanwhile.
    """
    row = Involvement.objects.filter(
        uuid=involvement,
        author_team_id__in=by.teams,
        end_reason=EndReason.UNCONFIRMED,
        until__gt=timezone.localdate() - dt.timedelta(days=BEGIN_AGAIN_DAYS),
    ).first()
    return row if row is not None and _reopen(row) else None


def _reopen(row: Involvement) -> bool:
    """Let an ended involvement run on, as confirmed today. Who led works with them, if somebody leads by now."""
    running = Involvement.objects.filter(
        subject_id__in=records_of(row.subject_id), author_team_id=row.author_team_id, until=None
    )
    if running.exists():
        return False
    opened = {"until": None, "end_reason": EndReason.SAID, "asked_on": None, "reminded_on": None}
    changes: dict[str, Any] = opened | {"confirmed_on": timezone.localdate(), "version": F("version") + 1}
    ended = Involvement.objects.filter(pk=row.pk, version=row.version)
    try:
        with transaction.atomic():
            done = ended.update(**changes)
    except IntegrityError as refused:
        if "involvement_one_lead" not in str(refused):
            raise
        done = ended.update(**changes, role=InvolvementRole.WORKER)
    row.refresh_from_db()
    return bool(done)


def asked_about(me: Me) -> QuerySet[Involvement]:
    """The running involvements about which my teams were asked whether they still work with them."""
    return Involvement.objects.filter(author_team_id__in=me.teams, until=None, asked_on__isnull=False)


@dataclass(frozen=True, slots=True)
class EndedUnconfirmed:
    """An involvement of my teams that ended because nobody confirmed it, and whom it was with."""

    uuid: uuid.UUID
    subject: int
    name: str
    born: dt.date | None
    born_precision: str
    since: dt.date
    until: dt.date


def ended_unconfirmed() -> Sequence[EndedUnconfirmed]:
    """What my teams may begin again, the last ended first: at most 200. One query.

    The database tells a team the name for `BEGIN_AGAIN_DAYS` days after: nobody can begin again what they cannot tell apart.
    """
    with connection.cursor() as cursor:
        cursor.execute(
            "select uuid, subject_id, name, born, born_precision, since, until from app.ended_unconfirmed()"
        )
        return [EndedUnconfirmed(*row) for row in cursor.fetchall()]


def _with_cases(team: int, subjects: Iterable[int]) -> set[int]:
    """Those of the subjects about whom the team has an open case or a referral in hand, under any record of theirs."""
    held = Grant.objects.filter(
        principal_id=team,
        subject_id__in=list(subjects),
        basis_kind=BasisKind.EPISODE,
        valid_during__contains=Now(),
    )
    return set(held.values_list("subject_id", flat=True))
