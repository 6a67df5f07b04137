"""A whole caseload that no longer lists somebody: shown and asked; nothing ends without the answer."""

from __future__ import annotations

import datetime as dt
import re
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from harness.cases import with_procedures
from importing.caseloads import HEADER, answer_all, brought_in, uploaded, withdrawn
from teamaround.access.edits import StaleEdit
from teamaround.importing import actions, after_views, deciding, ending, jobs
from teamaround.importing.models import Ending, ImportRun, RunState
from teamaround.index.actions import involve
from teamaround.index.models import Involvement
from teamaround.people.actions import add_person
from teamaround.people.models import Person
from teamaround.procedures.actions import accept, receive

KOFI = "YC1,Osei,Kofi,02/03/2014,SK3 2DU,,\n"
AMA = "YC2,Adjei,Ama,04/05/2013,SK4 1AA,,\n"
BEN = "YC3,Boyd,Ben,06/07/2012,SK5 1AA,,\n"


def checked_whole(cast: Any, member: Any, *rows: str, whole: bool = True) -> ImportRun:
    run = uploaded(cast, member, (HEADER + "".join(rows)).encode())
    with cast.as_(member) as me:
        fields = {column.position: column.field for column in run.columns.all()}
        actions.set_columns(by=me, run=run, version=run.version, fields=fields, role=run.role, whole=whole)
        jobs.step(me, run.pk)
        run.refresh_from_db()
    return run


def all_three(cast: Any) -> ImportRun:
    return brought_in(cast, cast.yasmin, checked_whole(cast, cast.yasmin, KOFI, AMA, BEN))


def running(cast: Any, member: Any) -> set[str]:
    with cast.as_(member):
        subjects = Involvement.objects.filter(author_team=member.team, until=None).values_list("subject_id")
        return set(Person.objects.filter(pk__in=subjects).values_list("given", flat=True))


def answered(cast: Any, run: ImportRun, said: str, **more: Any) -> int:
    with cast.as_(cast.yasmin) as me:
        run.refresh_from_db()
        return ending.answer(by=me, run=run, version=run.version, said=said, **more)


def test_a_part_of_a_caseload_ends_nobody_and_asks_nothing(cast: Any) -> None:
    all_three(cast)
    run = checked_whole(cast, cast.yasmin, KOFI, whole=False)
    page = cast.yasmin.client().get(f"/caseload/{run.uuid}/").text
    assert "say who ends" not in page
    brought_in(cast, cast.yasmin, run)
    assert running(cast, cast.yasmin) == {"Kofi", "Ama", "Ben"}


def test_a_file_is_taken_for_a_part_until_somebody_says_otherwise(cast: Any) -> None:
    run = uploaded(cast, cast.yasmin, (HEADER + KOFI).encode())
    assert not run.whole
    page = cast.yasmin.client().get(f"/caseload/{run.uuid}/columns/").text
    part = page[page.index('value="part"') - 200 : page.index('value="part"') + 100]
    assert "checked" in part


def test_a_whole_caseload_asks_who_ends_before_it_is_brought_in(cast: Any) -> None:
    all_three(cast)
    run = checked_whole(cast, cast.yasmin, KOFI)
    client = cast.yasmin.client()
    page = client.get(f"/caseload/{run.uuid}/").text
    assert "See them and say who ends" in page
    assert "Bring them in" not in page
    with cast.as_(cast.yasmin) as me, pytest.raises(actions.ImportRefused, match="Say first"):
        actions.confirm(by=me, run=run)
    listed = client.get(f"/caseload/{run.uuid}/unlisted/").text
    assert "2 children are no longer in the file" in listed
    assert "Ama Adjei" in listed
    assert "Kofi Osei" not in listed
    assert running(cast, cast.yasmin) == {"Kofi", "Ama", "Ben"}


