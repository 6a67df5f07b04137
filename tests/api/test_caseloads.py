"""A caseload that is sent: kept once, in its order, whole or not at all; and what its sender can see of it."""

from __future__ import annotations

import base64
import datetime as dt
import hashlib
import io
import json
import tracemalloc
from typing import Any

import pytest
from django.test import RequestFactory
from django.utils import timezone

from harness.feeds import CHILD, Machine, make_feed, problem
from teamaround.api import bodies
from teamaround.api.bodies import read_body
from teamaround.api.problems import Problem
from teamaround.feeds import jobs, receiving
from teamaround.feeds.models import FeedCall
from teamaround.importing.models import ImportRow, ImportRun
from teamaround.index.models import Involvement
from teamaround.people.models import Address, Person
from teamaround.sheets import FIELDS, MAX_ROWS

OTHER = {"reference": "YC2", "given": "Amira", "family": "Khan", "date_of_birth": "2011-11-30", "upn": ""}
UNTOLD = {"given": "Luca"}


def people(cast: Any) -> int:
    with cast.as_(cast.yasmin):
        return Person.objects.count()


def test_what_is_sent_is_brought_in_with_the_teams_involvement(cast: Any, machine: Machine) -> None:
    told = machine.bring([CHILD, OTHER])
    assert told["state"] == "done"
    assert told["counts"]["added"] == 2
    with cast.as_(cast.yasmin):
        assert sorted(Person.objects.values_list("family_name", flat=True)) == ["Khan", "Osei"]
        involved = Involvement.objects.first()
        assert involved is not None
        assert involved.author_team_id == cast.yasmin.team.pk
        assert involved.recorded_by_id == machine.made.feed.principal_id


def test_a_call_only_keeps_and_queues(cast: Any, machine: Machine, monkeypatch: pytest.MonkeyPatch) -> None:
    queued: list[int] = []
    monkeypatch.setattr(jobs.take_in, "defer", lambda feed: queued.append(feed))
    sent = machine.send([CHILD], key="nightly-0001", as_of=machine.of)
    machine.send([CHILD], key="nightly-0001", as_of=machine.of)
    assert sent.status_code == 202
    assert queued == [machine.made.feed.pk]
    assert people(cast) == 0
    assert machine.get(sent.json()["status_url"]).json()["state"] == "waiting"
    assert sent.headers["Location"] == sent.json()["status_url"]


def test_a_call_that_is_repeated_is_answered_alike_and_kept_once(cast: Any, machine: Machine) -> None:
    first = machine.send([CHILD], key="nightly-0001", as_of=machine.of)
    machine.work()
    again = machine.send([CHILD], key="nightly-0001", as_of=machine.of)
    assert (again.status_code, again.json()) == (first.status_code, first.json())
    assert again.headers["Idempotent-Replayed"] == "true"
    with cast.as_(cast.yasmin):
        assert FeedCall.objects.count() == ImportRun.objects.count() == Person.objects.count() == 1


def test_the_same_name_with_another_caseload_is_refused(cast: Any, machine: Machine) -> None:
    machine.send([CHILD], key="nightly-0001", as_of=machine.of)
    problem(machine.send([OTHER], key="nightly-0001", as_of=machine.of), "key-reused")
    problem(machine.send([CHILD], key="nightly-0001"), "key-reused")
    problem(machine.send([CHILD], key="nightly-0001", as_of=machine.of, whole=True), "key-reused")
    with cast.as_(cast.yasmin):
        assert FeedCall.objects.count() == 1


def test_two_feeds_may_use_the_same_name(cast: Any, machine: Machine) -> None:
    other = Machine(make_feed(cast, name="Second system"))
    assert (
        machine.send([CHILD], key="nightly-0001").json()["run"]
        != other.send([CHILD], key="nightly-0001").json()["run"]
    )


