"""Bringing in without a browser: kept once, taken on as far as it goes, each row's state told; nothing doubled."""

from __future__ import annotations

from typing import Any

import pytest

from importing.caseloads import HEADER, answer_all, brought_in, checked, uploaded
from teamaround.importing import actions, bringing_in, checking, ending, jobs, runs
from teamaround.importing.models import Ending, ImportMade, ImportRow, ImportRun, RunState
from teamaround.index.models import Involvement
from teamaround.index.searching import match_rows
from teamaround.people.models import Address, Identifier, Person, PersonName
from teamaround.sheets import SheetError
from teamaround.sheets.mapping import MappingError

MAPPING = {
    "Ref": "reference",
    "Surname": "family",
    "Forename": "given",
    "DOB": "date_of_birth",
    "Postcode": "postcode",
}
KOFI = "YC1,Osei,Kofi,02/03/2014,SK3 2DU,,\n"
AMA = "YC2,Adjei,Ama,04/05/2013,SK4 1AA,,\n"
TWO = (HEADER + KOFI + AMA).encode()


class Killed(BaseException):
    """The machine stops: nothing of the program's own runs any more."""


def begun(cast: Any, content: bytes = TWO, *, key: str = "night-1", **more: Any) -> ImportRun:
    with cast.as_(cast.yasmin) as me:
        mapping = more.pop("mapping", MAPPING)
        return runs.begin(by=me, team=me.team.team, key=key, content=content, mapping=mapping, **more)


def gone_on(cast: Any, run: ImportRun) -> str:
    with cast.as_(cast.yasmin) as me:
        return runs.go_on(by=me, run=run.pk)


def told(cast: Any, run: ImportRun) -> tuple[runs.Status, list[runs.RowStatus]]:
    with cast.as_(cast.yasmin) as me:
        return runs.status_of(by=me, run=run), runs.rows_of(run=run)


def everything(cast: Any) -> dict[str, int]:
    with cast.as_(cast.yasmin):
        tables: tuple[Any, ...] = (
            Person,
            PersonName,
            Address,
            Identifier,
            Involvement,
            ImportMade,
            ImportRow,
        )
        return {table.__name__: table._default_manager.count() for table in tables}


def test_a_file_with_its_mapping_is_brought_in_without_a_browser(cast: Any) -> None:
    run = begun(cast)
    assert gone_on(cast, run) == RunState.DONE
    status, rows = told(cast, run)
    assert (status.state, status.waits_for, status.rows, status.counts["added"]) == ("done", "", 2, 2)
    assert [(row.number, row.line, row.state) for row in rows] == [(1, 2, "added"), (2, 3, "added")]
    assert everything(cast)["Involvement"] == 2


def test_rows_without_a_file_are_brought_in_as_well(cast: Any) -> None:
    with cast.as_(cast.yasmin) as me:
        rows = [
            {"family": "Osei", "given": "Kofi", "date_of_birth": "02/03/2014", "postcode": "SK3 2DU"},
            {"family": "Adjei", "given": "=HYPERLINK(1)", "date_of_birth": "04/05/2013"},
        ]
        run = runs.begin(by=me, team=me.team.team, key="push-1", rows=rows)
        with pytest.raises(MappingError):
            runs.begin(by=me, team=me.team.team, key="push-2", rows=[{"surname": "Osei"}])
    assert gone_on(cast, run) == RunState.DONE
    _, states = told(cast, run)
    assert [row.state for row in states] == ["added", "refused"]
    assert "formula" in states[1].reasons[0]


def test_one_key_is_one_run_however_often_it_is_sent(cast: Any) -> None:
    first = begun(cast)
    assert begun(cast).pk == first.pk
    gone_on(cast, first)
    before = everything(cast)
    assert begun(cast).pk == first.pk
    gone_on(cast, first)
    assert everything(cast) == before
    with cast.as_(cast.yasmin):
        assert ImportRun.objects.count() == 1
        assert runs.find(team=cast.yasmin.team.pk, key="night-1") == first
        assert runs.find(team=cast.yasmin.team.pk, key="other") is None


def test_one_key_with_another_content_is_refused_and_keeps_nothing(cast: Any) -> None:
    begun(cast)
    with pytest.raises(runs.KeyReused):
        begun(cast, TWO + b"YC3,Boyd,Ben,06/07/2012,SK5 1AA,,\n")
    with cast.as_(cast.yasmin):
        assert ImportRun.objects.count() == 1


