"""Who works with the child and family of a case: the team begins with them, leads or works, and leaves."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable

from django.db import IntegrityError, transaction
from django.db.models import Q
from django.utils import timezone

from teamaround.access.edits import update_checked
from teamaround.access.me import Me
from teamaround.index.actions import end_involvement, involve
from teamaround.index.models import Involvement, InvolvementRole
from teamaround.people.merging import records_of

from .models import Episode, EpisodeStatus


def lead_or_work(*, by: Me, episode: Episode, subject: int, practitioner: int | None) -> None:
    """The worker leads, or the team where none is named yet, unless somebody of another team does; also where that
    one began in this moment."""
    team = episode.author_team_id
    led = Involvement.objects.filter(subject_id__in=records_of(subject), role="lead", until=None).exclude(
        author_team_id=team
    )
    if not led.exists():
        try:
            with transaction.atomic():
                involve(by=by, team=team, subject=subject, role="lead", practitioner=practitioner)
            return
        except IntegrityError as refused:
            if "involvement_one_lead" not in str(refused):
                raise
    involve(by=by, team=team, subject=subject, role="worker", practitioner=practitioner)


def leave(*, by: Me, episode: Episode) -> None:
    """End the team's involvement with the child and family of an episode, save with whom another open case of the team
    is about; whom it had registered before stays registered."""
    subjects = {each for each in (episode.subject_id, episode.family_id) if each is not None}
    for involvement in Involvement.objects.filter(
        subject_id__in=subjects - _in_other_cases(episode), author_team_id=episode.author_team_id, until=None
    ):
        if involvement.since < timezone.localdate(episode.opened_at):
            # The team had the child on its register before the referral: that goes on when the case ends.
            update_checked(
                involvement,
                version=involvement.version,
                role=InvolvementRole.REGISTERED,
                practitioner_id=None,
            )
        else:
            end_involvement(by=by, involvement=involvement)


def begin_again(*, by: Me, episode: Episode, subject: int, on: dt.date) -> None:
    """Put back the involvement that ended with the case on that day; one anew where none did."""
    mine = Involvement.objects.filter(subject_id=subject, author_team_id=episode.author_team_id)
    running = mine.filter(until=None).first()
    if running is not None:
        if running.role == InvolvementRole.REGISTERED:
            update_checked(running, version=running.version, role=InvolvementRole.WORKER)
        return
    ended = mine.filter(until=on, end_reason="").order_by("-id").first()
    if ended is None:
        involve(by=by, team=episode.author_team_id, subject=subject)
        return
    role = InvolvementRole.WORKER if ended.role == InvolvementRole.LEAD else ended.role
    update_checked(ended, version=ended.version, until=None, role=role)


def _in_other_cases(episode: Episode) -> set[int]:
    """The children and families of the team's other open cases: a brother's case goes on when this one ends."""
    others = Episode.objects.filter(author_team_id=episode.author_team_id, status=EpisodeStatus.OPEN)
    named = others.exclude(pk=episode.pk).filter(
        Q(subject_id=episode.subject_id) | Q(family_id=episode.family_id, family_id__isnull=False)
    )
    pairs: Iterable[tuple[int | None, int | None]] = named.values_list("subject_id", "family_id")
    return {subject for pair in pairs for subject in pair if subject is not None}
