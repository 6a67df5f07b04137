"""A caseload on its way: uploaded, mapped, checked, decided, confirmed, withdrawn; and who may see it."""

from __future__ import annotations

import csv
import datetime as dt
import io
import re
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import OperationalError, connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from importing.caseloads import HEADER, ONE, YOUNG_CARERS, answer_all, brought_in, checked, uploaded
from teamaround.access.edits import StaleEdit
from teamaround.importing import actions, bringing_in, checking, deciding, jobs
from teamaround.importing.models import Decision, ImportMade, ImportRow, ImportRun, Outcome, RunState
from teamaround.index.models import Involvement
from teamaround.people.actions import add_person
from teamaround.people.models import CareReason, Caring, Identifier, Person, PersonName, SchoolPlace


def test_a_worker_brings_in_her_caseload_from_file_to_result(cast: Any) -> None:
    client = cast.yasmin.client()
    file = SimpleUploadedFile("caseload-young-carers.csv", YOUNG_CARERS)
    answer = client.post("/caseload/", {"team": cast.yasmin.team.pk, "file": file})
    assert answer.status_code == 302
    page = client.get(answer.url)
    assert "WHITCOMBE, Luca" in page.text
    assert "never goes on the child’s record" in page.text
    with cast.as_(cast.yasmin):
        run = ImportRun.objects.get()
        typed = {f"column-{column.position}": column.field for column in run.columns.all()}
    answer = client.post(answer.url, {**typed, "role": "registered", "version": run.version})
    here = f"/caseload/{run.uuid}/"
    assert answer.url == here
    assert "It begins in a moment" in client.get(here).text
    jobs.go_on(run=run.pk)
    page = client.get(here)
    assert "Decide them" in page.text
    page = client.get(here + "decide/")
    numbers = re.findall(r'name="answer-(\d+)"[^>]*value="different"', page.text)
    assert len(numbers) == 1
    typed = {f"answer-{number}": "different" for number in numbers} | {
        f"version-{number}": 1 for number in numbers
    }
    assert client.post(here + "decide/", typed).status_code == 302
    assert "Bring them in" in client.get(here).text
    assert client.post(here + "confirm/").status_code == 302
    jobs.go_on(run=run.pk)
    page = client.get(here)
    assert "The caseload is brought in" in page.text
    with cast.as_(cast.yasmin):
        run.refresh_from_db()
        assert (run.rows, run.refused, run.added) == (256, 4, 250)
        assert Involvement.objects.filter(author_team=cast.yasmin.team, role="registered").count() == 250


def test_the_reason_for_the_care_is_never_written_anywhere(cast: Any) -> None:
    brought_in(cast, cast.yasmin, checked(cast, cast.yasmin, ONE))
    with cast.as_(cast.yasmin):
        assert Caring.objects.get().relation == "Mum"
        assert not CareReason.objects.exists()
        for table in (
            "person",
            "person_name",
            "person_address",
            "person_caring",
            "import_row",
            "involvement",
        ):
            with connection.cursor() as cursor:
                cursor.execute(f"select count(*) from {table} x where x::text like '%mental health%'")
                assert cursor.fetchone() == (0,)


def test_a_school_recognises_the_same_children_and_adds_its_own_facts(cast: Any) -> None:
    brought_in(cast, cast.yasmin, checked(cast, cast.yasmin, ONE))
    theirs = b"UPN,Surname,Forename,DOB,Postcode,YC ind.\nB801200005001,OSEI,Kofi,2 Mar 2014,SK32DU,S\n"
    run = checked(cast, cast.tom, theirs)
    assert (run.added, run.updated) == (0, 1)
    brought_in(cast, cast.tom, run)
    with cast.as_(cast.tom):
        person = Person.objects.get()
        assert Identifier.objects.get(scheme="upn").subject_id == person.pk
        assert Involvement.objects.get(author_team=cast.tom.team).role == "school"
        place = SchoolPlace.objects.get()
        assert (place.school_name, place.young_carer_indicator) == ("Moor Lane School", "S")
    assert checked(cast, cast.tom, theirs).matched == 1


def test_a_twin_with_the_same_birthday_and_home_is_added_as_another_child(cast: Any) -> None:
    brought_in(cast, cast.yasmin, checked(cast, cast.yasmin, ONE))
    twin = b"Surname,Forename,DOB,Postcode\nOsei,Ama,02/03/2014,SK3 2DU\n"
    assert checked(cast, cast.tom, twin).added == 1


