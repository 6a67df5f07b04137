"""Who sits at which hub on which day, who is on call for the young carers, and a note for whoever is."""

from __future__ import annotations

import datetime as dt

from django.utils import timezone

from teamaround.agencies import actions
from teamaround.agencies.models import Agency, Site
from teamaround.procedures.handing_over import hand_over
from teamaround.procedures.models import Episode
from teamaround.rota import duty, working
from teamaround.rota.working import Span

from .area import Area

TEAM = "young-carers"
DAY = (dt.time(9), dt.time(17))
LATE = (dt.time(13), dt.time(20, 30))
MORNING = (dt.time(9), dt.time(12, 30))
HUBS = (
    ("Northmoor Young Carers", "Hope House", "14 Station Road, Northmoor", "NM1 4AA"),
    ("Northmoor Council", "Mill Lane family hub", "2 Mill Lane, Northmoor", "NM4 1BB"),
    ("Moor Lane School", "Moor Lane School", "Moor Lane, Northmoor", "NM2 2AA"),
)
# Who, and for each weekday the hub and the hours.
WEEKS: dict[str, tuple[tuple[int, str, tuple[dt.time, dt.time]], ...]] = {
    "dana": (
        (0, "Hope House", DAY),
        (1, "Moor Lane School", MORNING),
        (1, "Hope House", (dt.time(13, 30), dt.time(17))),
        (2, "Hope House", LATE),
        (3, "Mill Lane family hub", DAY),
        (4, "Hope House", DAY),
    ),
    "mel": tuple((day, "Mill Lane family hub" if day == 2 else "Hope House", DAY) for day in range(5)),
    "priya": tuple((day, "Hope House", DAY) for day in range(4)),
    "beth": tuple((day, "Mill Lane family hub", LATE if day in (1, 3) else DAY) for day in range(5)),
    "imran": tuple((day, "Mill Lane family hub", DAY) for day in range(5)),
}


def on_call(area: Area) -> None:
    """The hubs and a usual week, one day away, the shifts of the coming days with a gap, one note."""
    with area.as_("ada") as me:
        sites = _hubs(me.principal)
    today = timezone.localdate()
    for key, spans in WEEKS.items():
        with area.as_(key) as me:
            working.set_pattern(
                by=me,
                who=area.people[key],
                from_day=today,
                spans=[Span(day, hours, sites[hub].pk) for day, hub, hours in spans],
            )
    with area.as_("mel") as me:
        working.add_exception(
            by=me, who=area.people["mel"], kind="training", day=today + dt.timedelta(days=9)
        )
    _shifts(area)
    with area.as_("dana") as me:
        episode = Episode.objects.filter(author_team_id=area.team(TEAM), status="open").order_by("opened_at")[
            0
        ]
        hand_over(
            by=me,
            episode=episode,
            text="Farah may go into hospital in the night. Her sister has the key and takes Sami. Ring Aisha first, "
            "she keeps her telephone by her.",
            until=timezone.now() + dt.timedelta(days=5),
        )


def _hubs(by: int) -> dict[str, Site]:
    return {
        name: actions.add_site(
            by=by, agency=Agency.objects.get(name=agency), name=name, address=address, postcode=postcode
        )
        for agency, name, address, postcode in HUBS
    }


def _shifts(area: Area) -> None:
    now = timezone.localtime().replace(minute=0, second=0, microsecond=0)
    nine = now.replace(hour=9) + dt.timedelta(days=1)
    plan = (
        ("mel", now, nine + dt.timedelta(hours=8)),
        ("dana", nine + dt.timedelta(hours=8), nine + dt.timedelta(days=1)),
        ("mel", nine + dt.timedelta(days=1, hours=8), nine + dt.timedelta(days=2)),
    )
    made = []
    with area.as_("priya") as me:
        for key, starts_at, ends_at in plan:
            made.append(
                duty.add_shift(
                    by=me,
                    team=area.team(TEAM),
                    practitioner=area.people[key].pk,
                    starts_at=max(starts_at, timezone.now() - dt.timedelta(minutes=50)),
                    ends_at=ends_at,
                )
            )
    with area.as_("mel") as me:
        duty.ask_to_swap(by=me, shift=made[-1], asked=area.people["dana"].pk)
