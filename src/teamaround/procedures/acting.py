"""Who may record what a stage waits for: the roles that the procedure names, and a manager of the team for all of them.

What a stage requires is recorded by whom the stage names under `who`, or by whoever owes a clock that it stops. A stage
that names nobody asks nothing. Contacts, visits, consents and reasons for safeguarding are written down by whoever was
there: what somebody did or heard is never refused.

- *manager*: who decides on referrals in the team; may act for everybody else as well, for somebody who is away.
- *lead practitioner*: who has the case; while nobody has it, anybody of the team.
- *chair*: who writes the minutes of the meeting.
- *social worker*: who works in a team of the council.
- *referrer*: who works in the team that made the referral.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from teamaround.access.me import Me
from teamaround.agencies.models import Membership, Sector
from teamaround.agencies.refusals import Refused
from teamaround.agencies.roles import ROLES, Permission
from teamaround.events.own import kind_of

from .models import Allocation, Episode
from .parts import Acts, Procedure
from .versions import procedure_of

NEVER_REFUSED = frozenset(
    {
        *("referral.received", "contact.recorded", "visit.made"),
        *("consent.given", "consent.withdrawn", "safeguarding.noted"),
    }
)
_WORKING = [key for key, role in ROLES.items() if Permission.WORK_CASES in role.permissions]

NAMES = {
    "manager": gettext_lazy("a manager of the team"),
    "lead_practitioner": gettext_lazy("the lead practitioner"),
    "chair": gettext_lazy("the chair of the meeting"),
    "social_worker": gettext_lazy("a social worker"),
    "referrer": gettext_lazy("the referrer"),
}


class EpisodeRefused(Refused):
    """The step cannot be taken; `field` names the form field, the message says what to do."""


class WrongRole(EpisodeRefused):
    """The procedure gives this step to somebody else; the message says to whom."""


def who_may(procedure: Procedure, priority: str, kind: str) -> tuple[Acts, ...]:
    """The roles that may record a kind of event, in the order of the procedure; none where anybody may. Pure."""
    if kind in NEVER_REFUSED:
        return ()
    stages = [each for each in procedure.stages if kind in each.requires and each.when in ("any", priority)]
    if not stages or any(not each.who for each in stages):
        return ()
    owing: list[Acts] = [
        clock.who for clock in procedure.clocks if kind in clock.stop and clock.when in ("any", priority)
    ]
    return tuple(dict.fromkeys([*(who for each in stages for who in each.who), *owing]))


def must_act(*, by: Me, episode: Episode, kind: str, as_chair: bool = False) -> None:
    """Raises WrongRole where the episode's procedure gives the recording of `kind` to others than `by`."""
    allowed = who_may(procedure_of(episode.procedure_id), episode.priority, kind)
    if not allowed or (as_chair and "chair" in allowed) or roles_held(by=by, episode=episode, of=allowed):
        return
    worker = Allocation.objects.filter(episode=episode, until=None).select_related("practitioner").first()
    names = [
        f"{NAMES[who]} ({worker.practitioner.name})"
        if who == "lead_practitioner" and worker is not None
        else str(NAMES[who])
        for who in allowed
        if who != "manager"
    ]
    said = {"what": kind_of(kind).words, "who": _(" or ").join([*names, str(NAMES["manager"])])}
    raise WrongRole(_("“%(what)s” is for %(who)s. Ask them to record it.") % said)


def may_record(*, by: Me, episode: Episode, kinds: Iterable[str]) -> list[str]:
    """Those of `kinds` that the episode's procedure lets `by` record. Two queries at most, none where it restricts none."""
    procedure = procedure_of(episode.procedure_id)
    allowed = {kind: who_may(procedure, episode.priority, kind) for kind in kinds}
    held = roles_held(by=by, episode=episode, of={who for each in allowed.values() for who in each})
    return [kind for kind, who in allowed.items() if not who or held.intersection(who)]


def roles_held(*, by: Me, episode: Episode, of: Collection[Acts]) -> frozenset[Acts]:
    """Which of these roles `by` has in an episode. A manager of the team may act for all; a chair is one at a meeting
    alone. Two queries at most."""
    team = episode.author_team_id
    if by.may_for(Permission.DECIDE_REFERRALS, team):
        return frozenset(of)
    held: set[Acts] = set()
    if "lead_practitioner" in of:
        worker = Allocation.objects.filter(episode=episode, until=None).values_list(
            "practitioner_id", flat=True
        )
        who = worker.first()
        if who == by.principal or (who is None and team in by.teams):
            held.add("lead_practitioner")
    if "social_worker" in of and _works_in_the_council(by):
        held.add("social_worker")
    if "referrer" in of and episode.referring_team_id in by.teams:
        held.add("referrer")
    return frozenset(held)


def _works_in_the_council(by: Me) -> bool:
    return (
        Membership.objects.current()
        .filter(practitioner_id=by.principal, team__agency__sector=Sector.COUNCIL, role__in=_WORKING)
        .exists()
    )
