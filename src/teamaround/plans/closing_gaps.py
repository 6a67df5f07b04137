"""What closing needs beside the events of the procedure: that the part on what comes after says all of it, and that the
team which was asked to lead has accepted."""

from __future__ import annotations

from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from teamaround.procedures.follow_ups import must_ask
from teamaround.procedures.links import goes_on
from teamaround.procedures.models import Episode, EpisodeLink, EpisodeStatus
from teamaround.procedures.versions import procedure_of

from .models import Closing

AFTER = "stepdown.agreed"
"""The event of the part: a procedure that asks for it asks for all that the part says."""


@dataclass(frozen=True, slots=True)
class Gap:
    """One thing that is settled before closing. `waits`: for somebody else, and not to be written down here."""

    label: str | Promise
    missing: bool
    waits: bool = False


def gaps_of(episode: Episode, closing: Closing | None) -> list[Gap]:
    """What the procedure's own gates leave out, settled or not. One query."""
    # A referral that was taken back asked nobody.
    asked = [each for each in goes_on(episode) if each.lead and each.episode.status != EpisodeStatus.REVERSED]
    found = [_lead(asked[0], closing)] if asked else []
    procedure = procedure_of(episode.procedure_id)
    if not any(gate.event == AFTER for gate in procedure.closure):
        return found
    said = closing if closing is not None and closing.stepdown_at is not None else None
    return [
        *found,
        Gap(
            gettext_lazy("When you will ask how they are is agreed, or why not"),
            said is None or not (said.follow_up_on or (said.no_follow_up and not must_ask(procedure))),
        ),
        Gap(
            gettext_lazy("What the family does if things get harder is agreed"),
            said is None or not said.exit_strategy,
        ),
        Gap(
            gettext_lazy("How the family can come back was explained to them"),
            said is None or not said.future_contact,
        ),
    ]


def _lead(asked: EpisodeLink, closing: Closing | None) -> Gap:
    """The team that was asked to lead last has accepted, or somebody else was found since it did not."""
    team, status = asked.episode.author_team, asked.episode.status
    accepted = status in (EpisodeStatus.OPEN, EpisodeStatus.CLOSED)
    if accepted or status == EpisodeStatus.WAITING:
        return Gap(_("%(team)s accepts to lead") % {"team": team.name}, not accepted, waits=True)
    found = (
        closing is not None
        and closing.stepdown_at is not None
        and closing.stepdown_at > asked.recorded_at
        and closing.lead_team_id != team.pk
    )
    return Gap(_("%(team)s did not accept to lead: somebody else is named") % {"team": team.name}, not found)
