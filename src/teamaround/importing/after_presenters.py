"""What the pages read about withdrawing, about who is no longer listed, and about what is remembered."""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from teamaround.index.freshness import Unlisted
from teamaround.index.models import Involvement
from teamaround.people.models import Person
from teamaround.ui.presentation import uk_date

from .models import Authorisation, Shape
from .presenters import born_words
from .withdrawing import Plan


@dataclass(frozen=True, slots=True)
class ChildLine:
    """One child of a run that would be withdrawn."""

    name: str
    born: str
    person: uuid.UUID | None
    row: int
    why: str


@dataclass(frozen=True, slots=True)
class PlanCount:
    """One figure of what a withdrawal does, in a sentence."""

    number: int
    words: str


@dataclass(frozen=True, slots=True)
class UnlistedLine:
    """One child whom a whole caseload no longer lists. `involvement` is the row that would end."""

    involvement: uuid.UUID
    name: str
    person: uuid.UUID | None
    words: str
    carries_case: bool


@dataclass(frozen=True, slots=True)
class ShapeLine:
    """One remembered shape."""

    uuid: uuid.UUID
    filename: str
    sheet_name: str
    columns: str
    used: int
    at: dt.datetime
    by: str
    version: int


def register_words(authorisation: Authorisation) -> str:
    """An authorisation as one chooses it."""
    return _("Every child of an area: %(area)s (%(reference)s)") % {
        "area": authorisation.area,
        "reference": authorisation.assessment_reference,
    }


def authorisation_words(authorisation: Authorisation) -> str:
    """What a register rests on, in a sentence that stands on each of its pages."""
    return _(
        "A register of every child of %(area)s. It rests on the data protection impact assessment %(reference)s of "
        "%(assessed)s, decided by %(who)s, in force from %(since)s until %(until)s. Nobody becomes involved with "
        "these children."
    ) % {
        "area": authorisation.area,
        "reference": authorisation.assessment_reference,
        "assessed": uk_date(authorisation.assessed_on),
        "who": authorisation.decided_by,
        "since": uk_date(authorisation.effective_from),
        "until": uk_date(authorisation.effective_until),
    }


def plan_counts(plan: Plan, children: int) -> list[PlanCount]:
    """What a withdrawal does, in figures; those of nothing are left out."""
    gone, facts, ended = len(plan.gone), plan.facts, len(plan.end)
    reopened = sum(len(rows) for rows in plan.reopen.values()) + len(plan.again)
    stays = children - gone
    found = [
        (
            gone,
            ngettext(
                "child is taken out of the index: nobody else rests on them",
                "children are taken out of the index: nobody else rests on them",
                gone,
            ),
        ),
        (stays, ngettext("child stays", "children stay", stays)),
        (
            ended,
            ngettext("involvement of your team ends today", "involvements of your team end today", ended),
        ),
        (
            facts,
            ngettext(
                "name, address, number, school or care no longer counts",
                "names, addresses, numbers, schools and cares no longer count",
                facts,
            ),
        ),
        (
            len(plan.kept),
            ngettext(
                "entry stays, because your later file says the same",
                "entries stay, because your later file says the same",
                len(plan.kept),
            ),
        ),
        (
            reopened,
            ngettext(
                "entry that this file ended runs on again",
                "entries that this file ended run on again",
                reopened,
            ),
        ),
    ]
    return [PlanCount(number, words) for number, words in found if number]


def child_lines(
    subjects: Sequence[int],
    people: Mapping[int, Person],
    why: Mapping[int, Sequence[str]],
    numbers: Mapping[int, int],
) -> list[ChildLine]:
    """The children in their order; one whom I may not open has no name here."""
    found = []
    for subject in subjects:
        person = people.get(subject)
        found.append(
            ChildLine(
                person.name if person else _("Somebody you may no longer open"),
                born_words(person.date_of_birth, person.born_precision) if person else "",
                person.uuid if person else None,
                numbers[subject],
                " ".join(why.get(subject, ())),
            )
        )
    return found


def unlisted_lines(
    rows: Sequence[Unlisted], people: Mapping[int, Person], involvements: Iterable[Involvement]
) -> list[UnlistedLine]:
    """Who is no longer listed, with since when the team works with them and the last contact."""
    keys = {one.pk: one.uuid for one in involvements}
    found = []
    for row in rows:
        person = people.get(row.subject)
        words = [born_words(person.date_of_birth, person.born_precision) if person else ""]
        words.append(_("with your team since %(since)s") % {"since": uk_date(row.since)})
        if row.last_contact_on:
            words.append(_("last contact %(day)s") % {"day": uk_date(row.last_contact_on)})
        found.append(
            UnlistedLine(
                keys[row.involvement],
                person.name if person else _("Somebody you may no longer open"),
                person.uuid if person else None,
                ", ".join(word for word in words if word),
                row.carries_case,
            )
        )
    return found


def shape_lines(
    shapes: Sequence[Shape], names: Mapping[int, str], used: Mapping[int, int]
) -> list[ShapeLine]:
    """The remembered shapes; `names` are practitioners by principal, `used` numbers of uploads by shape."""
    return [
        ShapeLine(
            shape.uuid,
            shape.filename,
            shape.sheet_name,
            ", ".join(column.written for column in shape.columns.all() if column.field != "ignore"),
            used.get(shape.pk, 0),
            shape.remembered_at,
            names.get(shape.remembered_by_id or 0, ""),
            shape.version,
        )
        for shape in shapes
    ]
