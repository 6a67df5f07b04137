"""The eight steps of Stockport Families First, walked for one family in time and for another late."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from harness.live import Site
from journeys.eight_steps import EightSteps
from journeys.walking import Walker

pytestmark = [pytest.mark.browser, pytest.mark.long]


STEPS_WITH_A_CLOCK = (
    "Contact the social worker now",
    "Allocate a worker",
    "Complete the checks and the risk assessment",
    "Visit the family today",
    "Finish the assessment",
    "Hold the family meeting",
    "Review the plan",
    "Close, or say why support goes on",
    "Ask how the family is after closing",
)


def test_a_family_goes_through_all_eight_steps_in_time(
    live: Site, server_report: dict[str, str], somebody: Callable[..., Walker]
) -> None:
    story = EightSteps(live, server_report, somebody)

    story.step_1_dina_asks_at_once_for_help()
    story.step_1_morgan_reads_by_when_the_social_worker_is_contacted()
    story.step_1_morgan_has_rung_the_social_worker()
    story.step_2_morgan_goes_through_the_checks_on_receipt()
    story.step_2_and_accepts_and_names_yasmin()
    story.step_2_dina_sees_who_works_with_ama()
    story.step_2_and_says_that_she_works_with_ama_too()
    story.step_2_yasmin_finds_her_new_case()
    story.step_4_yasmin_visits_and_sees_ama_alone()
    story.step_2_and_assesses_the_risk()
    story.days_pass(5)
    story.step_3_yasmin_assesses_needs_and_strengths()
    story.days_pass(5)
    story.step_5_yasmin_calls_the_family_meeting_and_asks_dina()
    story.days_pass(1)
    story.step_5_the_meeting_is_held_with_amas_views_first()
    story.step_5_ama_reads_on_a_page_of_her_own_who_helps_and_how_to_complain()
    story.step_5_the_plan_is_begun()
    story.step_6_support_from_the_menu_stands_in_the_plan()
    story.step_6_and_the_family_agrees_to_the_plan()
    story.days_pass(6)
    story.step_7_the_plan_is_reviewed()
    story.days_pass(6)
    story.step_7_the_plan_is_reviewed(last=True)
    story.step_8_outcomes_and_why()
    story.step_8_and_who_leads_after_stepping_down()
    story.step_8_and_what_ama_says_of_the_help()
    story.step_8_and_the_case_is_closed()
    story.days_pass(86)
    story.afterwards_morgan_asks_how_the_family_is()

    story.all_eight_steps_are_done()
    assert story.how_the_clocks_ended() == dict.fromkeys(STEPS_WITH_A_CLOCK, "in time")
    assert story.the_chronology_tells_what_was_done_and_when() == []


def test_a_family_goes_through_all_eight_steps_late_and_each_is_reported(
    live: Site, server_report: dict[str, str], somebody: Callable[..., Walker]
) -> None:
    story = EightSteps(live, server_report, somebody, child="Efua Mensah")

    story.step_1_dina_asks_at_once_for_help()
    story.days_pass(1)
    story.step_1_morgan_reads_by_when_the_social_worker_is_contacted()
    story.step_1_morgan_has_rung_the_social_worker()
    story.days_pass(14)
    story.step_2_morgan_goes_through_the_checks_on_receipt()
    story.step_2_and_accepts_and_names_yasmin()
    story.step_2_dina_sees_who_works_with_ama()
    story.step_2_and_says_that_she_works_with_ama_too()
    story.step_2_yasmin_finds_her_new_case()
    story.step_4_yasmin_visits_and_sees_ama_alone()
    story.step_2_and_assesses_the_risk()
    story.days_pass(21)
    story.step_3_yasmin_assesses_needs_and_strengths()
    story.days_pass(21)
    story.step_5_yasmin_calls_the_family_meeting_and_asks_dina()
    story.days_pass(1)
    story.step_5_the_meeting_is_held_with_amas_views_first()
    story.step_5_the_plan_is_begun()
    story.step_6_support_from_the_menu_stands_in_the_plan()
    story.step_6_and_the_family_agrees_to_the_plan()
    story.days_pass(13)
    story.step_7_the_plan_is_reviewed()
    story.days_pass(170)
    story.step_7_the_plan_is_reviewed(last=True)
    story.step_8_outcomes_and_why()
    story.step_8_and_who_leads_after_stepping_down()
    story.step_8_and_what_ama_says_of_the_help()
    story.step_8_and_the_case_is_closed()
    story.days_pass(110)
    story.afterwards_morgan_asks_how_the_family_is()

    story.all_eight_steps_are_done()
    assert story.how_the_clocks_ended() == dict.fromkeys(STEPS_WITH_A_CLOCK, "late")
    reported = story.the_chronology_tells_what_was_done_and_when()
    first = [each.removeprefix("Reported late: ") for each in reported if each.startswith("Reported late")]
    assert sorted(first) == sorted([*STEPS_WITH_A_CLOCK, "Review the plan"])
    further = {
        each.partition(": ")[2] for each in reported if each.startswith("Still late, and told further")
    }
    assert further == set(STEPS_WITH_A_CLOCK) - {"Ask how the family is after closing"}
