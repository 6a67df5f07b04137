"""`teamaround create-admin`: the first administrator of a new area, or a further one."""

import argparse
import getpass
import sys
from typing import TYPE_CHECKING

from teamaround.site.commands.installation import CommandError

if TYPE_CHECKING:
    from teamaround.agencies.accounts import Invited
    from teamaround.agencies.models import Team

AGENCY = "Partnership"
TEAM = "Partnership office"


def run(args: argparse.Namespace) -> int:
    """Invite the administrator and print the link; with `args.invite`, e-mail it; with `args.password`, ask for
    a password instead.

    Makes the agency (by `args.agency`) and its team “Partnership office” where they are missing. Raises
    CommandError for an address that cannot be one, or that already signs in, and for an invitation by e-mail
    where no mail server is set. A second run replaces an invitation that was not used.
    """
    from django.conf import settings
    from django.core.exceptions import ValidationError
    from django.core.validators import validate_email
    from django.db import transaction
    from django.urls import reverse

    from teamaround.administration.mails import send_invitation
    from teamaround.agencies.accounts import accept_invitation, invite
    from teamaround.agencies.actions import SetUpRefused, log_act
    from teamaround.database.actor import SET_UP, acting_as
    from teamaround.notices.outbox import sends

    email, name = args.email.strip().lower(), " ".join(args.name.split())
    try:
        validate_email(email)
    except ValidationError as wrong:
        raise CommandError(
            f"{args.email!r} is not an e-mail address. Write it like kim@council.example"
        ) from wrong
    if not name or len(name) > 120:
        raise CommandError("--name takes the administrator's full name, at most 120 letters.")
    by_mail = getattr(args, "invite", False)
    if by_mail and not sends():
        raise CommandError(
            "No e-mail leaves this installation, so nobody would get the invitation. Set TEAMAROUND_MAIL_URL "
            "(smtp://user:password@host:587), or leave --invite out: the link is then printed here."
        )
    password = _ask_password() if getattr(args, "password", False) else ""
    try:
        with acting_as(SET_UP), transaction.atomic():
            team = _office(getattr(args, "agency", "") or "")
            invited = invite(by=None, email=email, name=name, team=team, role="administrator")
            log_act("create_admin", by=None, team=team.pk, reason=name)
            if password:
                accept_invitation(secret=invited.secret, password=password)
            if by_mail:
                send_invitation(link_of(invited), invited)
    except SetUpRefused as refused:
        told = {
            "email": f"Somebody already signs in with {email}. They can sign in, or choose “I forgot my password”; "
            "for a further administrator use another address."
        }
        raise CommandError(told.get(refused.field, str(refused))) from refused
    if password:
        print(f"{name} can sign in now with {email}: {settings.TEAMAROUND_ADDRESS}{reverse('account_login')}")
        return 0
    if by_mail:
        print(
            f"An invitation waits in the outbox for {email}. It leaves as soon as `teamaround up` or a worker runs."
        )
        print("The link in it works once, for seven days. Run this again to send another in its place.")
        return 0
    link = link_of(invited)
    print(f"{name} chooses a password here. The link works once, for seven days:\n\n  {link}\n")
    print(
        "Whoever holds the link becomes the administrator: hand it over in person or by a channel you trust."
    )
    return 0


def link_of(invited: "Invited") -> str:
    """Where the invitation is answered, at the address by which people reach the service."""
    from django.conf import settings
    from django.urls import reverse

    return settings.TEAMAROUND_ADDRESS.rstrip("/") + reverse("invitation", args=[invited.secret])


def _office(agency_name: str) -> "Team":
    from teamaround.agencies.actions import add_agency, add_team
    from teamaround.agencies.models import Agency, Team

    wanted = " ".join(agency_name.split())
    teams = Team.objects.filter(name=TEAM, ended_at=None)
    found = teams.filter(agency__name__iexact=wanted).first() if wanted else teams.first()
    if found is not None:
        return found
    name = wanted or AGENCY
    agency = Agency.objects.filter(name__iexact=name).first() or add_agency(
        by=None, name=name, sector="council"
    )
    return add_team(by=None, agency=agency, name=TEAM)


def _ask_password() -> str:
    if not sys.stdin.isatty():
        raise CommandError(
            "A password is asked on a terminal only. Leave --password out to get a link instead."
        )
    password = getpass.getpass("Password (at least 12 characters): ")
    if password != getpass.getpass("The same again: "):
        raise CommandError("The two passwords differ. Run the command again.")
    return password
