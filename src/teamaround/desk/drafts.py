"""What I have begun and not finished, and where to go on with it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from teamaround.access.me import Me
from teamaround.database.asking import Question

from .clocks import page

MOST_DRAFTS = 10
KEY = 36
"""Characters of a random identifier as text."""

PAGES: dict[str, tuple[str, str]] = {
    "referral": (gettext_noop("A referral"), "referrals:new"),
    "assessment": (gettext_noop("An assessment"), "assessments:edit"),
    "contact": (gettext_noop("A contact or visit"), "plans:contact"),
    "goal": (gettext_noop("A goal"), "plans:add_goal"),
    "goal-change": (gettext_noop("A change to a goal"), "plans:goal"),
    "action": (gettext_noop("An action of a plan"), "plans:add_action"),
    "plan-words": (gettext_noop("The words of a plan"), "plans:change"),
    "agree": (gettext_noop("The agreement to a plan"), "plans:agree"),
    "review": (gettext_noop("A review"), "plans:review"),
    "close-outcomes": (gettext_noop("Closing a case: outcomes"), "plans:close#outcomes"),
    "close-stepdown": (gettext_noop("Closing a case: who leads, and who stays"), "plans:close#stepdown"),
    "close-feedback": (gettext_noop("Closing a case: views of the child and family"), "plans:close#feedback"),
    "meeting": (gettext_noop("Calling a meeting"), "meetings:call"),
    "procedure": (gettext_noop("A change to a procedure"), "practice:change"),
    "minutes": (gettext_noop("The record of a meeting"), "meetings:record"),
}
"""Forms that keep drafts: what they are called, and the page (and the part of it) that puts the draft back."""


@dataclass(frozen=True, slots=True)
class DraftLine:
    """One draft; `url` is empty where the page to go on with it is not known."""

    text: str
    url: str
    saved_at: dt.datetime
    form: str
    about: str


def asking_drafts(me: Me) -> Question:
    """My drafts, as a question among others: for `my_drafts`."""
    return Question("app.day_drafts(%s, %s)", (me.principal, MOST_DRAFTS))


def my_drafts(answer: Iterable[Mapping[str, Any]]) -> list[DraftLine]:
    """The lines of what `asking_drafts` was answered, the last one saved first."""
    return [_line(row["form"], row["about"], dt.datetime.fromisoformat(row["saved_at"])) for row in answer]


def _line(form: str, about: str, saved_at: dt.datetime) -> DraftLine:
    text, name = PAGES.get(form, (form.replace("-", " ").capitalize(), ""))
    return DraftLine(_(text), _address(name, about), saved_at, form, about)


def _address(name: str, about: str) -> str:
    if not name:
        return ""
    if name == "referrals:new":
        new = page(name)
        return f"{new}?person={about}" if new and len(about) == KEY else new
    if name == "practice:change":
        return page(name, about)
    key, part = about[:KEY], about[KEY + 1 :]
    if name == "assessments:edit":
        return page("assessments:risk", key) if part == "risk" else page(name, key, part)
    where, _hash, place = name.partition("#")
    address = page(where, key)
    return f"{address}#{place}" if address and place else address
