"""Feeds of which somebody has to decide something, told on the day of those who may."""

from __future__ import annotations

from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from harness.feeds import CHILD, Machine, make_feed
from teamaround.database.asking import ask
from teamaround.desk.day import load_day
from teamaround.desk.kept import asking_feeds
from teamaround.importing import ending
from teamaround.importing.models import Ending, ImportRun
from teamaround.index.models import Involvement

AMIRA = {"given": "Amira", "family": "Khan", "date_of_birth": "2011-11-30"}
#: Perhaps Amira: her name, and nothing to tell her by but what two may share.
PERHAPS = {"given": "Amira", "family": "Khan", "postcode": "SK3 2DU"}


@pytest.fixture
def machine(cast: Any) -> Machine:
    return Machine(make_feed(cast))


def reasons(cast: Any, member: Any, machine: Machine) -> list[str]:
    with cast.as_(member) as me:
        return [each.reason for each in load_day(me).asked if each.url == f"/feeds/{machine.made.feed.uuid}/"]


def test_rows_that_wait_for_an_answer_are_told_to_those_who_may_give_it(cast: Any, machine: Machine) -> None:
    machine.bring([AMIRA])
    assert reasons(cast, cast.yasmin, machine) == []
    told = machine.bring([PERHAPS])
    assert told["waits_for"] == "decisions"
    for member in (cast.yasmin, cast.morgan):
        assert reasons(cast, member, machine) == ["1 row may be a child who is known already."]
    for member in (cast.tom, cast.nina, cast.olive, cast.admin, cast.greta):
        assert reasons(cast, member, machine) == []
    client = cast.yasmin.client()
    client.get("/")
    with CaptureQueriesContext(connection) as queries:
        page = client.get("/").content.decode()
    assert len(queries) <= 7, "\n".join(each["sql"][:150] for each in queries)
    assert "waits for a decision" in page
    machine.bring([AMIRA], whole=True)
    assert reasons(cast, cast.yasmin, machine) == [], "a whole caseload says anew what earlier ones said"


def test_who_asks_in_anothers_name_is_told_of_no_feed(cast: Any, machine: Machine) -> None:
    machine.bring([AMIRA])
    machine.bring([PERHAPS])
    with cast.as_(cast.yasmin) as yasmin:
        question = asking_feeds(yasmin)
        assert question is not None
        assert ask({"feeds": question})["feeds"]
    for other in (cast.tom, cast.olive, cast.admin):
        with cast.as_(other):
            assert ask({"feeds": question})["feeds"] == []


def test_whom_a_whole_caseload_no_longer_lists_is_told_until_it_is_answered(
    cast: Any, machine: Machine
) -> None:
    machine.bring([CHILD, AMIRA], whole=True)
    told = machine.bring([AMIRA], whole=True)
    assert told["waits_for"] == "ending"
    (reason,) = reasons(cast, cast.yasmin, machine)
    assert "no longer lists somebody" in reason
    with cast.as_(cast.yasmin) as me:
        run = ImportRun.objects.get(uuid=told["run"])
        ending.answer(by=me, run=run, version=run.version, said=Ending.NONE)
    assert reasons(cast, cast.yasmin, machine) == []
    machine.bring([AMIRA], whole=True)
    assert reasons(cast, cast.yasmin, machine)
    with cast.as_(cast.yasmin):
        Involvement.objects.exclude(subject__person__given="Amira").update(
            until=timezone.localdate(), end_reason="finished"
        )
    assert reasons(cast, cast.yasmin, machine) == [], "it ended meanwhile"


def test_a_child_who_may_be_in_a_refused_row_is_not_asked_about(cast: Any, machine: Machine) -> None:
    machine.bring([CHILD, AMIRA], whole=True)
    told = machine.bring([AMIRA, {**CHILD, "date_of_birth": "2014-02-31"}], whole=True)
    assert (told["counts"]["refused"], told["waits_for"]) == (1, "")
    assert reasons(cast, cast.yasmin, machine) == []


def test_an_answer_after_a_whole_caseload_ends_those_who_were_asked_about(
    cast: Any, machine: Machine
) -> None:
    machine.bring([CHILD, AMIRA], whole=True)
    told = machine.bring([AMIRA], whole=True)
    with cast.as_(cast.yasmin) as me:
        run = ImportRun.objects.get(uuid=told["run"])
        assert ending.answer(by=me, run=run, version=run.version, said=Ending.ALL) == 1
        assert Involvement.objects.filter(until=None).count() == 1
