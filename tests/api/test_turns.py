"""Whose turn it is: keys that end, machines that stop, caseloads that fail; nothing holds up what comes later."""

from __future__ import annotations

from typing import Any

import pytest
from django.db import OperationalError

from harness.feeds import CHILD, Machine, make_key
from teamaround.feeds import jobs, setting_up
from teamaround.importing import bringing_in
from teamaround.people.models import Person

OTHER = {"reference": "YC2", "given": "Amira", "family": "Khan", "date_of_birth": "2011-11-30", "upn": ""}


def people(cast: Any) -> int:
    with cast.as_(cast.yasmin):
        return Person.objects.count()


def test_what_a_revoked_key_sent_is_not_brought_in(cast: Any, machine: Machine) -> None:
    sent = machine.send([CHILD])
    with cast.as_(cast.admin) as me:
        setting_up.revoke_key(by=me.principal, key=machine.made.key)
        _, machine.made.written = make_key(me.principal, machine.made.feed, scopes=("caseload:read",))
    machine.work()
    assert machine.get(sent.json()["status_url"]).json()["state"] == "stopped"
    assert people(cast) == 0


def test_what_an_ended_feed_sent_is_not_brought_in(cast: Any, machine: Machine) -> None:
    machine.send([CHILD])
    with cast.as_(cast.admin) as me:
        setting_up.end_feed(by=me.principal, feed=machine.made.feed)
    machine.work()
    assert people(cast) == 0


def test_a_stopped_caseload_does_not_stand_in_the_way_of_a_later_call(cast: Any, machine: Machine) -> None:
    at = machine.of
    machine.send([CHILD], whole=True, as_of=at)
    with cast.as_(cast.admin) as me:
        setting_up.revoke_key(by=me.principal, key=machine.made.key)
    machine.work()
    with cast.as_(cast.admin) as me:
        _, machine.made.written = make_key(
            me.principal, machine.made.feed, scopes=("caseload:write", "caseload:read")
        )
    assert machine.bring([CHILD], whole=True, as_of=at)["state"] == "done"


def test_a_job_that_stopped_in_the_middle_is_taken_up_again_and_doubles_nothing(
    cast: Any, machine: Machine, monkeypatch: pytest.MonkeyPatch
) -> None:
    sent = machine.send([CHILD])
    with monkeypatch.context() as stopped:
        stopped.setattr(jobs.intake, "go_on", lambda **_: (_ for _ in ()).throw(SystemExit))
        with pytest.raises(SystemExit):
            machine.work()
    machine.work()
    assert people(cast) == 0, "another job may still be at it"
    monkeypatch.setattr(jobs, "is_silent", lambda run: True)
    machine.work()
    machine.work()
    assert machine.get(sent.json()["status_url"]).json()["state"] == "done"
    assert people(cast) == 1


def test_a_caseload_whose_key_ended_while_its_machine_stopped_holds_up_nothing_that_comes_later(
    cast: Any, machine: Machine, monkeypatch: pytest.MonkeyPatch
) -> None:
    sent = machine.send([CHILD])
    with monkeypatch.context() as stopped:
        stopped.setattr(jobs.intake, "go_on", lambda **_: (_ for _ in ()).throw(SystemExit))
        with pytest.raises(SystemExit):
            machine.work()
    with cast.as_(cast.admin) as me:
        setting_up.revoke_key(by=me.principal, key=machine.made.key)
        _, machine.made.written = make_key(
            me.principal, machine.made.feed, scopes=("caseload:write", "caseload:read")
        )
    monkeypatch.setattr(jobs, "is_silent", lambda run: True)
    assert machine.bring([OTHER])["state"] == "done"
    first = machine.get(sent.json()["status_url"]).json()
    assert first["state"] == "stopped"
    assert "Nothing was changed" in first["failure"]
    assert people(cast) == 1


def fails_once(machine: Machine, monkeypatch: pytest.MonkeyPatch, **said: Any) -> Any:
    """A caseload during whose writing the database goes away."""

    def away(**_: Any) -> None:
        raise OperationalError

    with monkeypatch.context() as meanwhile:
        meanwhile.setattr(bringing_in, "bring_in", away)
        assert machine.bring([CHILD], **said)["state"] == "failed"


def test_a_caseload_that_failed_has_its_turn_again_when_the_call_is_repeated(
    cast: Any, machine: Machine, monkeypatch: pytest.MonkeyPatch
) -> None:
    at = machine.of
    fails_once(machine, monkeypatch, key="nightly-311", whole=True, as_of=at)
    assert people(cast) == 0
    assert machine.bring([CHILD], key="nightly-311", whole=True, as_of=at)["state"] == "done"
    assert people(cast) == 1


def test_a_caseload_that_failed_stands_in_nobodys_way_and_is_not_brought_in_after_a_later_one(
    cast: Any, machine: Machine, monkeypatch: pytest.MonkeyPatch
) -> None:
    at = machine.of
    fails_once(machine, monkeypatch, key="nightly-311", whole=True, as_of=at)
    assert machine.bring([OTHER], key="nightly-312", whole=True, as_of=at)["state"] == "done"
    assert machine.bring([CHILD], key="nightly-311", whole=True, as_of=at)["state"] == "failed"
    assert people(cast) == 1


def test_feeds_of_which_something_waits_are_queued_again(
    cast: Any, machine: Machine, monkeypatch: pytest.MonkeyPatch
) -> None:
    queued: list[int] = []
    monkeypatch.setattr(jobs.take_in, "defer", lambda feed: queued.append(feed))
    jobs.go_on_with_what_waits(0)
    assert queued == []
    machine.send([CHILD])
    queued.clear()
    jobs.go_on_with_what_waits(0)
    assert queued == [machine.made.feed.pk]
