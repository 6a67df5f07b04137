"""“May I tell the school?”: answered from the family page in at most three interactions, and asked for where hidden."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable

import pytest
from django.db import transaction
from django.utils import timezone

from harness.live import Site
from journeys.walking import Walker
from teamaround.agencies.models import Agency, Principal, Team
from teamaround.database.actor import SET_UP, acting_as
from teamaround.index.actions import involve
from teamaround.people.actions import add_family, add_member, add_person
from teamaround.people.models import Family
from teamaround.sharing.actions import Cell, record_consent

pytestmark = pytest.mark.browser


@pytest.fixture
def family(live: Site) -> Family:
    """Two children and their mother; the school and the school nurse work with one of them."""
    cast = live.cast
    with acting_as(SET_UP), transaction.atomic():
        # As long as such names are: what lists them must not be wider than a phone.
        agency, _new = Agency.objects.get_or_create(
            slug="long-name", name="Northmoor and District Community Partnership Trust", sector="health"
        )
        if not agency.teams.exists():
            Team.objects.create(
                principal=Principal.objects.create(kind="team"),
                agency=agency,
                slug="long-name",
                name="Children and families speech and language service",
            )
    with cast.as_(cast.yasmin) as me:
        team = me.team.team
        home = add_family(by=me, team=team, name="Osei family")
        people = {}
        for given, born, role in (
            ("Kofi", dt.date(2014, 3, 2), "child"),
            ("Ama", dt.date(2016, 7, 9), "child"),
            ("Efua", dt.date(1986, 5, 1), "parent"),
        ):
            person = add_person(by=me, team=team, given=given, family_name="Osei", date_of_birth=born)
            add_member(by=me, team=team, family=home.pk, person=person.pk, role=role)
            people[given] = person.pk
        for subject in (home.pk, people["Kofi"], people["Ama"]):
            involve(by=me, team=team, subject=subject, practitioner=me.principal, role="lead")
    for member in (cast.tom, cast.nina):
        with cast.as_(member) as me:
            involve(by=me, team=me.team.team, subject=people["Kofi"], practitioner=me.principal)
    with cast.as_(cast.yasmin) as me:
        school = cast.teams["moor-lane"].pk
        said = (
            ("education", "share"),
            ("identity", "share"),
            ("plan", "ask"),
            ("health", "refuse"),
        )
        record_consent(
            by=me,
            team=team,
            subject=people["Kofi"],
            given_by=people["Efua"],
            capacity="parent",
            how="signed",
            valid_until=timezone.now() + dt.timedelta(days=120),
            cells=[Cell(people["Kofi"], school, category, answer) for category, answer in said],
        )
    return home


class Counted:
    """Counts what somebody does: each click, each choice, each key that sends."""

    def __init__(self, walker: Walker) -> None:
        self.walker = walker
        self.done = 0

    def follow(self, words: str, **where: str) -> Counted:
        self.done += 1
        self.walker.follow(words, **where)
        return self

    def select(self, label: str, option: str) -> Counted:
        self.done += 1
        self.walker.select(label, option)
        return self

    def press(self, words: str) -> Counted:
        self.done += 1
        self.walker.press(words)
        return self


def test_may_i_tell_the_school_is_answered_in_at_most_three_interactions(
    live: Site, somebody: Callable[..., Walker], family: Family
) -> None:
    yasmin = somebody(live, "Yasmin", live.cast.yasmin)

    yasmin.open(f"/families/{family.uuid}/").picture("share-family")
    near = Counted(yasmin)
    near.follow("Before you share about Kofi Osei").follow("Moor Lane School")
    yasmin.sees("What Moor Lane School: Pastoral team may know about Kofi", "2 allowed", "1 not allowed")
    yasmin.sees("Efua agreed on", "Efua asked on", "Efua said no on").picture("share-answer")
    assert near.done <= 3

    yasmin.open(f"/families/{family.uuid}/")
    kind = Counted(yasmin)
    kind.follow("Before you share about Kofi Osei")
    kind.select("Who are you sharing with?", "School or college").press("Check")
    yasmin.sees("is the one of that kind that works with Kofi", "2 allowed")
    assert kind.done <= 3

    yasmin.open(f"/families/{family.uuid}/")
    far = Counted(yasmin)
    far.follow("Before you share about Ama Osei")
    far.select("Who are you sharing with?", "Tenancy team").press("Check")
    yasmin.sees("What Northmoor Homes: Tenancy team may know about Ama", "11 ask first", "Ask Efua")
    assert far.done <= 3


def test_the_decision_is_recorded_on_the_same_page_by_one_more_button(
    live: Site, somebody: Callable[..., Walker], family: Family
) -> None:
    yasmin = somebody(live, "Yasmin", live.cast.yasmin)
    yasmin.open(f"/families/{family.uuid}/").follow("Before you share about Kofi Osei").follow(
        "Moor Lane School"
    )
    yasmin.press("Record what I shared", status=422).sees("Tick what it is about.").picture("share-wrong")
    yasmin.tick("School and learning").type("Why?", "He is late on Wednesdays.")
    yasmin.choose("Does the family know", "Yes").press("Record what I shared")
    yasmin.sees("Recorded. Nothing was sent", "He is late on Wednesdays.", "School and learning")
    yasmin.picture("share-decisions")

    yasmin.follow("Before you share").follow("Moor Lane School").tick("Health")
    yasmin.type("Why?", "They do not need it.").choose("Does the family know", "No")
    yasmin.type("Why not?", "It was only considered.").press("I decided not to share")
    yasmin.sees("Not shared", "They do not need it.", "No: It was only considered.")


def test_what_one_cannot_see_is_asked_for_and_answered(
    live: Site, somebody: Callable[..., Walker], family: Family
) -> None:
    tom = somebody(live, "Tom", live.cast.tom)
    yasmin = somebody(live, "Yasmin", live.cast.yasmin)
    yasmin.open(f"/families/{family.uuid}/").follow("Kofi Osei", within="main")
    address = yasmin.page.url

    tom.open(address)
    tom.page.get_by_text("What you cannot see").click()
    tom.sees("Standing in this list does not mean that anything is recorded.", "Yasmin Okoro").picture(
        "share-person"
    )
    tom.follow("Ask for access").tick("Plans, goals and meetings").type(
        "Why do you need it?", "To plan lessons."
    )
    tom.press("Ask").sees("Asked. The answer shows here", "Waits for an answer").picture("share-hidden")

    yasmin.open("/").follow("Pastoral team asks to see more").sees("To plan lessons.").picture(
        "share-request"
    )
    yasmin.choose("Your answer", "Yes").press("Send the answer").sees_heading("What may be shared")

    tom.open("/").follow("Your request to see more has an answer")
    tom.sees("it is being arranged with the family").picture("share-reply")


def test_the_question_is_answered_without_scripts(
    live: Site, somebody: Callable[..., Walker], family: Family
) -> None:
    yasmin = somebody(live, "Yasmin", live.cast.yasmin, scripts=False)
    yasmin.open(f"/families/{family.uuid}/").follow("Before you share about Kofi Osei")
    yasmin.select("Who are you sharing with?", "outside the partnership").press("Check")
    yasmin.sees("11 ask first", "Which organisation, and who there?")
