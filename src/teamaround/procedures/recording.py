"""What happened in a case and has no page of its own: chosen from what its procedure names, and written down."""

from __future__ import annotations

import datetime as dt
import uuid

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from teamaround.access.me import Me
from teamaround.access.refusals import NotAllowed
from teamaround.agencies.roles import Permission
from teamaround.events.actions import TOLERANCE
from teamaround.events.models import Event
from teamaround.ui.presentation import uk_datetime

from . import actions
from .acting import may_record
from .kinds import EVENT_KINDS
from .models import Episode, EpisodeStatus
from .one_click import NEEDS_A_FORM, DoneAlready
from .parts import Procedure
from .versions import procedure_of

PAGES = NEEDS_A_FORM | {"contact.recorded", "visit.made", "followup.made", "referral.withdrawn"}
"""Kinds of event that a page of their own records. A meeting held elsewhere, a conference for one, has none here."""
LONGEST = 2000
EARLIEST = dt.timedelta(days=366)
"""How long before a case was opened something may have happened: a need is often noticed before anybody refers."""
AT_ONCE = dt.timedelta(minutes=1)


def kinds_without_a_page(procedure: Procedure) -> list[str]:
    """The kinds of event that a procedure names and no page records: its own first, as it names them. Pure."""
    named = {kind for stage in procedure.stages for kind in (stage.opens_on, *stage.requires)}
    named |= {gate.event for gate in procedure.closure}
    for clock in procedure.clocks:
        named |= {clock.start, *clock.stop, *clock.until, *clock.pause, *clock.resume}
    own = [each.key for each in procedure.events]
    return [*own, *(kind for kind in EVENT_KINDS if kind in named and kind not in PAGES)]


def recordable(*, by: Me, episode: Episode) -> list[str]:
    """What `by` may write down in this case, by the procedure that it follows; nothing in a case that is over, of a
    child who is not known yet, or of another team. At most two queries."""
    if (
        episode.status not in (EpisodeStatus.WAITING, EpisodeStatus.OPEN)
        or episode.subject_id is None
        or not by.may_for(Permission.WORK_CASES, episode.author_team_id)
    ):
        return []
    return may_record(by=by, episode=episode, kinds=kinds_without_a_page(procedure_of(episode.procedure_id)))


@transaction.atomic
def record_what_happened(
    *, by: Me, episode: Episode, kind: str, happened_at: dt.datetime, text: str = ""
) -> uuid.UUID:
    """Record that something happened in my team's case, then or now; its clocks follow. Returns the occurrence, which
    whoever recorded it can undo as after one click.

    A time within the present minute is now. Raises NotAllowed for another team's case; EpisodeRefused for a case that is
    over, a kind that has a page of its own or that the procedure does not name, a time to come, or one more than a year
    before the case was opened; WrongRole where the procedure gives it to somebody else; DoneAlready where it is
    recorded at this time.
    """
    if not by.may_for(Permission.WORK_CASES, episode.author_team_id):
        raise NotAllowed(_("You cannot record what happened in this case."), _("The team that has it may."))
    # Who clicks second waits here for who clicked first.
    episode = Episode.objects.select_for_update(no_key=True).get(pk=episode.pk)
    if episode.status not in (EpisodeStatus.WAITING, EpisodeStatus.OPEN):
        raise actions.EpisodeRefused(_("This case is over. Nothing more happens in it."), "kind")
    if episode.subject_id is None:
        raise actions.EpisodeRefused(_("Say first which child this is about."), "kind")
    if kind not in kinds_without_a_page(procedure_of(episode.procedure_id)):
        raise actions.EpisodeRefused(_("Choose what happened from the list."), "kind")
    when = _moment(episode, happened_at)
    standing = Event.objects.filter(episode=episode.pk, kind=kind, voids=False)
    struck = Event.objects.filter(episode=episode.pk).exclude(corrects=None).values("corrects_id")
    near = standing.exclude(pk__in=struck).filter(
        happened_at__gt=when - AT_ONCE, happened_at__lt=when + AT_ONCE
    )
    if near.exists():
        raise DoneAlready(_("This is recorded at this time already. Nothing was recorded twice."), "at")
    subjects = [each for each in (episode.subject_id, episode.family_id) if each is not None]
    return actions.happened(
        by=by, episode=episode, kind=kind, subjects=subjects, happened_at=when, text=text.strip()[:LONGEST]
    )


def _moment(episode: Episode, happened_at: dt.datetime) -> dt.datetime:
    now = timezone.now()
    if happened_at > now + TOLERANCE:
        raise actions.EpisodeRefused(_("This lies in the future. Give the time at which it happened."), "at")
    if happened_at < episode.opened_at - EARLIEST:
        raise actions.EpisodeRefused(
            _("This is more than a year before the case was opened, on %(when)s. Check the year.")
            % {"when": uk_datetime(episode.opened_at)},
            "on",
        )
    # Forms ask for minutes: what began in this one would otherwise have begun after it was done.
    return now if now - AT_ONCE < happened_at else happened_at