def test_a_caseload_sent_twice_doubles_nothing(cast: Any, machine: Machine) -> None:
    machine.bring([CHILD, OTHER])
    told = machine.bring([CHILD, OTHER])
    assert (told["counts"]["added"], told["counts"]["recognised"]) == (0, 2)
    assert people(cast) == 2
    with cast.as_(cast.yasmin):
        assert Involvement.objects.count() == 2


def test_an_older_whole_caseload_never_overwrites_a_later_one(cast: Any, machine: Machine) -> None:
    later = timezone.now() - dt.timedelta(hours=1)
    machine.bring([{**CHILD, "postcode": "SK3 9ZZ"}], whole=True, as_of=later)
    for whole in (True, False):
        answer = machine.send([CHILD], whole=whole, as_of=later - dt.timedelta(seconds=1))
        latest = problem(answer, "older-caseload")["latest"]
        assert dt.datetime.fromisoformat(latest["as_of"]) == later
    problem(machine.send([CHILD], whole=True, as_of=later), "older-caseload")
    machine.work()
    with cast.as_(cast.yasmin):
        assert list(Address.objects.filter(until=None).values_list("postcode", flat=True)) == ["SK3 9ZZ"]


def test_the_senders_own_sequence_decides_where_it_is_sent(machine: Machine) -> None:
    assert machine.send([CHILD], sequence=7).status_code == 202
    problem(machine.send([CHILD], sequence=7), "older-caseload")
    assert problem(machine.send([CHILD], sequence=6), "older-caseload")["latest"]["sequence"] == 7
    earlier = machine.of - dt.timedelta(hours=1)
    assert machine.send([CHILD], sequence=8, as_of=earlier).status_code == 202
    assert problem(machine.send([CHILD], sequence=2**63), "not-valid")["errors"][0]["field"] == "sequence"


def test_parts_of_one_moment_may_come_in_any_order(cast: Any, machine: Machine) -> None:
    at = machine.of
    assert machine.send([CHILD], as_of=at).status_code == 202
    assert machine.send([OTHER], as_of=at).status_code == 202
    machine.work()
    assert people(cast) == 2


def test_what_was_sent_earlier_is_brought_in_first(cast: Any, machine: Machine) -> None:
    machine.send([CHILD])
    machine.send([{**CHILD, "postcode": "SK3 9ZZ"}])
    machine.work()
    with cast.as_(cast.yasmin):
        assert list(Address.objects.filter(until=None).values_list("postcode", flat=True)) == ["SK3 9ZZ"]


def test_a_body_that_was_cut_short_is_refused_whole(cast: Any, machine: Machine) -> None:
    lines = b"\n".join(json.dumps(row).encode() for row in (CHILD, OTHER, CHILD))
    kind = "application/x-ndjson"
    problem(machine.send(lines.rsplit(b"\n", 1)[0], kind=kind, declared=3), "truncated")
    problem(machine.send(lines[:-20], kind=kind, declared=3), "unreadable")
    digest = base64.b64encode(hashlib.sha256(lines).digest()).decode()
    wrong = {"Content-Digest": f"sha-256=:{digest}:"}
    problem(machine.send(lines[:-1], kind=kind, declared=3, headers=wrong), "digest-mismatch")
    assert machine.send(lines, kind=kind, declared=3, headers=wrong).status_code == 202
    with cast.as_(cast.yasmin):
        assert ImportRun.objects.count() == 1


def test_fewer_bytes_than_were_announced_are_refused() -> None:
    request = RequestFactory().post("/api/v1/caseloads", b"{}", "application/json")
    request.META["CONTENT_LENGTH"] = "4000"
    request._stream = io.BytesIO(b"{}")
    with pytest.raises(Problem) as refused:
        read_body(request)
    assert refused.value.kind == "truncated"
    del request.META["CONTENT_LENGTH"]
    with pytest.raises(Problem) as refused:
        read_body(request)
    assert refused.value.kind == "length-required"