def test_an_uncertain_row_decided_as_the_same_child_adds_nobody(cast: Any) -> None:
    brought_in(cast, cast.yasmin, checked(cast, cast.yasmin, ONE))
    uncertain = b"Surname,Forename,DOB,Postcode\nOsei,Kofi,21/08/2012,SK3 2DU\n"
    run = checked(cast, cast.tom, uncertain)
    assert (run.undecided, run.added) == (1, 0)
    with cast.as_(cast.tom) as me:
        with pytest.raises(actions.ImportRefused):
            actions.confirm(by=me, run=run)
        row = ImportRow.objects.get(run=run)
        option = deciding.options_of(run, [row])[1][0]
        assert "different birthdays" in option.why
        actions.decide(by=me, run=run, answers={1: (row.version, option.value)})
    brought_in(cast, cast.tom, run)
    with cast.as_(cast.tom):
        assert Person.objects.count() == 1


def test_an_earlier_row_that_shares_neither_birthday_nor_postcode_can_be_chosen(cast: Any) -> None:
    rows = b"Surname,Forename,DOB,Sex,Postcode\nH,Han,02/07/2019,F,OL3 1ST\nHo,Hannah,07/02/2019,F,OL3 5RF\n"
    run = checked(cast, cast.yasmin, rows)
    assert run.undecided == 1
    with cast.as_(cast.yasmin) as me:
        row = ImportRow.objects.get(run=run, outcome=Outcome.DECIDE)
        (option,) = deciding.options_of(run, [row])[2]
        assert (option.row, option.name) == (1, "Han H")
        actions.decide(by=me, run=run, answers={2: (row.version, option.value)})
    brought_in(cast, cast.yasmin, run)
    with cast.as_(cast.yasmin):
        assert Person.objects.count() == 1


def test_a_middle_name_tells_at_the_question_what_it_told_at_the_check(cast: Any) -> None:
    brought_in(cast, cast.yasmin, checked(cast, cast.yasmin, ONE))
    used = b"Surname,Forename,Middle name,DOB,Postcode\nOsei,Kwame,Kofi,,SK3 1AB\n"
    run = checked(cast, cast.tom, used)
    assert run.undecided == 1
    with cast.as_(cast.tom):
        row = ImportRow.objects.get(run=run)
        (option,) = deciding.options_of(run, [row])[1]
        assert "middle name as forename" in option.why


def test_a_skipped_row_writes_nothing(cast: Any) -> None:
    brought_in(cast, cast.yasmin, checked(cast, cast.yasmin, ONE))
    run = checked(cast, cast.tom, b"Surname,Forename,DOB,Postcode\nOsei,Kofi,21/08/2012,SK3 2DU\n")
    answer_all(cast, cast.tom, run, Decision.SKIP)
    run = brought_in(cast, cast.tom, run)
    assert run.left_out == 1
    with cast.as_(cast.tom):
        assert not Involvement.objects.filter(author_team=cast.tom.team).exists()


def test_a_decision_that_a_colleague_made_meanwhile_is_not_overwritten(cast: Any) -> None:
    brought_in(cast, cast.yasmin, checked(cast, cast.yasmin, ONE))
    run = checked(cast, cast.tom, b"Surname,Forename,DOB,Postcode\nOsei,Kofi,21/08/2012,SK3 2DU\n")
    answer_all(cast, cast.tom, run, Decision.DIFFERENT)
    answer = cast.tom.client().post(f"/caseload/{run.uuid}/decide/", {"answer-1": "skip", "version-1": 1})
    assert answer.status_code == 409
    assert "meanwhile" in answer.text
    with cast.as_(cast.tom):
        assert ImportRow.objects.get(run=run).decision == Decision.DIFFERENT


def test_two_rows_of_one_file_that_are_one_child_add_one_child(cast: Any) -> None:
    twice = ONE + b"YC1,Osei,Kofi,02/03/2014,SK3 2DU,Dad,\n"
    run = brought_in(cast, cast.yasmin, checked(cast, cast.yasmin, twice))
    assert (run.added, run.same) == (1, 1)
    with cast.as_(cast.yasmin):
        assert Person.objects.count() == 1
        assert set(Caring.objects.values_list("relation", flat=True)) == {"Mum", "Dad"}


