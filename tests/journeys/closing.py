"""Closing with its gates, and what is to be seen afterwards."""

from __future__ import annotations

import datetime as dt

from journeys.people import People, today

IN_ORDER = [
    # Said to have happened at midnight, and written down in the afternoon: they stand where they happened.
    "Visit",
    "Meeting held",
    "Referral received",
    "Referral checked on receipt",
    "Referral accepted",
    "Worker allocated",
    "Assessment started",
    "Assessment finished",
    "Plan agreed",
    "Meeting called",
    "Plan reviewed",
    "Outcomes recorded",
    "Step-down lead agreed",
    "Views asked at closing",
    "Closed",
]


class Closing(People):
    """From the last review to a closed case."""

    def when_she_records_outcomes_and_why(self) -> None:
        self.yasmin.open(self.case).follow("Close the case").picture("close")
        part = "section[aria-labelledby=outcomes]"
        self.yasmin.choose("Taken together, were the goals achieved?", "Achieved")
        self.yasmin.type("Why, achieved or not?", "He sleeps, and he plays.")
        self.yasmin.press("Save this part", within=part).sees("The outcomes were recorded")

    def and_who_leads_after_stepping_down(self) -> None:
        self.yasmin.choose("Who leads after stepping down?", "Someone who works")
        self.yasmin.select("Which worker or team?", "Tom Reyes")
        self.yasmin.give_date("Date on which they agreed to lead", today())
        self.yasmin.type("Who stays with the family?", "Tom at school, and Nan")
        self.yasmin.choose("Will your team ask how they are after closing?", "Yes")
        self.yasmin.give_date("On which day?", today() + dt.timedelta(days=90))
        self.yasmin.type("What the family does if things get harder", "They talk with Tom, or ring Yasmin.")
        self.yasmin.type("How the family can come back", "By one call to the team.")
        self.yasmin.press("Save this part", within="section[aria-labelledby=stepdown]")
        self.yasmin.sees("The step-down lead was recorded")

    def and_what_the_family_says_of_the_help(self) -> None:
        self.yasmin.give_date("Date on which they were asked", today())
        self.yasmin.type("What the young person says", "Yasmin listened.")
        self.yasmin.press("Save this part", within="section[aria-labelledby=feedback]")
        self.yasmin.sees("The views were recorded", "Nothing is missing").picture("close-ready")

    def and_closes_the_case(self) -> None:
        self.yasmin.press("Close the case", within="section[aria-labelledby=ending]").picture("closed")

    def then_tom_sees_that_it_is_closed(self) -> None:
        self.tom.open(self.referral).sees("losed").picture("referral-sent-closed")

    def and_the_chronology_tells_the_story_in_order(self) -> None:
        self.yasmin.open(self.case).picture("case-closed")
        titles = self.yasmin.page.locator("main .ta-timeline__title").all_inner_texts()
        told = [title.split(" by ")[0] for title in reversed(titles)]
        assert told == IN_ORDER, told
