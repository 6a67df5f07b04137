"""The main job, end to end, as those who do it walk it: from a caseload file to a closed case."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from harness.live import Site
from journeys.bringing_in import BringingIn
from journeys.closing import Closing
from journeys.looking_on import LookingOn
from journeys.referring import Referring
from journeys.walking import Walker
from journeys.working import Working

pytestmark = pytest.mark.browser


class TheMainJob(BringingIn, Referring, Working, LookingOn, Closing):
    """Yasmin, Tom, Morgan, Nina and Olive around one child."""


def test_a_child_of_an_uploaded_caseload_is_referred_helped_and_stepped_down(
    live: Site, somebody: Callable[..., Walker]
) -> None:
    story = TheMainJob(live, somebody)

    story.given_the_school_and_recovery_know_some_of_the_children()
    story.when_yasmin_uploads_the_file_that_her_service_exported()
    story.and_agrees_with_what_each_column_is()
    story.then_she_sees_which_rows_are_recognised_added_refused_or_hers_to_decide()
    story.when_she_decides_who_the_uncertain_ones_are()
    story.and_confirms()
    story.then_the_children_are_her_teams()

    story.when_tom_searches_the_child_with_a_reason()
    story.and_opens_the_child()
    story.and_says_that_the_school_works_with_him()
    story.and_refers_him()
    story.then_morgan_sees_it_in_her_day_with_its_clock()
    story.when_she_checks_who_else_is_involved()
    story.and_goes_through_the_checks_on_receipt()
    story.then_tom_sees_that_it_was_received()
    story.when_morgan_accepts()
    story.then_tom_sees_that_it_is_accepted()
    story.when_morgan_allocates_yasmin()
    story.then_tom_sees_who_works_with_him()

    story.when_yasmin_finds_her_new_case_in_her_day()
    story.and_adds_his_family()
    story.and_his_mother()
    story.and_records_a_first_visit()
    story.and_starts_an_early_help_assessment()
    story.and_writes_it_page_by_page()
    story.and_finishes_it()
    story.and_records_what_his_mother_agrees_to_share()
    story.and_starts_a_plan_for_the_family()
    story.and_writes_goals_for_two_members_and_the_whole_family()
    story.and_actions_with_owner_and_date()
    story.and_agrees_it_with_the_family()
    story.then_the_plan_prints_as_pdf()
    story.when_she_calls_the_team_around_the_family()
    story.then_tom_answers_the_invitation()
    story.when_she_records_the_meeting_with_views_decisions_and_actions()
    story.then_tom_has_his_actions_in_his_day()
    story.when_she_reviews_the_plan()

    story.when_nina_searches_with_a_purpose_and_opens_the_child()
    story.then_she_sees_who_is_involved_and_how_to_reach_them()
    story.and_never_the_sensitive_service_nor_anything_else()
    story.and_olive_without_a_purpose_sees_nothing()

    story.when_she_records_outcomes_and_why()
    story.and_who_leads_after_stepping_down()
    story.and_what_the_family_says_of_the_help()
    story.and_closes_the_case()
    story.then_tom_sees_that_it_is_closed()
    story.and_the_chronology_tells_the_story_in_order()
