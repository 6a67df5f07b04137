"""A third agency sees who is involved and how to reach them; somebody without a purpose sees nothing."""

from __future__ import annotations

from journeys.people import BORN, CHILD, People
from journeys.working import HIS_GOAL


class LookingOn(People):
    """Nina has a purpose; Olive has none. Sam's service is a sensitive one."""

    def when_nina_searches_with_a_purpose_and_opens_the_child(self) -> None:
        self.nina.open("/search/").type("Why are you searching?", "A health check at school")
        self.nina.type("Who are you looking for?", f"{BORN:%d/%m/%Y} {CHILD}").press("Search")
        self.nina.press("Open").picture("person-third-agency")

    def then_she_sees_who_is_involved_and_how_to_reach_them(self) -> None:
        self.nina.sees("Who is involved", "Yasmin Okoro", "Tom Reyes")
        self.nina.page.get_by_role("link", name="Show contact details of Yasmin Okoro").click()
        self.nina.sees("01632 960101")

    def and_never_the_sensitive_service_nor_anything_else(self) -> None:
        self.nina.sees_nothing_of("Sam Frost", "Recovery", HIS_GOAL, "I scored twice", "Cooks in the evening")
        for address in (self.case, self.plan, self.meeting, self.referral):
            assert self.nina.context.request.get(address).status in (403, 404)

    def and_olive_without_a_purpose_sees_nothing(self) -> None:
        self.olive.open("/").sees_nothing_of("Luca", "Whitcombe")
        for address in (self.nina.page.url, self.case, self.plan, self.meeting, self.referral):
            assert self.olive.context.request.get(address).status == 404
