"""What a sweep of the site asks with: each of its URLs, and clients that are signed in."""

from __future__ import annotations

from collections.abc import Iterator
from html.parser import HTMLParser
from typing import Any

import psycopg
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver, reverse


def patterns(found: list[URLPattern | URLResolver], namespace: str = "") -> Iterator[tuple[str, list[str]]]:
    """Each URL's name, and the names of its parts."""
    for pattern in found:
        if isinstance(pattern, URLResolver):
            inner = f"{namespace}{pattern.namespace}:" if pattern.namespace else namespace
            yield from patterns(pattern.url_patterns, inner)
        else:
            yield f"{namespace}{pattern.name}", list(pattern.pattern.regex.groupindex)


def every_url() -> list[tuple[str, list[str]]]:
    """Each URL of the site by name, with the names of its parts."""
    return sorted(patterns(get_resolver().url_patterns))


def client_of(account: Any) -> Client:
    """A browser in which this account is signed in; an error is an answer, as in use."""
    client = Client(raise_request_exception=False)
    client.force_login(account, backend="allauth.account.auth_backends.AuthenticationBackend")
    return client


def parent(area: Any, person: int, email: str = "farah@family.example") -> Client:
    """A family member's own account, opened by Dana."""
    from teamaround.agencies.models import Account, Principal
    from teamaround.people.models import PortalAccount

    account = Account.objects.create(email=email, password="!")
    with area.as_("dana") as me:
        PortalAccount.objects.create(
            principal=Principal.objects.create(kind="family"),
            account=account,
            person_id=person,
            opened_by_id=me.principal,
        )
    return client_of(account)


def one(owner: psycopg.Connection, query: str) -> Any:
    """The first value of the first row."""
    row = owner.execute(query).fetchone()
    assert row is not None, query
    return row[0]


# Which part of a family stands in a URL, by the URL's name, its room, or the name of its group alone.
BY_GROUP = {
    "person": ("child", "mother"),
    "episode": ("episode",),
    "plan": ("plan",),
    "goal": ("goal",),
    "contact": ("contact",),
    "task": ("task",),
}
BY_URL: dict[tuple[str, str], tuple[str, ...]] = {
    ("desk", "key"): ("child", "mother"),
    ("desk:family", "key"): ("family",),
    ("desk:add_member", "key"): ("family",),
    ("desk:join_family", "key"): ("family",),
    ("desk:join_family", "person_key"): ("child",),
    ("desk:case", "key"): ("episode",),
    ("desk:diary", "key"): ("family",),
    ("desk:appoint_family", "key"): ("family",),
    ("desk:appoint_case", "key"): ("episode",),
    **{
        (f"desk:{name}", "key"): ("appointment",)
        for name in ("appointment", "move_appointment", "cancel_appointment")
    },
    ("desk:end_involvement", "key"): ("involvement",),
    ("desk:contact_details", "key"): ("involvement",),
    ("desk:begin_again", "key"): ("involvement",),
    ("referrals", "uuid"): ("referral",),
    ("assessments", "uuid"): ("assessment", "risks"),
    ("meetings", "uuid"): ("meeting", "booked"),
    ("meetings:answer", "uuid"): ("invitation", "asked"),
    ("meetings:withdraw", "uuid"): ("invitation", "asked"),
    ("sharing", "uuid"): ("basis",),
    ("sharing", "key"): ("child", "family"),
    ("sharing:shield_review", "uuid"): ("shield",),
    ("rights", "uuid"): ("request",),
}
WORDS = {"kind": "name", "form": "visit", "page": "about", "entry": "name-1", "act": "pause"}


class Forms(HTMLParser):
    """The forms of a page that are posted, with what stands in them."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.found: list[tuple[str, dict[str, str]]] = []
        self.inside = False
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        if tag == "form":
            self.inside = given.get("method") == "post"
            if self.inside:
                self.found.append((given.get("action", ""), {}))
        elif self.inside and tag in ("input", "textarea", "select", "button") and given.get("name"):
            self.found[-1][1].setdefault(given["name"], given.get("value", "") or "1")


def urls_of(parts: dict[str, str]) -> list[tuple[str, str]]:
    """Each URL of the product that one of the family's own identifiers stands in, by name."""
    found = []
    for name, groups in every_url():
        filled: list[dict[str, str]] = [{}]
        own = False
        for group in groups:
            room = name.split(":")[0]
            which = BY_URL.get((name, group)) or BY_URL.get((room, group)) or BY_GROUP.get(group)
            if room in ("administration", "oversight") or (which is None and group not in WORDS):
                filled = []
                break
            values = [parts[part] for part in which or () if part in parts] or [WORDS.get(group)]
            own = own or which is not None
            filled = [{**each, group: value} for each in filled for value in values if value]
        found += [(name, reverse(name, kwargs=each)) for each in filled if own]
    return found


def open_forms(client: Client, parts: dict[str, str]) -> list[tuple[str, dict[str, str]]]:
    """Every form that is posted, on every page of the family that opens."""
    found = []
    for _, url in urls_of(parts):
        page = client.get(url)
        if page.status_code == 200 and page.headers["Content-Type"].startswith("text/html"):
            forms = Forms(page.content.decode()).found
            found += [
                (to or url, typed) for to, typed in forms if any(p in (to or url) for p in parts.values())
            ]
    return found
