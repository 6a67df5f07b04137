"""Handover: what whoever is on duty needs to know of a child, on the file, for so many days."""

from __future__ import annotations

import datetime as dt

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from teamaround.access.edits import update_checked
from teamaround.access.me import Me
from teamaround.access.refusals import NotAllowed
from teamaround.rota.models import HandoverNote

from .actions import EpisodeRefused, happened
from .models import Episode, EpisodeStatus

LONGEST = dt.timedelta(days=14)
"""What is to be known for longer belongs in the plan."""


@transaction.atomic
def hand_over(*, by: Me, episode: Episode, text: str, until: dt.datetime) -> HandoverNote:
    """Leave a note for whoever is on duty, until a moment; it stands in the chronology as well.

    Raises EpisodeRefused for a case that is not open, an empty note, or an end that has passed or is more than 14 days
    away; NotAllowed for another team's case.
    """
    if episode.author_team_id not in by.teams:
        raise NotAllowed(_("You cannot leave a note on this case."), _("The team that has the case may."))
    if episode.status != EpisodeStatus.OPEN or episode.subject_id is None:
        raise EpisodeRefused(_("This case is not open."), "text")
    if not text.strip():
        raise EpisodeRefused(_("Say what whoever is on duty needs to know."), "text")
    now = timezone.now()
    if not now < until <= now + LONGEST:
        raise EpisodeRefused(
            _("Choose a day within the next 14. What lasts longer belongs in the plan."), "until"
        )
    # Two clicks are one note. The second waits here for the first.
    Episode.objects.select_for_update(no_key=True).filter(pk=episode.pk).first()
    same = HandoverNote.objects.filter(episode=episode.pk, text=text.strip()[:2000], until=until)
    earlier = same.filter(settled_at=None, recorded_by_id=by.principal).first()
    if earlier is not None:
        return earlier
    made = HandoverNote.objects.create(
        subject_id=episode.subject_id,
        category="notes",
        author_team_id=episode.author_team_id,
        episode=episode.pk,
        text=text.strip()[:2000],
        until=until,
    )
    happened(by=by, episode=episode, kind="handover.noted", subjects=[episode.subject_id], text=made.text)
    return made


@transaction.atomic
def settle(*, by: Me, note: HandoverNote) -> HandoverNote:
    """Nobody on duty needs to know it any more. Said twice, it is settled once; the note stays on the file."""
    if note.author_team_id not in by.teams:
        raise NotAllowed(_("You cannot settle this note."), _("The team that has the case may."))
    note = HandoverNote.objects.select_for_update().get(pk=note.pk)
    if note.settled_at is None:
        update_checked(note, version=note.version, settled_at=timezone.now())
    return note
