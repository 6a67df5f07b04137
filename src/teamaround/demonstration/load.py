"""Loads the demonstration once, and says who can sign in."""

from __future__ import annotations

import logging
import os

from teamaround.agencies.models import Agency

from . import own_page
from .area import PASSWORD, PEOPLE, TEAMS, Area, make_area
from .around import many_around
from .coverage import the_register
from .feed import a_feed
from .on_call import on_call
from .past import Past
from .stories import tell_all
from .supervised import supervised
from .twice import recorded_twice
from .where import points


def load_demonstration() -> bool:
    """Load the area and its stories unless they are there; True where it loaded. Needs the set-up address."""
    if Agency.objects.filter(slug="northmoor-council").exists():
        return False
    # What its jobs say to a log would stand in the console of whoever tries the product.
    logging.getLogger("teamaround").setLevel(logging.WARNING)
    area = make_area()
    points()
    past = Past(os.environ["TEAMAROUND_OWNER_URL"])
    try:
        tell_all(area, past)
        tell_the_rest(area, past)
    finally:
        past.close()
        logging.getLogger("teamaround").setLevel(logging.INFO)
    return True


def tell_the_rest(area: Area, past: Past) -> None:
    """What stands beside the stories: doubles, a family with many around it, a feed, a register, and who leads whom."""
    recorded_twice(area, past)
    many_around(area, past)
    a_feed(area, past)
    the_register(area)
    supervised(area, past)
    on_call(area)


def sign_ins() -> list[tuple[str, str, str, str, str]]:
    """Name, job title, team, e-mail address and password of everybody who can sign in.

    A family member has no password: one press, or a code that the demonstration's outbox shows.
    """
    names = {key: name for key, _, name, _, _ in TEAMS}
    return [
        (somebody.name, somebody.job_title, names[somebody.team], somebody.email, PASSWORD)
        for somebody in PEOPLE
    ] + [
        (own_page.NAME, "Young person, 14", "Her own page", own_page.EMAIL, "a code, from the outbox"),
        (own_page.PARENT, "Her mother", "Her own page", own_page.PARENT_EMAIL, "a code, from the outbox"),
    ]
