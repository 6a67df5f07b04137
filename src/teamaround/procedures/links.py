"""What hangs on an episode beside its events: where it comes from and goes on, whose the lead is, days agreed for after."""

from __future__ import annotations

from django.db import connection
from django.db.models import Exists, OuterRef

from teamaround.agencies.models import Membership

from .follow_ups import Agreed
from .models import Episode, EpisodeLink, EpisodeStatus, FollowUp


def goes_on(episode: Episode) -> list[EpisodeLink]:
    """Where a case goes on, as far as I may read both; the latest first. One query."""
    return list(
        EpisodeLink.objects.filter(from_episode=episode)
        .select_related("episode__author_team__agency")
        .order_by("-id")
    )


def waits_for_lead(episode: Episode) -> EpisodeLink | None:
    """The link by which the lead passes to a team that has not answered yet: until then the case stays open."""
    return next(
        (each for each in goes_on(episode) if each.lead and each.episode.status == EpisodeStatus.WAITING),
        None,
    )


def pass_lead(*, episode: Episode, back: bool = False) -> bool:
    """The lead goes from the team that the case comes from to the team that has accepted it, where the link says so;
    `back` where that was a mistake. False where no link passes it.

    The accepting team need not see the case that this one comes from: the database follows the link.
    """
    with connection.cursor() as cursor:
        cursor.execute("select app.pass_lead(%s, %s)", [episode.pk, not back])
        return bool(cursor.fetchone()[0])


def agreed_of(episode: int) -> list[Agreed]:
    """What the clocks of an episode go by; whoever left the team is nobody's any more. One query."""
    works = Membership.objects.current().filter(
        practitioner=OuterRef("practitioner"), team=OuterRef("author_team"), practitioner__left_at=None
    )
    rows = FollowUp.objects.filter(episode=episode, dropped=False).annotate(works=Exists(works))
    return [Agreed(row.due_on, row.practitioner_id if row.works else None) for row in rows]