def test_csv_is_taken_with_the_fields_names_above_it(cast: Any, machine: Machine) -> None:
    text = "given,family,date_of_birth,address,address\r\nKofi,Osei,2014-03-02,1 High Street,Northmoor\r\n"
    sent = machine.send(text.encode(), kind="text/csv", declared=1)
    assert sent.status_code == 202, sent.content
    machine.work()
    with cast.as_(cast.yasmin):
        assert "1 High Street" in Address.objects.get().lines
    problem(machine.send(b"Vorname,Nachname\r\nKofi,Osei\r\n", kind="text/csv", declared=1), "unreadable")


@pytest.mark.parametrize(
    "odd",
    [
        {name: FIELDS[name] for name in CHILD},
        {"reference": "Total"},
        {"family": "Total children: 2"},
        {"given": "Surname", "family": "Forename"},
    ],
)
@pytest.mark.parametrize("at", [0, 1, 2])
def test_no_row_is_taken_for_a_heading_or_a_total_and_each_keeps_its_number(
    machine: Machine, odd: dict[str, str], at: int
) -> None:
    rows = [CHILD, OTHER]
    rows.insert(at, odd)
    told = machine.bring(rows)
    states = machine.get(f"/api/v1/runs/{told['run']}/rows").json()["rows"]
    assert [row["row"] for row in states] == [1, 2, 3]
    assert [row["state"] for row in states if row["row"] != at + 1] == ["added", "added"]


def test_signs_inside_an_address_divide_no_columns(cast: Any, machine: Machine) -> None:
    rows = [
        {
            "given": name,
            "reference": f"YC{number}",
            "address": "Flat 1; Mill House; High Street; Northmoor; NM",
        }
        for number, name in enumerate(["Kofi", "Amira", "Ben", "Zofia", "Layla", "Tariq"] * 10)
    ]
    told = machine.bring(rows)
    assert (told["state"], told["rows"], told["counts"]["refused"]) == ("done", 60, 0)
    with cast.as_(cast.yasmin):
        assert Address.objects.filter(lines__contains="Mill House; High Street").exists()


def test_a_line_of_csv_with_a_cell_too_many_is_told_in_words_of_csv(machine: Machine) -> None:
    sent = machine.send(b"given,family\r\nKofi,Osei\r\nAma,Adjei,Jr\r\n", kind="text/csv", declared=2)
    (fault,) = problem(sent, "not-valid")["errors"]
    assert fault["row"] == 2
    assert "cells" in fault["what"]
    assert "cell" in fault["instead"]


def test_a_row_that_cannot_be_told_is_refused_alone_and_says_why(machine: Machine) -> None:
    told = machine.bring([CHILD, UNTOLD, {**OTHER, "date_of_birth": "2011-02-30"}])
    assert told["state"] == "done"
    assert (told["counts"]["added"], told["counts"]["refused"]) == (1, 2)
    rows = machine.get(told["rows_url"]).json()["rows"]
    assert [(row["row"], row["state"]) for row in rows] == [(1, "added"), (2, "refused"), (3, "refused")]
    assert rows[2]["field"] == "date_of_birth"
    assert rows[1]["reasons"]
    assert [row["row"] for row in machine.get(told["rows_url"] + "?state=refused").json()["rows"]] == [2, 3]


def test_faults_of_form_name_row_and_field_and_repeat_nothing(cast: Any, machine: Machine) -> None:
    rows = [CHILD, {"given": 7, "surname": "Secretname"}, {}, ["Secretname"], {"family": "x" * 501}]
    told = problem(machine.send(rows), "not-valid")
    assert [(fault["row"], fault["field"]) for fault in told["errors"]] == [
        (2, "given"), (2, ""), (3, ""), (4, ""), (5, "family"),
    ]  # fmt: skip
    assert all(fault["instead"] for fault in told["errors"])
    assert "Secretname" not in json.dumps(told)
    with cast.as_(cast.yasmin):
        assert not FeedCall.objects.exists()