def test_a_file_uploaded_again_adds_nobody(cast: Any) -> None:
    content = (HEADER + "YC1,Osei,Kofi,,SK3 2DU,Mum,\nYC2,Brook,,,,,\nYC3,Hale,Mia,,,,\n").encode()
    brought_in(cast, cast.yasmin, checked(cast, cast.yasmin, content))
    assert checked(cast, cast.yasmin, content).matched == 3
    another = (HEADER + "YC3,Hale,Ben,,,,\n").encode()
    assert checked(cast, cast.yasmin, another).added == 1


def test_a_second_click_on_confirm_changes_nothing(cast: Any) -> None:
    run = checked(cast, cast.yasmin, ONE)
    client = cast.yasmin.client()
    for _click in range(2):
        assert client.post(f"/caseload/{run.uuid}/confirm/").url == f"/caseload/{run.uuid}/"
    for _job in range(2):
        jobs.go_on(run=run.pk)
    with cast.as_(cast.yasmin):
        assert Person.objects.count() == 1


def test_columns_set_by_a_colleague_meanwhile_are_kept_and_the_stale_form_is_shown_again(cast: Any) -> None:
    run = checked(cast, cast.yasmin, ONE)
    typed = {f"column-{place}": "ignore" for place in range(7)} | {
        "column-1": "family",
        "column-3": "date_of_birth",
    }
    answer = cast.yasmin.client().post(
        f"/caseload/{run.uuid}/columns/", {**typed, "role": "worker", "version": 1}
    )
    assert answer.status_code == 409
    with cast.as_(cast.yasmin):
        assert run.columns.get(position=0).field == "reference"


def test_a_mapping_without_a_name_is_refused_beside_the_columns(cast: Any) -> None:
    run = uploaded(cast, cast.yasmin, ONE)
    typed = {f"column-{place}": "ignore" for place in range(7)}
    answer = cast.yasmin.client().post(
        f"/caseload/{run.uuid}/columns/", {**typed, "role": "worker", "version": run.version}
    )
    assert "No column is chosen for the name" in answer.text


@pytest.mark.parametrize(
    ("content", "told"),
    [
        (b"", "The file is empty"),
        (b"\x89PNG\r\n\x1a\n" + b"\x00" * 64, "not a table"),
        (b"%PDF-1.7\n" + b"\x00" * 600, "not a table"),
        (b"Surname,Forename,DOB\n" + b"Osei,Kofi,02/03/2014\n" * 50_001, "50,000"),
    ],
)
def test_a_file_that_cannot_be_read_is_refused_beside_the_field(cast: Any, content: bytes, told: str) -> None:
    file = SimpleUploadedFile("caseload.csv", content)
    answer = cast.yasmin.client().post("/caseload/", {"team": cast.yasmin.team.pk, "file": file})
    assert answer.status_code == 200
    assert told in answer.text
    with cast.as_(cast.yasmin):
        assert not ImportRun.objects.exists()


def test_refused_rows_come_back_with_their_reason_and_no_live_formula(cast: Any) -> None:
    content = HEADER + 'YC9,"=HYPERLINK(""http://evil.example"")",Kofi,02/03/2014,SK3 2DU,,\n'
    run = checked(cast, cast.yasmin, content.encode())
    assert run.refused == 1
    answer = cast.yasmin.client().get(f"/caseload/{run.uuid}/refused.csv")
    assert answer["Content-Disposition"].startswith("attachment")
    rows = list(csv.reader(io.StringIO(answer.content.decode("utf-8-sig"))))
    assert rows[0][-1] == "Why refused"
    assert "formula" in rows[1][-1]
    assert not any(cell.startswith(("=", "+", "-", "@")) for cell in rows[1])


def test_the_reason_of_a_refused_row_names_its_column_once(cast: Any) -> None:
    content = "Surname,Forename,DOB,Postcode\n" + "".join(
        f"{row}\n"
        for row in ("Osei,Kofi,31/02/2014,SK3 2DU", "Osei,=SUM(A1),02/03/2014,", "=SUM(A1),Kofi,02/03/2999,")
    )
    run = checked(cast, cast.yasmin, content.encode())
    page = cast.yasmin.client().get(f"/caseload/{run.uuid}/?outcome=refuse").content.decode()
    notes = re.findall(r'<p class="ta-quiet govuk-!-margin-bottom-0">(.*?)</p>', page)
    assert len(notes) == 3, notes
    assert notes[0].startswith("Date of birth: The date does not exist")
    assert notes[1].startswith("Forename: The cell holds a formula")
    assert notes[2].count("Surname") == 1
    assert notes[2].count("Date of birth: ") == 1
    assert "In the column for" not in page


