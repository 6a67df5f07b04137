"""Who is involved: how to reach them when asked for, who did not know of whom, and what has gone quiet."""

from __future__ import annotations

import datetime as dt
import re
import uuid
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from teamaround.access.actions import state_purpose
from teamaround.assessments.actions import start_assessment
from teamaround.desk.day import load_day
from teamaround.index.acquaintance import acquaint
from teamaround.index.actions import end_involvement, involve
from teamaround.index.models import How, Involvement
from teamaround.notices.involvements import keep_involvements
from teamaround.notices.models import Message
from teamaround.people.actions import add_person
from teamaround.people.models import Person
from teamaround.procedures.actions import accept, receive
from teamaround.procedures.models import Episode
from teamaround.sharing.actions import Cell, record_consent
from teamaround.sharing.shields import put_up_shield

PHONE = "01632 960101"


def words(response: Any) -> str:
    return " ".join(re.sub(r"<[^>]+>", " ", response.content.decode()).split())


def counted(cast: Any, member: Any, subject: int) -> dict[str, int]:
    with cast.as_(member), connection.cursor() as cursor:
        cursor.execute("select * from app.counted(%s)", [subject])
        return dict(cursor.fetchall())


def of(cast: Any, member: Any, subject: int) -> Involvement:
    with cast.as_(member):
        return Involvement.objects.get(subject_id=subject, author_team=member.team)


def in_days(days: int) -> dt.date:
    return timezone.localdate() + dt.timedelta(days=days)


def go_quiet(*days: int) -> None:
    for each in days:
        keep_involvements(in_days(each))


def test_a_number_is_shown_when_asked_for_and_not_before(cast: Any, world: Any) -> None:
    page = f"/people/{world.kofi.uuid}/"
    client = cast.tom.client()
    shown = words(client.get(page))
    assert PHONE not in shown
    assert "yasmin@northmoor.example" not in shown
    assert "Show contact details of Yasmin Okoro" in shown
    row = of(cast, cast.yasmin, world.kofi.pk)
    whole = client.get(f"/involvements/{row.uuid}/contact/")
    assert PHONE in words(whole)
    assert f'href="{page}#involved"' in whole.content.decode()
    part = client.get(f"/involvements/{row.uuid}/contact/", headers={"HX-Request": "true"})
    assert PHONE in words(part)
    assert "<html" not in part.content.decode()


def test_who_looked_how_to_reach_somebody_is_in_the_access_log(cast: Any, world: Any) -> None:
    row = of(cast, cast.yasmin, world.kofi.pk)
    client = cast.tom.client()
    with CaptureQueriesContext(connection) as queries:
        client.get(f"/involvements/{row.uuid}/contact/")
    (written,) = [each["sql"] for each in queries if "access_look_line" in each["sql"]]
    assert "'desk:contact_details'" in written
    assert str(cast.tom.me.principal) in written
    assert str(world.kofi.pk) in written
    assert len(queries) <= 15


def test_nobody_reads_a_number_through_an_involvement_they_may_not_see(cast: Any, world: Any) -> None:
    with cast.as_(cast.sam) as me:
        hidden = involve(
            by=me, team=cast.sam.team.pk, subject=world.kofi.pk, practitioner=cast.sam.practitioner.pk
        )
    for key in (of(cast, cast.yasmin, world.kofi.pk).uuid, hidden.uuid, uuid.uuid4()):
        assert cast.olive.client().get(f"/involvements/{key}/contact/").status_code == 404
    assert cast.yasmin.client().get(f"/involvements/{hidden.uuid}/contact/").status_code == 404
    assert cast.admin.client().get(f"/involvements/{hidden.uuid}/contact/").status_code == 403
    assert PHONE in words(cast.sam.client().get(f"/involvements/{hidden.uuid}/contact/"))


