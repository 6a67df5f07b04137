"""The sharing rules, a sentence each, as the oracle answers them."""

from __future__ import annotations

import ast
import datetime as dt
from pathlib import Path
from typing import Any

import pytest

from checks.telling import (
    CHILD,
    CLINIC,
    DAY,
    FAMILY,
    FATHER,
    MOTHER,
    NOW,
    OTHER_WORKER,
    PANEL,
    ROW,
    SCHOOL,
    WORKER,
    World,
    asking,
    purpose,
    reads,
)
from teamaround import checks
from teamaround.checks.changes import may_add, may_change, may_delete
from teamaround.checks.oracle import Oracle
from teamaround.checks.places import midnight
from teamaround.checks.rows import may_read


@pytest.fixture
def world() -> World:
    return World()


def test_the_oracle_imports_nothing_of_the_rooms_it_checks() -> None:
    folder = Path(checks.__file__).parent
    for name in ("together.py", "places.py", "oracle.py", "tables.py", "rows.py", "changes.py"):
        for node in ast.walk(ast.parse((folder / name).read_text())):
            names = [a.name for a in node.names] if isinstance(node, ast.Import) else []
            names += [node.module or ""] if isinstance(node, ast.ImportFrom) else []
            ours = [each for each in names if each.startswith(("teamaround", "django", "psycopg", "."))]
            assert set(ours) <= {
                "teamaround.checks.together",
                "teamaround.checks.oracle",
                "teamaround.checks.places",
                "teamaround.checks.rows",
                "teamaround.checks.tables",
            }


def test_what_is_shared_brings_the_index_and_no_other_category(world: World) -> None:
    world.says(MOTHER)
    assert world.opens(category="health")
    assert world.opens(category="index")
    assert not world.opens(category="notes")


def test_what_is_shared_of_a_child_opens_nothing_of_a_parent(world: World) -> None:
    world.says(MOTHER)
    assert not world.opens(subject=MOTHER)
    assert not world.opens(subject=FAMILY)


def test_a_period_holds_from_its_start_and_no_longer_at_its_end(world: World) -> None:
    world.says(MOTHER, start=NOW)
    assert world.opens()
    world.rows["sharing_basis"][0].update(valid_from=NOW - DAY, valid_until=NOW)
    assert not world.opens()


@pytest.mark.parametrize("answer", ["ask", "refuse"])
def test_asking_first_and_refusing_share_nothing(world: World, answer: str) -> None:
    world.says(MOTHER, answer)
    assert not world.opens()


def test_the_latest_decision_of_a_giver_rules(world: World) -> None:
    world.says(MOTHER, start=NOW - DAY * 2)
    world.says(MOTHER, "refuse", start=NOW - DAY)
    assert not world.opens()
    world.says(MOTHER, start=NOW - DAY / 2)
    assert world.opens()


def test_of_two_decisions_with_one_start_the_later_recorded_rules(world: World) -> None:
    world.says(MOTHER, "refuse")
    world.says(MOTHER, "share")
    assert world.opens()


def test_a_decision_that_ended_still_supersedes_what_came_before(world: World) -> None:
    world.says(MOTHER, start=NOW - DAY * 3)
    world.says(MOTHER, start=NOW - DAY * 2, end=NOW - DAY)
    assert not world.opens()


def test_between_two_parents_the_refusal_stands(world: World) -> None:
    world.says(MOTHER)
    world.says(FATHER, "refuse")
    assert not world.opens()


def test_a_withdrawal_by_one_parent_is_a_no_against_the_other(world: World) -> None:
    world.says(MOTHER)
    world.says(FATHER, withdrawn=NOW - DAY / 2)
    assert not world.opens()


def test_a_share_that_lapsed_is_no_refusal(world: World) -> None:
    world.says(MOTHER)
    world.says(FATHER, start=NOW - DAY * 3, end=NOW - DAY)
    assert world.opens()


def test_the_childs_own_answer_stands_over_both_parents(world: World) -> None:
    world.says(MOTHER, "refuse")
    world.says(CHILD, "share")
    assert world.opens()
    world.says(CHILD, "refuse", start=NOW - DAY / 2)
    assert not world.opens()


