"""“Why can I see this?” and “What you cannot see”: the grants that hold now, in plain words."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from django.db.models import F, OuterRef, Subquery
from django.utils import timezone
from django.utils.translation import gettext as _

from teamaround.access.categories import Category
from teamaround.access.me import Me
from teamaround.access.models import BasisKind, Grant, Purpose
from teamaround.ui.presentation import uk_date, uk_time

from .models import Basis


def last_day(until: dt.datetime | None) -> str:
    """The last day on which something holds that ends at `until`, midnight after it; empty without an end."""
    return "" if until is None else uk_date(until - dt.timedelta(microseconds=1))


@dataclass(frozen=True, slots=True)
class Why:
    """My grants on some subjects: `words` by subject and category, the purpose I stated, and its end."""

    words: Mapping[tuple[int, str], tuple[str, ...]] = field(default_factory=dict)
    purpose: str = ""

    def section(self, categories: Iterable[str], *, own: bool, subjects: Collection[int]) -> str:
        """The sentences for a section that shows rows of these categories; `own` says some are my team's."""
        said = [_("Your own team wrote some or all of this.")] if own else []
        for subject in subjects:
            for category in categories:
                said.extend(self.words.get((subject, category), ()))
        return " ".join(dict.fromkeys(said))

    def not_granted(self, records: Collection[int]) -> tuple[Category, ...]:
        """The categories of the product for which I hold nothing about the subject of these records. It says nothing
        of what is recorded: it depends on my grants alone."""
        return tuple(
            each
            for each in Category
            if each != Category.INDEX and not any((record, str(each)) in self.words for record in records)
        )


def why_of(subjects: Collection[int]) -> Why:
    """The reasons for which I may read rows about these subjects that my team did not write. One query."""
    words: dict[tuple[int, str], tuple[str, ...]] = {}
    purpose = ""
    for row in _grants(subjects):
        if row["basis_kind"] == BasisKind.PURPOSE:
            purpose = row["stated"] or purpose
        key = (row["subject_id"], row["category"])
        words[key] = (*words.get(key, ()), _sentence(row))
    return Why(words, purpose)


def _grants(subjects: Collection[int]) -> Iterable[Mapping[str, Any]]:
    basis = Basis.objects.filter(pk=OuterRef("basis_id"))
    return (
        Grant.objects.filter(subject_id__in=subjects, valid_during__contains=timezone.now())
        .annotate(
            giver=Subquery(basis.values("given_by__given")[:1]),
            said_at=Subquery(basis.values("valid_from")[:1]),
            review_on=Subquery(basis.values("review_on")[:1]),
            by_team=Subquery(basis.values("author_team__name")[:1]),
            reason=Subquery(basis.values("reason")[:1]),
            stated=Subquery(Purpose.objects.filter(pk=OuterRef("basis_id")).values("reason")[:1]),
            panel=F("principal__panel__name"),
        )
        .values(
            "subject_id",
            "category",
            "basis_kind",
            "valid_during",
            "giver",
            "said_at",
            "review_on",
            "by_team",
            "reason",
            "stated",
            "panel",
        )
        .order_by("id")
    )


def _sentence(row: Mapping[str, Any]) -> str:
    since, until = row["valid_during"].lower, row["valid_during"].upper
    told = {
        "who": row["giver"] or _("The family"),
        "team": row["by_team"] or _("Another team"),
        "since": uk_date(row["said_at"] or since),
        "until": last_day(until),
        "review": uk_date(row["review_on"]) or last_day(until),
        "panel": row["panel"] or _("a panel you sit on"),
        "reason": (row["reason"] or "").rstrip(".")[:200],
        "stated": row["stated"] or "",
        "moment": _moment(until),
    }
    return SENTENCES.get(row["basis_kind"], _opened)() % told


def _consent() -> str:
    return _("%(who)s agreed on %(since)s that your team may see this, until %(until)s.")


def _safeguarding() -> str:
    return _("%(team)s shared it on %(since)s to keep somebody safe. That is looked at again by %(review)s.")


def _duty() -> str:
    return _(
        "%(team)s shared it on %(since)s because the law asks for it. That is looked at again by %(review)s."
    )


def _vital() -> str:
    return _("%(team)s shared it on %(since)s to protect life. That is looked at again by %(review)s.")


def _panel() -> str:
    return _(
        "%(team)s put it before %(panel)s on %(since)s. That lasts until %(until)s, or until it is dealt with."
    )


def _break_glass() -> str:
    return _("You opened it in an emergency: “%(reason)s”. That lasts until %(moment)s, and is reviewed.")


def _involvement() -> str:
    return _("Your team has worked with them since %(since)s.")


def _purpose() -> str:
    return _("You said why you need to look: “%(stated)s”. That lasts until %(moment)s.")


def _episode() -> str:
    return _("Your team has had a referral or a case about them in hand since %(since)s.")


def _opened() -> str:
    return _("It was opened to you or your team on %(since)s.")


SENTENCES = {
    BasisKind.CONSENT: _consent,
    BasisKind.SAFEGUARDING: _safeguarding,
    BasisKind.DUTY: _duty,
    BasisKind.VITAL: _vital,
    BasisKind.PANEL: _panel,
    BasisKind.BREAK_GLASS: _break_glass,
    BasisKind.INVOLVEMENT: _involvement,
    BasisKind.PURPOSE: _purpose,
    BasisKind.EPISODE: _episode,
}
"""One sentence a basis: who gave it, since when, until when. Functions, since the language is the reader's."""


def _moment(until: dt.datetime | None) -> str:
    if until is None:
        return _("it is ended")
    if timezone.localdate(until) == timezone.localdate():
        return uk_time(until)
    return f"{uk_time(until)} {_('on')} {uk_date(until)}"


def why(*, by: Me, subject: int, category: str, author_team: int | None = None) -> str:
    """Why I may see this category of this subject, in a sentence or two; empty where I may not."""
    if author_team in by.teams:
        return _("Your team wrote this.")
    return why_of([subject]).section([category], own=False, subjects=[subject])
