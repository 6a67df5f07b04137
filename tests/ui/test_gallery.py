"""All components in a real browser, under the site's own content policy."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from socketserver import ThreadingMixIn
from typing import Any
from wsgiref.simple_server import WSGIRequestHandler, WSGIServer, make_server

import pytest
from axe_playwright_python.sync_playwright import Axe
from django.contrib.staticfiles.handlers import StaticFilesHandler
from django.core.handlers.wsgi import WSGIHandler
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.urls import path
from playwright.sync_api import Browser, Page, sync_playwright

from teamaround.ui.gallery import gallery

pytestmark = pytest.mark.browser

ARGUMENTS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
drafts: list[dict[str, Any]] = []


def keep_draft(request: HttpRequest) -> HttpResponse:
    drafts.append(request.POST.dict())
    return JsonResponse({})


class Server(ThreadingMixIn, WSGIServer):
    daemon_threads = True


class Quiet(WSGIRequestHandler):
    def log_message(self, format: str, *args: Any) -> None:
        """Requests of a test are nobody's news."""


@pytest.fixture
def address(settings: Any) -> Iterator[str]:
    settings.DEBUG = True
    settings.ROOT_URLCONF = (path("", gallery), path("draft/", keep_draft))
    settings.SESSION_ENGINE = "django.contrib.sessions.backends.signed_cookies"
    settings.MIDDLEWARE = [
        "csp.middleware.CSPMiddleware",
        "django.contrib.sessions.middleware.SessionMiddleware",
        "django.middleware.csrf.CsrfViewMiddleware",
        "django.contrib.messages.middleware.MessageMiddleware",
    ]
    processors = ["request", "csrf"]
    settings.TEMPLATES = [
        {
            "BACKEND": "django.template.backends.django.DjangoTemplates",
            "APP_DIRS": True,
            "OPTIONS": {
                "context_processors": [
                    *(f"django.template.context_processors.{name}" for name in processors),
                    "django.contrib.messages.context_processors.messages",
                ]
            },
        }
    ]
    server = make_server("127.0.0.1", 0, StaticFilesHandler(WSGIHandler()), Server, Quiet)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}/"
    server.shutdown()
    server.server_close()


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path="/usr/bin/chromium", args=ARGUMENTS)
        yield chromium
        chromium.close()


def open_page(browser: Browser, width: int, **options: Any) -> tuple[Page, list[str]]:
    page = browser.new_context(viewport={"width": width, "height": 900}, **options).new_page()
    said: list[str] = []
    page.on("console", lambda message: said.append(message.text) if message.type == "error" else None)
    page.on("pageerror", lambda error: said.append(str(error)))
    return page, said


def violations(page: Page) -> list[tuple[str, list[Any]]]:
    found = []
    for violation in Axe().run(page).response["violations"]:
        nodes = [node["target"] for node in violation["nodes"]]
        if violation["id"] == "aria-allowed-attr":
            # A tick box that reveals questions says so with aria-expanded: known upstream.
            nodes = [
                node["target"]
                for node in violation["nodes"]
                if "data-aria-controls" not in node["html"] and "aria-controls" not in node["html"]
            ]
        if nodes:
            found.append((violation["id"], nodes))
    return found


@pytest.mark.parametrize("width", [1280, 390])
def test_the_components_are_accessible_and_break_no_policy(
    browser: Browser, address: str, width: int
) -> None:
    page, said = open_page(browser, width)
    page.goto(address)
    assert violations(page) == []
    page.check("#id_caring_0")
    page.check("#id_interpreter")
    page.click("text=Save the visit")
    page.wait_for_selector(".govuk-error-summary")
    assert page.title() == "Error: Components – Team Around"
    assert violations(page) == []
    assert said == []


@pytest.mark.parametrize("scripts", [True, False])
def test_nothing_scrolls_sideways_on_the_narrowest_screen(
    browser: Browser, address: str, scripts: bool
) -> None:
    page, _ = open_page(browser, 320, java_script_enabled=scripts)
    page.goto(address)
    assert page.locator("html").evaluate("e => e.scrollWidth") == 320


def test_every_target_is_large_enough_for_a_finger(browser: Browser, address: str) -> None:
    page, _ = open_page(browser, 390)
    page.goto(address)
    small = page.evaluate(
        """[...document.querySelectorAll('a:not([href="#main"]), button, summary, input:not([type=hidden])')]
        .map(e => [e.outerHTML, e.getBoundingClientRect()])
        .filter(([, box]) => box.width > 1 && Math.min(box.width, box.height) < 24).map(([html]) => html)"""
    )
    assert small == []


def test_paper_shows_no_address_of_the_products_own(browser: Browser, address: str) -> None:
    page = browser.new_page()
    page.goto(address)
    page.emulate_media(media="print")
    told = page.evaluate(
        "[...document.querySelectorAll('.govuk-link')].filter(a => a.getAttribute('href')?.startsWith('/'))"
        ".map(a => getComputedStyle(a, '::after').content)"
    )
    assert set(told) == {"none"}
    page.close()


def test_the_menu_opens_without_scripts(browser: Browser, address: str) -> None:
    page, _ = open_page(browser, 390, java_script_enabled=False)
    page.goto(address)
    link = page.get_by_role("link", name="Meetings", exact=True)
    assert not link.is_visible()
    page.click("summary:has-text('Menu')")
    assert link.is_visible()
    assert page.locator("#id_hours").is_visible()


def test_a_pasted_date_fills_all_three_boxes(browser: Browser, address: str) -> None:
    page, _ = open_page(browser, 1280)
    page.goto(address)
    page.locator("#id_visit_day").evaluate(
        """box => { const data = new DataTransfer(); data.setData('text', '27 November 2026');
        box.dispatchEvent(new ClipboardEvent('paste', { clipboardData: data, bubbles: true })) }"""
    )
    assert [page.input_value(f"#id_visit_{part}") for part in ("day", "month", "year")] == [
        "27",
        "November",
        "2026",
    ]


def test_a_draft_saves_itself_without_the_password(browser: Browser, address: str) -> None:
    drafts.clear()
    page, _ = open_page(browser, 1280)
    page.goto(address)
    page.fill("#id_password", "secret")
    page.fill("#id_note", "Saw Aisha alone.")
    page.get_by_text("Saved as a draft at").wait_for()
    assert drafts[-1]["note"] == "Saw Aisha alone."
    assert "password" not in drafts[-1]
    assert "csrfmiddlewaretoken" not in drafts[-1]


def test_a_stale_page_comes_back_with_what_was_typed(browser: Browser, address: str) -> None:
    page, _ = open_page(browser, 1280)
    page.goto(f"{address}?stale")
    page.fill("#id_name", "Aisha O’Rahman")
    page.fill("#id_born_year", "2012")
    page.fill("#id_visit_day", "4 November 2025")
    page.fill("#id_visit_time", "2pm")
    page.check("#id_caring_1")
    page.fill("#id_note", "Saw Aisha alone.")
    page.click("text=Save the visit")
    assert "Priya Shah changed this record" in page.inner_text(".govuk-error-summary")
    assert page.input_value("#id_name") == "Aisha O’Rahman"
    assert page.input_value("#id_version") == "4"