def test_a_settlement_lifts_the_other_parents_refusal(world: World) -> None:
    shared = world.says(MOTHER)
    world.says(FATHER, "refuse")
    world.settles(shared, NOW - DAY / 2)
    assert world.opens()


def test_a_refusal_after_the_settlement_counts_again(world: World) -> None:
    shared = world.says(MOTHER, start=NOW - DAY * 3)
    world.says(FATHER, "refuse", start=NOW - DAY * 2)
    world.settles(shared, NOW - DAY)
    world.says(FATHER, "refuse", start=NOW - DAY / 2)
    assert not world.opens()


@pytest.mark.parametrize("wrong", [{"end": NOW - DAY / 3}, {"subject": FAMILY}])
def test_a_settlement_that_ended_or_is_about_somebody_else_lifts_nothing(
    world: World, wrong: dict[str, Any]
) -> None:
    shared = world.says(MOTHER)
    world.says(FATHER, "refuse")
    world.settles(shared, NOW - DAY / 2, **wrong)
    assert not world.opens()


def test_a_settlement_never_lifts_the_childs_own_refusal(world: World) -> None:
    shared = world.says(MOTHER)
    world.says(CHILD, "refuse")
    world.settles(shared, NOW)
    assert not world.opens()


@pytest.mark.parametrize(
    ("born", "precision", "shared"),
    [
        (dt.date(2010, 6, 15), "day", False),
        (dt.date(2010, 6, 16), "day", True),
        (dt.date(2010, 6, 30), "month", False),
        (dt.date(2010, 7, 1), "month", True),
        (dt.date(2010, 12, 31), "year", False),
        (dt.date(2011, 1, 1), "year", True),
        (None, "day", True),
    ],
)
def test_a_parents_share_lapses_on_the_earliest_day_that_could_be_the_sixteenth_birthday(
    world: World, born: dt.date | None, precision: str, shared: bool
) -> None:
    world.rows["person"][0].update(date_of_birth=born, born_precision=precision)
    world.says(MOTHER)
    assert world.opens() is shared


def test_a_parents_refusal_lapses_at_sixteen_as_well(world: World) -> None:
    world.rows["person"][0]["date_of_birth"] = dt.date(2009, 1, 1)
    world.says(MOTHER, "refuse")
    world.says(CHILD)
    assert world.opens()


def test_whoever_left_the_family_decides_for_it_no_more(world: World) -> None:
    world.says(MOTHER, subject=FAMILY)
    assert world.opens(subject=FAMILY)
    world.place(MOTHER, NOW.date() + DAY)
    assert world.opens(subject=FAMILY)
    world.rows["family_member"][0]["until"] = NOW.date()
    assert not world.opens(subject=FAMILY)
    world.place(MOTHER, None, voided=NOW)
    assert not world.opens(subject=FAMILY)
    world.place(MOTHER, None)
    assert world.opens(subject=FAMILY)


def test_a_safeguarding_basis_lasts_to_the_end_of_the_day_of_its_review(world: World) -> None:
    world.basis("safeguarding")
    assert world.opens()
    world.rows["sharing_basis"][0]["review_on"] = NOW.date() - DAY
    assert not world.opens()


def test_a_duty_opens_only_while_it_is_in_force(world: World) -> None:
    world.basis("duty")
    assert not world.opens()
    world.add("sharing_duty_period", effective_from=NOW - DAY, effective_until=NOW + DAY)
    assert world.opens()
    world.rows["sharing_duty_period"][0]["effective_until"] = NOW
    assert not world.opens()


def test_break_glass_is_one_practitioners_for_a_day(world: World) -> None:
    world.basis("break_glass", holder=WORKER, review_on=None)
    assert not world.opens(WORKER)
    world.rows["sharing_basis"][0]["valid_from"] = NOW - DAY / 2
    assert world.opens(WORKER)
    assert not world.opens(SCHOOL)