def test_two_teams_may_use_the_same_key(cast: Any) -> None:
    begun(cast)
    with cast.as_(cast.tom) as me:
        assert runs.begin(by=me, team=me.team.team, key="night-1", content=TWO, mapping=MAPPING)


def test_a_call_without_a_key_or_the_right_is_refused(cast: Any) -> None:
    with pytest.raises(actions.ImportRefused):
        begun(cast, key="")
    with cast.as_(cast.admin) as me, pytest.raises(actions.ImportRefused):
        runs.begin(by=me, team=cast.yasmin.team.pk, key="x", content=TWO, mapping=MAPPING)


def test_a_mapping_of_a_column_that_is_not_there_keeps_nothing(cast: Any) -> None:
    with pytest.raises(MappingError):
        begun(cast, mapping={**MAPPING, "Born": "date_of_birth"})
    with cast.as_(cast.yasmin):
        assert not ImportRun.objects.exists()


def test_without_a_mapping_the_teams_memory_decides_or_a_person_is_waited_for(cast: Any) -> None:
    waiting = begun(cast, mapping=None)
    assert told(cast, waiting)[0].waits_for == "columns"
    assert gone_on(cast, waiting) == RunState.UPLOADED
    checked(cast, cast.yasmin, TWO)
    known = begun(cast, TWO.replace(b"Kofi", b"Kobi"), key="night-2", mapping=None)
    assert gone_on(cast, known) == RunState.DONE


def test_what_is_uncertain_is_left_out_says_so_and_can_be_taken_up(cast: Any) -> None:
    brought_in(cast, cast.tom, checked(cast, cast.tom, (HEADER + KOFI).encode()))
    uncertain = begun(cast, (HEADER + "YC1,Osei,Kofi,21/08/2012,SK3 2DU,,\n" + AMA).encode())
    assert gone_on(cast, uncertain) == RunState.DONE
    status, rows = told(cast, uncertain)
    assert (status.waits_for, status.counts["undecided"], status.counts["left_out"]) == ("decisions", 1, 1)
    assert [row.state for row in rows] == ["waits", "added"]
    client = cast.yasmin.client()
    page = client.get(f"/caseload/{uncertain.uuid}/").text
    assert "Take them up and decide" in page
    answer = client.post(f"/caseload/{uncertain.uuid}/take-up/")
    assert answer.status_code == 302
    with cast.as_(cast.yasmin) as me:
        again = ImportRun.objects.order_by("-id")[0]
        jobs.step(me, again.pk)
        again.refresh_from_db()
        assert (again.state, again.undecided, again.matched) == (RunState.CHECKED, 1, 1)
    answer_all(cast, cast.yasmin, again, "different")
    brought_in(cast, cast.yasmin, again)
    assert everything(cast)["Involvement"] == 2


def test_of_a_whole_caseload_nothing_ends_before_a_person_answers(cast: Any) -> None:
    gone_on(cast, begun(cast))
    run = begun(cast, (HEADER + KOFI).encode(), key="night-2", whole=True)
    assert gone_on(cast, run) == RunState.DONE
    status, _ = told(cast, run)
    assert (status.waits_for, status.counts["ended"]) == ("ending", 0)
    with cast.as_(cast.yasmin):
        assert Involvement.objects.filter(until=None).count() == 2
    assert "See them and say who ends" in cast.yasmin.client().get(f"/caseload/{run.uuid}/").text
    with cast.as_(cast.yasmin) as me:
        run.refresh_from_db()
        assert ending.answer(by=me, run=run, version=run.version, said=Ending.ALL) == 1
        assert Involvement.objects.filter(until=None).count() == 1
    status, _ = told(cast, run)
    assert (status.waits_for, status.counts["ended"]) == ("", 1)


