"""Setting up an area: agencies, sites, teams, panels. Each act writes its line in the administration log.

`by` is the practitioner principal of the administrator, or None for the command line.
"""

from __future__ import annotations

import re
from typing import Any

from django.db import models, transaction
from django.db.models.functions import Now
from django.utils.text import slugify
from django.utils.translation import gettext as _

from .models import (
    AdministrationLog,
    Agency,
    Panel,
    PanelSeat,
    Practitioner,
    Principal,
    PrincipalKind,
    Site,
    Team,
)
from .refusals import Refused

_POSTCODE = re.compile(r"([A-Z]{1,2}\d[A-Z\d]?)(\d[A-Z]{2})")


class SetUpRefused(Refused):
    """The act cannot stand as asked; `field` names the form field, the message says what to do."""

    def __init__(self, field: str, message: str) -> None:
        super().__init__(message, field)


class StaleTeam(Exception):
    """Somebody else changed the team meanwhile. Nothing was written."""


def log_act(
    act: str,
    *,
    by: int | None,
    practitioner: int | None = None,
    team: int | None = None,
    reason: str = "",
) -> None:
    """One line of the administration log, in the transaction of the act itself."""
    AdministrationLog.objects.create(
        by_id=by, act=act, practitioner_id=practitioner, team_id=team, reason=reason[:300]
    )


@transaction.atomic
def add_agency(*, by: int | None, name: str, sector: str, phone: str = "") -> Agency:
    """An agency of the partnership. Raises SetUpRefused for a name that is taken."""
    _name_free(Agency.objects.filter(name__iexact=name), _("There is already an agency with this name"))
    agency = Agency.objects.create(slug=_slug(Agency, name), name=name, sector=sector, phone=phone)
    log_act("add_agency", by=by, reason=name)
    return agency


@transaction.atomic
def change_agency(*, by: int | None, agency: Agency, name: str, sector: str, phone: str = "") -> None:
    """Another name, sector or telephone number. The slug stays: links and files rely on it."""
    _name_free(
        Agency.objects.filter(name__iexact=name).exclude(pk=agency.pk),
        _("There is already an agency with this name"),
    )
    Agency.objects.filter(pk=agency.pk).update(name=name, sector=sector, phone=phone)
    log_act("change_agency", by=by, reason=name)


@transaction.atomic
def add_site(*, by: int | None, agency: Agency, name: str, address: str = "", postcode: str = "") -> Site:
    """A place where the agency works. Raises SetUpRefused for a name taken or a postcode that cannot be one."""
    _name_free(
        Site.objects.filter(agency=agency, name__iexact=name),
        _("This agency already has a site with this name"),
    )
    site = Site.objects.create(agency=agency, name=name, address=address, postcode=_postcode(postcode))
    log_act("add_site", by=by, reason=f"{agency.name}: {name}")
    return site


@transaction.atomic
def add_team(
    *,
    by: int | None,
    agency: Agency,
    name: str,
    site: Site | None = None,
    phone: str = "",
    email: str = "",
    sensitivity: str = "",
    takes_referrals: bool = False,
    procedure_slug: str = "",
) -> Team:
    """A team of an agency. A team that takes referrals works to a procedure. Raises SetUpRefused otherwise."""
    _team_fits(agency, name, site, takes_referrals, procedure_slug)
    team = Team.objects.create(
        principal=Principal.objects.create(kind=PrincipalKind.TEAM),
        agency=agency,
        slug=_slug(Team, name, agency.name),
        name=name,
        site=site,
        phone=phone,
        email=email,
        sensitivity=sensitivity,
        takes_referrals=takes_referrals,
        procedure_slug=procedure_slug,
    )
    log_act("add_team", by=by, team=team.pk)
    return team


@transaction.atomic
def change_team(
    *,
    by: int | None,
    team: Team,
    version: int,
    name: str,
    site: Site | None = None,
    phone: str = "",
    email: str = "",
    sensitivity: str = "",
    takes_referrals: bool = False,
    procedure_slug: str = "",
) -> None:
    """Change what a team is called, where it is and what it takes. Its agency and its slug stay. Raises StaleTeam where
    somebody changed it since `version`, its manager for one.

    A team that becomes a sensitive service is hidden at once wherever it shows as involved or invited; one
    that no longer is stays hidden there until the row is written again.
    """
    _team_fits(team.agency, name, site, takes_referrals, procedure_slug, but=team)
    changed = Team.objects.filter(pk=team.pk, version=version).update(
        name=name,
        site=site,
        phone=phone,
        email=email,
        sensitivity=sensitivity,
        takes_referrals=takes_referrals,
        procedure_slug=procedure_slug,
        version=version + 1,
    )
    if not changed:
        raise StaleTeam
    log_act("change_team", by=by, team=team.pk)


