"""The worker's own part: the family, a first visit, an assessment, a consent, a plan, a meeting, a review."""

from __future__ import annotations

from journeys.people import CHILD, People, today
from teamaround.ui.presentation import uk_day

DOMAINS = {
    "development": (
        "health",
        "emotional",
        "behavioural",
        "identity",
        "relationships",
        "self_care",
        "learning",
    ),
    "parents": ("basic_care", "warmth", "guidance"),
    "family": ("history", "wider_family", "housing", "community"),
}
MOTHER = "Marta Whitcombe"
HIS_GOAL = "I want to play football on Saturdays."
HER_GOAL = "I want to rest in the afternoon without worrying."
THEIR_GOAL = "We eat together three evenings a week."


class Working(People):
    """From a named worker to a plan that was reviewed."""

    # The family

    def when_yasmin_finds_her_new_case_in_her_day(self) -> None:
        self.yasmin.open("/").sees(CHILD, "1 of 10").picture("day-worker")
        self.yasmin.follow("See the cases").picture("cases")
        self.yasmin.follow(CHILD, within="main").picture("case-new")
        self.case = self.yasmin.page.url

    def and_adds_his_family(self) -> None:
        self.yasmin.follow(CHILD).picture("person-worker")
        self.yasmin.add_to_record("Add a family").choose("Who are they in it?", "Child").press(
            "Add the family"
        )
        self.yasmin.sees("Family added", where="body").picture("family-new")

    def and_his_mother(self) -> None:
        self.yasmin.press("Add a member").type("Why are you searching?", "Luca’s family")
        self.yasmin.type("Who are you looking for?", MOTHER)
        self.yasmin.press("Search").sees("Nobody fits").follow("Add a person")
        self.yasmin.type("First name", "Marta").type("Last name", "Whitcombe").choose("Sex", "Female")
        self.yasmin.type("Phone", "01632 960 133").picture("person-add").press("Add")
        self.yasmin.choose("Who are they in this family?", "Parent").press("Add")
        self.yasmin.sees(MOTHER).picture("family")

    # The first visit and the assessment

    def and_records_a_first_visit(self) -> None:
        self.yasmin.open(self.case).follow("Record a contact or visit")
        self.yasmin.choose("What kind of contact was it?", "Visit").choose("Where was it?", "At home")
        self.yasmin.choose("Was the child seen alone?", "Yes")
        self.yasmin.give_date("Date", today()).type("Time", "00:00")
        self.yasmin.choose("Who did you see or speak to?", CHILD)
        self.yasmin.type("What the child said", "I do the cooking because Mum is tired.")
        self.yasmin.type("What happened", "Met at home. The kitchen is warm.").picture("contact")
        self.yasmin.press("Save the contact").picture("contact-recorded")

    def and_starts_an_early_help_assessment(self) -> None:
        self.yasmin.open(self.case).follow("Assess needs and strengths").picture("assessment-start")
        self.yasmin.press("Start the assessment").picture("assessment-pages")
        self.yasmin.press("Check what is missing", status=422).picture("assessment-missing")
        self.yasmin.open(self.yasmin.page.url.replace("finish", "tasks"))

    def and_writes_it_page_by_page(self) -> None:
        self.yasmin.follow("Who took part")
        self.yasmin.type("Who took part?", "Luca, met at home. Marta, met at home.")
        self.yasmin.choose("Who agreed to the assessment?", "The parent or carer and the child")
        self.yasmin.press("Save and continue")
        for page, domains in DOMAINS.items():
            for domain in domains:
                part = f"#{domain}"
                self.yasmin.page.locator(part).get_by_label("Some worries").first.check()
                self.yasmin.type("What is going well", "They look after each other.", within=part)
                self.yasmin.type("What is worrying or needed", "Time to be a child.", within=part)
            self.yasmin.picture(f"assessment-{page}").press("Save and continue")
        self.yasmin.type("What does the child say?", "I want to sleep more.")
        self.yasmin.type("What do parents and carers say?", "He does too much.").press("Save and continue")
        self.yasmin.type("What did you find, in short?", "A warm home in which a boy does a man’s work.")
        self.yasmin.type("What needs to change?", "Luca sleeps, and plays.").press("Save and continue")

    def and_finishes_it(self) -> None:
        self.yasmin.sees("Everything is there").press("Finish the assessment")
        self.yasmin.sees("The assessment is finished").picture("assessment-finished")

    def and_records_what_his_mother_agrees_to_share(self) -> None:
        self.yasmin.open(self.case).follow("Record consent").picture("consent")
        self.yasmin.choose("Who decides?", MOTHER).choose("In what standing?", "Has parental responsibility")
        team = self.yasmin.page.locator("#team-moor-lane")
        if team.get_attribute("open") is None:
            team.locator("summary").click()
        for question in ("Plans, goals and meetings", "Names, address"):
            team.get_by_role("group", name=question).get_by_label("Share", exact=True).first.check()
        self.yasmin.choose("How did they say it?", "Signed").press("Record").picture("consent-recorded")

    # The plan

    def and_starts_a_plan_for_the_family(self) -> None:
        self.yasmin.open(self.case).follow("Make or open the plan")
        self.yasmin.choose("Who is the plan for?", "Whitcombe").press("Start the plan").picture("plan-empty")
        self.plan = self.yasmin.page.url

    def and_writes_goals_for_two_members_and_the_whole_family(self) -> None:
        for whose, words in (("Luca", HIS_GOAL), ("Marta", HER_GOAL), ("The whole family", THEIR_GOAL)):
            self.yasmin.follow("Add a goal").choose("Whose goal is it?", whose)
            self.yasmin.type("What do they want to be different?", words)
            self.yasmin.type("How will we know?", "We count the days.").press("Add the goal")
        self.yasmin.sees(HIS_GOAL, HER_GOAL, THEIR_GOAL)

    def and_actions_with_owner_and_date(self) -> None:
        self.yasmin.follow(f"Add an action towards: {HIS_GOAL}")
        self.yasmin.type("What is to be done?", "Find a team that trains on Saturdays")
        self.yasmin.choose("Who does this?", "Someone who works").select("Which worker or team?", "Tom Reyes")
        self.yasmin.give_date("By when", today(14)).press("Add the action")
        self.yasmin.follow(f"Add an action towards: {THEIR_GOAL}")
        self.yasmin.type("What is to be done?", "Cook on Sundays with Nan")
        self.yasmin.choose("Who does this?", "Someone in the family").type("Name", "Nan")
        self.yasmin.give_date("By when", today(7)).press("Add the action").picture("plan-draft")

    def and_agrees_it_with_the_family(self) -> None:
        self.yasmin.follow("Record who agreed the plan").give_date("Date on which it was agreed", today())
        self.yasmin.choose("Who in the family agreed?", CHILD).choose("Who in the family agreed?", MOTHER)
        self.yasmin.give_date("Date of the first review", today(21)).press("Record the agreement").picture(
            "plan-agreed"
        )

    def then_the_plan_prints_as_pdf(self) -> None:
        self.yasmin.follow("Print the plan").sees(THEIR_GOAL, where="body").picture("plan-print")
        answer = self.yasmin.context.request.get(f"{self.plan}pdf/")
        assert answer.status == 200
        assert answer.headers["content-type"] == "application/pdf"
        assert answer.body().startswith(b"%PDF")

    # The team around the family

    def when_she_calls_the_team_around_the_family(self) -> None:
        self.yasmin.open(self.case).follow("Call a meeting").picture("meeting-call")
        self.yasmin.choose("What kind of meeting is it?", "Team around the child and family")
        self.invited_for = today(1)
        self.yasmin.give_date("Date", self.invited_for).type("Time", "3:40pm").type(
            "Place", "Moor Lane School"
        )
        self.yasmin.type("Purpose", "To see together how the plan is going.")
        self.yasmin.choose("Teams that work with the family", "Tom Reyes")
        self.yasmin.choose("The child and the family", CHILD).choose("The child and the family", MOTHER)
        self.yasmin.press("Call the meeting").picture("meeting-called")
        self.meeting = self.yasmin.page.url

    def then_tom_answers_the_invitation(self) -> None:
        self.tom.open("/").picture("day-invited").follow("Meetings", within="nav").picture("meetings")
        self.tom.follow(uk_day(self.invited_for), within="main").picture("meeting-invited")
        self.tom.follow("Answer the invitation").choose("Will you come?", "Yes").picture("meeting-answer")
        self.tom.press("Save the answer").sees("Answer", where="main").picture("meeting-answered")

    def when_she_records_the_meeting_with_views_decisions_and_actions(self) -> None:
        self.yasmin.open(self.meeting).follow("Record the meeting").picture("meeting-record")
        self.yasmin.give_date("Date it was held", today()).type("Time", "00:00")
        self.yasmin.type(f"{CHILD}’s views", "I scored twice.").type(f"{MOTHER}’s views", "I slept.")
        for name in ("Tom Reyes", CHILD, MOTHER):
            self.yasmin.choose("Who came?", name)
        self.yasmin.type("Decision 1", "Luca keeps his place in the team.")
        self.yasmin.type("What is to be done", "Lend him boots").select("Who does it", "Tom Reyes")
        self.yasmin.give_date("By when", today(5), number=0).press("Record the meeting")
        self.yasmin.sees("The minutes are recorded", "I scored twice.", "Lend him boots")
        self.yasmin.picture("meeting-recorded").follow("Print the minutes")

    def then_tom_has_his_actions_in_his_day(self) -> None:
        self.tom.open("/").sees("Lend him boots").picture("day-actions")

    def when_she_reviews_the_plan(self) -> None:
        self.yasmin.open(self.plan).follow("Review the plan").picture("review")
        self.yasmin.give_date("Date of the review", today())
        self.yasmin.type(f"What {CHILD} says", "It is better.").type(
            f"What {MOTHER} says", "I am less tired."
        )
        for words in (HIS_GOAL, HER_GOAL, THEIR_GOAL):
            self.yasmin.page.get_by_role("group").filter(has_text=words).last.get_by_label(
                "Going well"
            ).check()
        self.yasmin.type("Risks and worries now", "None.")
        self.yasmin.choose("Is this still the right kind of support?", "Yes")
        self.yasmin.choose("Will there be another review?", "No").press("Record the review").sees(
            "The review was recorded"
        )
        self.yasmin.picture("plan-reviewed")
