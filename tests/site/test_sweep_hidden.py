"""What is hidden stands in no answer: every URL, as each of the cast, in families whose every text is a mark.

Who may read a mark is asked of the oracle: whoever reads one of the rows that hold it. What the oracle does
not know of (the search answers beyond grants, and the like) stands in `ALSO`, each with its reason.
"""

from __future__ import annotations

import html
import logging
import os
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import psycopg
import pytest
from django.core import mail
from django.test import Client
from django.urls import resolve, reverse
from psycopg import sql
from psycopg.rows import dict_row

from harness import sweep
from harness.marked import CLINIC, Marked, tell_marked
from harness.sweep import urls_of
from teamaround.checks import rows as rules
from teamaround.checks.oracle import Oracle
from teamaround.checks.rows import Asking
from teamaround.site.logs import QuietFormatter

STAFF = ("dana", "mel", "tom", "nina", "jo", "ada", "greta", "lewis")
SHIELDED = ("fs", "ws")
LEAVING = "account_logout"
# Not within a word: the token of a form may hold the few letters of a postcode.
MARKED = re.compile(r"zq[a-z]+|(?<![\w+/=-])ze\d(?: 9qx)?(?![\w+/=-])", re.IGNORECASE)

# The families by their keys, and who is asked for each of their URLs in the everyday run: those to whom something
# is, was, or might seem to be open. The long run asks for all, as everybody.
CONCERNED = {
    "tom": ("wd", "xp", "fs", "ws", "six", "sv"),
    "nina": ("fs", "ws"),
    "jo": ("bg", "be", "sv"),
    "greta": ("bg", "six"),
    "mother": ("six",),
    "lewis": ("sv",),
    "ada": ("wd",),
    "farah": ("wd",),
    "nobody": ("wd",),
}
# Dana wrote it all; her pages show that each mark can be seen.
DANAS = frozenset(
    {
        "desk:person", "desk:family", "desk:case", "referrals:detail", "assessments:detail", "assessments:edit",
        "plans:detail", "plans:pdf", "plans:contact_detail", "meetings:detail", "meetings:minutes", "sharing:detail",
        "sharing:shield", "desk:appointment",
    }
)  # fmt: skip

# Who may read besides: in which pages, which marks. The oracle judges rows; these are no rows of its tables.
ALSO = (
    # Whoever governs access gathers a person's own copy, and removes from it what is about others.
    (("greta",), r"rights:.*", r"Zqsix.*|ZE7.*"),
    # That there is a team of this name is known to those who set the partnership up, and to whom it can be
    # chosen by: it says nothing of the child.
    (("ada",), r"administration:.*", CLINIC),
    (("dana", "mel"), r"meetings:(call|invite)", CLINIC),
    # A family member's own appointments: a function of the database tells them, and them alone.
    (("mother",), r"portal:calendar", r"Zqsix(host|whereto)"),
    # Whoever makes an appointment chooses from every team that works.
    (("dana", "mel"), r"desk:appoint_(person|family|case)", CLINIC),
)


@dataclass
class World:
    """The demonstration and the marked families; who may read each of their marks."""

    clients: dict[str, Client]
    families: dict[str, Marked]
    owner: psycopg.Connection
    lines: list[str]
    stale: list[tuple[str, dict[str, str]]]
    readers: dict[str, set[str]] = field(default_factory=dict)

    def found(self, text: str) -> set[str]:
        """The marks that stand in a text."""
        words = MARKED.findall(html.unescape(text))
        return {
            mark
            for word in set(words)
            for mark in self.readers
            if word.casefold().startswith(mark.casefold())
        }


@pytest.fixture(scope="module")
def world(server_report: dict[str, str], django_db_blocker: Any) -> Iterator[World]:
    from harness.told import told_database
    from teamaround.demonstration.area import PEOPLE
    from teamaround.plans.views import document
    from teamaround.rights.views import requests

    name = f"live_{os.environ.get('PYTEST_XDIST_WORKER', 'main')}_hidden"
    log = Lines()
    with (
        django_db_blocker.unblock(),
        told_database(server_report, name) as (area, past),
        pytest.MonkeyPatch.context() as patched,
    ):
        # The page from which a PDF is made holds what the PDF shows, and can be read.
        for each in (document, requests):
            patched.setattr(each, "make_pdf", lambda page: page.encode())
        logging.getLogger().addHandler(log)
        clients = {each.key: sweep.client_of(area.accounts[each.key]) for each in PEOPLE if each.key in STAFF}
        farah = sweep.one(past.owner, "select subject_id from person where given = 'Farah'")
        clients["farah"] = sweep.parent(area, farah)
        clients["nobody"] = Client(raise_request_exception=False)
        families, stale = tell_marked(area, past, clients)
        clients["mother"] = sweep.parent(area, families["six"].mother, "mother@family.example")
        made = World(clients, families, past.owner, log.lines, stale)
        made.readers = readers_of(made, area, families)
        yield made
        logging.getLogger().removeHandler(log)


