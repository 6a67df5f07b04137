"""A family member's own way in: invited by a worker, answered once, ended by the same team."""

from __future__ import annotations

import datetime as dt
import hashlib
import secrets
from dataclasses import dataclass

from django.db import IntegrityError, connection, transaction
from django.db.models import QuerySet
from django.db.models.functions import Now
from django.utils import timezone
from django.utils.translation import gettext as _

from teamaround.access.me import Me
from teamaround.agencies.accounts import end_sessions
from teamaround.agencies.models import Account, Principal, PrincipalKind
from teamaround.agencies.refusals import Refused
from teamaround.events.actions import record
from teamaround.people.models import Person
from teamaround.sharing.standing import rules_on

from .models import PortalInvitation

INVITATION_DAYS = 14
ALONE_FROM_YEARS = 12
"""From this age a child is invited without a note on their understanding."""


class InvitationRefused(Refused):
    """The invitation cannot stand as asked; `field` names the form field, the message says what to do."""

    def __init__(self, field: str, message: str) -> None:
        super().__init__(message, field)


class InvitationClosed(Exception):
    """The link opens nothing; `why` is one of unknown, used, withdrawn, expired, taken."""

    def __init__(self, why: str) -> None:
        super().__init__(why)
        self.why = why


@dataclass(frozen=True, slots=True)
class Invited:
    """An invitation and the secret of its link, which is known here and nowhere else."""

    invitation: PortalInvitation
    secret: str


@dataclass(frozen=True, slots=True)
class OpenInvitation:
    """What a visitor with the link may be told: its number and where the code goes."""

    id: int
    email: str


@transaction.atomic
def invite_family_member(
    *, by: Me, team: int, person: Person, email: str, understanding: str = ""
) -> Invited:
    """Invite somebody to read their own information, and nobody else's.

    An earlier invitation of this team to the same person that was not used is withdrawn. A child under 12,
    or somebody whose age nobody knows, needs the worker's note on their understanding. Raises
    InvitationRefused; the database refuses a team that does not work with the person.
    """
    if person.died_on is not None:
        raise InvitationRefused(
            "email", _("This person has died. Their information is asked for in writing.")
        )
    if needs_note(person) and not understanding.strip():
        raise InvitationRefused(
            "understanding",
            _("Say how you know that they understand what they will read, and who helps them."),
        )
    _unanswered(team, person).update(withdrawn_at=Now(), withdrawn_by_id=by.principal)
    secret = secrets.token_urlsafe(32)
    invitation = PortalInvitation.objects.create(
        person=person,
        author_team_id=team,
        invited_by_id=by.principal,
        email=email.strip().lower(),
        understanding=understanding.strip(),
        secret_digest=digest_of(secret),
        expires_at=timezone.now() + dt.timedelta(days=INVITATION_DAYS),
    )
    record(by=by, team=team, kind="portal.invited", subjects=[person.pk])
    return Invited(invitation, secret)


def needs_note(person: Person) -> bool:
    """Whether the person is, or may be, under 12."""
    return _under(person, ALONE_FROM_YEARS)


def may_have_note(person: Person) -> bool:
    """Whether the person is, or may be, under 16: a note lets them decide about sharing on their own phone."""
    return _under(person, rules_on(timezone.localdate()).presumed_able)


def _under(person: Person, age: int) -> bool:
    born = person.date_of_birth
    if born is None:
        return True
    today = timezone.localdate()
    span = {"year": 365, "month": 31}.get(person.born_precision, 0)
    latest = born + dt.timedelta(days=span)
    years = today.year - latest.year - ((today.month, today.day) < (latest.month, latest.day))
    return years < age


@transaction.atomic
def end_portal_access(*, by: Me, invitation: PortalInvitation) -> None:
    """Withdraw an invitation; where it was used, end the account that it opened and its sessions."""
    withdrawn = PortalInvitation.objects.filter(pk=invitation.pk, withdrawn_at=None).update(
        withdrawn_at=Now(), withdrawn_by_id=by.principal
    )
    with connection.cursor() as cursor:
        cursor.execute("select app.portal_end(%s)", [invitation.uuid])
        (account,) = cursor.fetchone() or (None,)
    if account is not None:
        end_sessions(account)
    if withdrawn or account is not None:
        record(by=by, team=invitation.author_team_id, kind="portal.ended", subjects=[invitation.person_id])


def open_invitation(secret: str) -> OpenInvitation:
    """The invitation that this secret opens now. Raises InvitationClosed with the reason."""
    with connection.cursor() as cursor:
        cursor.execute("select id, email, state from app.portal_invitation_of(%s)", [digest_of(secret)])
        row = cursor.fetchone()
    if row is None:
        raise InvitationClosed("unknown")
    found, email, state = row
    if state != "open":
        raise InvitationClosed(state)
    return OpenInvitation(found, email)


@transaction.atomic
def accept_portal_invitation(*, secret: str) -> Account:
    """Make the person's own account. The caller has proved that the invitation's mailbox is theirs; nobody is
    signed in yet, so the database writes the event, for the team that invited them.

    An account that the same person had before comes back; an earlier one under another address ends.
    Raises InvitationClosed.
    """
    invitation = open_invitation(secret)
    account = Account.objects.filter(email=invitation.email).first()
    if account is None:
        try:
            with transaction.atomic():
                account = Account.objects.create_user(invitation.email, None)
        except IntegrityError as meanwhile:
            raise InvitationClosed("taken") from meanwhile
    principal = Principal.objects.create(kind=PrincipalKind.FAMILY)
    with connection.cursor() as cursor:
        cursor.execute("select app.portal_accept(%s, %s, %s)", [digest_of(secret), account.pk, principal.pk])
        (answer,) = cursor.fetchone() or ("unknown",)
    if answer != "accepted":
        raise InvitationClosed(answer)
    if not account.is_active:
        account.is_active = True
        account.save(update_fields=["is_active"])
    return account


def invitations_of(person: Person, team: int) -> list[PortalInvitation]:
    """What a team has sent to a person, newest first."""
    return list(
        PortalInvitation.objects.filter(person=person, author_team_id=team)
        .select_related("invited_by")
        .order_by("-invited_at", "-pk")[:20]
    )


def digest_of(secret: str) -> str:
    """What is kept of a link's secret."""
    return hashlib.sha256(secret.encode()).hexdigest()


def _unanswered(team: int, person: Person) -> QuerySet[PortalInvitation]:
    return PortalInvitation.objects.filter(
        author_team_id=team, person=person, accepted_at=None, withdrawn_at=None
    )
