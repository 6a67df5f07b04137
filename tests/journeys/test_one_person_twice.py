"""One child under two records: joined, worked with under one name, and parted again with one case moved."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass

import pytest
from django.urls import reverse
from django.utils import timezone

from harness.cast import Cast, Member
from harness.live import Site
from journeys.people import apart
from journeys.walking import Walker
from teamaround.access.models import Grant
from teamaround.index.actions import involve
from teamaround.people.actions import add_address, add_person
from teamaround.people.models import Merge, Person
from teamaround.plans.actions.contacts import record_contact
from teamaround.plans.models import Contact
from teamaround.procedures.actions import accept, allocate, receive
from teamaround.procedures.models import Episode
from teamaround.sharing.actions import Cell, record_consent
from teamaround.sharing.models import Basis

pytestmark = pytest.mark.browser


@dataclass
class Twice:
    """What the young carers team wrote, and what the nurse wrote."""

    kofi: Person
    koffi: Person


@pytest.fixture
def twice(live: Site) -> Twice:
    """Kofi, whom the young carers team works with; and Koffi, whom the nurse does."""
    cast = live.cast
    with cast.as_(cast.yasmin) as me:
        team = me.team.team
        kofi = add_person(
            by=me, team=team, given="Kofi", family_name="Osei", date_of_birth=dt.date(2014, 3, 2)
        )
        add_address(by=me, team=team, person=kofi.pk, lines="4 Canal Row", postcode="SK3 2DU")
        involve(by=me, team=team, subject=kofi.pk, practitioner=me.principal, role="lead")
    with cast.as_(cast.nina) as me:
        team = me.team.team
        koffi = add_person(
            by=me, team=team, given="Koffi", family_name="Osey", date_of_birth=dt.date(2014, 3, 20)
        )
        add_address(by=me, team=team, person=koffi.pk, lines="9 Mill Lane", postcode="SK3 9AB")
        involve(by=me, team=team, subject=koffi.pk, practitioner=me.principal)
    return Twice(kofi, koffi)


def grants(cast: Cast, member: Member, twice: Twice) -> set[tuple[int, str, str]]:
    """What a worker's team may see of both records now, and why."""
    found: set[tuple[int, str, str]] = set()

    def read() -> None:
        with cast.as_(member) as me:
            rows = Grant.objects.filter(
                subject_id__in=(twice.kofi.pk, twice.koffi.pk),
                principal_id__in=me.teams,
                valid_during__contains=timezone.now(),
            )
            found.update(rows.values_list("subject_id", "category", "basis_kind"))

    apart(read)
    return found


def a_months_work(cast: Cast, twice: Twice) -> Episode:
    """The school refers the child; the team takes the case, visits, and records a consent."""
    done: list[Episode] = []

    def work() -> None:
        with cast.as_(cast.nina) as me:
            made = receive(by=me, team=me.team.team, receiving_team=cast.yasmin.team, child=twice.kofi.pk)
        with cast.as_(cast.morgan) as me:
            episode = Episode.objects.get(pk=made.pk)
            accept(by=me, episode=episode, version=episode.version)
            allocate(by=me, episode=episode, practitioner=cast.yasmin.practitioner.pk)
        with cast.as_(cast.yasmin) as me:
            episode = Episode.objects.get(pk=made.pk)
            record_contact(
                by=me,
                episode=episode,
                kind="visit",
                happened_at=timezone.now(),
                seen=[twice.kofi.pk],
                child_words="I like maths.",
            )
            record_consent(
                by=me,
                team=me.team.team,
                subject=twice.kofi.pk,
                given_by=twice.kofi.pk,
                capacity="self",
                how="signed",
                valid_until=timezone.now() + dt.timedelta(days=90),
                cells=[Cell(twice.kofi.pk, cast.nina.team.pk, "plan", "share")],
            )
        done.append(episode)

    apart(work)
    return done[0]


def test_two_records_are_joined_worked_with_and_parted_and_nothing_is_lost(
    live: Site, somebody: Callable[..., Walker], twice: Twice
) -> None:
    cast = live.cast
    kofi, koffi = (reverse("desk:person", args=[each.uuid]) for each in (twice.kofi, twice.koffi))
    morgan = somebody(live, "Morgan", cast.morgan)
    nina = somebody(live, "Nina", cast.nina)
    before = [grants(cast, member, twice) for member in (cast.yasmin, cast.nina)]

    # Joining
    nina.open(kofi, status=404)
    morgan.open(kofi).add_to_record("This may be the same person as").picture("same-as")
    morgan.press("Find the other record").sees("another record of the same person", where="body")
    morgan.type("Why are you searching?", "The nurse says it is one child")
    morgan.type("Who are you looking for?", "Koffi Osey")
    morgan.press("Search").picture("same-as-answers").press("Choose")
    morgan.sees("Differs", "Koffi Osey", "recorded by Northmoor Health", "What follows").picture("compare")
    morgan.press("Join the records").sees("There is a problem", where="body")
    morgan.type("How do you know", "The nurse and his mother say that it is one child.")
    morgan.press("Join the records").sees("Also recorded as Koffi Osey", "20 March 2014", where="body")
    morgan.sees("Nina Patel", "Yasmin Okoro").picture("joined")
    nina.open(koffi).sees("Yasmin Okoro").picture("joined-other-team")
    assert nina.page.url.endswith(kofi)

    # A month of work
    episode = a_months_work(cast, twice)
    nina.open(koffi).sees("Agreed about sharing")

    # Parting
    morgan.open(kofi).follow("Undo").sees("Case, with all that hangs on it", "Decision about sharing")
    morgan.picture("undo").choose("Case, with all that hangs on it", "Belongs to Koffi Osey")
    morgan.type("Why are they not the same person?", "They are cousins.")
    morgan.press("Undo the joining").sees("nothing is lost", where="body").picture("undone")
    morgan.sees_nothing_of("Koffi")

    def everything_is_there() -> None:
        with cast.as_(cast.yasmin):
            assert Merge.objects.get().undone_at is not None
            assert Episode.objects.get(pk=episode.pk).subject_id == twice.koffi.pk
            assert Contact.objects.get().subject_id == twice.koffi.pk
            assert Basis.objects.get().subject_id == twice.kofi.pk

    apart(everything_is_there)
    worked = {(twice.koffi.pk, "index", "episode")}
    consented = {(twice.kofi.pk, "plan", "consent"), (twice.kofi.pk, "index", "consent")}
    assert grants(cast, cast.yasmin, twice) - worked == before[0] - worked
    assert grants(cast, cast.nina, twice) - consented == before[1]
    yasmin = somebody(live, "Yasmin", cast.yasmin)
    yasmin.open(reverse("desk:case", args=[episode.uuid])).sees("Visit").picture("case-moved")