def test_more_than_one_would_choose_from_come_a_page_at_a_time_and_only_those_shown_are_logged(
    cast: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(after_views, "CHOOSE_AMONG", 1)
    monkeypatch.setattr(after_views, "PAGE", 1)
    logged: list[list[int]] = []
    kept = after_views.shown
    monkeypatch.setattr(
        after_views,
        "shown",
        lambda request, who, *rest, **how: [logged.append(who), kept(request, who, *rest, **how)],
    )
    all_three(cast)
    run = checked_whole(cast, cast.yasmin, KOFI)
    client, address = cast.yasmin.client(), f"/caseload/{run.uuid}/unlisted/"
    first = client.get(address).text
    assert "2 children are no longer in the file" in first
    following = re.search(r'href="(\?after=[0-9a-f-]{36})"', first)
    assert following is not None
    second = client.get(address + following[1]).text
    names = [{name for name in ("Ama Adjei", "Ben Boyd") if name in page} for page in (first, second)]
    assert sorted(map(len, names)) == [1, 1]
    assert names[0] != names[1]
    assert "?after=" not in second
    assert [len(who) for who in logged] == [1, 1]
    assert client.get(address + "?after=nobody").text.count("Ama Adjei") == first.count("Ama Adjei")


def test_only_those_chosen_end_on_the_day_that_was_said(cast: Any) -> None:
    all_three(cast)
    run = checked_whole(cast, cast.yasmin, KOFI)
    with cast.as_(cast.yasmin):
        ama = Involvement.objects.get(subject_id=Person.objects.get(given="Ama").pk)
        Involvement.objects.update(since="2026-01-05")
        run.refresh_from_db()
    client = cast.yasmin.client()
    here = f"/caseload/{run.uuid}/unlisted/"
    seen = client.get(here).context["form"].initial["seen"]
    typed = {
        "said": "chosen",
        "chosen": [str(ama.uuid)],
        "on": "2026-02-01",
        "seen": seen,
        "version": run.version,
    }
    assert client.post(here, typed).status_code == 302
    assert (
        "1 child whom the file no longer lists ends with this upload."
        in client.get(f"/caseload/{run.uuid}/").text
    )
    assert running(cast, cast.yasmin) == {"Kofi", "Ama", "Ben"}
    run = brought_in(cast, cast.yasmin, run)
    assert run.ended == 1
    assert running(cast, cast.yasmin) == {"Kofi", "Ben"}
    with cast.as_(cast.yasmin):
        ama.refresh_from_db()
        assert (ama.until, ama.end_reason) == (dt.date(2026, 2, 1), "unlisted")


def test_all_end_or_none_as_was_answered(cast: Any) -> None:
    all_three(cast)
    run = checked_whole(cast, cast.yasmin, KOFI)
    assert answered(cast, run, Ending.NONE) == 0
    brought_in(cast, cast.yasmin, run)
    assert running(cast, cast.yasmin) == {"Kofi", "Ama", "Ben"}
    run = checked_whole(cast, cast.yasmin, KOFI)
    assert answered(cast, run, Ending.ALL) == 2
    brought_in(cast, cast.yasmin, run)
    assert running(cast, cast.yasmin) == {"Kofi"}


def test_an_answer_may_be_changed_until_the_file_is_brought_in(cast: Any) -> None:
    all_three(cast)
    run = checked_whole(cast, cast.yasmin, KOFI)
    answered(cast, run, Ending.ALL)
    answered(cast, run, Ending.NONE)
    brought_in(cast, cast.yasmin, run)
    assert running(cast, cast.yasmin) == {"Kofi", "Ama", "Ben"}
    with cast.as_(cast.yasmin) as me, pytest.raises(StaleEdit):
        ending.answer(by=me, run=run, version=run.version, said=Ending.ALL)


def test_whom_no_file_brought_and_whom_another_team_brought_never_end(cast: Any) -> None:
    all_three(cast)
    with cast.as_(cast.yasmin) as me:
        dora = add_person(
            by=me, team=me.team.team, given="Dora", family_name="Typed", date_of_birth=dt.date(2012, 1, 2)
        )
        involve(by=me, team=me.team.team, subject=dora.pk)
    brought_in(cast, cast.tom, checked_whole(cast, cast.tom, AMA, whole=False))
    run = checked_whole(cast, cast.yasmin, KOFI)
    answered(cast, run, Ending.ALL)
    brought_in(cast, cast.yasmin, run)
    assert running(cast, cast.yasmin) == {"Kofi", "Dora"}
    assert running(cast, cast.tom) == {"Ama"}


def test_a_child_with_a_case_is_shown_and_does_not_end(cast: Any) -> None:
    all_three(cast)
    with_procedures(cast)
    with cast.as_(cast.yasmin):
        ama = Person.objects.get(given="Ama").pk
    with cast.as_(cast.tom) as me:
        involve(by=me, team=cast.tom.team.pk, subject=ama)
        episode = receive(
            by=me, team=cast.tom.team.pk, receiving_team=cast.yasmin.team, child=ama, priority="standard"
        )
    with cast.as_(cast.morgan) as me:
        accept(by=me, episode=type(episode).objects.get(pk=episode.pk), version=episode.version)
    run = checked_whole(cast, cast.yasmin, KOFI)
    page = cast.yasmin.client().get(f"/caseload/{run.uuid}/unlisted/").text
    assert "Has a case" in page
    assert answered(cast, run, Ending.ALL) == 1
    brought_in(cast, cast.yasmin, run)
    assert running(cast, cast.yasmin) == {"Kofi", "Ama"}


def test_a_child_of_a_refused_row_counts_as_listed(cast: Any) -> None:
    all_three(cast)
    run = checked_whole(cast, cast.yasmin, KOFI, BEN, AMA.replace("04/05/2013", "31/02/2013"))
    assert run.refused == 1
    with cast.as_(cast.yasmin) as me:
        assert ending.unlisted(by=me, run=run) == []


def test_a_child_whom_an_undecided_row_may_be_counts_as_listed(cast: Any) -> None:
    all_three(cast)
    run = checked_whole(cast, cast.yasmin, KOFI, BEN, ",Adjei,Ama,21/11/2011,SK4 1AA,,\n")
    assert run.undecided == 1
    with cast.as_(cast.yasmin) as me:
        assert ending.unlisted(by=me, run=run) == []
    answer_all(cast, cast.yasmin, run, "different")
    with cast.as_(cast.yasmin) as me:
        assert len(ending.unlisted(by=me, run=run)) == 1


def test_nobody_is_searched_for_where_everybody_is_listed(cast: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    all_three(cast)
    run = checked_whole(cast, cast.yasmin, KOFI, AMA, BEN, ",Adjei,Ama,21/11/2011,SK4 1AA,,\n")
    assert run.undecided == 1

    def searched(_: Any) -> None:
        raise AssertionError("who an uncertain row may be was searched for")

    monkeypatch.setattr(deciding, "people_like", searched)
    assert cast.yasmin.client().get(f"/caseload/{run.uuid}/").status_code == 200
    with cast.as_(cast.yasmin) as me:
        assert ending.unlisted(by=me, run=run) == []


def test_the_answer_ends_nobody_who_was_not_shown(cast: Any) -> None:
    all_three(cast)
    run = checked_whole(cast, cast.yasmin, KOFI, AMA)
    with cast.as_(cast.yasmin) as me:
        seen = ending.seen_digest(ending.unlisted(by=me, run=run))
    brought_in(
        cast, cast.yasmin, checked_whole(cast, cast.yasmin, "YC9,Eze,Eve,01/02/2011,SK6 1AA,,\n", whole=False)
    )
    with pytest.raises(StaleEdit):
        answered(cast, run, Ending.ALL, seen=seen)
    assert "Eve" in running(cast, cast.yasmin)


def test_a_last_day_in_the_future_is_refused(cast: Any) -> None:
    all_three(cast)
    run = checked_whole(cast, cast.yasmin, KOFI)
    with pytest.raises(ending.EndingRefused):
        answered(cast, run, Ending.ALL, on=timezone.localdate() + dt.timedelta(days=1))


def test_withdrawing_the_file_lets_run_on_what_it_ended(cast: Any) -> None:
    all_three(cast)
    run = checked_whole(cast, cast.yasmin, KOFI)
    answered(cast, run, Ending.ALL)
    run = brought_in(cast, cast.yasmin, run)
    assert running(cast, cast.yasmin) == {"Kofi"}
    withdrawn(cast, cast.yasmin, run)
    assert running(cast, cast.yasmin) == {"Kofi", "Ama", "Ben"}


def test_a_file_that_lists_far_fewer_is_warned_of(cast: Any) -> None:
    all_three(cast)
    run = checked_whole(cast, cast.yasmin, KOFI)
    assert "It may have been cut off" in cast.yasmin.client().get(f"/caseload/{run.uuid}/unlisted/").text


def test_another_team_sees_no_such_page(cast: Any) -> None:
    all_three(cast)
    run = checked_whole(cast, cast.yasmin, KOFI)
    assert cast.tom.client().get(f"/caseload/{run.uuid}/unlisted/").status_code == 404


@pytest.mark.parametrize("page", ["", "unlisted/"])
def test_the_pages_of_a_whole_caseload_take_at_most_fifteen_queries(cast: Any, page: str) -> None:
    all_three(cast)
    run = checked_whole(cast, cast.yasmin, KOFI)
    client = cast.yasmin.client()
    with CaptureQueriesContext(connection) as queries:
        assert client.get(f"/caseload/{run.uuid}/{page}").status_code == 200
    assert len(queries) <= 15, len(queries)
    assert run.state == RunState.CHECKED