class Lines(logging.Handler):
    """What the product would write into its log."""

    def __init__(self) -> None:
        super().__init__(logging.INFO)
        self.setFormatter(QuietFormatter("%(levelname)s %(name)s %(message)s"))
        self.lines: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        self.lines.append(self.format(record))


def facts(owner: psycopg.Connection) -> dict[str, list[dict[str, Any]]]:
    """Every row of every table, but for the log and its like, which the application reads nothing of."""
    tables = [
        row[0]
        for row in owner.execute(
            "select relname::text from pg_class where relnamespace = 'public'::regnamespace and relkind in ('r', 'p') "
            "and not relispartition and relname !~ '^(django|auth|account|procrastinate|pghistory)'"
        )
    ]
    with owner.cursor(row_factory=dict_row) as cursor:
        return {
            table: cursor.execute(sql.SQL("select * from {}").format(sql.Identifier(table))).fetchall()
            for table in tables
        }


def readers_of(world: World, area: Any, families: dict[str, Marked]) -> dict[str, set[str]]:
    """Who may read each mark: by the oracle, whoever reads one of the rows that hold it."""
    found = facts(world.owner)
    oracle = Oracle(found, sweep.one(world.owner, "select now()"))
    asking = {}
    for who in STAFF:
        held = oracle.principals_of(area.people[who].pk)
        asking[who] = Asking("practitioner", area.people[who].pk, held, oracle.governs(held))
    for account in found["portal_account"]:
        if account["person_id"] == families["six"].mother:
            asking["mother"] = Asking("family", account["id"], oracle.relative(account["id"]))
    marks = {mark for case in families.values() for mark in case.marks.values()} - {CLINIC}
    readers: dict[str, set[str]] = {mark: set() for mark in marks}
    for table, rows in found.items():
        for row in rows:
            text = " ".join(str(value) for value in row.values() if isinstance(value, str | list | dict))
            held_here = [mark for mark in marks if mark in text]
            if not held_here or ("author_team_id" not in row and table not in rules.ALONE):
                continue
            for who, each in asking.items():
                if rules.may_read(oracle, each, table, row):
                    for mark in held_here:
                        readers[mark].add(who)
    involved = [row for row in found["involvement"] if row["subject_id"] == families["sv"].child]
    service = next(row["id"] for row in found["team"] if row["name"] == CLINIC)
    readers[CLINIC] = {
        who
        for who, each in asking.items()
        for row in involved
        if row["author_team_id"] == service and rules.may_read(oracle, each, "involvement", row)
    }
    for case in families.values():
        if case.key in SHIELDED:
            # The rule of shields is about where somebody lives and learns, on whatever paper it stands.
            for mark in (case.postcode, case.mark("address"), case.mark("school")):
                readers[mark] &= {"dana", "mel"}
        readers[case.outward] = readers[case.postcode]
    return readers


@dataclass(frozen=True)
class Seen:
    """One answer, and the marks that it held."""

    name: str
    who: str
    status: int
    marks: frozenset[str]


def look(world: World, who: str, name: str, url: str) -> Seen:
    """Ask for a URL as one of the cast."""
    answer = world.clients[who].get(url)
    body = b"".join(answer.streaming_content) if answer.streaming else answer.content
    text = body.decode(errors="replace") + " ".join(answer.headers.values())
    return Seen(name, who, answer.status_code, frozenset(world.found(text)))


@pytest.fixture(scope="module")
def seen(world: World) -> list[Seen]:
    """What each of the cast got for each list, and for each URL of the families that concern them."""
    lists = [(name, reverse(name)) for name, groups in sweep.every_url() if not groups and name != LEAVING]
    found = [look(world, who, *each) for who in world.clients for each in lists]
    for who, keys in CONCERNED.items():
        found += [look(world, who, *each) for key in keys for each in urls_of(world.families[key].parts)]
    own = [each for case in world.families.values() for each in urls_of(case.parts) if each[0] in DANAS]
    return found + [look(world, "dana", *each) for each in own]


def leaked(world: World, seen: list[Seen]) -> list[str]:
    """Each mark that somebody was shown who may not read it, in words."""
    return sorted(
        f"{each.name} as {each.who}: {mark}"
        for each in seen
        for mark in each.marks
        if each.who not in world.readers[mark] and not also(each.who, each.name, mark)
    )