def test_a_panel_holds_until_its_record_closes(world: World) -> None:
    world.basis("panel", holder=PANEL, review_on=None, valid_until=NOW + DAY)
    assert world.opens(PANEL)
    world.rows["sharing_basis"][0]["withdrawn_at"] = NOW
    assert not world.opens(PANEL)


def test_an_involvement_that_ends_on_its_first_day_opens_nothing(world: World) -> None:
    today = NOW.date()
    world.add("involvement", subject_id=CHILD, author_team_id=SCHOOL, since=today, until=today)
    assert not world.opens(category="index")
    world.rows["involvement"][0]["until"] = today + DAY
    assert world.opens(category="index")


def test_a_case_in_hand_opens_the_index_of_child_and_family(world: World) -> None:
    world.add("episode", subject_id=CHILD, family_id=FAMILY, author_team_id=SCHOOL, status="waiting")
    assert world.opens(category="index")
    assert world.opens(category="index", subject=FAMILY)
    world.rows["episode"][0]["status"] = "closed"
    assert not world.opens(category="index")


def test_a_civil_date_begins_at_midnight_in_london() -> None:
    assert midnight(dt.date(2026, 6, 15)) == dt.datetime(2026, 6, 14, 23, tzinfo=dt.UTC)
    assert midnight(dt.date(2026, 12, 15)) == dt.datetime(2026, 12, 15, tzinfo=dt.UTC)


def test_a_team_sees_what_it_wrote_and_who_left_sees_nothing(world: World) -> None:
    world.add(
        "membership", practitioner_id=WORKER, team_id=CLINIC, role="practitioner", since=NOW, until=None
    )
    held = Oracle(world.rows, NOW).principals_of(WORKER)
    assert held == {WORKER, CLINIC}
    assert reads(world, asking(*held), "contact", ROW)
    world.rows["practitioner"][0]["left_at"] = NOW
    assert Oracle(world.rows, NOW).principals_of(WORKER) == frozenset()


def test_a_membership_that_ended_holds_nothing(world: World) -> None:
    world.add(
        "membership", practitioner_id=WORKER, team_id=CLINIC, role="practitioner", since=NOW - DAY, until=NOW
    )
    assert Oracle(world.rows, NOW).principals_of(WORKER) == {WORKER}


def test_a_grant_reads_and_does_not_write(world: World) -> None:
    world.says(MOTHER)
    oracle = Oracle(world.rows, NOW)
    assert may_read(oracle, asking(SCHOOL), "contact", ROW)
    assert not may_change(oracle, asking(SCHOOL), "contact", ROW)
    assert not may_add(oracle, asking(SCHOOL), "contact", ROW)
    assert may_change(oracle, asking(CLINIC), "contact", ROW)
    assert not may_delete(oracle, asking(CLINIC), "contact", ROW)


def test_an_event_is_never_changed(world: World) -> None:
    assert not may_change(Oracle(world.rows, NOW), asking(CLINIC), "event", ROW)


def test_a_sensitive_teams_involvement_needs_a_grant_for_its_work(world: World) -> None:
    world.rows["team"][1]["sensitivity"] = "substance"
    world.add("involvement", subject_id=CHILD, author_team_id=SCHOOL, since=NOW.date() - DAY, until=None)
    assert not reads(world, asking(SCHOOL), "involvement", ROW | {"category": "index"})


def test_a_purpose_opens_the_index_until_a_full_shield_takes_it(world: World) -> None:
    purpose(world)
    assert world.opens(WORKER, "index")
    assert not world.opens(SCHOOL, "index")
    shield = world.shield("full")
    assert not world.opens(WORKER, "index")
    world.add("sharing_shield_holder", shield_id=shield, holder_id=SCHOOL, author_team_id=CLINIC)
    assert world.opens(WORKER, "index")


def test_behind_a_shield_a_stated_purpose_sees_no_involvement(world: World) -> None:
    purpose(world)
    row = {**ROW, "category": "index"}
    assert reads(world, asking(WORKER), "involvement", row)
    world.shield("whereabouts")
    assert not reads(world, asking(WORKER), "involvement", row)
    assert reads(world, asking(WORKER), "person", row)