def test_a_service_known_of_by_consent_alone_is_not_told_how_to_reach(cast: Any, world: Any) -> None:
    with cast.as_(cast.sam) as me:
        hidden = involve(
            by=me, team=cast.sam.team.pk, subject=world.kofi.pk, practitioner=cast.sam.practitioner.pk
        )
    with cast.as_(cast.yasmin) as me:
        record_consent(
            by=me,
            team=cast.yasmin.team.pk,
            subject=world.kofi.pk,
            given_by=world.mum.pk,
            capacity="parent",
            how="signed",
            valid_until=timezone.now() + dt.timedelta(days=100),
            cells=[Cell(world.kofi.pk, cast.tom.team.pk, "substance", "share")],
        )
    client = cast.tom.client()
    assert "A service is involved" in words(client.get(f"/people/{world.kofi.uuid}/"))
    assert client.get(f"/involvements/{hidden.uuid}/contact/").status_code == 404


def test_the_lead_practitioner_comes_first_and_what_ended_is_folded_away(cast: Any, world: Any) -> None:
    with cast.as_(cast.nina) as me:
        row = involve(
            by=me, team=cast.nina.team.pk, subject=world.kofi.pk, practitioner=cast.nina.practitioner.pk
        )
        end_involvement(by=me, involvement=row, on=timezone.localdate())
    page = cast.yasmin.client().get(f"/people/{world.kofi.uuid}/")
    said = words(page)
    table = said[said.index("How to reach them") : said.index("ended its work with them")]
    assert table.index("Yasmin Okoro") < table.index("Tom Reyes")
    assert "Nina Patel" not in table
    assert "1 service ended its work with them" in said
    assert "Nina Patel" in said[said.index("ended its work with them") :]
    contact = cast.yasmin.client().get(f"/involvements/{row.uuid}/contact/")
    assert contact.status_code == 404


def test_the_page_says_who_had_not_known_of_each_other_and_whom_to_introduce(cast: Any, world: Any) -> None:
    with cast.as_(cast.nina) as me:
        involve(by=me, team=cast.nina.team.pk, subject=world.kofi.pk, practitioner=cast.nina.practitioner.pk)
    url = f"/people/{world.kofi.uuid}/"
    said = words(cast.yasmin.client().get(url))
    assert "3 of 3 services had not known of each other when they began" in said
    assert "School nursing (Northmoor Health) to " in said
    with cast.as_(cast.yasmin) as me:
        teams = [cast.yasmin.team.pk, cast.tom.team.pk, cast.nina.team.pk]
        acquaint(by=me, subject=world.kofi.pk, teams=teams, how=How.MET)
    said = words(cast.yasmin.client().get(url))
    assert "3 of 3 services had not known of each other when they began" in said
    assert "By now they know of each other." in said


def test_a_service_knew_of_the_one_that_referred_the_child_to_it(cast: Any, world: Any) -> None:
    school, carers = cast.tom.team, cast.yasmin.team
    with cast.as_(cast.tom) as me:
        ama = add_person(by=me, team=school.pk, given="Ama", family_name="Boateng").pk
        involve(by=me, team=school.pk, subject=ama, role="school")
        episode = receive(by=me, team=school.pk, receiving_team=carers, child=ama)
    with cast.as_(cast.morgan) as me:
        episode.refresh_from_db()
        accept(by=me, episode=episode, version=episode.version)
    with cast.as_(cast.tom), connection.cursor() as cursor:
        cursor.execute("select * from app.strangers(%s)", [ama])
        assert cursor.fetchall() == []


def test_the_page_counts_across_agencies_for_those_who_work_with_the_child(cast: Any, world: Any) -> None:
    with cast.as_(cast.yasmin) as me:
        start_assessment(by=me, episode=Episode.objects.get(pk=world.episode.pk))
    url = f"/people/{world.kofi.uuid}/"
    assert "1 assessment, 0 agreed plans, 0 meetings to come" in words(cast.tom.client().get(url))
    with cast.as_(cast.nina) as me:
        state_purpose(by=me, subject=world.kofi.pk, reason="Health check at school")
    assert "1 assessment," not in words(cast.nina.client().get(url))


