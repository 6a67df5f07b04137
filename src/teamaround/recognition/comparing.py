"""Two records side by side: what each agency says since when, and where they differ."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from typing import Any

from django.db.models import BooleanField, F, Model, Q, QuerySet, TextField, Value
from django.db.models.functions import Cast, Concat
from django.utils import timezone
from django.utils.translation import gettext as _

from teamaround.index.models import Involvement, InvolvementRole
from teamaround.people import codes
from teamaround.people.models import Address, Identifier, Person, PersonName, SchoolPlace
from teamaround.ui.components import Tag
from teamaround.ui.presentation import uk_date

from .loaders import Both

Piece = tuple[str, bool]
"""Some letters, and whether they differ from the other record's."""

_TEXT: Any = TextField()
_SPACE = Value(" ")


@dataclass(frozen=True, slots=True)
class Said:
    """One thing that one agency says: the words, in pieces so that what differs can be marked, and who says so."""

    words: str
    source: str
    pieces: tuple[Piece, ...] = ()


@dataclass(frozen=True, slots=True)
class Line:
    """One line of the comparison; `mark` tells in words whether the two agree, None where there is nothing to say."""

    label: str
    first: tuple[Said, ...]
    second: tuple[Said, ...]
    mark: Tag | None


@dataclass(frozen=True, slots=True)
class Fact:
    """A fact of a record, as it is read."""

    kind: str
    code: str
    words: str
    traced: bool
    source: str
    since: dt.date | None
    until: dt.date | None
    record: int
    category: str


@dataclass(frozen=True, slots=True)
class SideBySide:
    """The whole comparison; `categories` are those of what it shows."""

    lines: tuple[Line, ...]
    categories: tuple[str, ...]


def side_by_side(both: Both) -> SideBySide:
    """Read both persons' facts as far as I may, and who works with them. Two queries."""
    facts = _facts(both.subjects)
    teams = _teams(both.subjects)
    sides = [both.first, both.second]

    def told(kind: str, code: str = "") -> list[list[Said]]:
        return [
            [
                Said(fact.words, _says(fact))
                for fact in facts
                if fact.kind == kind and fact.record in records and (not code or fact.code == code)
            ]
            for _person, records in sides
        ]

    lines = [
        _line(_("Name"), _names(sides, facts)),
        _line(
            _("Date of birth"),
            [[Said(_born(person), _recorded(person))] for person, _records in sides],
        ),
        _line(
            _("Sex"),
            [
                [Said(str(person.get_sex_display()), "")] if person.sex != "U" else []
                for person, _records in sides
            ],
        ),
        _line(_("Address"), told("address")),
        _line(_("NHS number"), told("identifier", "nhs")),
        _line(_("Unique pupil number"), told("identifier", "upn")),
        _line(_("School"), told("school")),
    ]
    working = [
        [Said(words, role) for record, words, role in teams if record in records]
        for _person, records in sides
    ]
    lines.append(Line(_("Works with them"), tuple(working[0]), tuple(working[1]), None))
    return SideBySide(
        tuple(line for line in lines if line.first or line.second),
        tuple(sorted({fact.category for fact in facts} | {"index"})),
    )


def _kind(
    model: type[Model], kind: str, records: Collection[int], *, code: Any, words: Any, traced: Any = None
) -> QuerySet[Any, Any]:
    rows: QuerySet[Any, Any] = model._default_manager.filter(subject_id__in=records, voided_at=None)
    return rows.annotate(
        what=Value(kind, output_field=_TEXT),
        coded=Cast(code, _TEXT),
        told=Cast(words, _TEXT),
        checked=traced if traced is not None else Value(True, output_field=BooleanField()),
    ).values_list(
        "what", "coded", "told", "checked", "source__name", "since", "until", "subject_id", "category"
    )


def _facts(records: Collection[int]) -> list[Fact]:
    names = _kind(
        PersonName,
        "name",
        records,
        code=F("kind"),
        words=Concat("given", _SPACE, "middle", _SPACE, "family_name"),
    )
    others = (
        _kind(Address, "address", records, code=F("kind"), words=Concat("lines", _SPACE, "postcode")),
        _kind(Identifier, "identifier", records, code=F("scheme"), words=F("value"), traced=F("traced")),
        _kind(SchoolPlace, "school", records, code=Value(""), words=F("school_name")),
    )
    found = [Fact(*row) for row in names.union(*others, all=True)]
    return sorted((_tidy(fact) for fact in found), key=lambda fact: (fact.until is not None, fact.words))


def _tidy(fact: Fact) -> Fact:
    words = " ".join(fact.words.split())
    if fact.code == codes.IdentifierScheme.NHS and len(words) == 10:
        words = f"{words[:3]} {words[3:6]} {words[6:]}"
    return Fact(fact.kind, fact.code, words, *_rest(fact))


