"""Moving a running episode to a newer version of its procedure: what would change, the move, and taking it back."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from django.db import transaction
from django.utils import timezone

from teamaround.access.edits import StaleEdit, update_checked
from teamaround.access.me import Me

from . import engine
from .actions import EpisodeRefused, events_of, happened
from .calendars import procedure_for
from .format import Procedure
from .models import Episode, EpisodeMove, EpisodeStatus, ProcedureVersion


@dataclass(frozen=True, slots=True)
class Moved:
    """A clock that runs before and after, with another moment or another one who owes it."""

    before: engine.ClockState
    after: engine.ClockState


@dataclass(frozen=True, slots=True)
class Changes:
    """What a move would change for one episode, at one moment.

    `begins` and `ends` are the running clocks of one version alone; `stages_new` and `stages_gone` are titles,
    `gates_new` and `gates_gone` labels. `stage_before` and `stage_after` are titles, empty before the first.
    """

    begins: tuple[engine.ClockState, ...]
    ends: tuple[engine.ClockState, ...]
    moved: tuple[Moved, ...]
    stages_new: tuple[str, ...]
    stages_gone: tuple[str, ...]
    stage_before: str
    stage_after: str
    gates_new: tuple[str, ...]
    gates_gone: tuple[str, ...]

    @property
    def nothing(self) -> bool:
        """Whether nothing changes for this episode."""
        parts = (
            *(self.begins, self.ends, self.moved, self.stages_new, self.stages_gone),
            *(self.gates_new, self.gates_gone),
        )
        return not any(parts) and self.stage_before == self.stage_after


def changes(before: Procedure, after: Procedure, events: list[engine.Event], now: dt.datetime) -> Changes:
    """Compare what two versions ask of one episode at `now`. Pure."""
    old, new = engine.run(before, events, now), engine.run(after, events, now)
    was = {clock.key: clock for clock in old.open_clocks}
    will = {clock.key: clock for clock in new.open_clocks}
    titles_before = [stage.title for stage in old.stages if stage.progress != "not_needed"]
    titles_after = [stage.title for stage in new.stages if stage.progress != "not_needed"]
    gates_before = [gate.label for gate in before.closure]
    gates_after = [gate.label for gate in after.closure]
    return Changes(
        begins=tuple(clock for key, clock in will.items() if key not in was),
        ends=tuple(clock for key, clock in was.items() if key not in will),
        moved=tuple(
            Moved(was[key], clock)
            for key, clock in will.items()
            if key in was and (was[key].due_at, was[key].who) != (clock.due_at, clock.who)
        ),
        stages_new=tuple(title for title in titles_after if title not in titles_before),
        stages_gone=tuple(title for title in titles_before if title not in titles_after),
        stage_before=next((stage.title for stage in old.stages if stage.key == old.stage), ""),
        stage_after=next((stage.title for stage in new.stages if stage.key == new.stage), ""),
        gates_new=tuple(label for label in gates_after if label not in gates_before),
        gates_gone=tuple(label for label in gates_before if label not in gates_after),
    )


def newer_version(episode: Episode) -> ProcedureVersion | None:
    """The version in force, where it is newer than the one that an open episode has; else None."""
    if episode.status != EpisodeStatus.OPEN:
        return None
    own = episode.procedure
    return (
        ProcedureVersion.objects.filter(
            slug=own.slug, number__gt=own.number, withdrawn_at=None, effective_from__lte=timezone.now()
        )
        .defer("text")
        .order_by("-effective_from", "-number")
        .first()
    )


def last_move(episode: Episode) -> EpisodeMove | None:
    """The move that may be taken back: the latest, unless it took one back itself."""
    latest = (
        EpisodeMove.objects.filter(episode=episode)
        .select_related("from_version", "to_version")
        .defer("from_version__text", "to_version__text")
        .order_by("-id")
        .first()
    )
    if latest is None or latest.undoes_id is not None or latest.to_version_id != episode.procedure_id:
        return None
    return latest


def what_changes(episode: Episode, to: int) -> Changes:
    """What moving the episode to this version would change now."""
    team = episode.author_team_id
    before, after = procedure_for(episode.procedure_id, team), procedure_for(to, team)
    return changes(before, after, events_of(episode), timezone.now())


@transaction.atomic
def move(*, by: Me, episode: Episode, version: int, to: ProcedureVersion, reason: str) -> EpisodeMove:
    """Put a running episode of my team under a newer version that is in force; its clocks are reckoned anew.

    Raises EpisodeRefused without a reason, for an episode that is not open or a version that is not newer, in
    force and of the same procedure; StaleEdit where the episode changed meanwhile.
    """
    newest = newer_version(episode)
    if episode.status != EpisodeStatus.OPEN:
        raise EpisodeRefused("Only an open case is moved.")
    if newest is None or to.pk != newest.pk:
        raise EpisodeRefused("Choose the newer version that is in force.")
    return _put_under(by=by, episode=episode, version=version, to=to, reason=reason, undoes=None)


@transaction.atomic
def move_back(*, by: Me, episode: Episode, version: int, reason: str) -> EpisodeMove:
    """Take the last move back. Both facts stay in the chronology.

    Raises EpisodeRefused without a reason, or where there is nothing to take back; StaleEdit as above.
    """
    done = last_move(episode)
    if done is None or episode.status != EpisodeStatus.OPEN:
        raise EpisodeRefused("There is no move to take back.")
    return _put_under(
        by=by, episode=episode, version=version, to=done.from_version, reason=reason, undoes=done
    )


def _put_under(
    *, by: Me, episode: Episode, version: int, to: ProcedureVersion, reason: str, undoes: EpisodeMove | None
) -> EpisodeMove:
    if not reason.strip():
        raise EpisodeRefused("Say why.", "reason")
    if episode.author_team_id not in by.teams or episode.subject_id is None:
        raise EpisodeRefused("Only the team whose case it is moves it.")
    held = (
        Episode.objects.select_for_update(no_key=True).filter(pk=episode.pk).values("version", "procedure_id")
    )
    row = held.first()
    if row is None or row["version"] != version:
        raise StaleEdit
    before = episode.procedure
    update_checked(episode, version=version, procedure_id=to.pk)
    episode.procedure = to
    made = EpisodeMove.objects.create(
        episode=episode,
        subject_id=episode.subject_id,
        category=episode.category,
        author_team_id=episode.author_team_id,
        from_version=before,
        to_version=to,
        undoes=undoes,
        reason=reason.strip()[:500],
    )
    said = f"From version {before.number} to version {to.number}: {reason.strip()}"
    happened(by=by, episode=episode, kind="procedure.moved", subjects=[episode.subject_id], text=said)
    return made
