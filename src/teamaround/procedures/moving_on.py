"""One case goes on in another, and mistakes are put right: links, whose lead it is, and reversals.

A reversal strikes out the event that it takes back, with the reason: both facts stay in the chronology, and the
clocks run as if the mistake had not been made.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from enum import StrEnum

from django.db import connection, transaction
from django.db.models import QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _

from teamaround.access.edits import update_checked
from teamaround.access.me import Me
from teamaround.access.refusals import NotAllowed
from teamaround.agencies.models import Membership
from teamaround.agencies.roles import Permission
from teamaround.events.models import Event
from teamaround.index.models import Involvement

from . import actions
from .actions import EpisodeRefused
from .involving import begin_again, lead_or_work, leave
from .kinds import WAIVED
from .links import pass_lead
from .models import Allocation, Episode, EpisodeLink, EpisodeStatus, LinkKind

UNDO_DAYS = 28
"""After so many days an ending is no longer taken back as a mistake: the case is re-opened with a new referral."""

AT_ONCE = dt.timedelta(seconds=5)
"""An allocation that ended so shortly before the next one ended with it."""

ASKED = {
    LinkKind.STEP_UP: "case.stepped_up",
    LinkKind.STEP_DOWN: "case.stepped_down",
    LinkKind.TRANSFER: "case.transferred",
    LinkKind.REOPEN: "case.reopened",
}

ARRIVES = frozenset(
    {
        *("referral.received", "referral.checked", "referral.accepted", "referral.declined"),
        *("allocation.made", "procedure.moved", "family.informed"),
    }
)
"""What happens to a case before anybody works in it."""


@transaction.atomic
def link(
    *, by: Me, episode: Episode, from_episode: Episode, kind: str, lead: bool, reason: str
) -> EpisodeLink:
    """Say that `episode`, which waits at another team, goes on from a case of mine; the case's chronology says so.

    Raises EpisodeRefused without a reason, for a case that is not open (for re-opening: not closed), or another
    team's. `lead`: that team leads once it accepts.
    """
    if from_episode.author_team_id not in by.teams or from_episode.subject_id is None:
        raise EpisodeRefused(_("Only the team whose case it is passes it on."))
    if not reason.strip():
        raise EpisodeRefused(_("Say why."), "reason")
    wanted = EpisodeStatus.CLOSED if kind == LinkKind.REOPEN else EpisodeStatus.OPEN
    if from_episode.status != wanted:
        raise EpisodeRefused(_("This case cannot go on in that way: look at it again."))
    occurrence = actions.happened(
        by=by,
        episode=from_episode,
        kind=ASKED[LinkKind(kind)],
        subjects=[from_episode.subject_id],
        text=reason,
    )
    return EpisodeLink.objects.create(
        subject_id=from_episode.subject_id,
        category=from_episode.category,
        author_team_id=from_episode.author_team_id,
        episode=episode,
        from_episode=from_episode,
        kind=kind,
        lead=lead,
        reason=reason.strip()[:500],
        occurrence=occurrence,
    )


@transaction.atomic
def withdraw(*, by: Me, episode: Episode, reason: str) -> None:
    """Take back a referral that my team sent and that waits for an answer: its clocks end, and both teams read why.

    Raises EpisodeRefused without a reason, once it was answered, or for another team's.
    """
    if not reason.strip():
        raise EpisodeRefused(_("Say why."), "reason")
    if episode.referring_team_id not in by.teams:
        raise EpisodeRefused(_("Only the team that sent a referral takes it back."))
    with connection.cursor() as cursor:
        cursor.execute("select app.withdraw_referral(%s, %s)", [episode.pk, reason.strip()[:500]])
        (done,) = cursor.fetchone()
    if not done:
        raise EpisodeRefused(_("This referral was answered already. Talk to the team that has it."))
    episode.refresh_from_db(fields=["status", "version"])


class Mistake(StrEnum):
    """What is taken back as a mistake."""

    CLOSURE = "closure"
    ACCEPTANCE = "acceptance"
    DECLINE = "decline"
    ALLOCATION = "allocation"


STANDS = {
    Mistake.CLOSURE: EpisodeStatus.CLOSED,
    Mistake.ACCEPTANCE: EpisodeStatus.OPEN,
    Mistake.DECLINE: EpisodeStatus.DECLINED,
    Mistake.ALLOCATION: EpisodeStatus.OPEN,
}
"""The state of a case in which each can be a mistake."""


def why_not_taken_back(episode: Episode, what: Mistake) -> str:
    """Why this can no longer be taken back as a mistake, in words; "" where it can. At most one query.

    An acceptance until anything was done in the case; a closing until it was re-opened or UNDO_DAYS days have passed;
    a decline for as many days; an allocation while somebody has the case.
    """
    if episode.status != STANDS[what]:
        return _("This was taken back already, or has moved on. Look at the case again.")
    if what is Mistake.ACCEPTANCE and _standing(episode).exclude(kind__in=ARRIVES).exists():
        return _("Work has been recorded in this case already. Close it instead.")
    if what is Mistake.ALLOCATION and not Allocation.objects.filter(episode=episode, until=None).exists():
        return _("Nobody has this case.")
    ended = {Mistake.CLOSURE: episode.closed_at, Mistake.DECLINE: episode.changed_at}.get(what)
    if ended is not None and timezone.now() - ended > dt.timedelta(days=UNDO_DAYS):
        return _("This ended more than %(n)d days ago. Re-open the case with a new referral.") % {
            "n": UNDO_DAYS
        }
    if what is Mistake.CLOSURE:
        again = EpisodeLink.objects.filter(from_episode=episode, kind=LinkKind.REOPEN)
        if again.filter(episode__status__in=(EpisodeStatus.WAITING, EpisodeStatus.OPEN)).exists():
            return _("This case was re-opened with a new referral already. Go on with that one.")
    return ""


@transaction.atomic
def take_back_acceptance(*, by: Me, episode: Episode, version: int, reason: str) -> Episode:
    """The referral was accepted by mistake: it waits again, nobody has it, and who led before leads again.

    Raises EpisodeRefused once anything was done in the case: then it is closed, not taken back.
    """
    _check(by, episode, Mistake.ACCEPTANCE, Permission.DECIDE_REFERRALS, reason, version=version)
    update_checked(episode, version=version, status=EpisodeStatus.WAITING)
    Allocation.objects.filter(episode=episode, until=None).update(until=timezone.now())
    leave(by=by, episode=episode)
    pass_lead(episode=episode, back=True)
    _strike(by, episode, ("allocation.made", "referral.accepted"), reason)
    return episode


@transaction.atomic
def take_back_decline(*, by: Me, episode: Episode, version: int, reason: str) -> Episode:
    """The referral was declined by mistake: it waits again. Raises EpisodeRefused."""
    _check(by, episode, Mistake.DECLINE, Permission.DECIDE_REFERRALS, reason, version=version)
    update_checked(episode, version=version, status=EpisodeStatus.WAITING)
    if episode.subject_id is None:
        actions.advance(episode=episode)
    else:
        _strike(by, episode, ("referral.declined",), reason)
    return episode


@transaction.atomic
def take_back_allocation(*, by: Me, episode: Episode, version: int, reason: str) -> Allocation | None:
    """The worker was named by mistake: whoever had the case before has it again, else nobody, which is returned.

    Raises EpisodeRefused where nobody has it.
    """
    _check(by, episode, Mistake.ALLOCATION, Permission.DECIDE_REFERRALS, reason, version=version)
    rows = Allocation.objects.filter(episode=episode).order_by("-since", "-id")
    current = rows.filter(until=None).first()
    if current is None or episode.subject_id is None:
        raise EpisodeRefused(_("Nobody has this case."))
    before = rows.filter(until__gte=current.since - AT_ONCE).exclude(pk=current.pk).first()
    update_checked(current, version=current.version, until=max(timezone.now(), current.since))
    restored = None
    if before is not None and _works(before.practitioner_id, episode.author_team_id):
        restored = Allocation.objects.create(
            subject_id=episode.subject_id,
            category=episode.category,
            author_team_id=episode.author_team_id,
            episode=episode,
            practitioner_id=before.practitioner_id,
            since=timezone.now(),
        )
    running = Involvement.objects.filter(
        subject_id=episode.subject_id, author_team_id=episode.author_team_id, until=None
    ).first()
    if running is not None:
        update_checked(
            running,
            version=running.version,
            practitioner_id=restored.practitioner_id if restored else None,
        )
    _strike(by, episode, ("allocation.made",), reason, most=1)
    if episode.version == version:
        # Counted in any case, so that two managers do not replace each other's choice unseen.
        update_checked(episode, version=version)
    return restored


@transaction.atomic
def take_back_closure(*, by: Me, episode: Episode, version: int, reason: str) -> Episode:
    """The case was closed by mistake: it is open as it was, with its worker and the team's involvement.

    Raises EpisodeRefused after UNDO_DAYS days: then the case is re-opened, with a new referral.
    """
    _check(by, episode, Mistake.CLOSURE, Permission.CLOSE_CASES, reason, version=version)
    assert episode.closed_at is not None, "a closed case says when"
    assert episode.subject_id is not None, "a closed case names its child"
    closed_at = episode.closed_at
    update_checked(
        episode, version=version, status=EpisodeStatus.OPEN, closed_at=None, outcome_for_referrer=""
    )
    ended = Allocation.objects.filter(episode=episode, until__gte=closed_at).order_by("-since", "-id").first()
    for subject in (episode.subject_id, episode.family_id):
        if subject is not None:
            begin_again(by=by, episode=episode, subject=subject, on=timezone.localdate(closed_at))
    if ended is not None and _works(ended.practitioner_id, episode.author_team_id):
        update_checked(ended, version=ended.version, until=None)
        lead_or_work(by=by, episode=episode, subject=episode.subject_id, practitioner=ended.practitioner_id)
    _strike(by, episode, ("episode.closed", WAIVED), reason)
    return episode


def _check(
    by: Me, episode: Episode, what: Mistake, permission: Permission, reason: str, *, version: int
) -> None:
    if not by.may_for(permission, episode.author_team_id):
        raise NotAllowed(
            _("You cannot take this step back."),
            _("Somebody of the team that has the case may, in the role that took it."),
        )
    if not reason.strip():
        raise EpisodeRefused(_("Say why."), "reason")
    if episode.status == STANDS[what]:
        # Held from here on, so that nothing happens in the case between asking and taking back.
        actions._lock(episode, version=version)
    if why_not := why_not_taken_back(episode, what):
        raise EpisodeRefused(why_not)


def _works(practitioner: int, team: int) -> bool:
    return Membership.objects.current().filter(practitioner_id=practitioner, team_id=team).exists()


def _standing(episode: Episode) -> QuerySet[Event]:
    rows = Event.objects.filter(episode=episode.pk)
    struck = rows.exclude(corrects=None).values("corrects_id")
    return rows.filter(voids=False).exclude(pk__in=struck).order_by("-id")


def _strike(by: Me, episode: Episode, kinds: Iterable[str], reason: str, *, most: int | None = None) -> None:
    """Strike out what stands of these kinds, of the latest `most` occurrences if given, and reckon the clocks."""
    wanted = set(kinds)
    occurrences = dict.fromkeys(event.occurrence for event in _standing(episode) if event.kind in wanted)
    for occurrence in list(occurrences)[:most]:
        actions.put_right(by=by, episode=episode, occurrence=occurrence, text=reason, void=True)