def test_an_unsure_row_waits_for_a_person_and_the_others_come_in(cast: Any, machine: Machine) -> None:
    machine.bring([CHILD])
    unsure = {**CHILD, "reference": "", "date_of_birth": ""}
    told = machine.bring([unsure, OTHER])
    rows = machine.get(told["rows_url"]).json()["rows"]
    assert [row["state"] for row in rows] == ["waits", "added"]
    assert (told["counts"]["waits"], told["counts"]["left_out"]) == (1, 0)
    assert told["waits_for"] == "decisions"
    assert people(cast) == 2


def test_rows_are_told_a_page_at_a_time(machine: Machine) -> None:
    told = machine.bring(
        [{**CHILD, "reference": f"YC{n}", "given": name} for n, name in enumerate(("Ann", "Bo", "Cy"))]
    )
    first = machine.get(told["rows_url"] + "?limit=2").json()
    assert ([row["row"] for row in first["rows"]], first["next_after"]) == ([1, 2], 2)
    last = machine.get(told["rows_url"] + "?limit=2&after=2").json()
    assert ([row["row"] for row in last["rows"]], last["next_after"]) == ([3], None)
    problem(machine.get(told["rows_url"] + "?limit=0"), "not-valid")
    problem(machine.get(told["rows_url"] + "?page=2"), "not-valid")


def test_another_teams_run_does_not_exist(cast: Any, machine: Machine) -> None:
    other = Machine(make_feed(cast, "moor-lane", name="School system"))
    told = machine.bring([CHILD])
    problem(other.get(told["status_url"]), "not-found")
    problem(other.get(told["rows_url"]), "not-found")


def test_what_was_uploaded_by_hand_is_no_feeds_business(cast: Any, machine: Machine) -> None:
    from teamaround.importing import actions

    with cast.as_(cast.yasmin) as me:
        run = actions.upload(
            by=me, team=cast.yasmin.team.pk, filename="a.csv", content=b"Surname,DOB\nOsei,02/03/2014\n"
        )
    problem(machine.get(f"/api/v1/runs/{run.uuid}"), "not-found")


