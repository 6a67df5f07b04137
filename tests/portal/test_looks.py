"""Who has looked: when, role and agency, what and why; a page at a time; what is withheld leaves no gap."""

from __future__ import annotations

import re
from typing import Any

from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from teamaround.access.log import Looks, write_look
from teamaround.database.actor import acting_as
from teamaround.notices.jobs import seal_access_log, watch_access_log


def look(member: Any, subject: int, *, page: str = "desk:person", reason: str = "") -> None:
    actor = member.me.actor()
    with acting_as(actor), transaction.atomic():
        write_look(actor=actor, page=page, looks=Looks(lines={subject: {"index"}}, reason=reason))


def watched() -> None:
    seal_access_log(timestamp=0)
    watch_access_log(timestamp=0)


def page(home: Any, url: str = "") -> str:
    answer = home.kofi.client().get(url or reverse("portal:looks"))
    assert answer.status_code == 200
    return answer.content.decode()


def test_a_look_is_told_by_role_and_agency_with_what_and_why_and_no_name(cast: Any, home: Any) -> None:
    look(cast.tom, home.kofi.person.pk, page="plans:detail", reason="Getting ready for Friday")
    watched()
    text = page(home)
    for words in ("Pastoral lead, Moor Lane School", "Looked at your plan", "Getting ready for Friday"):
        assert words in text
    assert "Tom Reyes" not in text


def test_looks_that_are_withheld_leave_no_gap_on_any_page(cast: Any, home: Any) -> None:
    kofi = home.kofi.person.pk
    for number in range(25):
        look(cast.tom, kofi, reason=f"Visit {number:02d}")
        look(cast.sam, kofi, reason="Quietly")
    watched()
    client = home.kofi.client()
    client.get(reverse("portal:home"))
    with CaptureQueriesContext(connection) as queries:
        first = client.get(reverse("portal:looks")).content.decode()
    assert len(queries) <= 15
    (older,) = re.findall(r'href="([^"]+)" rel="next"', first)
    second = page(home, older.replace("&amp;", "&"))
    assert [text.count("Looked at your page") for text in (first, second)] == [20, 5]
    seen = re.findall(r"Visit (\d\d)", first + second)
    assert seen == [f"{number:02d}" for number in reversed(range(25))]
    assert "Quietly" not in first + second
    assert 'rel="next"' not in second
    assert str(home.kofi.person.uuid) not in older