@transaction.atomic
def add_panel(*, by: int | None, name: str, chair_team: Team) -> Panel:
    """A panel; its members are seated one by one. Raises SetUpRefused for a name that is taken."""
    _name_free(Panel.objects.filter(name__iexact=name), _("There is already a panel with this name"))
    panel = Panel.objects.create(
        principal=Principal.objects.create(kind=PrincipalKind.PANEL),
        slug=_slug(Panel, name),
        name=name,
        chair_team=chair_team,
    )
    log_act("add_panel", by=by, team=chair_team.pk, reason=name)
    return panel


@transaction.atomic
def change_panel(*, by: int | None, panel: Panel, name: str, chair_team: Team) -> None:
    """Another name or chair for a panel."""
    _name_free(
        Panel.objects.filter(name__iexact=name).exclude(pk=panel.pk),
        _("There is already a panel with this name"),
    )
    Panel.objects.filter(pk=panel.pk).update(name=name, chair_team=chair_team)
    log_act("change_panel", by=by, team=chair_team.pk, reason=name)


@transaction.atomic
def seat_on_panel(*, by: int | None, panel: Panel, practitioner: Practitioner) -> PanelSeat:
    """A seat from now on. Raises SetUpRefused for somebody who sits there already, has left, or is oneself."""
    refuse_oneself(by, practitioner, "practitioner")
    if practitioner.left_at is not None:
        raise SetUpRefused("practitioner", _("This person has left the partnership. Choose somebody else."))
    if PanelSeat.objects.filter(panel=panel, practitioner=practitioner, until=None).exists():
        raise SetUpRefused("practitioner", _("This person is already a member of the panel."))
    seat = PanelSeat.objects.create(panel=panel, practitioner=practitioner)
    log_act("seat_on_panel", by=by, practitioner=practitioner.pk, reason=panel.name)
    return seat


@transaction.atomic
def unseat_from_panel(*, by: int | None, seat: PanelSeat) -> None:
    """End a seat now. A seat that has ended stays as it was."""
    if PanelSeat.objects.filter(pk=seat.pk, until=None).update(until=Now()):
        log_act("unseat_from_panel", by=by, practitioner=seat.practitioner_id, reason=seat.panel.name)


def refuse_oneself(by: int | None, practitioner: Practitioner, field: str) -> None:
    """Nobody widens or ends access of their own. Raises SetUpRefused."""
    if by is not None and practitioner.pk == by:
        raise SetUpRefused(
            field, _("You cannot change your own access. Ask another administrator to do this.")
        )


def _team_fits(
    agency: Agency,
    name: str,
    site: Site | None,
    takes_referrals: bool,
    procedure_slug: str,
    *,
    but: Team | None = None,
) -> None:
    others = Team.objects.filter(agency=agency, name__iexact=name)
    _name_free(
        others.exclude(pk=but.pk) if but else others, _("This agency already has a team with this name")
    )
    if site is not None and site.agency_id != agency.pk:
        raise SetUpRefused(
            "site", _("This site belongs to another agency. Choose one of this agency’s sites.")
        )
    if takes_referrals and not procedure_slug:
        raise SetUpRefused(
            "procedure_slug",
            _("A team that takes referrals works to a procedure, which sets its clocks. Choose one."),
        )


def _name_free(taken: models.QuerySet[Any], message: str) -> None:
    if taken.exists():
        raise SetUpRefused("name", f"{message}. {_('Choose another name, or open the one that exists.')}")


def _slug(model: type[Agency] | type[Team] | type[Panel], name: str, owner: str = "") -> str:
    """A slug made from the name: where it is taken, with the owner's name, then with a number."""
    plain = slugify(name)[:50].strip("-") or model._meta.verbose_name_raw.lower()
    wider = slugify(f"{owner} {name}")[:50].strip("-") if owner else plain
    taken = set(
        model._default_manager.filter(
            models.Q(slug__startswith=plain) | models.Q(slug__startswith=wider)
        ).values_list("slug", flat=True)
    )
    for candidate in (plain, wider):
        if candidate not in taken:
            return candidate
    return next(f"{wider}-{n}" for n in range(2, len(taken) + 3) if f"{wider}-{n}" not in taken)


def _postcode(typed: str) -> str:
    found = _POSTCODE.fullmatch(typed.replace(" ", "").upper())
    if typed.strip() and not found:
        raise SetUpRefused("postcode", _("Enter a full postcode, like SK1 3XE, or leave it empty."))
    return f"{found[1]} {found[2]}" if found else ""
