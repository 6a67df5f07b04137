"""What the administration's templates read."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop, ngettext

from teamaround.agencies.models import (
    AdministrationLog,
    Agency,
    Invitation,
    Membership,
    Panel,
    PanelSeat,
    Practitioner,
    Sector,
    Sensitivity,
    Team,
)
from teamaround.agencies.roles import ROLES
from teamaround.notices.loaders import Unsent
from teamaround.procedures.format import load_shipped, shipped_slugs
from teamaround.procedures.versions import names_in_force
from teamaround.ui.components import SummaryRow, Tag, Task
from teamaround.ui.presentation import uk_date, uk_datetime

from .loaders import is_expired

ACTS = {
    "add_agency": gettext_noop("Agency added"),
    "change_agency": gettext_noop("Agency changed"),
    "add_site": gettext_noop("Site added"),
    "add_feed": gettext_noop("Feed added"),
    "change_feed": gettext_noop("Feed changed"),
    "end_feed": gettext_noop("Feed ended"),
    "make_key": gettext_noop("Key of an agency made"),
    "revoke_key": gettext_noop("Key of an agency ended"),
    "closed_for": gettext_noop("Closed for days"),
    "opened_after_all": gettext_noop("Closure withdrawn"),
    "added_term": gettext_noop("School term added"),
    "withdrew_term": gettext_noop("School term withdrawn"),
    "set_site_hours": gettext_noop("Opening hours of a site set"),
    "set_quiet_days": gettext_noop("Days of quiet involvements set"),
    "add_team": gettext_noop("Team added"),
    "change_team": gettext_noop("Team changed"),
    "add_panel": gettext_noop("Panel added"),
    "change_panel": gettext_noop("Panel changed"),
    "seat_on_panel": gettext_noop("Seated on a panel"),
    "unseat_from_panel": gettext_noop("Taken off a panel"),
    "invite": gettext_noop("Invited"),
    "withdraw_invitation": gettext_noop("Invitation withdrawn"),
    "accept_invitation": gettext_noop("Invitation accepted"),
    "add_membership": gettext_noop("Role added"),
    "end_membership": gettext_noop("Role ended"),
    "leave": gettext_noop("Access ended"),
    "reset_password": gettext_noop("Password reset sent"),
    "reset_second_factor": gettext_noop("Second factor reset"),
    "publish_procedure": gettext_noop("Version of a procedure published"),
    "try_procedure": gettext_noop("Change to a procedure tried on past cases"),
    "create_admin": gettext_noop("First administrator invited"),
}


@dataclass(frozen=True)
class TeamLine:
    """One team in a list, with what is special about it."""

    name: str
    url: str
    tags: Sequence[Tag]


@dataclass(frozen=True)
class AgencyLine:
    """One agency with its teams."""

    name: str
    url: str
    sector: str
    teams: Sequence[TeamLine]


@dataclass(frozen=True)
class PersonLine:
    """One person in a list."""

    name: str
    url: str
    job_title: str
    roles: Sequence[str]


@dataclass(frozen=True)
class RoleLine:
    """One role of a person, of now or of before."""

    pk: int
    role: str
    team: str
    agency: str
    since: dt.datetime
    until: dt.datetime | None


@dataclass(frozen=True)
class InvitationLine:
    """One invitation that nobody answered."""

    pk: int
    name: str
    email: str
    team: str
    role: str
    sent: dt.datetime
    until: dt.datetime
    tag: Tag


@dataclass(frozen=True)
class LogLine:
    """One line of the administration log."""

    at: dt.datetime
    by: str
    act: str
    about: str
    reason: str


def role_name(key: str) -> str:
    """The role's name for people; an unknown role stays as it is written."""
    return ROLES[key].display_name if key in ROLES else key


def team_line(team: Team) -> TeamLine:
    tags = []
    if team.takes_referrals:
        tags.append(Tag(_("Takes referrals"), "teal"))
    if team.sensitivity:
        tags.append(Tag(_("Sensitive service"), "purple"))
    return TeamLine(team.name, reverse("administration:team", args=[team.slug]), tags)


def agency_line(agency: Agency) -> AgencyLine:
    return AgencyLine(
        agency.name,
        reverse("administration:agency", args=[agency.slug]),
        agency.get_sector_display(),
        [team_line(team) for team in agency.teams.all()],
    )


def by_sector(agencies: Iterable[Agency]) -> list[AgencyLine]:
    """Agencies in the order in which the sectors are declared, by name within each."""
    order = list(Sector.values)
    return [agency_line(each) for each in sorted(agencies, key=lambda a: (order.index(a.sector), a.name))]


