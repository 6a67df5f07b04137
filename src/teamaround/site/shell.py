"""What every page's frame needs: who is signed in, and where they can go."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.http import HttpRequest
from django.urls import NoReverseMatch, reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from teamaround.access.me import Me
from teamaround.agencies.models import PrincipalKind
from teamaround.agencies.roles import Permission
from teamaround.ui.components import NavigationItem, SignedIn


@dataclass(frozen=True, slots=True)
class Place:
    """An entry of the main navigation: where it leads, who sees it, and which pages belong to it.

    `any_of` are permissions of which one is enough; `belongs` are names, or beginnings, of URL patterns. Whoever holds
    one of `unless` gets there from another place.
    """

    text: str
    name: str
    any_of: frozenset[Permission] = frozenset()
    belongs: tuple[str, ...] = ()
    unless: frozenset[Permission] = frozenset()


PLACES = (
    Place(
        gettext_noop("My day"),
        "desk:my_day",
        belongs=(
            "desk:my_day",
            "desk:quiet",
            "desk:recorded",
            "drafts:",
            "notices:choice",
            "desk:calendar_link",
            "desk:on_duty",
            "desk:my_profile",
        ),
    ),
    Place(
        gettext_noop("My team"),
        "desk:team",
        frozenset({Permission.DECIDE_REFERRALS}),
        ("desk:team", "desk:board", "desk:worker_profile", "supervision:"),
    ),
    Place(
        gettext_noop("Cases"),
        "desk:cases",
        frozenset({Permission.WORK_CASES}),
        (
            *("desk:case", "desk:cases", "desk:move_on", "desk:reopen", "desk:take_back", "desk:follow_up"),
            *("desk:allocate", "plans:", "assessments:"),
        ),
    ),
    Place(
        gettext_noop("Find a child"),
        "desk:search",
        frozenset({Permission.SEARCH_INDEX}),
        ("desk:", "people:", "sharing:"),
    ),
    Place(
        gettext_noop("Referrals"),
        "referrals:inbox",
        frozenset({Permission.REFER, Permission.DECIDE_REFERRALS}),
        ("referrals:",),
    ),
    Place(
        gettext_noop("Caseload"),
        "importing:start",
        frozenset({Permission.IMPORT_CASELOAD}),
        ("importing:", "feeds:"),
    ),
    Place(
        gettext_noop("Review desk"),
        "recognition:desk",
        frozenset({Permission.MERGE_RECORDS}),
        ("recognition:",),
    ),
    Place(gettext_noop("Meetings"), "meetings:list", frozenset({Permission.CALL_MEETINGS}), ("meetings:",)),
    Place(gettext_noop("Rota"), "rota:week", belongs=("rota:",)),
    Place(
        gettext_noop("Supervision"),
        "supervision:mine",
        frozenset({Permission.WORK_CASES}),
        ("supervision:",),
        unless=frozenset({Permission.DECIDE_REFERRALS}),
    ),
    Place(
        gettext_noop("Coverage"),
        "reports:coverage",
        frozenset({Permission.SEE_REPORTS}),
        ("reports:coverage",),
    ),
    Place(
        gettext_noop("Planning numbers"),
        "reports:planning",
        frozenset({Permission.SET_PLANNING}),
        ("reports:",),
    ),
    Place(
        gettext_noop("Procedures"),
        "practice:list",
        frozenset({Permission.CHANGE_PROCEDURES}),
        ("practice:",),
    ),
    Place(
        gettext_noop("Administration"),
        "administration:overview",
        frozenset({Permission.SET_UP_AREA, Permission.INVITE}),
        ("administration:",),
    ),
    Place(gettext_noop("Governance"), "rights:overview", frozenset({Permission.HANDLE_RIGHTS}), ("rights:",)),
    Place(
        gettext_noop("Access log"),
        "oversight:log",
        frozenset({Permission.OVERSEE_ACCESS}),
        ("oversight:log",),
    ),
    Place(
        gettext_noop("Alerts"), "oversight:alerts", frozenset({Permission.OVERSEE_ACCESS}), ("oversight:",)
    ),
    Place(gettext_noop("Outbox"), "notices:outbox", frozenset({Permission.READ_OUTBOX}), ("notices:",)),
)

FOOTER = (
    (gettext_noop("Help"), "help"),
    (gettext_noop("Accessibility statement"), "accessibility"),
    (gettext_noop("Privacy"), "privacy"),
)


@dataclass(frozen=True, slots=True)
class FooterLink:
    """A link at the foot of every page."""

    text: str
    url: str


def address(name: str) -> str:
    """The address of a page without arguments; empty where the page is not there."""
    try:
        return reverse(name)
    except NoReverseMatch:
        return ""


def navigation_of(me: Me, view_name: str) -> list[NavigationItem]:
    """The places this practitioner may go to; the one that holds the page in hand is the current one."""
    places = [
        (place, url)
        for place in PLACES
        if (not place.any_of or place.any_of & me.permissions) and not place.unless & me.permissions
        if (url := address(place.name))
        if settings.DEMONSTRATION or place.name != "notices:outbox"  # in service there is no such page
    ]
    current = next((place for place, _url in places if view_name and _holds(place, view_name)), None)
    return [NavigationItem(_(place.text), url, place is current) for place, url in places]


def _holds(place: Place, view_name: str) -> bool:
    return any(
        view_name.startswith(each) if each.endswith(":") else view_name == each for each in place.belongs
    )


def shell(request: HttpRequest) -> dict[str, Any]:
    """Context of the base template."""
    me: Me | None = getattr(request, "me", None)
    frame: dict[str, Any] = {
        "demonstration": settings.DEMONSTRATION,
        "me": me,
        "footer_links": [FooterLink(_(text), url) for text, name in FOOTER if (url := address(name))],
    }
    if getattr(getattr(request, "actor", None), "kind", "") == PrincipalKind.FAMILY:
        # The name is the page's to show, since showing it is a look at the record.
        frame["family"] = True
        frame["home_url"] = address("portal:home")
        frame["signed_in"] = SignedIn(_("Your own account"))
    if me is not None:
        match = request.resolver_match
        frame["signed_in"] = SignedIn(me.name, me.team.team_name if me.seats else "")
        frame["navigation"] = navigation_of(me, match.view_name if match else "")
    return frame