def test_names_in_any_script_with_marks_and_200_characters_are_brought_in_as_written(cast: Any) -> None:
    names = ["O'Brien-Núñez", "محمد", "A" + "a" * 199]
    content = "Surname,Forename,DOB,Postcode\n" + "".join(
        f"{name},Kofi,0{place}/03/2014,SK3 2DU\n" for place, name in enumerate(names, start=1)
    )
    run = checked(cast, cast.yasmin, content.encode())
    assert (run.added, run.refused) == (3, 0)
    brought_in(cast, cast.yasmin, run)
    with cast.as_(cast.yasmin):
        assert set(Person.objects.values_list("family_name", flat=True)) == set(names)
    assert checked(cast, cast.yasmin, content.encode()).matched == 3


def test_another_team_finds_no_trace_of_an_upload(cast: Any) -> None:
    run = checked(cast, cast.yasmin, YOUNG_CARERS)
    client = cast.olive.client()
    for step in ("", "columns/", "progress/", "refused.csv", "decide/", "withdraw/"):
        assert client.get(f"/caseload/{run.uuid}/{step}").status_code == 404
    for step in ("confirm/", "again/"):
        assert client.post(f"/caseload/{run.uuid}/{step}").status_code == 404
    assert "caseload.csv" not in client.get("/caseload/").text
    with cast.as_(cast.olive):
        assert not ImportRun.objects.exists()
        assert not ImportRow.objects.exists()
    assert cast.admin.client().get("/caseload/").status_code == 403


def test_a_colleague_of_the_team_finds_the_upload(cast: Any) -> None:
    run = checked(cast, cast.yasmin, ONE)
    assert cast.morgan.client().get(f"/caseload/{run.uuid}/").status_code == 200


