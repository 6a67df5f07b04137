"""Answers of a search, as the page lists them: no more than is needed to pick the right one."""

from __future__ import annotations

import uuid
from collections.abc import Collection, Iterable
from dataclasses import dataclass

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from teamaround.index.actions import Answers, Found, Query
from teamaround.index.typed import Typed
from teamaround.linkage import normalise
from teamaround.ui.presentation import age, uk_date


@dataclass(frozen=True, slots=True)
class FoundView:
    """One answer: the name, what tells people apart, and why it is here.

    `emergency` says that I may not open the record itself, and may do so in an emergency.
    """

    uuid: uuid.UUID
    name: str
    line: str
    why: str
    protected: bool = False
    emergency: bool = False


@dataclass(frozen=True, slots=True)
class AnswersView:
    """What a search found, in words: `heading` says how many; `ask` what to do where it helps nobody to choose.

    `more_fit`: there may be more than these.
    """

    people: tuple[FoundView, ...]
    heading: str
    ask: str = ""
    more_fit: bool = False

    @property
    def said(self) -> str:
        """What is read out when the answers arrive."""
        return self.heading if self.people else f"{self.heading}. {self.ask}".strip()


def answers_view(
    answers: Answers, query: Query, *, kept: Iterable[Found], closed: Collection[int], most: int
) -> AnswersView:
    """The answers on a page; `kept` are those to be shown, `closed` whose record I do not see."""
    people = tuple(found_view(each, query, emergency=each.subject in closed) for each in kept)
    if answers.too_many:
        return AnswersView((), _("Too many people fit"), _too_many(query))
    if answers.unread:
        told = _("What you typed cannot be read as a name. Type it in letters, like Farah Rahman.")
        return AnswersView((), _("Nobody was searched for"), told)
    if not people:
        told = _(
            "Check the spelling, try another name they go by, or search by date of birth and postcode alone."
        )
        return AnswersView((), _("Nobody fits"), told)
    heading = ngettext("%(n)d person fits", "%(n)d people fit", len(people)) % {"n": len(people)}
    return AnswersView(people, heading, more_fit=len(answers) >= most)


def _too_many(query: Query) -> str:
    if not (query.born or query.identifier):
        if len("".join(normalise.words(query.name))) == 1:
            return _("One letter fits too many people, so none is shown. Type more of the name.")
        if not query.name:
            return _("A part of a postcode fits too many people, so none is shown. Add a name.")
    missing = []
    if query.born is None or query.precision != "day":
        missing.append(_("date of birth"))
    if not normalise.postcode(query.postcode)[0]:
        missing.append(_("postcode"))
    missing.append(_("number"))
    return _("More than ten people fit equally well, so none is shown. Add one more fact: %(facts)s.") % {
        "facts": _or(missing)
    }


def found_view(found: Found, query: Query, *, emergency: bool = False) -> FoundView:
    """An answer in words. Of a protected entry there is nothing to tell but that it exists."""
    if found.protected:
        told = _("Ask the information-governance lead.")
        return FoundView(found.uuid, _("An entry exists and is protected"), told, "", protected=True)
    parts = []
    if found.date_of_birth is not None:
        born = uk_date(found.date_of_birth, found.born_precision)
        parts.append(
            _("born %(born)s, aged %(age)s")
            % {"born": born, "age": age(found.date_of_birth, precision=found.born_precision)}
        )
    else:
        parts.append(_("date of birth not known"))
    if found.area:
        parts.append(_("lives in %(area)s") % {"area": found.area})
    why = "; ".join(_why(found, query)) or _("close to what you typed")
    return FoundView(found.uuid, found.name, _capital("; ".join(parts)), _capital(why), emergency=emergency)


def _why(found: Found, query: Query) -> list[str]:
    """The reasons, the one about the birthday in the words of what was asked for: a month or a year."""
    born = found.date_of_birth
    if query.born is None or query.precision == "day" or born is None:
        return list(found.why)
    said = [reason for reason in found.why if "birthday" not in reason and "1 January" not in reason]
    if born.year != query.born.year:
        return [*said, _("another year of birth")]
    if query.precision == "month" and found.born_precision != "year":
        same = born.month == query.born.month
        return [*said, _("same month of birth") if same else _("same year of birth, another month")]
    return [*said, _("same year of birth")]


def understood(query: Query, typed: Typed) -> list[tuple[str, str]]:
    """How what was typed was understood: (what, value), so that a misreading is seen at once."""
    said = []
    if query.name:
        said.append((_("Name"), query.name))
    if query.born:
        said.append((_("Born"), uk_date(query.born, query.precision)))
    if query.postcode:
        whole = bool(normalise.postcode(query.postcode)[0])
        said.append((_("Postcode") if whole else _("Part of a postcode"), query.postcode))
    for number in filter(None, (query.identifier, query.upn)):
        if number.isdigit():
            said.append((_("NHS number"), f"{number[:3]} {number[3:6]} {number[6:]}"))
        else:
            said.append((_("Pupil number"), number))
    left_out = " ".join(part.typed for part in typed.parts if part.kind == "title")
    if left_out:
        said.append((_("Left out"), left_out))
    return said


def _or(words: list[str]) -> str:
    return f"{', '.join(words[:-1])} {_('or')} {words[-1]}" if len(words) > 1 else words[0]


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]
