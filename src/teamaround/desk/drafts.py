"""What I have begun and not finished, and where to go on with it."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from teamaround.access.me import Me
from teamaround.access.models import Draft

from .clocks import page

PAGES: dict[str, tuple[str, str]] = {
    "referral": (gettext_noop("A referral"), "referrals:new"),
    "assessment": (gettext_noop("An assessment"), "assessments:detail"),
    "plan": (gettext_noop("A plan"), "plans:start"),
    "contact": (gettext_noop("A contact or visit"), "plans:contact"),
    "review": (gettext_noop("A review"), "plans:review"),
    "close": (gettext_noop("Closing a case"), "plans:close"),
    "meeting": (gettext_noop("A meeting"), "meetings:call"),
    "minutes": (gettext_noop("Minutes of a meeting"), "meetings:minutes"),
    "consent": (gettext_noop("A consent"), "sharing:consent"),
}
"""Forms that keep drafts: what they are called, and the page that puts the draft back."""


@dataclass(frozen=True, slots=True)
class DraftLine:
    """One draft; `url` is empty where the page to go on with it is not known."""

    text: str
    url: str
    saved_at: dt.datetime
    form: str
    about: str


def my_drafts(me: Me, *, most: int = 10) -> list[DraftLine]:
    """My drafts, the last one saved first. One query."""
    rows = Draft.objects.filter(practitioner_id=me.principal).order_by("-saved_at").defer("typed")[:most]
    return [_line(row) for row in rows]


def _line(row: Draft) -> DraftLine:
    text, name = PAGES.get(row.form, (row.form.replace("-", " ").capitalize(), ""))
    url = ""
    if name:
        url = page(name, row.about) if row.about else ""
        url = url or (page(name) if row.about in ("", "new") else "")
    return DraftLine(_(text), url, row.saved_at, row.form, row.about)
