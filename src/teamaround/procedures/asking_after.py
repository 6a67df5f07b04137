"""Agreeing days for asking how a family is after closing, and asking."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from teamaround.access.categories import Category
from teamaround.access.edits import update_checked
from teamaround.access.me import Me
from teamaround.agencies.models import Membership
from teamaround.events.models import Event

from . import actions
from .actions import EpisodeRefused
from .follow_ups import MADE, Agreed
from .models import Episode, EpisodeStatus, FollowUp

MOST_DAYS = 6
LATEST = dt.timedelta(days=730)


@transaction.atomic
def agree_days(*, by: Me, episode: Episode, wanted: Sequence[Agreed]) -> None:
    """Say on which days the family of my team's case is asked how they are after closing, and by whom: these and no
    others. The clocks of a closed case follow at once.

    Raises EpisodeRefused for a day that is past or two years away, more than MOST_DAYS, or somebody of another team.
    """
    if episode.author_team_id not in by.teams or episode.subject_id is None:
        raise EpisodeRefused(_("Only the team whose case it is agrees when to ask again."))
    kept = {row.due_on: row for row in FollowUp.objects.filter(episode=episode)}
    days = {each.on: each for each in wanted}
    _check(episode, days, {day for day, row in kept.items() if not row.dropped})
    for day, row in kept.items():
        agreed = days.get(day)
        if agreed is None and not row.dropped:
            update_checked(row, version=row.version, dropped=True)
        elif agreed is not None and (row.dropped or row.practitioner_id != agreed.practitioner):
            update_checked(row, version=row.version, dropped=False, practitioner_id=agreed.practitioner)
    for day, agreed in days.items():
        if day not in kept:
            FollowUp.objects.create(
                subject_id=episode.subject_id,
                category=Category.PLAN,
                author_team_id=episode.author_team_id,
                episode=episode,
                due_on=day,
                practitioner_id=agreed.practitioner,
            )
    if episode.status == EpisodeStatus.CLOSED:
        actions.advance(episode=episode)


def _check(episode: Episode, days: dict[dt.date, Agreed], before: set[dt.date]) -> None:
    today = timezone.localdate()
    if len(days) > MOST_DAYS:
        raise EpisodeRefused(_("Choose at most %(n)d days.") % {"n": MOST_DAYS}, "follow_up_on")
    for day in set(days) - before:
        if day < today:
            raise EpisodeRefused(_("The follow-up lies in the past. Choose a day to come."), "follow_up_on")
        if day > today + LATEST:
            raise EpisodeRefused(_("The follow-up is more than two years away."), "follow_up_on")
    named = {each.practitioner for each in days.values() if each.practitioner is not None}
    working = Membership.objects.current().filter(
        practitioner_id__in=named, team_id=episode.author_team_id, practitioner__left_at=None
    )
    if named - set(working.values_list("practitioner_id", flat=True)):
        raise EpisodeRefused(_("Choose somebody who works in your team."), "follow_up_by")


def days_of(episode: Episode) -> list[FollowUp]:
    """The days agreed for a case, the first one first. One query."""
    return list(
        FollowUp.objects.filter(episode=episode, dropped=False)
        .select_related("practitioner")
        .order_by("due_on")
    )


@transaction.atomic
def ask_after(
    *, by: Me, episode: Episode, happened_at: dt.datetime, text: str, again: Agreed | None = None
) -> None:
    """Write down how the family of a closed case of my team is: the follow-up clock stops. `again` adds a day.

    Raises EpisodeRefused for a case that is not closed, without words, or for a time before the closing or to come.
    """
    if episode.author_team_id not in by.teams:
        raise EpisodeRefused(_("Only the team whose case it was asks how the family is."))
    episode = Episode.objects.select_for_update(no_key=True).get(pk=episode.pk)
    if episode.status != EpisodeStatus.CLOSED or episode.closed_at is None:
        raise EpisodeRefused(_("This case is not closed. Record a contact or visit instead."))
    if not text.strip():
        raise EpisodeRefused(_("Write how they are, or that nobody could be reached."), "text")
    if happened_at > timezone.now():
        raise EpisodeRefused(_("This lies in the future. Give the time at which it happened."), "on")
    if timezone.localdate(happened_at) < timezone.localdate(episode.closed_at):
        raise EpisodeRefused(_("This is before the case was closed."), "on")
    moment = max(happened_at, episode.closed_at)
    # Two clicks are one follow-up: a second would stand for the next day agreed.
    made = Event.objects.filter(episode=episode.pk, kind=MADE)
    struck = made.exclude(corrects=None).values("corrects_id")
    if made.filter(voids=False, happened_at=moment).exclude(pk__in=struck).exists():
        raise EpisodeRefused(_("A follow-up at this time is written down already."), "at")
    if again is not None:
        if again.on <= timezone.localdate(happened_at):
            raise EpisodeRefused(_("Choose a day after this one."), "again_on")
        kept = [Agreed(row.due_on, row.practitioner_id) for row in days_of(episode)]
        agree_days(by=by, episode=episode, wanted=[*(each for each in kept if each.on != again.on), again])
    subjects = [s for s in (episode.subject_id, episode.family_id) if s is not None]
    actions.happened(
        by=by,
        episode=episode,
        kind=MADE,
        subjects=subjects,
        happened_at=moment,
        text=text,
    )
