"""People's access: invite, accept, move, leave, reset. Each act writes its line in the administration log.

`by` is the practitioner principal of the administrator, or None for the command line and for the person
who accepts.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import secrets
from dataclasses import dataclass

from allauth.mfa.models import Authenticator
from django.contrib.auth.password_validation import validate_password
from django.contrib.sessions.models import Session
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.db.models import QuerySet
from django.db.models.functions import Now
from django.utils import timezone
from django.utils.translation import gettext as _

from .actions import SetUpRefused, log_act, refuse_oneself
from .models import (
    Account,
    Invitation,
    Membership,
    PanelSeat,
    Practitioner,
    Principal,
    PrincipalKind,
    Team,
)
from .roles import ROLES

INVITATION_DAYS = 7


@dataclass(frozen=True)
class Invited:
    """An invitation and the secret of its link, which is known here and nowhere else."""

    invitation: Invitation
    secret: str


class InvitationClosed(Exception):
    """The link opens nothing; `why` is one of unknown, used, withdrawn, expired."""

    def __init__(self, why: str) -> None:
        super().__init__(why)
        self.why = why


@transaction.atomic
def invite(*, by: int | None, email: str, name: str, team: Team, role: str, job_title: str = "") -> Invited:
    """Invite somebody to a team. An earlier invitation to the same address is withdrawn.

    Raises SetUpRefused where the address already signs in here.
    """
    address = email.strip().lower()
    if Account.objects.filter(email=address, is_active=True).exists():
        raise SetUpRefused(
            "email",
            _(
                "Somebody already signs in with this e-mail address. Find them under People and add the team there."
            ),
        )
    _open_invitations(address).update(withdrawn_at=Now())
    secret = secrets.token_urlsafe(32)
    invitation = Invitation.objects.create(
        email=address,
        name=name,
        job_title=job_title,
        team=team,
        role=role,
        secret_digest=_digest(secret),
        invited_by_id=by,
        expires_at=timezone.now() + dt.timedelta(days=INVITATION_DAYS),
    )
    log_act("invite", by=by, team=team.pk, reason=_("%s as %s") % (name, ROLES[role].display_name))
    return Invited(invitation, secret)


@transaction.atomic
def withdraw_invitation(*, by: int | None, invitation: Invitation) -> None:
    """The link opens nothing from now on. One that was used or withdrawn already stays as it was."""
    if Invitation.objects.filter(pk=invitation.pk, accepted_at=None, withdrawn_at=None).update(
        withdrawn_at=Now()
    ):
        log_act("withdraw_invitation", by=by, team=invitation.team_id, reason=invitation.name)


def open_invitation(secret: str, *, lock: bool = False) -> Invitation:
    """The invitation that this secret opens now. Raises InvitationClosed with the reason."""
    rows = Invitation.objects.select_related("team__agency")
    if lock:
        rows = rows.select_for_update(of=("self",))
    invitation = rows.filter(secret_digest=_digest(secret)).first()
    if invitation is None:
        raise InvitationClosed("unknown")
    if invitation.accepted_at is not None:
        raise InvitationClosed("used")
    if invitation.withdrawn_at is not None:
        raise InvitationClosed("withdrawn")
    if invitation.expires_at <= timezone.now():
        raise InvitationClosed("expired")
    return invitation


@transaction.atomic
def accept_invitation(*, secret: str, password: str) -> Practitioner:
    """Make the account, the practitioner and the first membership. The link works once.

    Somebody who had left comes back as the same practitioner: the work recorded before stays theirs.
    Raises InvitationClosed, or SetUpRefused for a password that is too weak or an address in use meanwhile.
    """
    invitation = open_invitation(secret, lock=True)
    try:
        validate_password(password, Account(email=invitation.email))
    except ValidationError as weak:
        raise SetUpRefused("password", " ".join(weak.messages)) from weak
    return _accept(invitation, password)


@transaction.atomic
def account_by_sign_on(*, email: str, agency: str) -> Account | None:
    """The account that an agency's own sign-on opens for an address it answers for; None where it opens none.

    Somebody invited to a team of that agency joins by it, without a password. Whoever works for another
    agency as well is left out: one agency's sign-on must not open another's records.
    """
    held = Membership.objects.current().filter(
        practitioner__account__email=email,
        practitioner__account__is_active=True,
        practitioner__left_at=None,
        team__ended_at=None,
    )
    agencies = set(held.values_list("team__agency__slug", "team__agency__ended_at"))
    if agencies:
        return Account.objects.get(email=email) if agencies == {(agency, None)} else None
    now = timezone.now()
    invitation = (
        _open_invitations(email)
        .filter(team__agency__slug=agency, team__agency__ended_at=None, expires_at__gt=now)
        .select_related("team")
        .select_for_update(of=("self",))
        .first()
    )
    if invitation is None or Account.objects.filter(email=email, is_active=True).exists():
        return None
    return _accept(invitation, None).account


@transaction.atomic
def add_membership(*, by: int | None, practitioner: Practitioner, team: Team, role: str) -> Membership:
    """A further role from now on. Raises SetUpRefused for oneself, for a leaver, and for a role already held."""
    refuse_oneself(by, practitioner, "team")
    _still_here(practitioner)
    if Membership.objects.current().filter(practitioner=practitioner, team=team, role=role).exists():
        raise SetUpRefused("team", _("This person already has this role in this team."))
    made = Membership.objects.create(practitioner=practitioner, team=team, role=role)
    log_act(
        "add_membership", by=by, practitioner=practitioner.pk, team=team.pk, reason=ROLES[role].display_name
    )
    return made


@transaction.atomic
def end_membership(*, by: int | None, membership: Membership) -> None:
    """End one role now; the person's other roles stay. Raises SetUpRefused for oneself and the last administrator."""
    refuse_oneself(by, membership.practitioner, "team")
    _keep_an_administrator(membership.practitioner, only=membership)
    if Membership.objects.current().filter(pk=membership.pk).update(until=Now()):
        log_act(
            "end_membership",
            by=by,
            practitioner=membership.practitioner_id,
            team=membership.team_id,
            reason=ROLES[membership.role].display_name,
        )


