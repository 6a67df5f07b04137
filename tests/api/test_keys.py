"""Who may call, and what somebody without a right learns."""

from __future__ import annotations

import logging
from typing import Any
from uuid import uuid4

import pytest
from django.test import Client

from harness.feeds import CHILD, Machine, Made, make_feed, make_key, problem
from teamaround.api import middleware
from teamaround.feeds import jobs, setting_up
from teamaround.feeds.loaders import last_uses_of
from teamaround.feeds.models import Scope

STATUS = "/api/v1/runs/8f4f5a53-7e2c-4d76-9bd9-0a0d2a1d6a52"


def test_without_a_key_nothing_opens_but_the_document(machine: Machine) -> None:
    client = Client()
    assert client.get("/api/openapi.json").json()["openapi"] == "3.1.0"
    for answer in (client.get(STATUS), client.get(STATUS + "/rows"), client.post("/api/v1/caseloads")):
        problem(answer, "no-key")
        assert answer.status_code == 401
        assert answer.headers["WWW-Authenticate"].startswith("Bearer")


def test_a_signed_in_practitioner_is_nobody_to_the_interface(cast: Any, machine: Machine) -> None:
    client = cast.yasmin.client()
    problem(client.get(STATUS), "no-key")
    problem(client.post("/api/v1/caseloads"), "no-key")


def test_the_cookies_of_a_practitioner_add_nothing_to_a_key(cast: Any, machine: Machine) -> None:
    machine.client = cast.olive.client()
    sent = machine.send([CHILD])
    assert sent.status_code == 202
    problem(cast.olive.client().get(sent.json()["status_url"]), "no-key")


def test_a_key_opens_only_its_scopes(cast: Any, machine: Machine) -> None:
    feed = machine.made.feed
    with cast.as_(cast.admin) as me:
        made = {each: make_key(me.principal, feed, scopes=(each,)) for each in Scope}
    reading, writing = (Machine(Made(feed, *made[each])) for each in (Scope.READ, Scope.WRITE))
    assert problem(reading.send([CHILD]), "out-of-scope")["status"] == 403
    sent = writing.send([CHILD])
    assert sent.status_code == 202
    problem(writing.get(sent.json()["status_url"]), "out-of-scope")
    assert reading.get(sent.json()["status_url"]).status_code == 200
    for each in (reading, writing):
        assert [one["feed"] for one in each.get("/api/v1/feeds").json()["feeds"]] == [str(feed.uuid)]


@pytest.fixture
def several(cast: Any) -> dict[str, Any]:
    """Two feeds of the young carers' agency and one of the school; keys that open the first two, and every one."""
    first, second = make_feed(cast), make_feed(cast, name="Second")
    other = make_feed(cast, "moor-lane", name="School office")
    with cast.as_(cast.admin) as me:
        both = make_key(me.principal, first.feed, second.feed)
        every = make_key(me.principal, agency=first.key.agency)
    return {
        "first": first.feed, "second": second.feed, "other": other.feed, "one": Machine(first),
        "both": Machine(Made(first.feed, *both)), "every": Machine(Made(first.feed, *every)),
    }  # fmt: skip


@pytest.mark.parametrize("key", ["both", "every"])
def test_a_key_of_several_feeds_sends_to_the_one_that_the_call_names(several: Any, key: str) -> None:
    machine, second = several[key], several["second"]
    assert [one["name"] for one in machine.get("/api/v1/feeds").json()["feeds"]] == ["Case system", "Second"]
    unsaid = problem(machine.send([CHILD]), "not-valid")
    assert [one["field"] for one in unsaid["errors"]] == ["feed"]
    sent = machine.send([CHILD], query={"feed": str(second.uuid)})
    assert sent.status_code == 202
    jobs.take_in(feed=second.pk)
    assert machine.get(sent.json()["status_url"]).json()["state"] == "done"
    bare = sent.json()["status_url"].partition("?")[0]
    problem(machine.get(bare), "not-valid")
    problem(machine.get(bare, feed=several["first"].uuid), "not-found")


def test_a_feed_outside_the_keys_scope_is_told_like_one_that_is_nowhere(several: Any, cast: Any) -> None:
    one, both, every = several["one"], several["both"], several["every"]
    answers = [
        one.send([CHILD], query={"feed": str(feed)})
        for feed in (several["second"].uuid, several["other"].uuid, uuid4())
    ]
    answers += [each.send([CHILD], query={"feed": str(several["other"].uuid)}) for each in (both, every)]
    answers += [each.get(STATUS, feed=several["other"].uuid) for each in (one, both, every)]
    assert {problem(each, "out-of-scope")["status"] for each in answers} == {403}
    assert len({each.content for each in answers}) == 1
    with cast.as_(cast.admin) as me:
        setting_up.end_feed(by=me.principal, feed=several["second"])
    ended = both.send([CHILD], query={"feed": str(several["second"].uuid)})
    assert ended.content == answers[0].content
    # What was meant for one of two feeds goes nowhere else because that one has ended.
    problem(both.send([CHILD]), "not-valid")


def test_a_run_is_told_to_keys_of_its_own_feed_alone(several: Any) -> None:
    sent = several["one"].send([CHILD]).json()["status_url"]
    assert several["both"].get(sent, feed=several["first"].uuid).status_code == 200
    for machine, feed in (("both", "second"), ("every", "second")):
        problem(several[machine].get(sent, feed=several[feed].uuid), "not-found")
        problem(several[machine].get(f"{sent}/rows", feed=several[feed].uuid), "not-found")


