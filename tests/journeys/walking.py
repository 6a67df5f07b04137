"""Somebody at a browser. What they do reads as a sentence; each page they reach is looked at, at both widths."""

from __future__ import annotations

import datetime as dt
import hashlib
import os
import re
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import (
    Browser,
    ConsoleMessage,
    Locator,
    Page,
    Response,
    TimeoutError,
    expect,
)

from harness.cast import Member
from harness.live import Site

DESKTOP = {"width": 1280, "height": 900}
PHONE = {"width": 390, "height": 844}
WIDTHS = (PHONE, DESKTOP)
LOOK_EACH = bool(os.environ.get("TEAMAROUND_LOOK_EACH"))
"""Whether everybody looks at each page they reach; otherwise a page that somebody of this run looked at is left out."""
PICTURES = os.environ.get("TEAMAROUND_JOURNEY_PICTURES", "")
"""A folder for pictures of the pages, at both widths; none are taken when it is empty."""

RUN_AXE = 'axe.run(document, {resultTypes: ["violations"]})'
REVEALED_CHOICE = re.compile(r"govuk-(radios|checkboxes)__input")
WIDER_THAN_THE_WINDOW = "document.documentElement.scrollWidth - document.documentElement.clientWidth"
ONE_OF_MANY = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")

_axe = Axe()


def labelled(words: str) -> re.Pattern[str]:
    """A label that begins with these words: what follows is “(optional)” and the like."""
    return re.compile(r"^\s*" + re.escape(words))


def faults_of(results: list[dict[str, Any]]) -> list[str]:
    """What axe found, but for the one exemption: a choice that reveals a question says that it is expanded."""
    found = []
    for rule in results:
        for node in rule["nodes"]:
            if rule["id"] == "aria-allowed-attr" and REVEALED_CHOICE.search(node["html"]):
                continue
            found.append(f"{rule['id']}: {rule['help']}: {node['target']}: {node['html'][:300]}")
    return found