def test_a_new_service_is_news_until_somebody_of_the_team_has_looked(cast: Any, world: Any) -> None:
    news = "Another service began to work with a child you work with"
    cast.yasmin.client().get(f"/people/{world.kofi.uuid}/")
    with cast.as_(cast.nina) as me:
        involve(by=me, team=cast.nina.team.pk, subject=world.kofi.pk, practitioner=cast.nina.practitioner.pk)
    day = cast.yasmin.client().get("/")
    assert news in words(day)
    assert f'href="/people/{world.kofi.uuid}/#involved"' in day.content.decode()
    assert news not in words(cast.nina.client().get("/")), "who began knows"
    cast.yusuf.client().get(f"/people/{world.kofi.uuid}/")
    assert news not in words(cast.yasmin.client().get("/"))


def test_a_sensitive_service_is_no_news(cast: Any, world: Any) -> None:
    cast.yasmin.client().get(f"/people/{world.kofi.uuid}/")
    with cast.as_(cast.sam) as me:
        involve(by=me, team=cast.sam.team.pk, subject=world.kofi.pk)
    assert "Another service began" not in words(cast.yasmin.client().get("/"))
    assert "Another service began" not in words(cast.tom.client().get("/"))


@pytest.fixture
def quiet(cast: Any) -> list[Involvement]:
    """Two children whom the nurse was not in contact with for long, and of whom her team was asked."""
    rows = []
    for given in ("Ama", "Kwame"):
        with cast.as_(cast.nina) as me:
            person = add_person(by=me, team=cast.nina.team.pk, given=given, family_name="Boateng")
            rows.append(
                involve(
                    by=me, team=cast.nina.team.pk, subject=person.pk, practitioner=cast.nina.practitioner.pk
                )
            )
    go_quiet(90)
    return rows


def test_my_day_asks_whether_a_team_still_works_with_them(cast: Any, quiet: list[Involvement]) -> None:
    client = cast.nina.client()
    assert "Are you still working with 2 children and families?" in words(client.get("/"))
    page = client.get("/involvements/quiet/")
    said = words(page)
    assert "Ama Boateng" in said
    assert "Kwame Boateng" in said
    assert "Still working with all of these" in said
    assert "Are you still" not in words(cast.tom.client().get("/"))
    assert "Boateng" not in words(cast.tom.client().get("/involvements/quiet/"))


def test_one_click_confirms_one_and_another_ends_one(cast: Any, quiet: list[Involvement]) -> None:
    ama, kwame = quiet
    client = cast.nina.client()
    client.post("/involvements/quiet/", {"still": str(ama.uuid), "shown": [str(r.uuid) for r in quiet]})
    said = words(client.get("/involvements/quiet/"))
    assert "Ama Boateng" not in said
    assert "Kwame Boateng" in said
    client.post("/involvements/quiet/", {"ended": str(kwame.uuid), "shown": [str(r.uuid) for r in quiet]})
    assert "Nothing waits for your answer." in words(client.get("/involvements/quiet/"))
    with cast.as_(cast.nina):
        assert Involvement.objects.get(pk=ama.pk).until is None
        assert Involvement.objects.get(pk=kwame.pk).until == timezone.localdate()


def test_all_of_these_are_confirmed_at_once_and_nobody_elses(
    cast: Any, quiet: list[Involvement], world: Any
) -> None:
    other = of(cast, cast.tom, world.kofi.pk)
    cast.nina.client().post(
        "/involvements/quiet/",
        {"all": "still", "shown": [*(str(r.uuid) for r in quiet), str(other.uuid), "nonsense"]},
    )
    assert of(cast, cast.tom, world.kofi.pk).confirmed_on is None
    with cast.as_(cast.nina):
        assert not Involvement.objects.filter(asked_on__isnull=False).exists()


def test_ended_on_another_day_leads_back_to_the_list(cast: Any, quiet: list[Involvement]) -> None:
    client = cast.nina.client()
    url = f"/involvements/{quiet[0].uuid}/end/?from=quiet"
    assert 'href="/involvements/quiet/"' in client.get(url).content.decode()
    answered = client.post(url, {"on": str(timezone.localdate())})
    assert answered["Location"] == "/involvements/quiet/"


