"""A family goes through the eight steps of Stockport Families First, each taken where people take it."""

from __future__ import annotations

from collections.abc import Callable

from django.urls import reverse
from django.utils import timezone

from harness.live import Site
from harness.own_page import own_page_of
from harness.passing import days_pass, minutes_pass
from harness.social_worker import social_worker
from journeys.people import apart, today
from journeys.walking import Walker
from journeys.working import DOMAINS
from teamaround.people.models import Person
from teamaround.procedures.jobs import tell_of_late_clocks
from teamaround.ui.presentation import uk_date

GOAL = "I want to sleep at home and feel safe."
EIGHT = (
    "Request and allocation",
    "Checks on receipt",
    "Assessment",
    "Crisis response",
    "Family meeting",
    "Menu of support",
    "Review",
    "Closure and evaluation",
)


class EightSteps:
    """Dina asks, Morgan manages, Yasmin works with the family, Ama has a page of her own."""

    def __init__(
        self,
        site: Site,
        report: dict[str, str],
        somebody: Callable[..., Walker],
        *,
        child: str = "Ama Boateng",
    ) -> None:
        self.child = child
        self.site = site
        self.report = report
        self.dina = somebody(site, "Dina", social_worker(site.cast), looks=False)
        self.morgan = somebody(site, "Morgan", site.cast.morgan, looks=False)
        self.yasmin = somebody(site, "Yasmin", site.cast.yasmin, looks=False)
        self.ama = somebody(site, "Ama", looks=False)
        self.days = 0
        """Days since the request."""
        self.done: list[tuple[int, str]] = []
        """What was done, and how many days after the request: what the chronology has to tell."""

    def did(self, what: str) -> None:
        self.done.append((self.days, what))

    def days_pass(self, days: int) -> None:
        """So many days on, the service has looked for what is late."""
        days_pass(self.site, self.report, days)
        self.days += days
        apart(lambda: tell_of_late_clocks(timestamp=0))

    # 1 Request and allocation

    def step_1_dina_asks_at_once_for_help(self) -> None:
        self.dina.open("/referrals/").follow("New referral")
        self.dina.choose("How soon is an answer needed?", "At once")
        self.dina.type("Why can it not wait?", "Her mother says that she cannot stay.")
        self.dina.type("First names", self.child.split()[0])
        self.dina.type("Last name", self.child.split()[1])
        self.dina.choose("Sex", "Female").choose("Does the child care for somebody?", "Not known")
        self.dina.type("What is worrying?", "She may have to leave home tonight.")
        self.dina.choose("Does the family know of this referral", "They know and agree")
        self.dina.press("Send the referral").sees("The referral was sent to Young carers team")
        self.referral = self.dina.page.url
        self.did("Referral received")

    def step_1_morgan_reads_by_when_the_social_worker_is_contacted(self) -> None:
        self.morgan.open("/").follow("Referrals", within="nav").follow(self.child, within="main")
        self.morgan.follow("Look for this child").choose("Which child is this?", "None of these")
        self.morgan.press("Go on with this child")
        self.morgan.open("/").sees(
            f"Contact the social worker now – {self.child}", "the social worker is contacted within 2 hours"
        )

    def step_1_morgan_has_rung_the_social_worker(self) -> None:
        self._press_done("Contact the social worker now")
        self.morgan.sees("That is recorded", "Contact")
        self.did("Contact")

    def _press_done(self, clock: str) -> None:
        card = self.morgan.page.locator("main .ta-clock").filter(has_text=clock)
        with self.morgan.page.expect_navigation(wait_until="load"):
            card.get_by_role("button", name="Done").click()
        self.morgan.arrived()

    # 2 Checks on receipt

    def step_2_morgan_goes_through_the_checks_on_receipt(self) -> None:
        self.morgan.open("/").follow(self.child, within="main aside").follow("Open the referral")
        for question in (
            "Does it meet the criteria?",
            "Does the family know?",
            "Are the details complete?",
            "Were existing assessments read?",
        ):
            self.morgan.choose(question, "Yes")
        self.morgan.press("Save the checks").sees("The checks were saved")
        self.did("Referral checked on receipt")

    def step_2_and_accepts_and_names_yasmin(self) -> None:
        self.morgan.choose("Your answer", "Accept").select("Named worker", "Yasmin Okoro")
        self.morgan.press("Send your answer").sees("Your answer was sent to the referrer")
        self.did("Referral accepted")
        self.did("Worker allocated")

    def step_2_dina_sees_who_works_with_ama(self) -> None:
        self.dina.open(self.referral).sees("accepted", "Yasmin Okoro")

    def step_2_and_says_that_she_works_with_ama_too(self) -> None:
        self.dina.open("/search/").type("Why are you searching?", "I asked for help for her")
        self.dina.type("Who are you looking for?", self.child).press("Search").press("Open")
        self.dina.press("I am working with this child").sees("Dina Rowe", where="main table")

    def step_2_yasmin_finds_her_new_case(self) -> None:
        self.yasmin.open("/").follow("See the cases").follow(self.child, within="main")
        self.case = self.yasmin.page.url

    def step_2_and_assesses_the_risk(self) -> None:
        self.yasmin.open(self.case).follow("Complete the checks and the risk assessment")
        self.yasmin.type("What are we worried about?", "A row may end with her in the street.")
        self.yasmin.choose("How likely is it?", "Likely")
        self.yasmin.type("What keeps the child safe?", "Her aunt has a bed for her.")
        self.yasmin.press("Record").sees("The risk assessment is recorded")
        self.did("Risk assessed")

    # 4 Crisis response

    def step_4_yasmin_visits_and_sees_ama_alone(self) -> None:
        # The time of a visit is told to the minute: let it not be the minute of the request.
        minutes_pass(self.site, self.report, 2)
        self.yasmin.open(self.case).follow("Visit the family today")
        self.yasmin.choose("What kind of contact was it?", "Visit").choose("Where was it?", "At home")
        self.yasmin.choose("Was the child seen alone?", "Yes")
        self.yasmin.give_date("Date", today()).type("Time", f"{timezone.localtime():%H:%M}")
        self.yasmin.choose("Who did you see or speak to?", self.child).type("Who else", "Her mother, alone")
        self.yasmin.type("What the child said", "I want to come home.")
        self.yasmin.type("What happened", "They agreed on time apart until Monday.")
        self.yasmin.press("Save the contact").sees("The contact was recorded")
        self.did("Visit")

    # 3 Assessment

    def step_3_yasmin_assesses_needs_and_strengths(self) -> None:
        self.yasmin.open(self.case).follow("Finish the assessment").press("Start the assessment")
        self.did("Assessment started")
        self.yasmin.follow("Who took part").type("Who took part?", "Ama and her mother, met apart.")
        self.yasmin.choose("Who agreed to the assessment?", "The parent or carer and the child")
        self.yasmin.press("Save and continue")
        for domains in DOMAINS.values():
            for domain in domains:
                part = f"#{domain}"
                self.yasmin.page.locator(part).get_by_label("Some worries").first.check()
                self.yasmin.type("What is going well", "They ask for help.", within=part)
                self.yasmin.type("What is worrying or needed", "Rows at night.", within=part)
            self.yasmin.press("Save and continue")
        self.yasmin.type("What does the child say?", "I want it to be quiet.")
        self.yasmin.type("What do parents and carers say?", "I am tired.").press("Save and continue")
        self.yasmin.type("What did you find, in short?", "Two people who miss each other.")
        self.yasmin.type("What needs to change?", "Evenings without rows.").press("Save and continue")
        self.yasmin.sees("Everything is there").press("Finish the assessment")
        self.did("Assessment finished")

    # 5 Family meeting

    def step_5_yasmin_calls_the_family_meeting_and_asks_dina(self) -> None:
        self.yasmin.open(self.case).follow("Hold the family meeting")
        self.yasmin.choose("What kind of meeting is it?", "Team around the child and family")
        self.yasmin.give_date("Date", today(1)).type("Time", "3:40pm").type("Place", "The family’s home")
        self.yasmin.type("Purpose", "To agree who does what, and what happens next.")
        self.yasmin.choose("Teams that work with the family", "Dina Rowe")
        self.yasmin.choose("The child and the family", self.child)
        self.yasmin.press("Call the meeting")
        self.meeting = self.yasmin.page.url
        self.did("Meeting called")

    def step_5_the_meeting_is_held_with_amas_views_first(self) -> None:
        self.yasmin.open(self.meeting).follow("Record the meeting")
        self.yasmin.give_date("Date it was held", today()).type("Time", "00:00")
        self.yasmin.type(f"{self.child}’s views", "I want to sleep at home.")
        self.yasmin.choose("Who came?", "Dina Rowe").choose("Who came?", self.child)
        self.yasmin.type("Decision 1", "Dina chairs the review. How to complain was explained.")
        self.yasmin.press("Record the meeting").sees("The minutes are recorded")
        self.did("Meeting held")

    def step_5_ama_reads_on_a_page_of_her_own_who_helps_and_how_to_complain(self) -> None:
        with self.site.cast.as_(self.site.cast.yasmin):
            person = Person.objects.get(given="Ama", family_name="Boateng")
        session = own_page_of(self.site.cast, person).client().cookies["sessionid"].value
        self.ama.context.add_cookies([{"name": "sessionid", "value": session, "url": self.site.url}])
        self.ama.open(reverse("portal:home")).follow("Who can see my information")
        self.ama.sees("Northmoor Young Carers")
        self.ama.open(reverse("portal:complain")).sees_heading("omplain")

    def step_5_the_plan_is_begun(self) -> None:
        self.yasmin.open(self.case).follow("Make or open the plan")
        self.yasmin.choose("Who is the plan for?", f"{self.child} alone").press("Start the plan")
        self.plan = self.yasmin.page.url
        self.yasmin.follow("Add a goal").type("What do they want to be different?", GOAL)
        self.yasmin.press("Add the goal")

    # 6 Menu of support

    def step_6_support_from_the_menu_stands_in_the_plan(self) -> None:
        self.yasmin.open(self.case).follow("Stockport Families First").sees("Menu of support", "Mediation")
        self.yasmin.open(self.plan).follow(f"Add an action towards: {GOAL}")
        self.yasmin.select("Support from the procedure’s menu", "Mediation")
        self.yasmin.type("What is to be done?", "On two evenings")
        self.yasmin.choose("Who does this?", "Someone who works").select(
            "Which worker or team?", "Yasmin Okoro"
        )
        self.yasmin.give_date("By when", today(14)).press("Add the action")

    def step_6_and_the_family_agrees_to_the_plan(self) -> None:
        self.yasmin.follow("Record who agreed the plan").give_date("Date on which it was agreed", today())
        self.yasmin.choose("Who in the family agreed?", self.child)
        self.yasmin.give_date("Date of the first review", today(6)).press("Record the agreement")
        self.did("Plan agreed")

    # 7 Review

    def step_7_the_plan_is_reviewed(self, *, last: bool = False) -> None:
        self.yasmin.open(self.plan).follow("Review the plan").give_date("Date of the review", today())
        self.yasmin.type(f"What {self.child} says", "It is quieter.")
        self.yasmin.page.get_by_role("group").filter(has_text=GOAL).last.get_by_label("Going well").check()
        self.yasmin.type("Risks and worries now", "None today.")
        self.yasmin.choose("Is this still the right kind of support?", "Yes")
        self.yasmin.choose("Will there be another review?", "No" if last else "Yes")
        if not last:
            self.yasmin.give_date("Date of the next review", today(6))
        self.yasmin.press("Record the review").sees("The review was recorded")
        self.did("Plan reviewed")

    # 8 Closure and evaluation

    def step_8_outcomes_and_why(self) -> None:
        self.yasmin.open(self.case).follow("Close the case")
        self.yasmin.choose("Taken together, were the goals achieved?", "Achieved")
        self.yasmin.type("Why, achieved or not?", "She sleeps at home.")
        self.yasmin.press("Save this part", within="section[aria-labelledby=outcomes]")
        self.yasmin.sees("The outcomes were recorded")
        self.did("Outcomes recorded")

    def step_8_and_who_leads_after_stepping_down(self) -> None:
        self.yasmin.choose("Who leads after stepping down?", "Someone who works")
        self.yasmin.select("Which worker or team?", "Dina Rowe")
        self.yasmin.give_date("Date on which they agreed to lead", today())
        self.yasmin.type("Who stays with the family?", "Dina, and her aunt")
        self.yasmin.choose("Will your team ask how they are after closing?", "Yes")
        self.yasmin.give_date("On which day?", today(90))
        self.yasmin.select("Who asks?", "The managers of the team")
        self.yasmin.type("What the family does if things get harder", "They ring Dina.")
        self.yasmin.type("How the family can come back", "By one call to the team.")
        self.yasmin.press("Save this part", within="section[aria-labelledby=stepdown]")
        self.yasmin.sees("The step-down lead was recorded")
        self.did("Step-down lead agreed")

    def step_8_and_what_ama_says_of_the_help(self) -> None:
        self.yasmin.give_date("Date on which they were asked", today())
        self.yasmin.type("What the young person says", "Yasmin came when I needed her.")
        self.yasmin.press("Save this part", within="section[aria-labelledby=feedback]")
        self.yasmin.sees("The views were recorded", "Nothing is missing")
        self.did("Views asked at closing")

    def step_8_and_the_case_is_closed(self) -> None:
        self.yasmin.press("Close the case", within="section[aria-labelledby=ending]")
        self.did("Closed")
        self.dina.open(self.referral).sees("losed")

    def afterwards_morgan_asks_how_the_family_is(self) -> None:
        self.morgan.open("/").sees(f"Ask how the family is after closing – {self.child}")
        self.morgan.follow("Ask how the family is after closing", within="main .ta-clock")
        self.morgan.type("How are they?", "She lives with her aunt, and is well.")
        self.morgan.press("Save the follow-up").sees("The follow-up was recorded")
        self.did("Followed up after closing")

    # What the page of the case tells

    def all_eight_steps_are_done(self) -> None:
        self.yasmin.open(self.case)
        stages = self.yasmin.page.locator("aside .govuk-task-list").first.locator("li").all_inner_texts()
        assert [" ".join(each.split()) for each in stages] == [f"{title} Done" for title in EIGHT]

    def how_the_clocks_ended(self) -> dict[str, str]:
        """Each clock that has stopped, with “in time” or “late”."""
        self.yasmin.open(self.case).page.get_by_text("Clocks that have stopped").click()
        lines = self.yasmin.page.locator("details li").all_inner_texts()
        return {
            title: "in time" if rest.startswith("done in time") else "late"
            for title, _, rest in (line.partition(": ") for line in lines)
        }

    def the_chronology_tells_what_was_done_and_when(self) -> list[str]:
        """All of it, in order and with its day, matches what was done. What the procedure reported is returned."""
        self.yasmin.open(self.case)
        told: list[tuple[str, str]] = []
        while True:
            titles = self.yasmin.page.locator("main .ta-timeline__title").all_inner_texts()
            days = self.yasmin.page.locator("main .ta-timeline__date").all_inner_texts()
            told += zip(titles, days, strict=True)
            if not self.yasmin.link("Show what happened before").count():
                break
            self.yasmin.follow("Show what happened before")
        reported = [title.split(" by ")[0] for title, _day in reversed(told) if " by The procedure" in title]
        done = [
            (day.split(".")[0].strip(), title.split(" by ")[0])
            for title, day in reversed(told)
            if " by The procedure" not in title
        ]
        assert done == [(uk_date(today(day - self.days)), what) for day, what in self.done]
        return reported