def test_the_same_name_of_a_call_under_another_key_of_the_feed_is_the_same_call(several: Any) -> None:
    first, sent = str(several["first"].uuid), {"as_of": several["one"].of, "key": "one-and-the-same"}
    begun = several["one"].send([CHILD], **sent)
    again = several["both"].send([CHILD], query={"feed": first}, **sent)
    assert (again.json()["run"], again.headers["Idempotent-Replayed"]) == (begun.json()["run"], "true")
    problem(several["both"].send([{**CHILD, "given": "Kay"}], query={"feed": first}, **sent), "key-reused")
    elsewhere = several["both"].send([CHILD], query={"feed": str(several["second"].uuid)}, **sent)
    assert elsewhere.json()["run"] != begun.json()["run"]


@pytest.mark.parametrize(
    "said", ["feed=nothing", "feed=", "feed=a&feed=b", "&".join("a=1" for _ in range(200))]
)
def test_what_is_no_number_of_a_feed_is_told_to_whoever_has_a_key(machine: Machine, said: str) -> None:
    problem(machine.get(f"{STATUS}?{said}"), "not-valid")
    machine.made.written = "nonsense"
    problem(machine.get(f"{STATUS}?{said}"), "no-key")


def test_over_plain_http_a_key_is_refused_before_it_is_looked_at(machine: Machine, settings: Any) -> None:
    for words in (machine.made.written, "nonsense"):
        answer = Client().get(STATUS, headers={"Authorization": f"Bearer {words}"})
        assert "revoked" in problem(answer, "https-only")["detail"]
    settings.DEMONSTRATION = True
    answer = Client().get(STATUS, headers={"Authorization": f"Bearer {machine.made.written}"})
    problem(answer, "not-found")


def test_a_revoked_key_is_refused_at_once(cast: Any, machine: Machine) -> None:
    problem(machine.get(STATUS), "not-found")
    with cast.as_(cast.admin) as me:
        setting_up.revoke_key(by=me.principal, key=machine.made.key)
    problem(machine.get(STATUS), "no-key")


def test_every_reason_looks_the_same_outside(cast: Any, machine: Machine) -> None:
    answers = []
    for written in ("ta_abcdefgh_" + "x" * 43, machine.made.written[:-2] + "zz", "nonsense"):
        machine.made.written = written
        answers.append(machine.get(STATUS).content)
    assert len(set(answers)) == 1


def test_a_failed_attempt_is_logged_without_the_key(
    machine: Machine, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    written: list[Any] = []
    monkeypatch.setattr(middleware, "write_look", lambda **said: written.append(said))
    wrong = machine.made.written[:-2] + "zz"
    with caplog.at_level(logging.WARNING):
        Client().get(STATUS, secure=True, headers={"Authorization": f"Bearer {wrong}"})
    assert "a key opened nothing: wrong" in caplog.text
    assert wrong not in caplog.text
    assert wrong[12:] not in caplog.text
    assert [(one["actor"].principal, one["looks"].act, one["outcome"]) for one in written] == [
        (machine.made.feed.principal_id, "sign_in", "failed")
    ]


def test_an_address_that_tries_keys_is_closed(machine: Machine, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(middleware, "FAILURES", 3)
    client = Client()
    for _ in range(3):
        problem(client.get(STATUS, secure=True, headers={"Authorization": "Bearer nonsense"}), "no-key")
    answer = machine.get(STATUS)
    problem(answer, "too-many")
    assert answer.headers["Retry-After"]


def test_a_key_may_call_so_often_in_a_minute(machine: Machine, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(middleware, "CALLS_A_MINUTE", 2)
    for _ in range(2):
        problem(machine.get(STATUS), "not-found")
    answer = machine.get(STATUS)
    problem(answer, "too-many")
    assert answer.headers["Retry-After"] == "60"


def test_when_a_key_was_last_used_is_kept(cast: Any, machine: Machine) -> None:
    machine.get(STATUS)
    for member, sees in ((cast.admin, True), (cast.yasmin, True), (cast.olive, False)):
        with cast.as_(member):
            assert bool(last_uses_of(machine.made.feed)) is sees


def test_what_is_not_there_is_a_problem_and_not_a_page(machine: Machine) -> None:
    problem(machine.get("/api/v2/caseloads"), "not-found")
    problem(machine.get("/api/v1/runs/not-a-number"), "not-found")
    answer = machine.get("/api/v1/caseloads")
    problem(answer, "wrong-method")
    assert answer.headers["Allow"] == "POST"


def test_a_fault_inside_is_a_problem_that_says_nothing_of_it(
    machine: Machine, monkeypatch: pytest.MonkeyPatch
) -> None:
    from teamaround.api import views

    def broken(*args: Any) -> None:
        raise RuntimeError("Kofi Osei")

    monkeypatch.setattr(views, "_call", broken)
    answer = machine.get(STATUS)
    assert "Osei" not in str(problem(answer, "failed"))


def test_the_access_log_names_the_feed_that_asked_in_vain(
    machine: Machine, monkeypatch: pytest.MonkeyPatch
) -> None:
    from teamaround.access import middleware as access

    written: list[Any] = []
    monkeypatch.setattr(access, "write_look", lambda **said: written.append(said))
    machine.get(STATUS)
    assert [(one["actor"].principal, one["page"], one["outcome"]) for one in written] == [
        (machine.made.feed.principal_id, "api:run", "404")
    ]


@pytest.mark.parametrize("letters", ["hex", "utf-16", "undefined", "nothing"])
def test_what_a_call_says_of_its_letters_breaks_nothing(machine: Machine, letters: str) -> None:
    answer = machine.client.get(
        f"{STATUS}?feed={machine.made.feed.uuid}",
        secure=True,
        headers={"Authorization": f"Bearer {machine.made.written}"},
        content_type=f"application/json; charset={letters}",
    )
    problem(answer, "not-found")