def test_where_the_records_move_between_check_and_writing_it_is_checked_again(
    cast: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    run = begun(cast)
    real, times = bringing_in._places, []

    def moved_once(*args: Any) -> Any:
        times.append(1)
        if len(times) == 1:
            raise bringing_in.RecordsMoved
        return real(*args)

    monkeypatch.setattr(bringing_in, "_places", moved_once)
    assert gone_on(cast, run) == RunState.DONE
    assert len(times) == 2
    assert everything(cast)["Person"] == 2


def test_rows_are_brought_in_weighed_among_as_many_as_when_they_were_checked(
    cast: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[float | None] = []

    def weighed(rows: Any, *, among: float | None = None) -> Any:
        asked.append(among)
        return match_rows(rows, among=among)

    monkeypatch.setattr(checking, "match_rows", weighed)
    counts = iter([5_000.0, 9_000_000.0])  # the planner counts anew whenever it likes
    monkeypatch.setattr(checking, "population", lambda: next(counts))
    run = begun(cast)
    assert gone_on(cast, run) == RunState.DONE
    assert asked == [5_000.0, 5_000.0]


@pytest.mark.parametrize("place", ["_remember", "_places"])
def test_a_job_killed_in_the_middle_is_taken_up_and_doubles_nothing(
    cast: Any, monkeypatch: pytest.MonkeyPatch, place: str
) -> None:
    run = begun(cast)

    def killed(*_args: Any) -> None:
        raise Killed

    monkeypatch.setattr(bringing_in, place, killed)
    with pytest.raises(Killed), cast.as_(cast.yasmin) as me:
        runs.go_on(by=me, run=run.pk)
    monkeypatch.undo()
    gone_on(cast, run)
    assert gone_on(cast, run) == RunState.DONE
    counted = everything(cast)
    assert (counted["Person"], counted["PersonName"], counted["Involvement"]) == (2, 2, 2)


def test_a_job_killed_between_two_chunks_leaves_none_and_then_brings_in_all(
    cast: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(bringing_in, "CHUNK", 1)
    run = begun(cast)
    real, chunks = bringing_in._Writer.write, []

    def second_kills(self: Any, places: Any) -> None:
        chunks.append(1)
        if len(chunks) == 2:
            raise Killed
        real(self, places)

    monkeypatch.setattr(bringing_in._Writer, "write", second_kills)
    with cast.as_(cast.yasmin) as me:
        with pytest.raises(Killed):
            runs.go_on(by=me, run=run.pk)
        run.refresh_from_db()
        assert run.state == RunState.RUNNING
        assert not Person.objects.exists()
        assert not ImportMade.objects.exists()
    monkeypatch.setattr(bringing_in._Writer, "write", real)
    assert gone_on(cast, run) == RunState.DONE
    assert everything(cast)["Person"] == 2


def test_a_check_killed_in_the_middle_is_begun_again(cast: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    run = begun(cast)

    def killed(*_args: Any) -> None:
        raise Killed

    monkeypatch.setattr(checking, "_keep", killed)
    with cast.as_(cast.yasmin) as me, pytest.raises(Killed):
        runs.go_on(by=me, run=run.pk)
    monkeypatch.undo()
    assert gone_on(cast, run) == RunState.DONE


def test_what_fell_silent_is_queued_again(cast: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    run = begun(cast)
    queued: list[int] = []
    monkeypatch.setattr(jobs.go_on, "defer", lambda run: queued.append(run))
    jobs.take_up_again(timestamp=0)
    assert queued == []
    with cast.as_(cast.yasmin):
        run.progress.__class__.objects.filter(run=run).update(at="2026-01-01T00:00:00Z")
    jobs.take_up_again(timestamp=0)
    assert queued == [run.pk]


def test_a_file_is_stored_whole_or_not_at_all(cast: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    def killed(*_args: Any, **_named: Any) -> None:
        raise Killed

    monkeypatch.setattr(actions, "_samples", killed)
    with pytest.raises(Killed):
        uploaded(cast, cast.yasmin, TWO)
    with pytest.raises(Killed):
        begun(cast)
    monkeypatch.undo()
    with cast.as_(cast.yasmin):
        assert not ImportRun.objects.exists()
    with pytest.raises(SheetError):
        begun(cast, b"")
    assert gone_on(cast, begun(cast)) == RunState.DONE


def test_rows_are_told_in_pages(cast: Any) -> None:
    lines = "".join(
        f"R{place},Osei,Kid{chr(97 + place)},0{place % 9 + 1}/03/2014,SK3 2DU,,\n" for place in range(12)
    )
    run = begun(cast, (HEADER + lines).encode())
    gone_on(cast, run)
    with cast.as_(cast.yasmin):
        page = runs.rows_of(run=run, after=5, most=3)
        assert [row.number for row in page] == [6, 7, 8]
        assert len(runs.rows_of(run=run, most=99_999)) == 12