def first_steps(agencies: Iterable[Agency], panels: Sequence[Panel], people: int) -> list[Task]:
    """What a new area still has to set up; empty once everything is there."""
    listed = list(agencies)
    teams = [team for agency in listed for team in agency.teams.all()]
    taking = any(team.takes_referrals for team in teams)
    new_team = reverse("administration:agency", args=[listed[-1].slug]) if listed else ""
    steps = [
        (_("Add the agencies of the partnership"), len(listed) > 1, reverse("administration:new_agency"), ""),
        (
            _("Add a team that takes referrals"),
            taking,
            new_team,
            _("Open its agency, then choose “Add a team”."),
        ),
        (
            _("Set up a panel"),
            bool(panels),
            reverse("administration:new_panel"),
            _("If your partnership has one."),
        ),
        (_("Invite the people who work with families"), people > 1, reverse("administration:invite"), ""),
    ]
    if all(done for _text, done, _url, _hint in steps):
        return []
    return [
        Task(text, _("Done") if done else _("To do"), url, "" if done else hint, None if done else "blue")
        for text, done, url, hint in steps
    ]


def person_line(person: Practitioner) -> PersonLine:
    held: list[Membership] = person.held  # type: ignore[attr-defined] # prefetched by the loader
    return PersonLine(
        person.name,
        reverse("administration:person", args=[person.uuid]),
        person.job_title,
        [f"{role_name(each.role)}, {each.team.name} ({each.team.agency.name})" for each in held],
    )


def member_line(membership: Membership) -> PersonLine:
    who = membership.practitioner
    return PersonLine(
        who.name,
        reverse("administration:person", args=[who.uuid]),
        who.job_title,
        [role_name(membership.role)],
    )


def seat_line(seat: PanelSeat) -> tuple[PersonLine, str]:
    """A member of a panel, and the uuid by which the seat is ended."""
    held: list[Membership] = seat.practitioner.held  # type: ignore[attr-defined] # prefetched by the loader
    who = seat.practitioner
    line = PersonLine(
        who.name,
        reverse("administration:person", args=[who.uuid]),
        who.job_title,
        [each.team.name for each in held],
    )
    return line, str(who.uuid)


def role_line(held: Membership) -> RoleLine:
    return RoleLine(
        held.pk, role_name(held.role), held.team.name, held.team.agency.name, held.since, held.until
    )


def invitation_line(invitation: Invitation) -> InvitationLine:
    return InvitationLine(
        invitation.pk,
        invitation.name,
        invitation.email,
        f"{invitation.team.name} ({invitation.team.agency.name})",
        role_name(invitation.role),
        invitation.invited_at,
        invitation.expires_at,
        Tag(_("Expired"), "red") if is_expired(invitation) else Tag(_("Waiting"), "blue"),
    )


def log_line(line: AdministrationLog) -> LogLine:
    about = [line.practitioner.name if line.practitioner else "", line.team.name if line.team else ""]
    return LogLine(
        line.at,
        line.by.name if line.by else _("Command line or the person invited"),
        _(ACTS.get(line.act, line.act)),
        ", ".join(part for part in about if part),
        line.reason,
    )


def procedure_name(slug: str) -> str:
    """What a procedure is called; empty for none, the slug for one that is not shipped."""
    return load_shipped(slug).name if slug in shipped_slugs() else names_in_force().get(slug, slug)


def team_facts(team: Team) -> list[SummaryRow]:
    """The team page's facts."""
    return [
        SummaryRow(_("Agency"), team.agency.name),
        SummaryRow(_("Site"), team.site.name if team.site else _("None")),
        SummaryRow(_("Telephone"), team.phone or _("Not given")),
        SummaryRow(_("E-mail"), team.email or _("Not given")),
        SummaryRow(
            _("Sensitive service"), str(Sensitivity(team.sensitivity).label) if team.sensitivity else _("No")
        ),
        SummaryRow(
            _("Takes referrals"),
            _("Yes, to “%s”") % procedure_name(team.procedure_slug) if team.takes_referrals else _("No"),
        ),
        SummaryRow(_("Name in files and commands"), team.slug),
    ]


def person_facts(person: Practitioner, *, second_factor: bool) -> list[SummaryRow]:
    """The person page's facts."""
    rows = [
        SummaryRow(_("Job title"), person.job_title or _("Not given")),
        SummaryRow(_("Signs in with"), person.account.email),
        SummaryRow(_("Telephone"), person.phone or _("Not given")),
        SummaryRow(
            _("Second factor"),
            _("Set up") if second_factor else _("Not set up yet"),
        ),
    ]
    if person.left_at:
        rows.append(SummaryRow(_("Access ended"), uk_date(person.left_at)))
    return rows


def post_warning(unsent: Unsent) -> str:
    """What to say of e-mails that could not be sent; empty where there is none. No address, no content."""
    if not unsent.number:
        return ""
    words = {"number": unsent.number, "since": uk_datetime(unsent.since)}
    said = ngettext(
        "%(number)d e-mail could not be sent, though it was tried again and again. It was written on %(since)s.",
        "%(number)d e-mails could not be sent, though they were tried again and again. The first was written "
        "on %(since)s.",
        unsent.number,
    )
    return f"{said % words} {_('Tell whoever runs the service to look at the mail server.')}"


def late_warning(number: int) -> str:
    """What to say of feeds that are late; empty where none is."""
    if not number:
        return ""
    said = ngettext("%(number)d feed is late.", "%(number)d feeds are late.", number) % {"number": number}
    return f"{said} {_('Until something comes, what its team sees may be out of date.')}"
