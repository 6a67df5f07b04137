"""The young carers worker brings in the caseload file that her service exported."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

from django.core.management import call_command
from django.db import connections

from journeys.people import BORN, POSTCODE, People, apart
from teamaround.index.actions import involve
from teamaround.people.actions import add_address, add_person

FILE = Path(__file__).parents[1] / "data" / "caseload-young-carers.csv"


def do_the_waiting_jobs() -> None:
    """What the background worker does: every job that waits, then no more."""

    def work() -> None:
        try:
            call_command("procrastinate", "worker", "--one-shot", verbosity=0)
        finally:
            connections.close_all()

    apart(work)


class BringingIn(People):
    """From the file to the team's own children in the index."""

    def given_the_school_and_recovery_know_some_of_the_children(self) -> None:
        self.pupil = self._pupil("Luca", "Whitcombe", BORN, POSTCODE)
        self._pupil("Ali", "Raheem", dt.date(2012, 11, 29), "WA10 6GZ")
        with self.cast.as_(self.cast.sam) as me:
            involve(by=me, team=self.cast.sam.team.pk, subject=self.pupil, practitioner=me.principal)

    def _pupil(self, given: str, family_name: str, born: dt.date, postcode: str) -> int:
        team = self.cast.tom.team.pk
        with self.cast.as_(self.cast.tom) as me:
            person = add_person(
                by=me, team=team, given=given, family_name=family_name, date_of_birth=born, sex="M"
            )
            add_address(by=me, team=team, person=person.pk, postcode=postcode)
        return person.pk

    def when_yasmin_uploads_the_file_that_her_service_exported(self) -> None:
        self.yasmin.open("/").follow("Caseload").picture("caseload-start")
        self.yasmin.give_file(FILE).press("Upload and read").sees("256 rows were read")

    def and_agrees_with_what_each_column_is(self) -> None:
        self.yasmin.sees("never stands on the child’s record").picture("caseload-columns")
        self.yasmin.press("Check the rows").sees("It begins in a moment").picture("caseload-checking")
        do_the_waiting_jobs()
        self.yasmin.open(self.yasmin.page.url)

    def then_she_sees_which_rows_are_recognised_added_refused_or_hers_to_decide(self) -> None:
        self.yasmin.sees("may be a child who is already known").picture("caseload-checked")
        self.yasmin.sees("Download the refused rows with the reason beside each")

    def when_she_decides_who_the_uncertain_ones_are(self) -> None:
        self.yasmin.follow("Decide them").picture("caseload-decide")
        for choice in self.yasmin.page.get_by_label("different").all():
            choice.check()
        self.yasmin.press("Save these decisions").sees("Nothing is changed yet")

    def and_confirms(self) -> None:
        self.yasmin.press("Bring them in")
        do_the_waiting_jobs()
        self.yasmin.open(self.yasmin.page.url)

    def then_the_children_are_her_teams(self) -> None:
        self.yasmin.sees("The caseload is brought in").picture("caseload-done")
