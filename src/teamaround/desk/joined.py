"""What a person's page tells of records that were joined: what each said, since when, and who joined them why."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from teamaround.access.me import Me
from teamaround.agencies.models import Agency
from teamaround.agencies.roles import Permission
from teamaround.people import codes
from teamaround.people.models import Merge, Person
from teamaround.people.presenters import life_line
from teamaround.ui.components import SummaryRow
from teamaround.ui.presentation import uk_date

from .clocks import page


@dataclass(frozen=True, slots=True)
class Joined:
    """A further record of the same person: how it came to be joined, and where that is undone."""

    subject: int
    told: str
    undo_url: str


def joined_of(others: Sequence[Person], *, me: Me) -> Iterable[Joined]:
    """How each of the further records came to be joined. One query where there are any."""
    if not others:
        return
    merges = {
        row.subject_id: row
        for row in Merge.objects.filter(
            subject_id__in=[row.pk for row in others], undone_at=None
        ).select_related("recorded_by__practitioner")
    }
    for row in others:
        merge = merges.get(row.pk)
        undo = merge is not None and me.may(Permission.MERGE_RECORDS)
        yield Joined(
            subject=row.pk,
            told=joining_words(merge) if merge is not None else "",
            undo_url=page("desk:undo_merge", merge.uuid) if merge is not None and undo else "",
        )


def same_birth(one: Person, other: Person) -> bool:
    """Whether two records say the same of birth and death."""
    return (one.date_of_birth, one.born_precision, one.died_on) == (
        other.date_of_birth,
        other.born_precision,
        other.died_on,
    )


def recorded(row: Person) -> str:
    """'recorded by Moor Lane School on 3 March 2026': a record's own agency and day."""
    agency: Agency = row.author_team.agency
    return _("recorded by %(agency)s on %(day)s") % {"agency": agency.name, "day": uk_date(row.recorded_at)}


def joining_words(merge: Merge) -> str:
    """'Two records joined on 3 March 2026 by Morgan Hale: the same child, spelt in two ways.'"""
    writer = getattr(merge.recorded_by, "practitioner", None)
    words = {"day": uk_date(merge.merged_at), "reason": merge.reason.rstrip(".")}
    if writer is None:
        return _("Two records joined on %(day)s, because: %(reason)s.") % words
    return _("Two records joined on %(day)s by %(name)s, because: %(reason)s.") % {
        **words,
        "name": writer.name,
    }


def also_recorded(person: Person, others: Sequence[Person]) -> str:
    """'Also recorded as Kofi Ossei, born 3 May 2013, recorded by …' for the bar that names the person: the date where
    it differs; empty for one record."""
    told = [
        ", ".join([row.name, *([] if same_birth(person, row) else [_lower(life_line(row))]), recorded(row)])
        for row in others
    ]
    return f"{_('Also recorded as')} {'; '.join(told)}" if told else ""


def differing_rows(person: Person, others: Sequence[Person]) -> list[SummaryRow]:
    """What the records' own entries contradict each other about, each with who says so: name, birth, sex."""
    records = (person, *others)
    rows: list[SummaryRow] = []
    for label, told in _TOLD:
        said = [told(row) for row in records]
        if len(set(said)) > 1:
            rows.extend(
                SummaryRow(str(label), words, recorded(row)[:1].upper() + recorded(row)[1:])
                for row, words in zip(records, said, strict=True)
            )
    return rows


def _lower(words: str) -> str:
    return words[:1].lower() + words[1:]


def _born(row: Person) -> str:
    return uk_date(row.date_of_birth, row.born_precision) or _("Not known")


def _sex(row: Person) -> str:
    return str(codes.Sex(row.sex).label)


def _name(row: Person) -> str:
    return row.name


_TOLD: tuple[tuple[Any, Callable[[Person], str]], ...] = (
    (gettext_lazy("Name of the entry"), _name),
    (gettext_lazy("Date of birth"), _born),
    (gettext_lazy("Sex"), _sex),
)
