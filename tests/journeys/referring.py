"""The school refers the child; the service's manager answers; the referrer sees each step."""

from __future__ import annotations

from journeys.people import BORN, CHILD, People


class Referring(People):
    """From the school's search to a named worker."""

    def when_tom_searches_the_child_with_a_reason(self) -> None:
        self.tom.open("/").follow("Find a child").picture("search")
        self.tom.type("Why are you searching?", "He comes to school late and tired")
        self.tom.type("Who are you looking for?", f"Luka Whitcomb {BORN:%d/%m/%Y}")
        self.tom.press("Search").sees("1 person fits", CHILD).picture("search-answers")

    def and_opens_the_child(self) -> None:
        self.tom.press("Open").sees("Who is involved", "Northmoor Young Carers").picture("child-before")

    def and_says_that_the_school_works_with_him(self) -> None:
        self.tom.press("I am working with this child").sees("Tom Reyes", where="main table")

    def and_refers_him(self) -> None:
        self.tom.add_to_record("Make a referral").sees_heading(f"Refer {CHILD}").picture("referral-new")
        self.tom.choose("Sex", "Male")
        self.tom.choose("How soon is an answer needed?", "In the usual time")
        self.tom.type("Who else is in the family?", "Marta Whitcombe, 38, his mother, at home")
        self.tom.choose("Does the child care for somebody?", "Yes")
        self.tom.type("Whom do they care for?", "Mum").type("What do they do?", "Cooks in the evening")
        self.tom.select("About how many hours", "10")
        self.tom.type("What is worrying?", "He is late four days of five, and falls asleep in class.")
        self.tom.type("What is going well?", "He reads to the younger ones.")
        self.tom.choose("Does the family know of this referral", "They know and agree")
        self.tom.type("What does the child say?", "I like school when I am not tired.")
        self.tom.press("Send the referral").sees("The referral was sent to Young carers team")
        self.tom.picture("referral-sent")
        self.referral = self.tom.page.url

    def then_morgan_sees_it_in_her_day_with_its_clock(self) -> None:
        self.morgan.open("/").sees("Waiting for an answer", CHILD).picture("day-manager")
        self.morgan.sees(f"Allocate a worker – {CHILD}", "A request arrived")

    def when_she_checks_who_else_is_involved(self) -> None:
        self.morgan.follow(CHILD, within="main aside").picture("case-waiting")
        self.morgan.follow("Open the referral").picture("referral-received")
        self.morgan.sees("Who else is involved", "Moor Lane School", "Tom Reyes")
        self.morgan.sees_nothing_of("Sam Frost", "Recovery")

    def and_goes_through_the_checks_on_receipt(self) -> None:
        for question in (
            "Does it meet the criteria?",
            "Does the family know?",
            "Are the details complete?",
            "Were existing assessments read?",
        ):
            self.morgan.choose(question, "Yes")
        self.morgan.press("Save the checks").sees("The checks were saved")

    def then_tom_sees_that_it_was_received(self) -> None:
        self.tom.open(self.referral).sees("Steps so far", where="aside").picture("referral-sent-checked")

    def when_morgan_accepts(self) -> None:
        self.morgan.choose("Your answer", "Accept")
        self.morgan.type("Anything the referrer should know", "We will ring his mother this week.")
        self.morgan.press("Send your answer").sees("Your answer was sent to the referrer")

    def then_tom_sees_that_it_is_accepted(self) -> None:
        self.tom.open("/").sees("Referral news", CHILD, where="main aside").picture("day-referrer")
        self.tom.follow(CHILD, within="main aside").sees("ccepted").sees("We will ring his mother")

    def when_morgan_allocates_yasmin(self) -> None:
        self.morgan.select("Named worker", "Yasmin Okoro").press("Allocate")
        self.morgan.sees("The worker was named, and the referrer told").picture("referral-allocated")

    def then_tom_sees_who_works_with_him(self) -> None:
        self.tom.open(self.referral).sees("Yasmin Okoro").picture("referral-sent-allocated")
