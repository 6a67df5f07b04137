"""What is held on somebody, taken apart into fields, and what somebody has to look at before it is given out."""

from __future__ import annotations

import datetime as dt
import functools
import json
import re
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import groupby
from typing import Any

from django.db import models
from django.utils.dateparse import parse_date, parse_datetime
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from teamaround.access.categories import FamilyView, Privacy
from teamaround.access.models import Subject
from teamaround.agencies.models import Agency, Panel, Practitioner, Principal, Team
from teamaround.people.models import Person
from teamaround.ui.presentation import uk_date, uk_datetime

from .fields import classes_of, is_words, model_of
from .models import Decision, Mark, PackItem

HISTORY = "_history"
THIRD_PARTY = "third_party"
LOOKS = "access_look_line"
EXTRA = {"account": gettext_noop("Account for their own information"), LOOKS: gettext_noop("Who looked")}
SECTIONS = EXTRA | {
    "access_grant": gettext_noop("Who may see what"),
    "access_alert": gettext_noop("Looks that were asked about"),
    "access_purpose": gettext_noop("Reasons stated for a search"),
    "allocation": gettext_noop("Named workers"),
    "allocation_wish": gettext_noop("What they asked of a worker"),
    "event": gettext_noop("What happened"),
    "event_note": gettext_noop("Notes of what happened"),
    "episode": gettext_noop("Cases"),
    "follow_up": gettext_noop("Days agreed for asking how they are after closing"),
    "episode_link": gettext_noop("Where a case goes on"),
    "involvement": gettext_noop("Who works with them"),
    "sharing_basis": gettext_noop("Decisions to share"),
    "sharing_line": gettext_noop("What may be shared with whom"),
    "sharing_lawful_basis": gettext_noop("Lawful grounds"),
    "sharing_paper": gettext_noop("Forms on paper"),
    "family_member": gettext_noop("Members of the family"),
    "person_care_reason": gettext_noop("Why they need care"),
    "rights_item": gettext_noop("Earlier packs"),
}
LONG = 200
"""Words of a field longer than this are read for names of people that nobody has recorded."""
CAPITAL = re.compile(r"(?<=[a-z0-9,] )[A-Z][a-z]{2,}")
WORD = re.compile(r"[^\W\d_]+")
EVERYDAY = frozenset(
    [
        "Monday",
        "Tuesday",
        "Wednesday",
        "Thursday",
        "Friday",
        "Saturday",
        "Sunday",
        "January",
        "February",
        "March",
        "April",
        "May",
        "June",
        "July",
        "August",
        "September",
        "October",
        "November",
        "December",
        "Christmas",
        "Easter",
        "English",
        "British",
        "Year",
        "School",
        "Early",
        "Help",
    ]
)


@dataclass(frozen=True, slots=True)
class Held:
    """One row that is held: its table, its key, whom it is about, and its columns."""

    table: str
    key: str
    about: int
    data: Mapping[str, Any]

    @classmethod
    def read(cls, table: str, key: str, about: int, data: str) -> Held:
        return cls(table, key, about, json.loads(data))


@dataclass
class Names:
    """Who is who: names of colleagues, which stay, and of other people, which are marked."""

    own: set[str] = field(default_factory=set)
    others: dict[int, str] = field(default_factory=dict)
    staff: dict[int, str] = field(default_factory=dict)
    agencies: dict[int, str] = field(default_factory=dict)

    @functools.cached_property
    def known(self) -> set[str]:
        """Words that are no third party's name."""
        texts = [*self.staff.values(), *self.agencies.values()]
        return {*EVERYDAY, *self.own, *(word for text in texts for word in WORD.findall(text))}

    @functools.cached_property
    def other_words(self) -> set[str]:
        """Parts of other people's names; a family name that is the person's own says nothing."""
        parts = {
            word.casefold() for name in self.others.values() for word in WORD.findall(name) if len(word) > 1
        }
        return parts - {word.casefold() for word in self.own}


