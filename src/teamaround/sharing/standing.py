"""Who may decide for whom about sharing. Pure: it reads what it is given.

Source: under 16 a child who understands decides (Gillick), decision by decision; from 16 that is presumed;
an adult decides for themselves alone.
"""

from __future__ import annotations

import calendar
import datetime as dt
import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from django.utils.translation import gettext as _

from .models import Capacity


@dataclass(frozen=True, slots=True)
class Rules:
    """Ages in years and lengths in months, from a day on."""

    effective_from: dt.date
    presumed_able: int
    seldom_able: int
    usual_months: int
    longest_months: int


RULES: tuple[Rules, ...] = (
    Rules(dt.date(1987, 1, 1), presumed_able=16, seldom_able=12, usual_months=6, longest_months=12),
)


def rules_on(day: dt.date) -> Rules:
    """The rules in force on a day. Raises LookupError for a day before the first."""
    found = [rules for rules in RULES if rules.effective_from <= day]
    if not found:
        raise LookupError("no rules for that day")
    return found[-1]


def months_after(day: dt.date, months: int) -> dt.date:
    """The corresponding day some months later; the month's last day where it has no such day."""
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    return dt.date(year, month + 1, min(day.day, calendar.monthrange(year, month + 1)[1]))


@dataclass(frozen=True, slots=True)
class Party:
    """A child or family member. Ages are whole years as far as the date of birth tells; None when unknown.

    `places` gives the role in each family; `answers_for` the people for whom parental responsibility is recorded.
    """

    subject: int
    uuid: uuid.UUID
    name: str
    youngest: int | None = None
    oldest: int | None = None
    places: Mapping[int, str] = field(default_factory=dict)
    answers_for: frozenset[int] = frozenset()

    @property
    def is_child(self) -> bool:
        """Under 18, or with an unknown age and a child's place in a family."""
        if self.youngest is not None:
            return self.youngest < 18
        return not self.places or "child" in self.places.values()

    def roles_with(self, other: Party) -> set[str]:
        """My roles in the families that the other belongs to as well."""
        return {role for family, role in self.places.items() if family in other.places}


@dataclass(frozen=True, slots=True)
class Refusal:
    """Why a decision cannot stand: the form field, and what to do."""

    field: str
    words: str


def refusal(
    *, giver: Party, subjects: Sequence[Party], capacity: str, note: str, on: dt.date
) -> Refusal | None:
    """Why this giver cannot decide for these subjects in this standing; None where they can."""
    if capacity == Capacity.SELF:
        return _for_themselves(giver, subjects, note, rules_on(on))
    for subject in subjects:
        found = _for_another(giver, subject, note, rules_on(on))
        if found is not None:
            return found
    return None


def _for_themselves(giver: Party, subjects: Sequence[Party], note: str, rules: Rules) -> Refusal | None:
    if [subject.subject for subject in subjects] != [giver.subject]:
        words = _("%(giver)s decides for themselves, so choose %(giver)s here and nobody else.")
        return Refusal("subjects", words % {"giver": giver.name})
    presumed = giver.youngest >= rules.presumed_able if giver.youngest is not None else not giver.is_child
    if presumed or note.strip():
        return None
    if giver.oldest is not None and giver.oldest < rules.seldom_able:
        words = _(
            "%(giver)s is under %(age)d. Ask a parent, or write here what you explained and how %(giver)s "
            "showed that they understood."
        )
        return Refusal("understanding", words % {"giver": giver.name, "age": rules.seldom_able})
    words = _(
        "Write what you explained and how %(giver)s showed that they understood: they may be under %(age)d."
    )
    return Refusal("understanding", words % {"giver": giver.name, "age": rules.presumed_able})


def _for_another(giver: Party, subject: Party, note: str, rules: Rules) -> Refusal | None:
    names = {"giver": giver.name, "subject": subject.name, "age": rules.presumed_able}
    if giver.subject == subject.subject:
        words = _("%(giver)s decides about their own information for themselves. Record that apart.")
        return Refusal("subjects", words % names)
    grown = subject.youngest >= rules.presumed_able if subject.youngest is not None else not subject.is_child
    if grown:
        known = subject.youngest is not None and subject.is_child
        words = (
            _("%(subject)s is %(age)d or over and decides for themselves. Ask them.")
            if known
            else _("%(subject)s is an adult and decides for themselves. Ask them.")
        )
        return Refusal("subjects", words % names)
    if subject.subject in giver.answers_for:
        return None
    if (giver.oldest is not None and giver.oldest < rules.presumed_able) or "child" in giver.places.values():
        words = _("%(giver)s is a child and cannot decide for %(subject)s. Ask a parent or carer.")
        return Refusal("given_by", words % names)
    roles = giver.roles_with(subject)
    if "parent" in roles:
        return None
    if not roles & {"grandparent", "sibling", "kin"}:
        words = _("%(giver)s is not recorded as a parent or carer of %(subject)s, so cannot decide for them.")
        return Refusal("given_by", words % names)
    if not note.strip():
        words = _(
            "%(giver)s is not recorded as a parent of %(subject)s. Write which order or agreement gives them "
            "parental responsibility."
        )
        return Refusal("understanding", words % names)
    return None


def can_decide_for(giver: Party, subject: Party) -> bool:
    """Whether somebody may have decided about the subject, and so may take it back: they themselves, whoever
    has parental responsibility for them, or an adult of one of their families."""
    if giver.subject == subject.subject or subject.subject in giver.answers_for:
        return True
    return subject.is_child and not giver.is_child and bool(giver.roles_with(subject) - {"friend"})