class Walker:
    """Somebody at a browser of their own."""

    def __init__(
        self, browser: Browser, site: Site, name: str, *, scripts: bool = True, looks: bool = True
    ) -> None:
        self.site = site
        self.name = name
        self.scripts = scripts
        self.looks = looks
        """Whether each page is looked at: not where another journey looks at the same pages."""
        self.context = browser.new_context(
            base_url=site.url, viewport=DESKTOP, java_script_enabled=scripts, locale="en-GB"
        )
        self.context.set_default_timeout(4_000)
        # The first page of a site takes its time on a machine that does much else.
        self.context.set_default_navigation_timeout(20_000)
        self.page: Page = self.context.new_page()
        self.complaints: list[str] = []
        self.looked_at: set[tuple[str, ...]] = set()
        self.status = 200
        self.page.on("console", self._hear)
        self.page.on("pageerror", lambda error: self.complaints.append(f"{self.page.url}: {error}"))
        self.page.on("response", self._note_status)

    def _hear(self, message: ConsoleMessage) -> None:
        # The browser writes a line of its own for every answer from 400 up: the status itself is looked at.
        if message.type == "error" and not message.text.startswith("Failed to load resource"):
            self.complaints.append(f"{self.page.url}: {message.text}")

    def _note_status(self, response: Response) -> None:
        if response.request.is_navigation_request():
            self.status = response.status
        elif response.status >= 400:
            self.complaints.append(f"{response.url}: {response.status}")

    def signed_in_as(self, member: Member) -> Walker:
        """With the session of somebody who signed in a moment ago."""
        session = member.client().cookies["sessionid"].value
        self.context.add_cookies([{"name": "sessionid", "value": session, "url": self.site.url}])
        return self

    # Going somewhere

    def open(self, address: str, *, status: int = 200) -> Walker:
        self.page.goto(address)
        return self.arrived(status)

    def follow(self, words: str, *, within: str = "body", status: int = 200) -> Walker:
        link = self.link(words, within=within)
        try:
            link.click()
        except TimeoutError as missing:
            raise AssertionError(f"no link “{words}” on {self.page.url}: {self.words()[:800]}") from missing
        return self.arrived(status)

    def press(self, words: str, *, within: str = "body", status: int = 200) -> Walker:
        """Press a button that sends a form."""
        # Chromium says it navigates only once the answer has begun to arrive.
        with self.page.expect_navigation(wait_until="load"):
            self.page.locator(within).get_by_role("button", name=labelled(words)).first.click()
        return self.arrived(status)

    def add_to_record(self, words: str) -> Walker:
        """Choose from the menu of what can be added to a person's record."""
        menu = self.page.locator(".moj-button-menu")
        choice = menu.locator("a").filter(has_text=labelled(words))
        if not choice.is_visible():
            menu.get_by_role("button", name="Add to record").click()
        choice.click()
        return self.arrived()

    def link(self, words: str, *, within: str = "body") -> Locator:
        place = self.page.locator(within)
        links = place.get_by_role("link", name=labelled(words))
        return links.or_(place.locator("a[role=button]").filter(has_text=labelled(words))).first

    def arrived(self, status: int = 200) -> Walker:
        """The page is the one hoped for; a page not seen before is looked at, at both widths."""
        self.page.wait_for_load_state("load")
        assert self.status == status, f"{self.page.url} answered {self.status}: {self.words()[:600]}"
        heading = self.page.locator("h1").first.inner_text()
        wrong = self.page.locator(".govuk-error-summary").count() > 0
        path = ONE_OF_MANY.sub("…", urlsplit(self.page.url).path)
        # The first page is another for each; of the others the address tells what they are, and a record's name is not
        # what makes a page another.
        what = (self.name, heading) if LOOK_EACH or path == "/" else ()
        page = (path, "with errors" if wrong else "", "scripts" if self.scripts else "", *what)
        if self.looks and self._first_to_see(page):
            self.check()
        return self

    def _first_to_see(self, page: tuple[str, ...]) -> bool:
        """Whether nobody of this run, in whichever of its workers, has looked at this page."""
        if LOOK_EACH:
            fresh = page not in self.looked_at
            self.looked_at.add(page)
            return fresh
        folder = Path(os.environ["TEAMAROUND_TEST_RUN"], "looked-at")
        folder.mkdir(exist_ok=True)
        try:
            (folder / hashlib.sha256("\n".join(page).encode()).hexdigest()).touch(exist_ok=False)
        except FileExistsError:
            return False
        return True

    def check(self) -> None:
        """Nothing that axe finds, nothing wider than the window, nothing in the console; at both widths."""
        if self.scripts:
            self.page.evaluate(_axe.axe_script)
        for width in WIDTHS:
            self.page.set_viewport_size(width)  # type: ignore[arg-type]
            where = f"{self.name} at {width['width']} pixels, {self.page.url}"
            assert self.page.evaluate(WIDER_THAN_THE_WINDOW) <= 0, f"{where}: the page scrolls sideways"
            if self.scripts:
                faults = faults_of(self.page.evaluate(RUN_AXE)["violations"])
                assert not faults, "\n".join([where, *faults])
        assert not self.complaints, self.complaints

    def picture(self, name: str) -> Walker:
        """A picture of the page at both widths, where somebody asked for pictures."""
        if PICTURES:
            for width in WIDTHS:
                self.page.set_viewport_size(width)  # type: ignore[arg-type]
                self.page.screenshot(
                    path=Path(PICTURES) / f"journey-{name}-{width['width']}.png", full_page=True
                )
        return self

    # Filling in a form

    def type(self, label: str, text: str, *, within: str = "main") -> Walker:
        self.page.locator(within).get_by_label(labelled(label)).first.fill(text)
        return self

    def select(self, label: str, option: str) -> Walker:
        box = self.page.locator("main").get_by_label(labelled(label)).first
        texts = box.locator("option").all_inner_texts()
        wanted = next((text for text in texts if option in text), None)
        assert wanted is not None, f"{option} is not among {texts}"
        box.select_option(label=wanted)
        return self

    def group(self, legend: str) -> Locator:
        return self.page.get_by_role("group", name=labelled(legend)).last

    def choose(self, legend: str, option: str) -> Walker:
        self.group(legend).get_by_label(labelled(option)).first.check()
        return self

    def tick(self, label: str) -> Walker:
        self.page.locator("main").get_by_label(labelled(label)).first.check()
        return self

    def give_date(self, legend: str, day: dt.date, *, number: int = -1) -> Walker:
        boxes = self.page.get_by_role("group", name=labelled(legend))
        group = boxes.last if number < 0 else boxes.nth(number)
        for part in ("day", "month", "year"):
            group.get_by_label(part.title(), exact=True).fill(str(getattr(day, part)))
        return self

    def give_file(self, path: Path) -> Walker:
        # The box itself: with scripts on, a button for dropping files stands before it.
        self.page.locator("main input[type=file]").set_input_files(path)
        return self

    # Reading

    def words(self, where: str = "body") -> str:
        """What can be read, with its spaces made even."""
        return " ".join(self.page.locator(where).inner_text().split())

    def sees(self, *words: str, where: str = "main") -> Walker:
        for each in words:
            expect(self.page.locator(where)).to_contain_text(each)
        return self

    def sees_nothing_of(self, *words: str) -> Walker:
        page = self.page.content()
        for each in words:
            assert each not in page, f"{self.name} can read “{each}” on {self.page.url}"
        return self

    def sees_heading(self, words: str) -> Walker:
        expect(self.page.locator("h1")).to_contain_text(words)
        return self

    def leaves(self) -> None:
        assert not self.complaints, self.complaints
        self.context.close()