def records_in(subject: int, held: Iterable[Held]) -> frozenset[int]:
    """All records of the person, as what is held on them names them: each with its own entry."""
    return frozenset({subject, *(row.about for row in held if row.table == "person")})


def names_for(records: Collection[int], held: Sequence[Held]) -> Names:
    """The names that matter in what is held on the person of these records."""
    found = Names()
    for row in held:
        if row.table == THIRD_PARTY:
            found.others[row.about] = f"{row.data['given']} {row.data['family_name']}".strip()
        elif row.table in ("person", "person_name") and row.about in records:
            for part in ("given", "middle", "family_name"):
                found.own |= set(WORD.findall(row.data.get(part) or ""))
    for model in (Practitioner, Team, Panel):
        found.staff |= dict(model._default_manager.values_list("pk", "name"))
    found.agencies = dict(Agency.objects.values_list("pk", "name"))
    return found


def items_of(request: int, subject: int, held: Sequence[Held]) -> list[PackItem]:
    """The parts of a pack, each with its mark, table by table."""
    records = records_in(subject, held)
    names = names_for(records, held)
    families = {
        row.about for row in held if row.table == "family_member" and row.data.get("person_id") in records
    }
    made: list[PackItem] = []
    for row in held:
        if row.table == THIRD_PARTY:
            continue
        for label, value, mark in _parts(row, records, families, names):
            made.append(
                PackItem(
                    request_id=request,
                    subject_id=subject,
                    position=len(made) + 1,
                    table_name=row.table,
                    row_key=row.key[:40],
                    field=label[:80],
                    value=value,
                    mark=mark,
                )
            )
    return made


def _parts(
    row: Held, records: Collection[int], families: set[int], names: Names
) -> Iterator[tuple[str, str, str]]:
    if row.table in EXTRA:
        withheld = bool(row.data.get("withheld"))
        for name, value in row.data.items():
            if name != "withheld" and value not in (None, "", []):
                text = _plain(value)
                why = Mark.HIDDEN if withheld else (_in_words(text, names) if name == "reason" else Mark.NONE)
                yield name.replace("_", " ").capitalize(), text, why
        return
    model = model_of(row.table.removesuffix(HISTORY))
    if model is None:
        for name, value in row.data.items():
            if value not in (None, "", []):
                yield name.replace("_", " ").capitalize(), _plain(value), Mark.HIDDEN
        return
    classes = classes_of(row.table.removesuffix(HISTORY))
    for column in model._meta.concrete_fields:
        value = row.data.get(column.column or "")
        known = classes.get(column.column or "")
        if value in (None, "", [], {}) or known is None or known.privacy == Privacy.SECRET:
            continue
        if known.privacy == Privacy.NONE and known.family == FamilyView.HIDDEN:
            continue
        shown = _shown(column, value, records, names)
        if shown is None:
            continue
        text, names_other = shown
        mark: str = Mark.NONE
        if known.family == FamilyView.HIDDEN:
            mark = Mark.HIDDEN
        elif column.attname == "category":
            mark = Mark.NONE
        elif row.about not in records and row.about not in families:
            mark = Mark.OTHER if known.privacy in (Privacy.PERSONAL, Privacy.SPECIAL) else Mark.NONE
        elif names_other:
            mark = Mark.NAMES
        elif is_words(column) or isinstance(value, list):
            mark = _in_words(text, names, searching=known.privacy == Privacy.SPECIAL and _is_long(column))
            if not mark and known.family == FamilyView.ASKED:
                mark = Mark.ASKED
            if not mark and row.about in families and known.privacy in (Privacy.PERSONAL, Privacy.SPECIAL):
                mark = Mark.FAMILY
        elif known.family == FamilyView.ASKED and known.privacy in (Privacy.PERSONAL, Privacy.SPECIAL):
            mark = Mark.ASKED
        yield str(column.verbose_name).capitalize(), text, mark


