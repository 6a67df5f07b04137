"""Who fits a case, and why; what each worker can do, and who may say so; the manager decides."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
from django.db import connection, transaction
from django.db.utils import Error
from django.test.utils import CaptureQueriesContext

from harness.cases import accepted, with_procedures
from teamaround.agencies.models import Membership, Practitioner, Site, Team, WorkerProfile
from teamaround.agencies.points import Point, keep_points
from teamaround.agencies.profiles import keep_profile, languages_of
from teamaround.database.actor import SET_UP, acting_as
from teamaround.index.actions import involve
from teamaround.people.models import Address, Need
from teamaround.procedures import actions
from teamaround.procedures.allocating import (
    Wanted,
    Worker,
    area_of,
    district_of,
    keep_wish,
    rank,
    suggest,
)
from teamaround.procedures.models import Allocation, AllocationWish, Episode


def worker(name: str, **more: Any) -> Worker:
    return Worker(**{"practitioner": 1, "key": name, "name": name, "job_title": "", "families": 5, **more})


@pytest.mark.parametrize(
    ("better", "wanted", "why"),
    [
        ({"families": 4}, {}, "room for 6 more"),
        ({"languages": ("Urdu",)}, {"languages": ("urdu",)}, "Speaks Urdu"),
        ({"sex": "F"}, {"prefers": "F"}, "Is a woman, as the young person asked"),
        ({"skills": ("grief",)}, {"skills": ("grief",)}, "Knows: loss and grief"),
        ({"child_until": dt.date(2025, 5, 3)}, {}, "Had this child’s case in your team until 3 May 2025"),
        ({"family_until": dt.date(2025, 5, 3)}, {}, "Had a case of this family"),
        ({"district": "SK1"}, {"district": "SK1"}, "in the same postcode district, SK1"),
        ({"district": "SK7"}, {"district": "SK1"}, "in the same postcode area, SK (SK7)"),
        (
            {"base": Point(5_000, 4_000)},
            {"home": Point(1_000, 1_000)},
            "about 3 miles from the family’s home",
        ),
        (
            {"base": Point(1_000, 1_000)},
            {"home": Point(1_600, 1_000)},
            "less than a mile from the family’s home",
        ),
    ],
)
def test_each_reason_puts_who_has_it_first_and_says_so(
    better: dict[str, Any], wanted: dict[str, Any], why: str
) -> None:
    found = rank([worker("Ann"), worker("Zoe", **better)], Wanted(**wanted), 10)
    assert [each.worker.name for each in found] == ["Zoe", "Ann"]
    assert any(why in reason.words and reason.tone == "good" for reason in found[0].reasons)


def test_who_has_no_room_comes_last_whatever_else_speaks_for_them() -> None:
    full = worker("Ann", families=10, child_until=dt.date(2025, 5, 3), languages=("Urdu",))
    found = rank([full, worker("Zoe", families=9)], Wanted(languages=("urdu",)), 10)
    assert [each.worker.name for each in found] == ["Zoe", "Ann"]
    assert found[1].reasons[0].words == "No room: has 10 of 10 families."


def test_who_did_not_tell_their_sex_is_neither_better_nor_worse_for_it() -> None:
    found = rank([worker("Ann", sex="M"), worker("Bea"), worker("Cat", sex="F")], Wanted(prefers="F"), 10)
    assert [each.worker.name for each in found] == ["Cat", "Bea", "Ann"]
    assert len(found[1].reasons) == 1
    assert not any(
        "woman" in reason.words
        for each in rank([worker("Cat", sex="F")], Wanted(), 10)
        for reason in each.reasons
    )


@pytest.mark.parametrize(
    ("postcode", "district", "area"),
    [
        ("SK1 3XE", "SK1", "SK"),
        ("sk13xe", "SK1", "SK"),
        ("M1", "M1", "M"),
        ("EC1A 1BB", "EC1A", "EC"),
        ("", "", ""),
        ("?", "", ""),
    ],
)
def test_only_the_outward_part_of_a_postcode_is_compared(postcode: str, district: str, area: str) -> None:
    assert district_of(postcode) == district
    assert area_of(district) == area


def test_languages_are_read_one_a_line_or_with_commas_each_once() -> None:
    assert languages_of("Urdu, Polish\n urdu ;British  Sign Language") == [
        "Urdu",
        "Polish",
        "British Sign Language",
    ]


@pytest.fixture
def case(cast: Any) -> Episode:
    """Kofi’s open case without a worker. The team sits in SK1, and so does Kofi’s home; he speaks Twi."""
    child, episode = accepted(with_procedures(cast), allocated=False)
    with acting_as(SET_UP), transaction.atomic():
        site = Site.objects.create(agency=cast.morgan.team.agency, name="Hope House", postcode="SK1 1AA")
        Team.objects.filter(pk=cast.morgan.team.pk).update(site=site)
    with cast.as_(cast.morgan) as me:
        about = {"subject_id": child.pk, "category": "identity"}
        about |= {"author_team_id": me.team.team, "source_id": me.team.agency}
        Address.objects.create(**about, postcode="SK1 3XE")
        Need.objects.create(**about, kind="language", words="Twi")
        return Episode.objects.select_related("author_team__site").get(pk=episode.pk)


def suggested(cast: Any, case: Episode) -> dict[str, list[str]]:
    with cast.as_(cast.morgan) as me:
        told = suggest(by=me, episode=case, records=(case.subject_id or 0,))
        return {each.worker.name: [reason.words for reason in each.reasons] for each in told.found}


def test_the_suggestions_go_by_what_is_known_and_say_why(cast: Any, case: Episode) -> None:
    with cast.as_(cast.yusuf):
        keep_profile(
            practitioner=cast.yusuf.practitioner, version=0, skills=["grief"], languages=["Twi"], sex="M"
        )
    with cast.as_(cast.morgan) as me:
        keep_wish(by=me, episode=case, version=0, prefers="M", languages=[], skills=["grief"])
    told = suggested(cast, case)
    assert list(told) == ["Yusuf Brand", "Morgan Hale", "Yasmin Okoro"]
    assert told["Yusuf Brand"] == [
        "Has 0 of 10 families: room for 10 more.",
        "Speaks Twi.",
        "Is a man, as the young person asked.",
        "Knows: loss and grief.",
        "Is based in the same postcode district, SK1.",
    ]


def test_who_is_based_nearer_comes_first_where_the_points_are_known(cast: Any, case: Episode) -> None:
    far = {"SK1 3XE": Point(390_000, 390_000), "SK1 1AA": Point(398_100, 390_000)}
    with acting_as(SET_UP), transaction.atomic():
        keep_points(far.items())
        near = Site.objects.create(agency=cast.morgan.team.agency, name="The annexe", postcode="sk13xf")
        keep_points([("SK1 3XF", Point(390_000, 390_900))])
    with cast.as_(cast.yusuf):
        keep_profile(
            practitioner=cast.yusuf.practitioner, version=0, skills=[], languages=[], sex="", based_at=near
        )
    told = suggested(cast, case)
    assert next(iter(told)) == "Yusuf Brand"
    assert "Is based less than a mile from the family’s home in a straight line." in told["Yusuf Brand"]
    assert "Is based about 5 miles from the family’s home in a straight line." in told["Yasmin Okoro"]
    assert not any("district" in reason for reasons in told.values() for reason in reasons)


def test_how_far_it_is_to_a_home_that_a_shield_hides_is_not_told(cast: Any, case: Episode) -> None:
    with acting_as(SET_UP), transaction.atomic():
        keep_points([("SK1 3XE", Point(390_000, 390_000)), ("SK1 1AA", Point(391_000, 390_000))])
    with cast.as_(cast.morgan) as me:
        told = suggest(by=me, episode=case, records=())
    assert told.wanted.home is None
    assert not any("straight line" in reason.words for each in told.found for reason in each.reasons)


def test_earlier_work_of_another_service_is_never_a_reason(cast: Any, case: Episode) -> None:
    """Yasmin had Kofi’s case in the recovery service once, and manages nothing there. Nobody learns it here."""
    child = case.subject_id or 0
    with acting_as(SET_UP), transaction.atomic():
        for member in (cast.yasmin, cast.morgan):
            Membership.objects.create(practitioner=member.practitioner, team=cast.sam.team, role="manager")
        Team.objects.filter(pk=cast.sam.team.pk).update(
            takes_referrals=True, procedure_slug="croydon-young-carers"
        )
        cast.sam.team.refresh_from_db()
    before = suggested(cast, case)
    with cast.as_(cast.yasmin) as me:
        involve(by=me, team=cast.sam.team.pk, subject=child)
        hidden = actions.receive(by=me, team=cast.yasmin.team.pk, receiving_team=cast.sam.team, child=child)
        actions.accept(by=me, episode=hidden, version=hidden.version)
        actions.allocate(by=me, episode=hidden, practitioner=cast.yasmin.practitioner.pk)
    # Morgan manages both teams, and may read of it there: the reasons for this team are the same as before.
    with cast.as_(cast.morgan):
        assert Allocation.objects.filter(episode=hidden.pk).exists()
    assert suggested(cast, case) == before


def test_who_had_the_case_before_in_the_team_is_named_with_the_day(cast: Any, case: Episode) -> None:
    with cast.as_(cast.morgan) as me:
        actions.allocate(by=me, episode=case, practitioner=cast.yasmin.practitioner.pk)
        actions.allocate(by=me, episode=case, practitioner=cast.yusuf.practitioner.pk)
    told = suggested(cast, case)
    assert any(line.startswith("Had this child’s case in your team until") for line in told["Yasmin Okoro"])
    assert not any("Had this" in line for line in told["Yusuf Brand"])


def test_the_page_takes_the_same_few_queries_however_large_the_team(cast: Any, case: Episode) -> None:
    client, here = cast.morgan.client(), f"/cases/{case.uuid}/allocate/"
    client.get(here)
    with CaptureQueriesContext(connection) as queries:
        page = client.get(here).content.decode()
    assert len(queries) <= 16, len(queries)
    assert "Fits best" in page
    assert "Languages on the child’s record: Twi." in page
    assert "The family lives in SK1." in page
    said = client.post(
        here, {"part": "wish", "version": 0, "prefers": "F", "languages": "Urdu", "skills": ["grief"]}
    )
    assert said.status_code == 302
    assert client.post(here, {"part": "wish", "version": 0, "prefers": "M"}).status_code == 409
    assert (
        "Select an answer to “Who gets the case"
        in client.post(here, {"part": "name", "version": case.version}).content.decode()
    )
    chosen = {"part": "name", "practitioner": str(cast.yasmin.practitioner.uuid)}
    assert client.post(here, {**chosen, "version": case.version + 5}).status_code == 409
    named = client.post(here, {**chosen, "version": case.version})
    assert (named.status_code, named.url) == (302, f"/cases/{case.uuid}/")
    assert "Has it now" in client.get(here).content.decode()
    with cast.as_(cast.morgan):
        assert Allocation.objects.get(episode=case).practitioner_id == cast.yasmin.practitioner.pk


def test_only_a_manager_of_the_team_asks_who_fits(cast: Any, case: Episode) -> None:
    here = f"/cases/{case.uuid}/allocate/"
    for member, answer in ((cast.yasmin, 403), (cast.tom, 403), (cast.olive, 403)):
        assert member.client().get(here).status_code == answer
        assert member.client().post(here, {"part": "name"}).status_code == answer
    with acting_as(SET_UP), transaction.atomic():
        Membership.objects.create(practitioner=cast.tom.practitioner, team=cast.tom.team, role="manager")
        Membership.objects.create(practitioner=cast.olive.practitioner, team=cast.olive.team, role="manager")
    assert cast.tom.client().get(here).status_code == 403
    assert cast.olive.client().get(here).status_code == 404
    with cast.as_(cast.tom):
        assert not AllocationWish.objects.exists()


def test_a_worker_says_what_they_can_do_and_their_manager_all_but_their_sex(cast: Any) -> None:
    yasmin = cast.yasmin.practitioner
    own = cast.yasmin.client().post(
        "/my-work/", {"version": 0, "skills": ["grief"], "languages": "Urdu", "sex": "F"}
    )
    assert own.status_code == 302
    here = f"/team/workers/{yasmin.uuid}/"
    manager = cast.morgan.client()
    page = manager.get(here).content.decode()
    assert "They told that they are: Woman" in page
    assert 'name="sex"' not in page
    typed = {"version": 1, "skills": ["grief", "school"], "languages": "Urdu\nPolish", "sex": ""}
    assert manager.post(here, typed).status_code == 302
    assert manager.post(here, typed).status_code == 409
    with cast.as_(cast.yasmin):
        row = WorkerProfile.objects.get()
        assert (row.sex, row.skills, row.languages) == ("F", ["grief", "school"], ["Urdu", "Polish"])
        assert row.changed_by_id == cast.morgan.practitioner.pk
    with cast.as_(cast.morgan), pytest.raises(Error), transaction.atomic():
        WorkerProfile.objects.filter(pk=yasmin.pk).update(sex="M")


def test_what_a_worker_can_do_is_for_nobody_else(cast: Any) -> None:
    with cast.as_(cast.yasmin):
        keep_profile(practitioner=cast.yasmin.practitioner, version=0, skills=[], languages=["Urdu"], sex="F")
    with acting_as(SET_UP), transaction.atomic():
        Membership.objects.create(practitioner=cast.tom.practitioner, team=cast.tom.team, role="manager")
    here = f"/team/workers/{cast.yasmin.practitioner.uuid}/"
    for member, answer in (
        (cast.yusuf, 403),
        (cast.tom, 404),
        (cast.olive, 403),
        (cast.greta, 403),
        (cast.admin, 403),
    ):
        assert member.client().get(here).status_code == answer
        assert member.client().post(here, {"version": 1}).status_code == answer
        with cast.as_(member):
            assert not WorkerProfile.objects.exists()
            assert not WorkerProfile.objects.update(languages=[])
            with pytest.raises(Error), transaction.atomic():
                WorkerProfile.objects.create(
                    practitioner=Practitioner.objects.get(pk=cast.sam.practitioner.pk)
                )