def _rest(fact: Fact) -> tuple[Any, ...]:
    return (fact.traced, fact.source, fact.since, fact.until, fact.record, fact.category)


def _teams(records: Collection[int]) -> list[tuple[int, str, str]]:
    rows = (
        Involvement.objects.filter(Q(until=None) | Q(until__gt=timezone.localdate()), subject_id__in=records)
        .select_related("author_team__agency", "practitioner")
        .order_by("since", "pk")
    )
    return [
        (
            row.subject_id,
            ", ".join(
                part
                for part in (
                    row.practitioner.name if row.practitioner else "",
                    row.author_team.name,
                    row.author_team.agency.name,
                )
                if part
            ),
            _("%(role)s since %(day)s")
            % {"role": InvolvementRole(row.role).label, "day": uk_date(row.since)},
        )
        for row in rows
    ]


def _names(sides: Sequence[tuple[Person, Collection[int]]], facts: Iterable[Fact]) -> list[list[Said]]:
    """The entry's own name, and further ones that some agency knows."""
    found = []
    for person, records in sides:
        said = {person.name.casefold(): Said(person.name, _recorded(person))}
        for fact in facts:
            if fact.kind == "name" and fact.record in records:
                label = codes.NameKind(fact.code).label if fact.code in codes.NameKind.values else ""
                source = f"{label}. {_says(fact)}" if fact.code != "legal" else _says(fact)
                said.setdefault(fact.words.casefold(), Said(fact.words, source))
        found.append(list(said.values()))
    return found


def _recorded(person: Person) -> str:
    """'Moor Lane School says, recorded on 3 March 2026'."""
    return _("%(agency)s says, recorded on %(day)s") % {
        "agency": person.author_team.agency.name,
        "day": uk_date(person.recorded_at),
    }


def _born(person: Person) -> str:
    return uk_date(person.date_of_birth, person.born_precision) or _("Not known")


def _says(fact: Fact) -> str:
    words: dict[str, str] = {
        "source": fact.source,
        "since": uk_date(fact.since),
        "until": uk_date(fact.until),
    }
    if fact.until is not None:
        said = _("%(source)s said, until %(until)s") % words
    elif fact.since is not None:
        said = _("%(source)s says, since %(since)s") % words
    else:
        said = _("%(source)s says") % words
    if fact.kind == "identifier" and not fact.traced:
        said = f"{said}. {_('Not checked against the register.')}"
    return said


def _line(label: str, cells: Sequence[Sequence[Said]]) -> Line:
    first, second = cells
    known = [{said.words.casefold() for said in cell} - {_("Not known").casefold()} for cell in cells]
    if not (known[0] and known[1]):
        mark = Tag(_("Nothing to compare"), "grey") if known[0] or known[1] else None
        return Line(label, _plain(first), _plain(second), mark)
    if known[0] == known[1]:
        return Line(label, _plain(first), _plain(second), Tag(_("Same"), "green"))
    if known[0] & known[1]:
        return Line(label, _plain(first), _plain(second), Tag(_("Partly the same"), "blue"))
    return Line(label, _marked(first, second), _marked(second, first), Tag(_("Differs"), "yellow"))


def _plain(cell: Iterable[Said]) -> tuple[Said, ...]:
    return tuple(Said(said.words, said.source, ((said.words, False),)) for said in cell)


def _marked(cell: Sequence[Said], other: Sequence[Said]) -> tuple[Said, ...]:
    """Each with what is not in the closest of the other record's marked."""
    return tuple(
        Said(
            said.words,
            said.source,
            pieces(
                said.words, max((each.words for each in other), key=lambda words: _alike(said.words, words))
            ),
        )
        for said in cell
    )


def _alike(one: str, other: str) -> float:
    return SequenceMatcher(None, one.casefold(), other.casefold(), autojunk=False).ratio()


def pieces(words: str, other: str) -> tuple[Piece, ...]:
    """The words in pieces, those that the other has not marked: letters of a word that is much the same in both,
    else the whole word."""
    mine, theirs = words.split(), other.split()
    folded = [word.casefold() for word in theirs]
    found: list[Piece] = []
    for place, word in enumerate(mine):
        if place:
            found.append((" ", False))
        if word.casefold() in folded:
            found.append((word, False))
            continue
        near = max(theirs, key=lambda each: _alike(word, each), default="")
        if _alike(word, near) < 0.6:
            found.append((word, True))
            continue
        matcher = SequenceMatcher(None, word.casefold(), near.casefold(), autojunk=False)
        found += [
            (word[start:end], kind != "equal")
            for kind, start, end, _there, _until in matcher.get_opcodes()
            if end > start
        ]
    return tuple(found)