def also(who: str, name: str, mark: str) -> bool:
    """Whether a line of `ALSO` says that this one may read it there."""
    return any(
        who in those and re.fullmatch(url, name) and re.fullmatch(what, mark) for those, url, what in ALSO
    )


def test_no_answer_holds_what_its_reader_may_not_read(world: World, seen: list[Seen]) -> None:
    assert leaked(world, seen) == []


@pytest.mark.long
def test_nor_does_any_answer_to_somebody_whom_the_family_does_not_concern(world: World) -> None:
    own = [each for case in world.families.values() for each in urls_of(case.parts)]
    assert leaked(world, [look(world, who, *each) for who in world.clients for each in own]) == []


def test_somebody_sees_each_mark(world: World, seen: list[Seen]) -> None:
    assert set(world.readers) - {mark for each in seen for mark in each.marks} == set()


def test_no_refusal_holds_anything_of_the_family(seen: list[Seen]) -> None:
    told = [f"{each.name} as {each.who}: {each.status}" for each in seen if each.status >= 400 and each.marks]
    assert told == []


def test_what_still_stands_is_seen_by_those_it_was_shared_with(world: World, seen: list[Seen]) -> None:
    """So that the test would notice if nothing were shown to anybody but the team that wrote it."""
    shown = {(each.who, mark) for each in seen for mark in each.marks}
    for who, mark in (
        ("tom", "Zqwsgoal"),
        ("tom", "Zqsvanswer"),
        ("jo", "Zqbgminutes"),
        ("nina", "Zqwsgiven"),
    ):
        assert (who, mark) in shown
        assert who in world.readers[mark]


@pytest.mark.parametrize("how", ["name", "postcode"])
def test_a_search_tells_names_and_an_area_and_less_where_a_shield_binds(world: World, how: str) -> None:
    wrong = []
    for who in ("tom", "nina", "jo"):
        may = {mark for case in world.families.values() for mark in told(who, case, how)}
        for case in world.families.values():
            typed = f"{case.mark('given')} {case.mark('surname')}" if how == "name" else case.postcode
            world.clients[who].post(reverse("desk:search"), {"reason": "Asked at the desk", how: typed})
            found = set()
            for page in ("desk:search", "desk:add_person"):
                text = world.clients[who].get(reverse(page)).content.decode()
                # What was typed is said again, as it was understood; that tells nothing of anybody.
                understood = r'<p class="ta-found__understood">.*?</p>'
                found |= world.found(re.sub(rf"<input[^>]*>|{understood}", "", text, flags=re.DOTALL))
            world.clients[who].get(reverse("desk:search") + "?afresh=1")
            wrong += [f"{who} is told {mark} of {case.key}" for mark in sorted(found - may)]
            if case.mark("given") in may and case.mark("given") not in found:
                wrong.append(f"{who} does not find {case.key}")
    assert wrong == []


def told(who: str, case: Marked, how: str) -> set[str]:
    """What a search may tell of a family: it finds anybody, but a shield hides where they live; a full one, that
    they are there, from whoever has no grant but a purpose. The mother has no shield of her own."""
    names = {case.mark("given"), case.mark("surname"), case.mark("mother")}
    if case.key not in SHIELDED:
        return {*names, case.outward}
    if how == "postcode":
        return set()
    return names if case.key == "ws" or who == "tom" else names - {case.mark("given")}


def test_a_form_opened_before_the_withdrawal_is_refused_after_it_and_shows_nothing(world: World) -> None:
    posted = [(page_of(url), world.clients["tom"].post(url, typed)) for url, typed in world.stale]
    assert {"meetings:answer", "sharing:before"} <= {name for name, _ in posted}
    wrong = [
        f"{name}: {answer.status_code} {sorted(world.found(answer.content.decode()))}"
        for name, answer in posted
        if answer.status_code not in (403, 404) or world.found(answer.content.decode())
    ]
    assert wrong == []


def page_of(url: str) -> str:
    """The name of the URL that this address is one of."""
    return str(resolve(url).view_name)


def test_no_mark_stands_in_a_line_of_the_log_or_in_a_message(world: World, seen: list[Seen]) -> None:
    """Of all that was read and refused above."""
    messages = world.owner.execute("select subject_line || ' ' || body from notice_message").fetchall()
    written = [row[0] for row in messages] + [f"{each.subject} {each.body}" for each in mail.outbox]
    assert len(world.lines) > 100
    assert not {mark for line in [*world.lines, *written] for mark in world.found(line)}