@transaction.atomic
def move(*, by: int | None, membership: Membership, team: Team, role: str) -> Membership:
    """End one role and begin another in the same moment."""
    if membership.team_id == team.pk and membership.role == role:
        raise SetUpRefused("team", _("This is the team and role the person has now. Choose another."))
    end_membership(by=by, membership=membership)
    return add_membership(by=by, practitioner=membership.practitioner, team=team, role=role)


@transaction.atomic
def leave(*, by: int | None, practitioner: Practitioner, reason: str = "") -> None:
    """End every role and seat, the account and its sessions, in this moment.

    Raises SetUpRefused for oneself, for somebody who left before, and for the last administrator.
    """
    refuse_oneself(by, practitioner, "reason")
    _still_here(practitioner, field="reason")
    _keep_an_administrator(practitioner)
    Membership.objects.current().filter(practitioner=practitioner).update(until=Now())
    PanelSeat.objects.filter(practitioner=practitioner, until=None).update(until=Now())
    Practitioner.objects.filter(pk=practitioner.pk).update(left_at=Now())
    account = Account.objects.select_for_update().get(pk=practitioner.account_id)
    account.is_active = False
    account.set_unusable_password()
    account.save(update_fields=["is_active", "password"])
    Authenticator.objects.filter(user_id=account.pk).delete()
    end_sessions(account.pk)
    log_act("leave", by=by, practitioner=practitioner.pk, reason=reason)


@transaction.atomic
def reset_second_factor(*, by: int | None, practitioner: Practitioner) -> None:
    """Forget authenticator app, passkeys and recovery codes and end sessions: the next sign-in sets up anew."""
    refuse_oneself(by, practitioner, "practitioner")
    Authenticator.objects.filter(user_id=practitioner.account_id).delete()
    end_sessions(practitioner.account_id)
    log_act("reset_second_factor", by=by, practitioner=practitioner.pk)


@transaction.atomic
def note_password_reset(*, by: int | None, practitioner: Practitioner) -> None:
    """An administrator had the reset e-mail sent. The page that calls it sends the e-mail."""
    _still_here(practitioner, field="practitioner")
    log_act("reset_password", by=by, practitioner=practitioner.pk)


def end_sessions(account: int) -> None:
    """End what the account has open anywhere. Sessions that ended by themselves are passed over."""
    for session in Session.objects.filter(expire_date__gt=timezone.now()).iterator():
        if session.get_decoded().get("_auth_user_id") == str(account):
            session.delete()


def _open_invitations(address: str) -> QuerySet[Invitation]:
    return Invitation.objects.filter(email=address, accepted_at=None, withdrawn_at=None)


def _accept(invitation: Invitation, password: str | None) -> Practitioner:
    practitioner = _returning(invitation, password) or _joining(invitation, password)
    Membership.objects.create(practitioner=practitioner, team=invitation.team, role=invitation.role)
    Invitation.objects.filter(pk=invitation.pk).update(accepted_at=Now())
    log_act("accept_invitation", by=None, practitioner=practitioner.pk, team=invitation.team_id)
    return practitioner


def _returning(invitation: Invitation, password: str | None) -> Practitioner | None:
    found = Account.objects.select_for_update().filter(email=invitation.email, is_active=False).first()
    practitioner = Practitioner.objects.filter(account=found).first() if found else None
    if found is None or practitioner is None:
        return None
    found.is_active = True
    found.set_password(password)
    found.save(update_fields=["is_active", "password"])
    practitioner.left_at = None
    practitioner.name = invitation.name
    practitioner.job_title = invitation.job_title
    practitioner.save(update_fields=["left_at", "name", "job_title"])
    return practitioner


def _joining(invitation: Invitation, password: str | None) -> Practitioner:
    try:
        with transaction.atomic():
            account = Account.objects.create_user(invitation.email, password)
    except IntegrityError as taken:
        raise SetUpRefused(
            "password", _("Somebody already signs in with this e-mail address. Sign in instead.")
        ) from taken
    return Practitioner.objects.create(
        principal=Principal.objects.create(kind=PrincipalKind.PRACTITIONER),
        account=account,
        name=invitation.name,
        job_title=invitation.job_title,
    )


def _digest(secret: str) -> str:
    return hashlib.sha256(secret.encode()).hexdigest()


def _still_here(practitioner: Practitioner, *, field: str = "team") -> None:
    if practitioner.left_at is not None:
        raise SetUpRefused(field, _("This person has left the partnership. Invite them again instead."))


def _keep_an_administrator(practitioner: Practitioner, *, only: Membership | None = None) -> None:
    if only is not None and only.role != "administrator":
        return
    # Two administrators who end each other at once wait here for one another.
    all_of_them = list(Membership.objects.current().filter(role="administrator").select_for_update())
    held = [each for each in all_of_them if each.practitioner_id == practitioner.pk]
    ending = [only] if only else held
    kept = [each for each in all_of_them if each not in ending]
    if held and not kept:
        raise SetUpRefused(
            "team" if only else "reason",
            _("This is the only administrator of the area. Make somebody else an administrator first."),
        )
