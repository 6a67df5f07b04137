"""What was said of a file's columns is offered to the team's next file of that shape, and to nobody else's."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test.utils import CaptureQueriesContext

from harness.at_once import at_once
from importing.caseloads import uploaded
from teamaround.access.edits import StaleEdit
from teamaround.access.me import Me
from teamaround.importing import actions, jobs, remembering
from teamaround.importing.models import DateOrder, ImportRow, ImportRun, Origin, Shape, ShapeColumn

HEADINGS = "Ref No,Name 1,Name 2,Born,Place,Note\n"
FILE = (HEADINGS + "A1,Osei,Kofi,02/03/2014,SK3 2DU,x\n").encode()
SAID = {0: "reference", 1: "family", 2: "given", 3: "date_of_birth", 4: "postcode", 5: "ignore"}


def said(cast: Any, member: Any, content: bytes, fields: dict[int, str], **more: Any) -> ImportRun:
    run = uploaded(cast, member, content)
    with cast.as_(member) as me:
        return actions.set_columns(by=me, run=run, version=run.version, fields=fields, role="worker", **more)


def columns(cast: Any, member: Any, run: ImportRun) -> dict[str, tuple[str, str]]:
    with cast.as_(member):
        return {column.heading: (column.field, column.origin) for column in run.columns.all()}


def test_what_was_said_is_offered_to_the_next_file_of_that_shape(cast: Any) -> None:
    said(cast, cast.yasmin, FILE, SAID)
    run = uploaded(cast, cast.yusuf, FILE.replace(b"Kofi", b"Ama"), "november.csv")
    found = columns(cast, cast.yusuf, run)
    assert [field for field, _ in found.values()] == list(SAID.values())
    assert {origin for _, origin in found.values()} == {Origin.REMEMBERED}
    assert run.role == "worker"
    page = cast.yusuf.client().get(f"/caseload/{run.uuid}/columns/").text
    assert "Filled in as Yasmin Okoro said on" in page
    assert "Remembered" in page


def test_two_who_answer_at_once_for_the_first_file_of_a_shape_are_remembered_once(live: Any) -> None:
    cast = live.cast
    runs = [
        uploaded(cast, member, FILE, name) for member, name in ((cast.yasmin, "a.csv"), (cast.yusuf, "b.csv"))
    ]

    def say(run: ImportRun) -> Callable[[Me], ImportRun]:
        return lambda me: actions.set_columns(by=me, run=run, version=run.version, fields=SAID, role="worker")

    at_once(cast, (cast.yasmin, say(runs[0])), (cast.yusuf, say(runs[1])))
    with cast.as_(cast.yasmin):
        assert Shape.objects.get().columns.count() == len(SAID)


def test_small_and_capital_letters_marks_and_spaces_make_no_other_shape(cast: Any) -> None:
    said(cast, cast.yasmin, FILE, SAID)
    run = uploaded(cast, cast.yasmin, FILE.replace(b"Ref No,Name 1", b"REF_NO, name  1"))
    assert {origin for _, origin in columns(cast, cast.yasmin, run).values()} == {Origin.REMEMBERED}


def test_another_teams_file_of_that_shape_is_offered_nothing(cast: Any) -> None:
    said(cast, cast.yasmin, FILE, SAID)
    run = uploaded(cast, cast.tom, FILE)
    assert {origin for _, origin in columns(cast, cast.tom, run).values()} == {Origin.GUESS}
    with cast.as_(cast.tom):
        assert not Shape.objects.exists()
        assert not ShapeColumn.objects.exists()


def test_a_shape_that_changed_by_one_column_reuses_what_fits_and_asks_about_the_rest(cast: Any) -> None:
    said(cast, cast.yasmin, FILE, SAID)
    changed = b"Ref No,Name 1,Name 2,Born,Home,Note\nA1,Osei,Kofi,02/03/2014,SK3 2DU,x\n"
    run = uploaded(cast, cast.yasmin, changed)
    found = columns(cast, cast.yasmin, run)
    assert found["Name 1"] == ("family", Origin.REMEMBERED)
    assert found["Home"] == ("postcode", Origin.NEW)
    page = cast.yasmin.client().get(f"/caseload/{run.uuid}/columns/").text
    assert "New in this file, please say what they are:</p>" in page.replace(" <bdi>Home</bdi>", "")
    assert "No longer in the file: <bdi>Place</bdi>" in page


def test_columns_in_another_order_are_known_by_their_names(cast: Any) -> None:
    said(cast, cast.yasmin, FILE, SAID)
    turned = b"Born,Name 2,Name 1,Place,Note,Ref No\n02/03/2014,Kofi,Osei,SK3 2DU,x,A1\n"
    found = columns(cast, cast.yasmin, uploaded(cast, cast.yasmin, turned))
    assert found["Name 2"] == ("given", Origin.REMEMBERED)
    assert found["Ref No"] == ("reference", Origin.REMEMBERED)


def test_a_file_that_shares_less_than_half_is_no_file_of_that_shape(cast: Any) -> None:
    said(cast, cast.yasmin, FILE, SAID)
    other = b"Ref No,Surname,Forename,DOB,Postcode\nA1,Osei,Kofi,02/03/2014,SK3 2DU\n"
    run = uploaded(cast, cast.yasmin, other)
    assert run.shape_id is None


def test_what_is_said_anew_replaces_what_was_remembered(cast: Any) -> None:
    said(cast, cast.yasmin, FILE, SAID)
    said(cast, cast.yusuf, FILE, {**SAID, 5: "worker"})
    run = uploaded(cast, cast.yasmin, FILE)
    assert columns(cast, cast.yasmin, run)["Note"] == ("worker", Origin.REMEMBERED)
    with cast.as_(cast.yasmin):
        shape = Shape.objects.get()
        assert shape.remembered_by_id == cast.yusuf.practitioner.pk


def test_what_is_forgotten_is_offered_no_more_and_earlier_runs_stay(cast: Any) -> None:
    run = said(cast, cast.yasmin, FILE, SAID)
    client = cast.yusuf.client()
    page = client.get("/caseload/remembered/").text
    assert "Said on" in page
    assert "Yasmin Okoro" in page
    with cast.as_(cast.yasmin):
        shape = Shape.objects.get()
    assert (
        client.post(f"/caseload/remembered/{shape.uuid}/forget/", {"version": shape.version}).status_code
        == 302
    )
    assert "Nothing is remembered yet" in client.get("/caseload/remembered/").text
    assert {
        origin for _, origin in columns(cast, cast.yasmin, uploaded(cast, cast.yasmin, FILE)).values()
    } == {Origin.GUESS}
    assert columns(cast, cast.yasmin, run)["Name 1"][0] == "family"
    with cast.as_(cast.yasmin):
        kept = Shape.objects.get(pk=shape.pk)
        assert kept.remembered_by_id == cast.yasmin.practitioner.pk


def test_forgetting_what_a_colleague_said_anew_meanwhile_is_refused(cast: Any) -> None:
    said(cast, cast.yasmin, FILE, SAID)
    with cast.as_(cast.yasmin):
        shape = Shape.objects.get()
        seen = shape.version
    said(cast, cast.yusuf, FILE, {**SAID, 5: "worker"})
    with cast.as_(cast.yasmin) as me, pytest.raises(StaleEdit):
        remembering.forget(by=me, shape=shape, version=seen)


def test_another_team_can_neither_see_nor_forget_what_is_remembered(cast: Any) -> None:
    said(cast, cast.yasmin, FILE, SAID)
    with cast.as_(cast.yasmin):
        shape = Shape.objects.get()
    client = cast.tom.client()
    assert "caseload.csv" not in client.get("/caseload/remembered/").text
    assert client.post(f"/caseload/remembered/{shape.uuid}/forget/").status_code == 404


def test_the_order_of_dates_is_asked_guessed_and_remembered(cast: Any) -> None:
    american = (HEADINGS + "A1,Osei,Kofi,03/21/2014,SK3 2DU,x\nA2,Adjei,Ama,05/04/2013,SK4 1AA,x\n").encode()
    assert uploaded(cast, cast.yasmin, FILE).date_order == DateOrder.DAY_FIRST
    assert uploaded(cast, cast.yasmin, american).date_order == DateOrder.MONTH_FIRST
    run = said(cast, cast.yasmin, american, SAID, date_order="mdy")
    with cast.as_(cast.yasmin) as me:
        jobs.step(me, run.pk)
        rows = ImportRow.objects.filter(run=run).order_by("number")
        assert [row.date_of_birth for row in rows] == [dt.date(2014, 3, 21), dt.date(2013, 5, 4)]
    # What was said outlives a file in which either order could be meant.
    assert uploaded(cast, cast.yasmin, FILE).date_order == DateOrder.MONTH_FIRST
    assert uploaded(cast, cast.tom, FILE).date_order == DateOrder.DAY_FIRST


def test_the_sheets_name_is_part_of_the_shape() -> None:
    assert remembering.digest_of(["A", "B"], "Sheet1") != remembering.digest_of(["A", "B"], "Leavers")
    assert remembering.digest_of(["A b", "B"], "") == remembering.digest_of(["a  B", "b."], "")
    assert remembering.digest_of(["A", "B"], "") != remembering.digest_of(["A", "", "B"], "")


def test_a_file_is_never_remembered_twice_for_one_shape(cast: Any) -> None:
    for _ in range(3):
        said(cast, cast.yasmin, FILE, SAID)
    with cast.as_(cast.yasmin):
        assert Shape.objects.count() == 1


@pytest.mark.parametrize("page", ["columns/", "remembered/"])
def test_no_page_of_the_memory_takes_more_than_fifteen_queries(cast: Any, page: str) -> None:
    said(cast, cast.yasmin, FILE, SAID)
    client = cast.yasmin.client()
    file = SimpleUploadedFile("again.csv", FILE)
    here = client.post("/caseload/", {"team": cast.yasmin.team.pk, "file": file}).url
    with CaptureQueriesContext(connection) as queries:
        assert client.get("/caseload/remembered/" if page == "remembered/" else here).status_code == 200
    assert len(queries) <= 15
