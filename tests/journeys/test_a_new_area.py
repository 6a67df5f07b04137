"""The first administrator sets up an area and invites a practitioner, who joins."""

from __future__ import annotations

import argparse
import re
from collections.abc import Callable
from typing import Any

import pytest

from harness.live import Site
from harness.sign_in import code_of
from journeys.walking import Walker
from teamaround.database.actor import ANONYMOUS, acting_as
from teamaround.notices.models import Message
from teamaround.site.commands.create_admin import run

pytestmark = pytest.mark.browser

KIM, KIMS_PHRASE = "kim@northmoor.example", "copper lantern orchard 42"
YASMIN, YASMINS_PHRASE = "yasmin@northmoor.example", "seven quiet harbours 93"


class ANewArea:
    """Kim, the first administrator, and Yasmin, whom she invites."""

    def __init__(self, site: Site, kim: Walker, yasmin: Walker) -> None:
        self.site = site
        self.kim = kim
        self.yasmin = yasmin

    def given_the_command_printed_a_link_for_the_first_administrator(self, capsys: Any) -> None:
        run(argparse.Namespace(email=KIM, name="Kim Okafor", agency="Northmoor Council"))
        found = re.search(r"https?://[^/]+(/account/invitation/\S+)", capsys.readouterr().out)
        assert found
        self.link = found[1]

    def when_she_opens_it_and_chooses_a_password(self) -> None:
        self._join(self.kim, self.link, "Kim Okafor", KIMS_PHRASE)

    def _join(self, who: Walker, link: str, name: str, phrase: str) -> None:
        who.open(link).sees_heading(f"Welcome, {name}").picture("welcome")
        who.type("Choose a password", phrase).type("Type the password again", phrase)
        who.press("Save and go to sign in").sees("Your account is ready")

    def and_signs_in_with_it_and_a_second_factor(self) -> None:
        self._sign_in_for_the_first_time(self.kim, KIM, KIMS_PHRASE)

    def _sign_in_for_the_first_time(self, who: Walker, email: str, phrase: str) -> None:
        who.sees_heading("Sign in").picture("sign-in")
        who.type("E-mail", email).type("Password", phrase).press("Sign in")
        who.sees_heading("Set up your second factor").picture("second-factor")
        secret = who.page.locator("code").text_content() or ""
        who.type("Code", code_of(secret)).press("Go on")
        who.sees_heading("Your recovery codes").picture("recovery-codes")
        who.follow("I have kept them")

    def when_she_sets_up_agencies_and_teams(self) -> None:
        self.kim.open("/").picture("administrator-day").follow("Administration")
        self.kim.sees("Set up your area").picture("administration-empty")
        self._add_agency("Northmoor Young Carers", "Charity", "Young carers team")
        self.kim.tick("This team takes referrals").press("Save").sees("The team was added")
        self.kim.follow("Back")
        self._add_agency("Moor Lane School", "School", "Pastoral team")
        self.kim.press("Save").sees("Invite the people who work in it")
        self.kim.follow("Back")

    def _add_agency(self, name: str, sector: str, team: str) -> None:
        self.kim.follow("Add an agency").type("Name of the agency", name)
        self.kim.choose("Sector", sector).press("Save").sees("Add its teams next")
        self.kim.follow("Add a team").type("Name of the team", team).type("Telephone", "01632 960 100")

    def and_a_panel(self) -> None:
        self.kim.follow("Add a panel").type("Name of the panel", "Families panel")
        self.kim.select("Team that chairs it", "Young carers team").press("Save").sees("Add its members next")
        self.kim.follow("Back")

    def and_invites_a_practitioner(self) -> None:
        self.kim.picture("administration").follow("Young carers team").picture("team").follow("Invite")
        self.kim.type("E-mail address", YASMIN).type("Full name", "Yasmin Okoro")
        self.kim.type("Job title", "Young carers worker").choose("Role", "Practitioner").picture("invite")
        self.kim.press("Send the invitation").sees("The invitation was sent")

    def then_the_practitioner_opens_the_link_of_the_email(self) -> None:
        with acting_as(ANONYMOUS):
            body = Message.objects.get(address=YASMIN).body
        link = re.search(r"/account/invitation/\S+", body)
        assert link
        self._join(self.yasmin, link[0], "Yasmin Okoro", YASMINS_PHRASE)

    def and_signs_in(self) -> None:
        self._sign_in_for_the_first_time(self.yasmin, YASMIN, YASMINS_PHRASE)

    def and_is_at_her_day(self) -> None:
        self.yasmin.sees("Nothing is late, due today or due in the next 7 days").picture("day-empty")
        assert self.yasmin.page.url == f"{self.site.url}/"

    def and_the_administrator_adds_her_to_the_panel(self) -> None:
        self.kim.open("/administration/").follow("Families panel").follow("Add a member")
        self.kim.select("Person", "Kim Okafor").press("Save").sees("You cannot change your own access")
        self.kim.select("Person", "Yasmin Okoro").press("Save").sees("The member was added").picture("panel")

    def and_she_cannot_open_the_administration(self) -> None:
        self.yasmin.open("/administration/", status=403)


def test_the_first_administrator_sets_up_an_area_and_a_practitioner_joins_it(
    new_area: Site, somebody: Callable[..., Walker], settings: Any, capsys: pytest.CaptureFixture[str]
) -> None:
    settings.TEAMAROUND_REQUIRE_SECOND_FACTOR = True
    settings.EMAIL_BACKEND = "teamaround.notices.outbox.OutboxBackend"
    story = ANewArea(new_area, somebody(new_area, "Kim"), somebody(new_area, "Yasmin"))
    story.given_the_command_printed_a_link_for_the_first_administrator(capsys)
    story.when_she_opens_it_and_chooses_a_password()
    story.and_signs_in_with_it_and_a_second_factor()
    story.when_she_sets_up_agencies_and_teams()
    story.and_a_panel()
    story.and_invites_a_practitioner()
    story.then_the_practitioner_opens_the_link_of_the_email()
    story.and_signs_in()
    story.and_is_at_her_day()
    story.and_the_administrator_adds_her_to_the_panel()
    story.and_she_cannot_open_the_administration()