def test_a_feed_that_sends_faster_than_it_is_read_is_asked_to_wait(
    machine: Machine, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(receiving, "MOST_WAITING", 1)
    assert machine.send([CHILD]).status_code == 202
    answer = machine.send([CHILD])
    assert problem(answer, "too-many")
    assert answer.headers["Retry-After"]


@pytest.mark.parametrize(
    ("query", "field"),
    [
        ({"caseload": "all"}, "caseload"),
        ({"rows": "many"}, "rows"),
        ({"rows": "50001"}, "rows"),
        ({"as_of": "2026-11-22"}, "as_of"),
        ({"as_of": "2026-13-45T02:00:00Z"}, "as_of"),
        ({"as_of": "2999-01-01T00:00:00Z"}, "as_of"),
        ({"sequence": "-1"}, "sequence"),
        ({"team": "moor-lane"}, ""),
    ],
)
def test_a_wrong_parameter_says_what_to_write_instead(
    machine: Machine, query: dict[str, str], field: str
) -> None:
    faults = problem(machine.send([CHILD], query=query), "not-valid")["errors"]
    assert [fault["field"] for fault in faults] == [field]
    assert faults[0]["instead"]


@pytest.mark.parametrize("key", ["", "short", "with a space in it", "ü" * 10, "x" * 201])
def test_a_caseload_needs_a_name_of_its_own(machine: Machine, key: str) -> None:
    answer = machine.send([CHILD], headers={"Idempotency-Key": key})
    problem(answer, "no-idempotency-key")


@pytest.mark.parametrize(
    ("body", "kind"),
    [
        (b" ", "unreadable"),
        (b"[]", "unreadable"),
        (b'{"rows": 7}', "unreadable"),
        (b'{"rows": [NaN]}', "unreadable"),
        (b'{"rows": [' + b"[" * 100_000, "unreadable"),
        (b'{"rows": [' + b"9" * 5_000 + b"]}", "unreadable"),
        (b"\xff\xfe{}", "unreadable"),
        (b'{"rows": [{"given": "\\ud800"}]}', "not-valid"),
        (b'{"rows": [{"given": "a\\u0000b"}]}', "not-valid"),
    ],
)
def test_a_body_that_makes_no_sense_is_refused(machine: Machine, body: bytes, kind: str) -> None:
    problem(machine.send(body, declared=1), kind)


def test_other_kinds_and_sizes_of_body_are_refused(machine: Machine, monkeypatch: pytest.MonkeyPatch) -> None:
    from teamaround.api import bodies

    problem(machine.send(b"<rows/>", kind="application/xml", declared=1), "wrong-type")
    problem(machine.send([CHILD], headers={"Content-Encoding": "gzip"}), "wrong-type")
    problem(machine.send(b"{}", kind="application/json; charset=utf-16", declared=1), "wrong-type")
    monkeypatch.setattr(bodies, "MAX_BYTES", 50)
    problem(machine.send([CHILD]), "too-large")


def test_looks_through_the_interface_are_in_the_access_log(
    cast: Any, machine: Machine, monkeypatch: pytest.MonkeyPatch
) -> None:
    from teamaround.access import middleware as access

    told = machine.bring([CHILD])
    written: list[Any] = []
    monkeypatch.setattr(access, "write_look", lambda **said: written.append(said))
    machine.get(told["status_url"])
    assert written == []
    machine.get(told["rows_url"])
    with cast.as_(cast.yasmin):
        subject = Person.objects.get().pk
    assert [(one["actor"].principal, one["page"], one["looks"].act) for one in written] == [
        (machine.made.feed.principal_id, "api:rows", "list")
    ]
    assert written[0]["looks"].lines == {subject: {"index"}}


@pytest.mark.parametrize("name", ["O'Brien; drop table person", "=1+1", "%_*", "\u202eiseO", "👨‍👩‍👧", "K"])
def test_strange_names_break_nothing(machine: Machine, name: str) -> None:
    told = machine.bring([{**CHILD, "given": name}, OTHER])
    assert told["state"] == "done"
    assert told["rows"] == 2


def test_a_machine_does_not_learn_in_what_a_row_agrees_with_a_child_of_the_records(
    cast: Any, machine: Machine
) -> None:
    machine.bring([CHILD])
    guessed = {**CHILD, "reference": "", "phone": "01632 960111, after six 01632 960112"}
    told = machine.bring([guessed, {**guessed, "date_of_birth": "2012-08-21"}])
    rows = machine.get(told["rows_url"]).json()["rows"]
    assert [row["state"] for row in rows] == ["recognised", "waits"]
    for row in rows:
        (reason,) = row["reasons"]
        assert "longer than 30 characters" in reason
        assert not {"same", "lives", "birthday"} & set(reason.lower().split())
    with cast.as_(cast.yasmin):
        assert "birthday" in ImportRow.objects.get(run__uuid=told["run"], number=2).reason


@pytest.mark.parametrize(
    ("kind", "data"),
    [
        ("application/x-ndjson", b"1\n" * (bodies.MOST_LINES + 1)),
        ("application/x-ndjson", b"\n" * (bodies.MOST_LINES + 1)),
        ("application/x-ndjson", b"{}\n" * (MAX_ROWS + 1)),
        ("application/json", b'{"rows":[' + b"[]," * bodies.MOST_BRACKETS + b"[]]}"),
        ("application/json", b'{"rows":[' + b'"",' * bodies.MOST_QUOTES + b'""]}'),
        ("text/csv", b"given\n" + b"x\n" * (MAX_ROWS + 1)),
    ],
)
def test_a_body_of_far_more_things_than_rows_is_refused_before_they_fill_the_memory(
    kind: str, data: bytes
) -> None:
    tracemalloc.start()
    try:
        with pytest.raises(bodies.Problem) as refused:
            bodies.rows_of(bodies.Body(data, "", kind), declared=1)
        _now, most = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert refused.value.kind == "too-large"
    assert most < 3 * len(data) + 60_000_000
