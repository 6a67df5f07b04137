"""Where the postcodes of Northmoor lie: nowhere, so the points are made up, some miles apart as those of a town are."""

from __future__ import annotations

from django.db import transaction

from teamaround.agencies.points import Point, keep_points
from teamaround.database.actor import SET_UP, acting_as

_POINTS = {
    "NM1 1AA": (401_200, 403_900),
    "NM1 4AA": (401_900, 403_100),
    "NM2 1AA": (403_600, 402_400),
    "NM2 1GG": (404_100, 402_900),
    "NM2 2AA": (404_700, 401_800),
    "NM2 5LP": (405_300, 402_200),
    "NM2 7CD": (405_900, 401_500),
    "NM3 9GH": (398_800, 405_700),
    "NM4 1BB": (399_400, 400_600),
    "NM4 1RS": (399_900, 400_100),
    "NM4 2AB": (398_700, 399_800),
    "NM4 3PL": (398_200, 400_900),
    "NM4 6RT": (397_600, 399_300),
    "NM4 7QT": (397_100, 400_200),
    "NM4 8QF": (398_900, 398_600),
    "NM5 5JK": (407_800, 405_100),
    "NM6 1TR": (402_700, 397_900),
    "NM6 2ND": (403_300, 397_200),
    "NM6 3EF": (402_100, 396_800),
    "NM7 2LM": (409_400, 399_700),
    "NM8 4QR": (394_600, 402_300),
}


def points() -> None:
    """Load them, as the set-up of an area does."""
    with acting_as(SET_UP), transaction.atomic():
        keep_points((postcode, Point(*place)) for postcode, place in _POINTS.items())