def test_a_shield_hides_the_address_from_all_but_its_author_and_the_listed(world: World) -> None:
    world.says(MOTHER)
    row = {**ROW, "author_team_id": 999}
    assert reads(world, asking(SCHOOL), "person_address", row)
    shield = world.shield("whereabouts")
    assert not reads(world, asking(SCHOOL), "person_address", row)
    assert reads(world, asking(SCHOOL), "person_address", row | {"author_team_id": SCHOOL})
    assert reads(world, asking(SCHOOL, CLINIC), "person_address", row)
    world.add("sharing_shield_holder", shield_id=shield, holder_id=SCHOOL, author_team_id=CLINIC)
    assert reads(world, asking(SCHOOL), "person_address", row)


@pytest.mark.parametrize("ended", [{"lifted_at": NOW}, {"valid_until": NOW}, {"valid_from": NOW + DAY}])
def test_a_shield_binds_only_while_it_is_in_force(world: World, ended: dict[str, Any]) -> None:
    world.says(MOTHER)
    world.shield("full", **ended)
    assert reads(world, asking(SCHOOL), "person_address", {**ROW, "author_team_id": 999})


def test_who_receives_a_referral_reads_it_and_a_stranger_does_not(world: World) -> None:
    row = {**ROW, "receiving_team_id": SCHOOL}
    assert reads(world, asking(SCHOOL), "referral", row)
    assert not reads(world, asking(OTHER_WORKER), "referral", row)


def test_an_involvements_history_shows_only_where_the_present_row_does(world: World) -> None:
    world.rows["team"][1]["sensitivity"] = "substance"
    now = world.add(
        "involvement", subject_id=CHILD, author_team_id=CLINIC, since=NOW.date() - DAY, until=None
    )
    world.add("involvement", subject_id=CHILD, author_team_id=SCHOOL, since=NOW.date() - DAY, until=None)
    before = {**ROW, "id": now, "category": "index"}
    assert not reads(world, asking(SCHOOL), "involvement_history", before)
    assert reads(world, asking(CLINIC), "involvement_history", before)


def test_break_glass_is_read_by_the_governance_lead(world: World) -> None:
    row = {"id": 5, "author_team_id": CLINIC, "kind": "break_glass"}
    assert reads(world, asking(WORKER, governs=True), "sharing_basis", row)
    assert not reads(world, asking(WORKER), "sharing_basis", row)
    assert not reads(world, asking(WORKER, governs=True), "sharing_basis", row | {"kind": "consent"})


def on_duty(world: World, *, agency: int = 1, sensitive: str = "", **shift: Any) -> frozenset[int]:
    """What somebody of the school holds while they are on duty for the clinic, both of agency 1."""
    world.rows["team"] = [
        {"id": SCHOOL, "agency_id": 1, "sensitivity": "", "ended_at": None},
        {"id": CLINIC, "agency_id": agency, "sensitivity": sensitive, "ended_at": None},
    ]
    world.add(
        "membership", practitioner_id=WORKER, team_id=SCHOOL, role="practitioner", since=NOW - DAY, until=None
    )
    told = {"starts_at": NOW - DAY / 2, "ends_at": NOW + DAY / 2, "withdrawn_at": None}
    world.add("duty_shift", practitioner_id=WORKER, team_id=CLINIC, **told | shift)
    return Oracle(world.rows, NOW).principals_of(WORKER)


def test_a_shift_holds_its_team_from_its_start_and_no_longer_at_its_end(world: World) -> None:
    assert on_duty(world) == {WORKER, SCHOOL, CLINIC}


@pytest.mark.parametrize(
    "wrong",
    [
        {"ends_at": NOW},
        {"starts_at": NOW + DAY / 4},
        {"withdrawn_at": NOW - DAY / 4},
        {"agency": 2},
        {"sensitive": "mental_health"},
    ],
)
def test_a_shift_that_is_over_withdrawn_or_elsewhere_holds_nothing(
    world: World, wrong: dict[str, Any]
) -> None:
    assert on_duty(world, **wrong) == {WORKER, SCHOOL}
