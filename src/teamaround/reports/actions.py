"""Setting planning numbers. Figures, rates and choices are added and never changed: what was planned by stays."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal

from django.db import connection, transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from teamaround.access.me import Me
from teamaround.agencies.models import Agency, Team
from teamaround.agencies.refusals import Refused

from .models import FIRST_AGE, LAST_AGE, CarersService, Choice, Figure, Place, PlaceKind, Rate

AREA_LEAST = 100
"""An area with fewer children is not counted: a small one would tell of a street."""
MOST_CHILDREN = 1_000_000
_POSTCODE = re.compile(r"^([A-Z]{1,2}[0-9][A-Z0-9]?)(?: ?([0-9]))?$")
_WHOLE = re.compile(r"^[A-Z]{1,2}[0-9][A-Z0-9]? ?[0-9][A-Z]{2}$")


class PlanningRefused(Refused):
    """The number cannot be set as asked; the message says what to do, `field` names the part of the form."""


@dataclass(frozen=True, slots=True)
class Planned:
    """What is said of one place: its name, children of which ages, as of when, by whose statement."""

    kind: str
    name: str
    children: int
    as_of: dt.date
    source: str
    from_age: int = FIRST_AGE
    to_age: int = LAST_AGE
    postcodes: tuple[str, ...] = ()
    agency: int | None = None


def parse_postcodes(text: str) -> tuple[str, ...]:
    """Districts and sectors as typed, separated by commas: "NM4, NM5 2". Raises PlanningRefused for anything else.

    A whole postcode is refused: so small an area would tell of a street. A sector stands with its space.
    """
    found: list[str] = []
    for part in text.replace(";", ",").replace("\n", ",").split(","):
        typed = " ".join(part.upper().split())
        if not typed:
            continue
        if _WHOLE.match(typed):
            raise PlanningRefused(
                _(
                    "Give the beginning of postcodes, such as NM4 or NM4 2: a whole postcode is too small an area."
                ),
                "postcodes",
            )
        match = _POSTCODE.match(typed)
        if match is None:
            raise PlanningRefused(
                _("Separate the beginnings of postcodes by commas, such as NM4, NM5 2."), "postcodes"
            )
        found.append(f"{match[1]} {match[2]}" if match[2] else match[1])
    return tuple(dict.fromkeys(found))


def check(planned: Planned, *, taken: dict[str, str]) -> None:
    """Raise PlanningRefused where this cannot be planned with. `taken` says which area has a postcode beginning."""
    if not planned.name:
        raise PlanningRefused(_("Enter the name."), "name")
    if not planned.source:
        raise PlanningRefused(
            _("Say where the number comes from, such as “School census, January 2026”."), "source"
        )
    if not 0 < planned.children <= MOST_CHILDREN:
        raise PlanningRefused(_("Enter how many children, as a whole number from 1."), "children")
    if not FIRST_AGE <= planned.from_age <= planned.to_age <= LAST_AGE:
        raise PlanningRefused(_("Enter ages from 5 to 17, the younger first."), "from_age")
    if planned.as_of > timezone.localdate():
        raise PlanningRefused(_("Enter the day the number was true on: today or earlier."), "as_of")
    if planned.kind != PlaceKind.AREA:
        return
    if planned.children < AREA_LEAST:
        raise PlanningRefused(
            _(
                "An area needs 100 children or more, so that nobody is found in a count. Join it with another."
            ),
            "children",
        )
    if not planned.postcodes:
        raise PlanningRefused(_("Say which postcodes the area has, such as NM4 or NM4 2."), "postcodes")
    for code in planned.postcodes:
        holder = taken.get(code)
        if holder is not None and holder != planned.name.lower():
            raise PlanningRefused(
                _("%(code)s belongs to another area already. Take it out of one of them.") % {"code": code},
                "postcodes",
            )


def taken_postcodes() -> dict[str, str]:
    """Which area has each beginning of postcodes: its name in lower case."""
    areas = Place.objects.filter(kind=PlaceKind.AREA, ended_at=None).values_list("name", "postcodes")
    return {code: name.lower() for name, codes in areas for code in codes}


@transaction.atomic
def plan(*, by: Me | None, planned: Planned) -> Place:
    """Set the number of one place, adding the place where the name is new. Raises PlanningRefused."""
    return plan_all(by=by, rows=[planned])[0]


@transaction.atomic
def plan_all(*, by: Me | None, rows: Sequence[Planned]) -> list[Place]:
    """Set many at once, all or none. What an area's postcodes are, and which partner a place is, is said anew."""
    with connection.cursor() as cursor:
        # A place that nobody planned for yet has no row to lock: of two who add it at once the second finds it.
        cursor.execute("select pg_advisory_xact_lock(hashtextextended('planning', 0))")
    taken = taken_postcodes()
    known = {
        (place.kind, place.name.lower()): place
        for place in Place.objects.select_for_update(no_key=True).filter(ended_at=None)
    }
    for row in rows:
        check(row, taken=taken)
        taken = {code: name for code, name in taken.items() if name != row.name.lower() or row.kind != "area"}
        taken |= dict.fromkeys(row.postcodes, row.name.lower()) if row.kind == PlaceKind.AREA else {}
    places = []
    for row in rows:
        key = (row.kind, row.name.lower())
        place = known.get(key)
        if place is None:
            place = Place.objects.create(
                kind=row.kind, name=row.name, postcodes=list(row.postcodes), agency_id=row.agency
            )
            known[key] = place
        else:
            changed = {
                "name": row.name,
                "postcodes": list(row.postcodes),
                "agency_id": row.agency or place.agency_id,
            }
            Place.objects.filter(pk=place.pk).update(**changed)
        places.append(place)
    Figure.objects.bulk_create(
        Figure(
            place=place,
            children=row.children,
            from_age=row.from_age,
            to_age=row.to_age,
            as_of=row.as_of,
            source=row.source,
        )
        for place, row in zip(places, rows, strict=True)
    )
    return places


