"""Which procedures a team runs, who its senior manager is, and under which of them a waiting case goes."""

from __future__ import annotations

from collections.abc import Collection

from django.db import transaction

from teamaround.access.edits import update_checked
from teamaround.access.me import Me
from teamaround.agencies.actions import log_act
from teamaround.agencies.models import Practitioner, Team
from teamaround.agencies.roles import Permission

from .actions import EpisodeRefused, advance, happened
from .models import Episode, EpisodeStatus
from .versions import current_version, names_in_force


def runs(team: Team) -> list[str]:
    """The procedures that a team runs, the one that new cases follow first."""
    first = [team.procedure_slug] if team.procedure_slug else []
    return list(dict.fromkeys([*first, *team.further_procedures]))


@transaction.atomic
def choose_procedures(
    *, by: Me, team: Team, version: int, first: str, further: Collection[str], senior_manager: int | None
) -> None:
    """Say which procedure new cases of my team follow, which others it runs, and who is told where a procedure goes to
    the senior manager. Cases that wait or run keep what they have.

    Raises EpisodeRefused for somebody who does not decide for the team, for a procedure that is not in force, for
    none where the team takes referrals, and for a senior manager who left; StaleEdit where somebody changed the team
    meanwhile.
    """
    if not by.may_for(Permission.DECIDE_REFERRALS, team.pk):
        raise EpisodeRefused("Only a manager of the team says what it runs.")
    known = names_in_force()
    if first and first not in known:
        raise EpisodeRefused("Choose a procedure that is in force.", "first")
    if not first and team.takes_referrals:
        raise EpisodeRefused("A team that takes referrals works to a procedure. Choose one.", "first")
    if not set(further) <= set(known):
        raise EpisodeRefused("Choose procedures that are in force.", "further")
    if (
        senior_manager is not None
        and not Practitioner.objects.filter(pk=senior_manager, left_at=None).exists()
    ):
        raise EpisodeRefused("Choose somebody who works in the area.", "senior_manager")
    others = [slug for slug in known if slug in set(further) and slug != first]
    update_checked(
        team,
        version=version,
        procedure_slug=first,
        further_procedures=others,
        senior_manager_id=senior_manager,
    )
    said = "; ".join(known[slug] for slug in [*([first] if first else []), *others]) or "none"
    log_act("choose_procedures", by=by.principal, team=team.pk, reason=said)


@transaction.atomic
def follow(*, by: Me, episode: Episode, version: int, slug: str) -> None:
    """Say under which of the procedures that its team runs a waiting case goes, from its beginning.

    Raises EpisodeRefused for a case that was answered, for somebody who does not decide for the team, and for a
    procedure that the team does not run; StaleEdit where the case moved on meanwhile.
    """
    if not by.may_for(Permission.DECIDE_REFERRALS, episode.author_team_id):
        raise EpisodeRefused("Only a manager of the team chooses.")
    if episode.status != EpisodeStatus.WAITING:
        raise EpisodeRefused("This referral was answered: the case keeps its procedure.")
    if slug not in runs(Team.objects.get(pk=episode.author_team_id)) or slug not in names_in_force():
        raise EpisodeRefused("Choose one of the procedures that the team runs.", "procedure")
    chosen = current_version(slug)
    if chosen.pk != episode.procedure_id:
        before = episode.procedure
        update_checked(episode, version=version, procedure_id=chosen.pk)
        episode.procedure = chosen
        run = advance(episode=episode)
        if (run.stage or "") != episode.stage:
            update_checked(episode, version=episode.version, stage=run.stage or "")
        # Of a child whom nobody named yet there is no chronology.
        if episode.subject_id is not None:
            known = names_in_force()
            said = f"From {known.get(before.slug, before.slug)} to {known[slug]}, version {chosen.number}"
            happened(by=by, episode=episode, kind="procedure.moved", subjects=[episode.subject_id], text=said)