def test_what_nobody_confirmed_has_ended_and_begins_again_by_a_click(
    cast: Any, quiet: list[Involvement]
) -> None:
    go_quiet(104, 120)
    client = cast.nina.client()
    assert "Your team no longer shows with 2 children" in words(client.get("/"))
    said = words(client.get("/involvements/quiet/"))
    assert "Ended because nobody confirmed it 2" in said
    assert "Ama Boateng" in said
    again = client.post(f"/involvements/{quiet[0].uuid}/begin-again/")
    with cast.as_(cast.nina):
        person = Person.objects.get(pk=quiet[0].subject_id)
        assert Involvement.objects.get(pk=quiet[0].pk).until is None
    assert again["Location"] == f"/people/{person.uuid}/"
    assert cast.tom.client().post(f"/involvements/{quiet[1].uuid}/begin-again/").status_code == 404
    assert client.post(f"/involvements/{quiet[0].uuid}/begin-again/").status_code == 404


def test_who_leads_reads_that_a_service_ended_by_itself(cast: Any, world: Any) -> None:
    with cast.as_(cast.nina) as me:
        involve(by=me, team=cast.nina.team.pk, subject=world.kofi.pk, practitioner=cast.nina.practitioner.pk)
    go_quiet(90, 104, 120)
    with cast.as_(cast.yasmin) as me:
        texts = [each.text for each in load_day(me).began]
    assert "School nursing no longer shows as working with them: nobody confirmed it" in texts


def test_mails_about_quiet_involvements_name_nobody_and_come_once(
    cast: Any, quiet: list[Involvement]
) -> None:
    go_quiet(90, 104, 104, 120, 120)
    told = list(Message.objects.filter(address="nina@northmoor.example").order_by("id"))
    assert [each.subject_line for each in told] == [
        "Are you still working with them?",
        "Are you still working with them?",
        "Work with some children has ended",
    ]
    assert not any(name in each.body for each in told for name in ("Ama", "Kwame", "Boateng"))


def test_the_list_of_quiet_ones_takes_at_most_fifteen_queries(cast: Any, quiet: list[Involvement]) -> None:
    client = cast.nina.client()
    client.get("/involvements/quiet/")
    with CaptureQueriesContext(connection) as queries:
        client.get("/involvements/quiet/")
    assert len(queries) <= 15, "\n".join(each["sql"][:150] for each in queries)


def test_counts_are_told_to_those_who_work_with_the_child_whoever_wrote(cast: Any, world: Any) -> None:
    with cast.as_(cast.yasmin) as me:
        start_assessment(by=me, episode=Episode.objects.get(pk=world.episode.pk))
    assert counted(cast, cast.yasmin, world.kofi.pk) == {"assessment": 1, "plan": 0, "meeting": 0}
    assert counted(cast, cast.tom, world.kofi.pk) == {"assessment": 1, "plan": 0, "meeting": 0}
    assert counted(cast, cast.nina, world.kofi.pk) == {}


def test_what_was_refused_to_a_team_is_not_counted_to_it(cast: Any, world: Any) -> None:
    with cast.as_(cast.yasmin) as me:
        start_assessment(by=me, episode=Episode.objects.get(pk=world.episode.pk))
        record_consent(
            by=me,
            team=cast.yasmin.team.pk,
            subject=world.kofi.pk,
            given_by=world.mum.pk,
            capacity="parent",
            how="signed",
            valid_until=timezone.now() + dt.timedelta(days=100),
            cells=[Cell(world.kofi.pk, cast.tom.team.pk, "assessment", "refuse")],
        )
    assert counted(cast, cast.tom, world.kofi.pk)["assessment"] == 0
    assert counted(cast, cast.yasmin, world.kofi.pk)["assessment"] == 1


def test_behind_a_shield_nothing_of_other_teams_is_counted(cast: Any, world: Any) -> None:
    with cast.as_(cast.yasmin) as me:
        start_assessment(by=me, episode=Episode.objects.get(pk=world.episode.pk))
        put_up_shield(
            by=me,
            team=cast.yasmin.team.pk,
            subject=world.kofi.pk,
            level="whereabouts",
            reason="Somebody looks for him.",
            review_on=timezone.localdate() + dt.timedelta(days=30),
        )
    assert counted(cast, cast.tom, world.kofi.pk)["assessment"] == 0