def _is_long(column: models.Field[Any, Any]) -> bool:
    return column.max_length is None or column.max_length > LONG


def _in_words(text: str, names: Names, *, searching: bool = True) -> str:
    """Whether words name, or may name, somebody else."""
    words = {word.casefold() for word in WORD.findall(text)}
    if words & names.other_words:
        return Mark.NAMES
    if searching and any(word not in names.known for word in CAPITAL.findall(text)):
        return Mark.NAMES
    return Mark.NONE


def _shown(
    column: models.Field[Any, Any], value: Any, records: Collection[int], names: Names
) -> tuple[str, bool] | None:
    """The value as one reads it, and whether it is somebody else's name; None where it is a number for machines."""
    target = column.related_model if column.is_relation else None
    if target in (Subject, Person):
        if column.primary_key or column.column == "subject_id" or value in records:
            return None
        return (names.others[value], True) if value in names.others else None
    if target in (Practitioner, Team, Panel, Principal):
        return (names.staff[value], False) if value in names.staff else None
    if target is Agency:
        return (names.agencies[value], False) if value in names.agencies else None
    if column.is_relation or column.primary_key or isinstance(column, models.UUIDField):
        return None
    if column.choices:
        return str(dict(column.flatchoices).get(value, value)), False
    if isinstance(column, models.DateTimeField) and isinstance(value, str):
        moment = parse_datetime(value)
        return (uk_datetime(moment) if moment else value), False
    if isinstance(column, models.DateField) and isinstance(value, str):
        day = parse_date(value)
        return (uk_date(day) if day else value), False
    return _plain(value), False


def _plain(value: Any) -> str:
    if isinstance(value, bool):
        return _("Yes") if value else _("No")
    if isinstance(value, list):
        return ", ".join(_plain(each) for each in value)
    if isinstance(value, str) and re.match(r"\d{4}-\d\d-\d\dT", value):
        moment = parse_datetime(value)
        return uk_datetime(moment) if moment else value
    return str(value)


@dataclass(frozen=True, slots=True)
class Entry:
    """One row of a released pack: labels and what they say."""

    fields: list[tuple[str, str]]


@dataclass(frozen=True, slots=True)
class Section:
    """What stands in one table."""

    name: str
    entries: list[Entry]


REMOVED = "[removed: about somebody else]"


def section_name(table: str) -> str:
    """What a table is called in a pack."""
    own = table.removesuffix(HISTORY)
    model = model_of(own)
    name = (
        _(SECTIONS[own])
        if own in SECTIONS
        else str(model._meta.verbose_name if model else own.replace("_", " ")).capitalize()
    )
    return _("%(name)s: earlier versions") % {"name": name} if table.endswith(HISTORY) else name


def released(items: Iterable[PackItem]) -> list[Section]:
    """What a pack gives out: only what needed no decision, or was kept.

    What was redacted leaves a word in its place, unless it was hidden: of that, nothing is hinted at.
    """
    sections = []
    for table, of_table in groupby(items, key=lambda item: item.table_name):
        entries = []
        for _key, of_row in groupby(of_table, key=lambda item: item.row_key):
            fields, kept = [], False
            for item in of_row:
                if item.mark == Mark.NONE or item.decision == Decision.KEEP:
                    fields.append((item.field, item.value))
                    kept = True
                elif item.mark != Mark.HIDDEN:
                    fields.append((item.field, REMOVED))
            if kept:
                entries.append(Entry(fields))
        if entries:
            sections.append(Section(section_name(table), entries))
    return sections


def as_json(sections: Sequence[Section], *, name: str, released_at: dt.datetime) -> str:
    """The pack for machines: the same parts as the PDF."""
    told = {
        "about": name,
        "released_at": released_at.isoformat(),
        "sections": [
            {"name": each.name, "entries": [[list(pair) for pair in entry.fields] for entry in each.entries]}
            for each in sections
        ],
    }
    return json.dumps(told, ensure_ascii=False, indent=2)
