"""One click: the event that stops a clock, recorded as having happened now, or at a moment that is given; and its undoing.

What needs a form of its own (an assessment, a plan, a closing) is refused, with what to do instead.
"""

from __future__ import annotations

import datetime as dt
import uuid
from dataclasses import dataclass

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from teamaround.access.me import Me
from teamaround.agencies.roles import Permission
from teamaround.events.actions import TOLERANCE
from teamaround.events.models import Event
from teamaround.ui.presentation import uk_datetime

from . import actions
from .engine import ClockState
from .format import ClockRule
from .models import Episode
from .versions import procedure_of

NEEDS_A_FORM = frozenset(
    {
        *(
            "referral.received",
            "referral.checked",
            "referral.accepted",
            "referral.declined",
            "allocation.made",
        ),
        *("assessment.started", "assessment.finished", "risk.assessed", "meeting.called", "meeting.held"),
        *("plan.agreed", "plan.reviewed", "outcome.recorded", "stepdown.agreed", "feedback.asked"),
        *("episode.closed", "followup.waived", "consent.given", "consent.withdrawn", "safeguarding.noted"),
    }
)
"""Kinds of event that say more than that something was done: each is written on a page of its own."""


class NeedsForm(actions.EpisodeRefused):
    """The step is taken on a page of its own. `link` is the clock's: what does it."""

    def __init__(self, message: str, link: str) -> None:
        super().__init__(message)
        self.link = link


class DoneAlready(actions.EpisodeRefused):
    """What was asked for stands already: nothing was recorded a second time."""


@dataclass(frozen=True, slots=True)
class Stopped:
    """What one click recorded: the occurrence, its kind, when it happened, and how the clock ended."""

    occurrence: uuid.UUID
    kind: str
    happened_at: dt.datetime
    due_at: dt.datetime
    title: str

    @property
    def in_time(self) -> bool:
        """Whether it happened by the moment it was due."""
        return self.happened_at <= self.due_at


def one_click_kind(rule: ClockRule) -> str:
    """The event that one click records for a clock: the first that stops it and needs no form; empty without one."""
    return next((kind for kind in rule.stop if kind not in NEEDS_A_FORM), "")


def by_one_click(version: int) -> dict[str, str]:
    """The clocks of a version that one click stops, and who owes each."""
    return {rule.key: rule.who for rule in procedure_of(version).clocks if one_click_kind(rule)}


@transaction.atomic
def stop_clock(
    *, by: Me, episode: Episode, clock: str, began: dt.datetime, happened_at: dt.datetime | None = None
) -> Stopped:
    """Record the event that stops the round of `clock` which began at `began`, as of now or of `happened_at`.

    Raises EpisodeRefused for a time to come or before the clock began, for another team's case, and for somebody
    whose role does not owe it; NeedsForm where more is to be written; DoneAlready where the round has stopped.
    """
    if not by.may_for(Permission.WORK_CASES, episode.author_team_id):
        raise actions.EpisodeRefused(_("Only the team whose case this is can say that it is done."))
    episode = _held(episode)
    found = _round(episode, clock, began)
    kind = one_click_kind(found.rule)
    if not kind:
        raise NeedsForm(_("“%(title)s” is done on a page of its own.") % {"title": found.title}, found.link)
    if found.who == "manager" and not by.may_for(Permission.DECIDE_REFERRALS, episode.author_team_id):
        raise NeedsForm(
            _("“%(title)s” is for a manager of the team. If you did it, write it down as a contact or visit.")
            % {"title": found.title},
            found.link,
        )
    if episode.subject_id is None:
        raise actions.EpisodeRefused(_("Say first which child this is about."))
    when = happened_at or timezone.now()
    _check(found, when)
    subjects = [each for each in (episode.subject_id, episode.family_id) if each is not None]
    occurrence = actions.happened(by=by, episode=episode, kind=kind, subjects=subjects, happened_at=when)
    return Stopped(occurrence, kind, when, found.due_at, found.title)


def _held(episode: Episode) -> Episode:
    """The episode as it is now, held until the transaction ends: who clicks second waits for who clicked first."""
    return Episode.objects.select_for_update(no_key=True).get(pk=episode.pk)


def _check(found: ClockState, when: dt.datetime) -> None:
    if when > timezone.now() + TOLERANCE:
        raise actions.EpisodeRefused(_("This lies in the future. Give the time at which it happened."), "at")
    if when < found.started_at:
        raise actions.EpisodeRefused(
            _("This is before it was asked for, on %(when)s. Give a later time, or record it from the case.")
            % {"when": uk_datetime(found.started_at)},
            "at",
        )


def _round(episode: Episode, clock: str, began: dt.datetime) -> ClockState:
    rounds = [each for each in actions.standing(episode).clocks if each.key == clock]
    found = next((each for each in rounds if each.started_at == began), None)
    if found is None:
        raise actions.EpisodeRefused(_("This has changed since you opened the page. Look at it again."))
    if found.state == "ended":
        raise DoneAlready(_("This case is closed. Nobody owes this any more."))
    if found.stopped_at is not None:
        raise DoneAlready(
            _("“%(title)s” was done already, on %(when)s. Nothing was recorded twice.")
            % {"title": found.title, "when": uk_datetime(found.stopped_at)}
        )
    return found


def standing_rows(episode: Episode, occurrence: uuid.UUID) -> list[Event]:
    """The entries of one occurrence in an episode that stand now: none once it was struck out."""
    rows = Event.objects.filter(occurrence=occurrence, episode=episode.pk)
    return list(
        rows.filter(voids=False)
        .exclude(pk__in=rows.exclude(corrects=None).values("corrects_id"))
        .order_by("id")
    )


@transaction.atomic
def undo_stop(*, by: Me, episode: Episode, occurrence: uuid.UUID) -> None:
    """Strike out what one click recorded, by whoever clicked: the clock runs again as if nothing had been recorded.

    Both the entry and its striking out stay on the chronology. Raises DoneAlready where it was struck out before.
    """
    _mine(by, episode, occurrence)
    actions.put_right(
        by=by, episode=episode, occurrence=occurrence, text=_("Undone: recorded by mistake."), void=True
    )


@transaction.atomic
def move_stop(*, by: Me, episode: Episode, occurrence: uuid.UUID, happened_at: dt.datetime) -> None:
    """Say that what one click recorded happened at another time. Raises EpisodeRefused for a time to come, and for one
    before the case was opened."""
    _mine(by, episode, occurrence)
    if happened_at > timezone.now() + TOLERANCE:
        raise actions.EpisodeRefused(_("This lies in the future. Give the time at which it happened."), "at")
    if happened_at < episode.opened_at:
        raise actions.EpisodeRefused(
            _("This is before the case was opened, on %(when)s.") % {"when": uk_datetime(episode.opened_at)},
            "at",
        )
    actions.put_right(
        by=by,
        episode=episode,
        occurrence=occurrence,
        happened_at=happened_at,
        text=_("It happened at another time than was first recorded."),
    )


def _mine(by: Me, episode: Episode, occurrence: uuid.UUID) -> None:
    _held(episode)
    rows = standing_rows(episode, occurrence)
    if not rows:
        raise DoneAlready(_("This was undone already."))
    if any(row.recorded_by_id != by.principal or row.kind in NEEDS_A_FORM for row in rows):
        raise actions.EpisodeRefused(_("Only whoever recorded this by one click can change it here."))
