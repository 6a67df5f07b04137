"""The Rahmans' diary: this week and the next, with a clash and one assessment too many."""

from __future__ import annotations

import datetime as dt

from django.utils import timezone

from teamaround.people.models import Person
from teamaround.tasks.appointments import With, make_appointment

from .area import Area
from .past import Past


def the_rahmans_diary(area: Area, past: Past) -> None:
    """What Dana arranged for them: with her own team, the school nurse, the social workers and others."""
    monday = timezone.localdate() - dt.timedelta(days=timezone.localdate().weekday())

    def at(day: int, hour: int, minute: int = 0) -> dt.datetime:
        return timezone.make_aware(
            dt.datetime.combine(monday + dt.timedelta(days=day), dt.time(hour, minute))
        )

    team = area.team("young-carers")
    dana = With(team=team, practitioner=area.people["dana"].pk)
    with past.at(7, 10, 30), area.as_("dana") as me:
        aisha, sami, farah = (
            Person.objects.filter(given=given, family_name="Rahman").earliest("recorded_at").pk
            for given in ("Aisha", "Sami", "Farah")
        )
        nurse, social = With(team=area.team("school-nursing")), With(team=area.team("social-work"))
        for who, kind, starts_at, minutes, whom, place in (
            ([aisha], "assessment", at(1, 15, 45), 45, nurse, "Moor Lane School, medical room"),
            ([sami], "school", at(0, 9), 30, With(words="Hill Primary School"), "Head’s office"),
            ([farah], "call", at(1, 11), 30, social, ""),
            ([farah], "health", at(2, 10), 30, With(words="The clinic"), ""),
            ([aisha, farah], "assessment", at(3, 16), 60, social, "At home"),
            ([aisha], "group", at(3, 16, 30), 90, dana, "Northmoor Young Carers, club room"),
            ([sami], "session", at(4, 15, 30), 60, dana, "Hill Primary School"),
            ([aisha], "assessment", at(8, 15, 45), 60, With(words="Educational psychologist"), "Moor Lane School"),
            ([aisha, sami, farah], "visit", at(9, 17), 60, dana, "At home"),
        ):  # fmt: skip
            make_appointment(
                by=me,
                team=team,
                subjects=who,
                kind=kind,
                starts_at=starts_at,
                ends_at=starts_at + dt.timedelta(minutes=minutes),
                whom=whom,
                place=place,
            )