def test_a_failure_in_the_middle_leaves_nothing_behind(cast: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    run = checked(cast, cast.yasmin, ONE)

    def full(*_args: Any) -> None:
        raise OperationalError("no space")

    monkeypatch.setattr(bringing_in, "_remember", full)
    run = brought_in(cast, cast.yasmin, run)
    assert run.state == RunState.FAILED
    assert "Nothing was changed" in run.failure
    with cast.as_(cast.yasmin):
        assert not Person.objects.exists()
        assert not ImportMade.objects.exists()
    monkeypatch.undo()
    client = cast.yasmin.client()
    assert "Nothing was changed" in client.get(f"/caseload/{run.uuid}/").text
    for asked in ("again", "confirm"):
        client.post(f"/caseload/{run.uuid}/{asked}/")
        jobs.go_on(run=run.pk)
    with cast.as_(cast.yasmin):
        run.refresh_from_db()
        assert run.state == RunState.DONE


def test_children_added_by_others_after_the_check_stop_the_import(cast: Any) -> None:
    run = checked(cast, cast.yasmin, ONE)
    brought_in(cast, cast.tom, checked(cast, cast.tom, ONE))
    run = brought_in(cast, cast.yasmin, run)
    assert run.state == RunState.FAILED
    assert "Check it again" in run.failure
    with cast.as_(cast.yasmin) as me:
        assert actions.again(by=me, run=run)
        jobs.step(me, run.pk)
        run.refresh_from_db()
    assert (run.state, run.updated, run.added) == (RunState.CHECKED, 1, 0)


def test_a_decision_for_somebody_who_no_longer_fits_is_asked_again(cast: Any) -> None:
    brought_in(cast, cast.yasmin, checked(cast, cast.yasmin, ONE))
    run = checked(cast, cast.tom, b"Surname,Forename,DOB,Postcode\nOsei,Kofi,21/08/2012,SK3 2DU\n")
    with cast.as_(cast.tom) as me:
        row = ImportRow.objects.get(run=run)
        option = deciding.options_of(run, [row])[1][0]
        actions.decide(by=me, run=run, answers={1: (row.version, option.value)})
    with cast.as_(cast.yasmin) as me:
        other = {"given": "Bernadette", "family_name": "Blackwood"}
        Person.objects.update(date_of_birth="2009-09-19", **other)
        PersonName.objects.update(**other)
        twin = add_person(
            by=me,
            team=cast.yasmin.team.pk,
            given="Kofi",
            family_name="Osei",
            date_of_birth=dt.date(2011, 2, 4),
            postcode="SK3 2DU",
        )
    with cast.as_(cast.tom) as me:
        run.refresh_from_db()
        assert actions.again(by=me, run=run)
        jobs.step(me, run.pk)
        run.refresh_from_db()
        assert (run.state, run.undecided) == (RunState.CHECKED, 1)
        row = ImportRow.objects.get(run=run)
        assert row.decision == Decision.NONE
        assert [each.subject for each in deciding.options_of(run, [row])[1]] == [twin.pk]


def test_a_file_that_failed_while_it_was_brought_in_can_be_given_other_columns(cast: Any) -> None:
    run = checked(cast, cast.yasmin, ONE)
    brought_in(cast, cast.tom, checked(cast, cast.tom, ONE))
    run = brought_in(cast, cast.yasmin, run)
    assert run.state == RunState.FAILED
    with cast.as_(cast.yasmin) as me:
        fields = {column.position: column.field for column in run.columns.all()}
        actions.set_columns(by=me, run=run, version=run.version, fields=fields, role=run.role)
        jobs.step(me, run.pk)
        run.refresh_from_db()
        assert (run.state, run.confirmed_at) == (RunState.CHECKED, None)
        assert actions.confirm(by=me, run=run)


def test_the_job_acts_for_the_person_who_asked_with_the_rights_of_now(cast: Any) -> None:
    run = checked(cast, cast.yasmin, ONE)
    with cast.as_(cast.yasmin) as me:
        actions.confirm(by=me, run=run)
    with cast.as_(cast.admin):
        cast.yasmin.practitioner.memberships.update(until=timezone.now())
    jobs.go_on(run=run.pk)
    with cast.as_(cast.morgan):
        assert not Person.objects.exists()
        assert ImportRun.objects.get(pk=run.pk).state == RunState.QUEUED


def test_the_job_brings_a_confirmed_run_in(cast: Any) -> None:
    run = checked(cast, cast.yasmin, ONE)
    with cast.as_(cast.yasmin) as me:
        actions.confirm(by=me, run=run)
    jobs.go_on(run=run.pk)
    jobs.go_on(run=run.pk)
    with cast.as_(cast.yasmin):
        assert Person.objects.count() == 1
        assert ImportRun.objects.get(pk=run.pk).state == RunState.DONE


def test_a_run_under_way_shows_its_progress_without_script(cast: Any) -> None:
    run = checked(cast, cast.yasmin, ONE)
    with cast.as_(cast.yasmin) as me:
        actions.confirm(by=me, run=run)
    client = cast.yasmin.client()
    page = client.get(f"/caseload/{run.uuid}/")
    assert "See how far it is" in page.text
    part = client.get(f"/caseload/{run.uuid}/progress/")
    assert "HX-Refresh" not in part
    jobs.go_on(run=run.pk)
    assert client.get(f"/caseload/{run.uuid}/progress/")["HX-Refresh"] == "true"


def test_what_a_check_recognised_is_in_the_access_log(cast: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    brought_in(cast, cast.yasmin, checked(cast, cast.yasmin, ONE))
    looks: list[Any] = []
    monkeypatch.setattr(checking, "write_look", lambda **said: looks.append(said["looks"]))
    checked(cast, cast.tom, b"Surname,Forename,DOB,Postcode\nOsei,Kofi,02/03/2014,SK3 2DU\n")
    with cast.as_(cast.yasmin):
        assert list(looks[0].lines) == [Person.objects.get().pk]
    assert looks[0].reason


@pytest.mark.parametrize("page", ["", "decide/", "columns/", "../"])
def test_no_page_takes_more_than_fifteen_queries(cast: Any, page: str) -> None:
    run = checked(cast, cast.yasmin, YOUNG_CARERS)
    client = cast.yasmin.client()
    with CaptureQueriesContext(connection) as queries:
        assert client.get(f"/caseload/{run.uuid}/{page}".replace(f"{run.uuid}/../", "")).status_code == 200
    assert len(queries) <= 15


def test_a_stale_confirmation_of_a_run_that_is_under_way_is_refused(cast: Any) -> None:
    run = checked(cast, cast.yasmin, ONE)
    with cast.as_(cast.yasmin) as me, pytest.raises(StaleEdit):
        bringing_in.bring_in(by=me, run=run)