@transaction.atomic
def end_place(*, by: Me, place: Place) -> None:
    """Plan for a place no longer. Its figures stay."""
    Place.objects.filter(pk=place.pk, ended_at=None).update(ended_at=timezone.now())


@transaction.atomic
def add_rate(
    *, by: Me, name: str, percent: Decimal, from_age: int, to_age: int, source: str, meaning: str
) -> Rate:
    """Add a rate of the partnership's own. Raises PlanningRefused."""
    if not 0 < percent <= 100:
        raise PlanningRefused(_("Enter how many in a hundred, from 0.01 to 100."), "percent")
    if not FIRST_AGE <= from_age <= to_age <= LAST_AGE:
        raise PlanningRefused(_("Enter ages from 5 to 17, the younger first."), "from_age")
    return Rate.objects.create(
        name=name.strip(),
        percent=percent,
        from_age=from_age,
        to_age=to_age,
        source=source.strip(),
        meaning=meaning.strip(),
    )


@transaction.atomic
def choose_rates(*, by: Me, low: Rate, high: Rate) -> Choice:
    """Expect by these two rates from today on. Raises PlanningRefused where the low one is above the high one."""
    if low.percent > high.percent:
        raise PlanningRefused(
            _("The low rate is above the high one. Choose them the other way round."), "low"
        )
    return Choice.objects.create(low=low, high=high, effective_from=timezone.localdate())


@transaction.atomic
def set_services(*, by: Me | None, teams: Iterable[Team]) -> None:
    """Say which teams are young carers' services from now on. Sensitive services are never counted by name."""
    wanted = {team.pk: team for team in teams}
    if any(team.sensitivity for team in wanted.values()):
        raise PlanningRefused(_("A sensitive service is not counted. Take it out."), "teams")
    now = CarersService.objects.filter(ended_at=None)
    now.exclude(team_id__in=wanted).update(ended_at=timezone.now())
    present = set(now.values_list("team_id", flat=True))
    CarersService.objects.bulk_create(CarersService(team_id=team) for team in wanted if team not in present)


def partners() -> dict[str, int]:
    """Agencies of the partnership by name in lower case."""
    return {name.lower(): pk for pk, name in Agency.objects.filter(ended_at=None).values_list("pk", "name")}
