"""Random worlds: the database beside the oracle; and that a planted fault is noticed."""

from __future__ import annotations

import argparse
import json
import os
from collections.abc import Iterator
from typing import Any

import pytest

SEED = 20
"""Which worlds are compared each time; another number may be given to `teamaround check access`."""


@pytest.fixture(scope="module")
def owner(server_report: dict[str, str], django_db_blocker: Any) -> Iterator[Any]:
    """The owner of a database of this module's own, which Django's connection reaches as the application."""
    from harness.live import live_database
    from teamaround.checks.writing import Owner

    name = f"worlds_{os.environ.get('PYTEST_XDIST_WORKER', 'main')}"
    with django_db_blocker.unblock(), live_database(server_report, name):
        address = server_report["postgres"].replace("DATABASE", name)
        made = Owner(address, bytes.fromhex(server_report["stamp_key"]))
        try:
            yield made
        finally:
            made.close()


def agree(owner: Any, worlds: int, seed: int) -> None:
    from teamaround.checks.access import compare

    outcome = compare(owner, worlds, seed, most=10)
    assert "\n".join(each.words() for each in outcome.differences) == ""
    assert outcome.worlds == worlds
    assert outcome.decisions > worlds * 1000


def test_in_forty_worlds_everybody_sees_and_writes_what_the_rules_say(owner: Any) -> None:
    agree(owner, 40, SEED)


@pytest.mark.long
def test_in_two_thousand_worlds_everybody_sees_and_writes_what_the_rules_say(owner: Any) -> None:
    agree(owner, 2000, SEED + 1)


def test_every_protected_table_is_compared_or_left_out_for_a_reason(owner: Any) -> None:
    from teamaround.checks.comparing import NOT_COMPARED
    from teamaround.checks.writing import scope_of

    protected = {name for name, table in owner.tables.items() if table.protected}
    compared = {name for name in protected if scope_of(owner.tables[name])}
    assert protected - compared == set(NOT_COMPARED)


def test_every_compared_table_has_rows_in_the_worlds(owner: Any) -> None:
    from teamaround.checks.writing import scope_of

    made = owner.build(SEED, range(12))
    filled = {name for facts in owner.facts(made) for name, rows in facts.items() if rows}
    compared = {name for name, table in owner.tables.items() if table.protected and scope_of(table)}
    assert compared - filled == set()


def test_the_same_seed_makes_the_same_world(owner: Any) -> None:
    first, second = (owner.build(SEED, range(2)) for _ in range(2))
    for one, other in zip(first, second, strict=True):
        assert {name: len(rows) for name, rows in one.rows.items()} == {
            name: len(rows) for name, rows in other.rows.items()
        }
        assert [change.columns.keys() for change in one.changes] == [
            change.columns.keys() for change in other.changes
        ]


def test_planted_faults_are_caught_and_taken_back(owner: Any) -> None:
    """Every fifteenth here; all of them with the long tests and with the command."""
    from teamaround.checks.mutants import EVERYDAY, FAULTS, RARE, plant_all

    assert len(FAULTS) >= 20
    assert {fault.words for fault in FAULTS} >= RARE
    planted = plant_all(owner, SEED, EVERYDAY)
    assert [words for words, caught in planted.items() if not caught] == []
    agree(owner, 5, SEED)


@pytest.mark.long
def test_every_planted_fault_is_caught(owner: Any) -> None:
    from teamaround.checks.mutants import plant_all

    planted = plant_all(owner, SEED)
    assert [words for words, caught in planted.items() if not caught] == []


def test_a_fault_that_changes_no_text_is_an_error_not_a_catch(owner: Any) -> None:
    from teamaround.checks.faults import Fault, In
    from teamaround.checks.mutants import NothingChanged, caught

    with pytest.raises(NothingChanged):
        caught(owner, SEED, Fault("nothing", In.FUNCTION, "touch", "not in the text", ""))


def test_a_difference_is_reported_with_what_it_needs_to_be_had_again(
    capsys: pytest.CaptureFixture[str],
) -> None:
    from teamaround.checks.access import Outcome, say
    from teamaround.checks.comparing import Difference

    found = Difference(7, 3, "read", "contact", 12, "practitioner", 99, True)
    outcome = Outcome(worlds=1, decisions=5, differences=[found], planted=2, uncaught=["a fault"])
    say(outcome, as_json=True)
    told = capsys.readouterr()
    assert json.loads(told.out) == {
        "worlds": 1,
        "decisions": 5,
        "leaked": 1,
        "missing": 0,
        "mutants": {"planted": 2, "caught": 1},
    }
    assert "world 3 of seed 7: practitioner 99 must not read contact 12" in told.err
    assert not outcome.clean


def test_the_command_takes_worlds_and_seed() -> None:
    from teamaround.site.commands.check import CHECKS, add_checks

    parser = argparse.ArgumentParser()
    data = argparse.ArgumentParser(add_help=False)
    add_checks(parser, data)
    args = parser.parse_args(["access", "--worlds", "5", "--seed", "9", "--json"])
    assert (args.worlds, args.seed, args.json) == (5, 9, True)
    assert CHECKS["access"].function == "teamaround.checks.access:run"
