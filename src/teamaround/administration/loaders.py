"""The rows of each administration page: one named queryset a screen."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.core import signing
from django.core.exceptions import ValidationError
from django.db.models import Prefetch, Q, QuerySet
from django.http import Http404
from django.utils import timezone

from teamaround.agencies.models import (
    AdministrationLog,
    Agency,
    Invitation,
    Membership,
    Panel,
    PanelSeat,
    Practitioner,
    Team,
)

PAGE = 50
LOG_CURSOR = "administration.log"


@dataclass(frozen=True)
class Page:
    """Some rows of a list and where the next ones begin; `next` is empty at the end."""

    rows: list[Any]
    next: str


def agencies_for_overview() -> QuerySet[Agency]:
    """Agencies that have not ended, with their teams."""
    teams = Team.objects.filter(ended_at=None)
    return Agency.objects.filter(ended_at=None).prefetch_related(Prefetch("teams", queryset=teams))


def panels_for_overview() -> QuerySet[Panel]:
    """Panels that have not ended, with the team that chairs each."""
    return Panel.objects.filter(ended_at=None).select_related("chair_team")


def members_of(team: Team) -> QuerySet[Membership]:
    """Who is in the team now."""
    return (
        Membership.objects.current()
        .filter(team=team)
        .select_related("practitioner")
        .order_by("practitioner__name", "pk")
    )


def seats_of(panel: Panel) -> QuerySet[PanelSeat]:
    """Who sits on the panel now, with the teams they come from."""
    held = Membership.objects.current().select_related("team")
    return (
        PanelSeat.objects.filter(panel=panel, until=None)
        .select_related("practitioner")
        .prefetch_related(Prefetch("practitioner__memberships", queryset=held, to_attr="held"))
        .order_by("practitioner__name", "pk")
    )


def people_page(*, name: str = "", left: bool = False, after: str = "") -> Page:
    """Practitioners in the order of their names, with their roles of now; `after` is the last one's uuid."""
    held = Membership.objects.current().select_related("team__agency")
    rows = (
        Practitioner.objects.filter(left_at__isnull=not left)
        .prefetch_related(Prefetch("memberships", queryset=held, to_attr="held"))
        .order_by("name", "principal_id")
    )
    if name:
        rows = rows.filter(name__icontains=name)
    if after:
        last = _last(after)
        rows = rows.filter(Q(name__gt=last.name) | Q(name=last.name, principal_id__gt=last.pk))
    found = list(rows[: PAGE + 1])
    return Page(found[:PAGE], str(found[PAGE - 1].uuid) if len(found) > PAGE else "")


def _last(after: str) -> Practitioner:
    try:
        return Practitioner.objects.get(uuid=after)
    except (Practitioner.DoesNotExist, ValidationError) as missing:
        raise Http404 from missing


def memberships_of(practitioner: Practitioner) -> QuerySet[Membership]:
    """The roles of now and of before, the latest first."""
    return (
        Membership.objects.filter(practitioner=practitioner)
        .select_related("team__agency")
        .order_by("-since", "-pk")
    )


def open_invitations() -> QuerySet[Invitation]:
    """Invitations that nobody has answered yet, those that ran out included, the latest first."""
    return (
        Invitation.objects.filter(accepted_at=None, withdrawn_at=None)
        .select_related("team__agency", "invited_by")
        .order_by("-invited_at", "-pk")[:200]
    )


def is_expired(invitation: Invitation) -> bool:
    """Whether the link no longer works for its age alone."""
    return invitation.expires_at <= timezone.now()


def log_page(*, before: str = "", practitioner: Practitioner | None = None, size: int = PAGE) -> Page:
    """Lines of the administration log, the latest first; `before` is the cursor of the page before."""
    rows = AdministrationLog.objects.select_related("by", "practitioner", "team__agency").order_by("-pk")
    if practitioner is not None:
        rows = rows.filter(practitioner=practitioner)
    if before:
        try:
            rows = rows.filter(pk__lt=signing.loads(before, salt=LOG_CURSOR))
        except signing.BadSignature as forged:
            raise Http404 from forged
    found = list(rows[: size + 1])
    return Page(
        found[:size],
        signing.dumps(found[size - 1].pk, salt=LOG_CURSOR) if len(found) > size else "",
    )
