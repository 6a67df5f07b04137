"""Facts about a person, each with the agency that says so and since when: one query for all kinds."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Collection, Iterable, Sequence
from typing import Any, NamedTuple

from django.db.models import (
    BigIntegerField,
    BooleanField,
    DateField,
    F,
    Func,
    Model,
    OuterRef,
    QuerySet,
    Subquery,
    TextField,
    UUIDField,
    Value,
)
from django.db.models.functions import Cast, Concat
from django.utils.translation import gettext as _

from teamaround.people import codes
from teamaround.people.models import (
    Address,
    Background,
    CareReason,
    Caring,
    Identifier,
    Need,
    Person,
    PersonName,
    SchoolPlace,
)
from teamaround.ui.components import SummaryRow
from teamaround.ui.presentation import uk_date

from .ties import Tie, tie_of, tie_rows


class FactRow(NamedTuple):
    """One fact of any kind: which kind, its code, its words, and who says so."""

    what: str
    code: str
    text: str
    more: str
    traced: bool
    source: str
    since: dt.date | None
    until: dt.date | None
    team: int
    category: str
    order: int
    names: int | None = None
    """Whom else it names: the person cared for."""


_TEXT: Any = TextField()
_SPACE = Value(" ")
_LINE = Value("\n")


def _kind(
    model: type[Model],
    what: str,
    records: Collection[int],
    *,
    code: Any,
    text: Any,
    more: Any = None,
    traced: Any = None,
    end: Any = None,
) -> QuerySet[Any, Any]:
    rows: QuerySet[Any, Any] = model._default_manager.filter(subject_id__in=records, voided_at=None)
    return rows.annotate(
        what=Value(what, output_field=_TEXT),
        coded=Cast(code, _TEXT),
        told=Cast(text, _TEXT),
        more=Cast(more if more is not None else Value(""), _TEXT),
        checked=traced if traced is not None else Value(True, output_field=BooleanField()),
        key=Cast(Value(None), UUIDField()),
        born=Cast(Value(None), DateField()),
        end=Cast(end if end is not None else Value(None), BigIntegerField()),
    ).values_list(
        "what",
        "coded",
        "told",
        "more",
        "checked",
        "source__name",
        "since",
        "until",
        "author_team_id",
        "category",
        "id",
        "key",
        "born",
        "end",
    )


def record_of(records: Collection[int]) -> tuple[list[FactRow], list[Tie]]:
    """Every fact about the person of these records that I may read and that was not voided, current ones first;
    and whom they belong to. One query."""
    cared_for = Subquery(
        Person.objects.filter(pk=OuterRef("cared_for_id")).values_list(
            Concat("given", _SPACE, "family_name")
        )[:1]
    )
    names = _kind(
        PersonName,
        "name",
        records,
        code=F("kind"),
        text=Concat("given", _SPACE, "middle", _SPACE, "family_name"),
    )
    others = (
        _kind(
            Address,
            "address",
            records,
            code=F("kind"),
            text=Concat("lines", _LINE, "postcode"),
            more=F("phone"),
        ),
        _kind(Identifier, "identifier", records, code=F("scheme"), text=F("value"), traced=F("traced")),
        _kind(Need, "need", records, code=F("kind"), text=F("words")),
        _kind(SchoolPlace, "school", records, code=F("young_carer_indicator"), text=F("school_name")),
        _kind(Background, "background", records, code=F("ethnicity"), text=Value("")),
        _kind(
            Caring,
            "caring",
            records,
            code=F("hours"),
            text=Concat("relation", _LINE, cared_for, output_field=_TEXT),
            more=Func(F("tasks"), _LINE, function="array_to_string", output_field=_TEXT),
            end=F("cared_for_id"),
        ),
        _kind(CareReason, "reason", records, code=F("kind"), text=Value("")),
    )
    rows = list(names.union(*others, *tie_rows(records), all=True))
    facts = [FactRow(*row[:11])._replace(names=row[13]) for row in rows if row[0] in _ORDER]
    ties = [tie_of(row) for row in rows if row[0] not in _ORDER and row[-3] is not None]
    return sorted(facts, key=lambda row: (_ORDER.index(row.what), row.until is not None, row.order)), ties


_ORDER = ("name", "address", "identifier", "need", "school", "background", "caring", "reason")
_LABELS: dict[str, tuple[str, Any]] = {
    "name": ("Name", codes.NameKind),
    "address": ("Address", codes.AddressKind),
    "identifier": ("Number", codes.IdentifierScheme),
    "need": ("Need", codes.NeedKind),
    "school": ("School", None),
    "background": ("Ethnicity", None),
    "reason": ("Reason for needing care", None),
}


WrongUrl = Callable[[FactRow], str]
"""Where an entry may be struck out; empty for another team's."""


def fact_rows(facts: Iterable[FactRow], *kinds: str, wrong: WrongUrl | None = None) -> list[SummaryRow]:
    """Facts of these kinds for a summary list, each with its source."""
    return [
        SummaryRow(_label(row), _value(row), says(row), *_put_right(row, wrong))
        for row in facts
        if row.what in kinds
    ]


def _put_right(row: FactRow, wrong: WrongUrl | None) -> tuple[str, str]:
    url = wrong(row) if wrong is not None else ""
    return (_("Put right"), url) if url else ("", "")


def in_words(row: FactRow) -> str:
    """One fact in a line: 'Home: 4 Canal Row, SK3 2DU'."""
    shown = caring_rows([row]) or fact_rows([row], row.what)
    return f"{shown[0].key}: {', '.join(shown[0].lines)}"


def says(row: FactRow) -> str:
    """'Moor Lane School says, since 3 March 2026'."""
    words: dict[str, str] = {"source": row.source, "since": uk_date(row.since), "until": uk_date(row.until)}
    if row.since and row.until:
        said = _("%(source)s said, from %(since)s until %(until)s") % words
    elif row.since:
        said = _("%(source)s says, since %(since)s") % words
    else:
        said = _("%(source)s says") % words
    if row.what == "identifier" and row.code != codes.IdentifierScheme.LOCAL and not row.traced:
        said = f"{said}. {_('Not checked against the national register.')}"
    return said


def _label(row: FactRow) -> str:
    label, choices = _LABELS[row.what]
    return str(choices(row.code).label) if choices is not None and row.code in choices.values else _(label)


def _value(row: FactRow) -> str | Sequence[str]:
    if row.what == "background":
        return str(codes.Ethnicity(row.code).label)
    if row.what == "reason":
        return str(codes.CareReasonKind(row.code).label)
    if row.what == "identifier" and row.code == codes.IdentifierScheme.NHS and len(row.text) == 10:
        return f"{row.text[:3]} {row.text[3:6]} {row.text[6:]}"
    if row.what == "school":
        told = {
            "P": _("The school says: young carer, told by a parent"),
            "S": _("The school says: young carer, identified by the school"),
        }
        return [row.text, told[row.code]] if row.code in told else row.text
    lines = [" ".join(line.split()) for line in row.text.splitlines()]
    return [line for line in (*lines, row.more) if line] or "–"


def caring_rows(facts: Iterable[FactRow], *, wrong: WrongUrl | None = None) -> list[SummaryRow]:
    """What a child does as a carer: for whom, which tasks, for how many hours. Never why."""
    rows = []
    for row in facts:
        if row.what != "caring":
            continue
        relation, _line, name = row.text.partition("\n")
        whom = ", ".join(part for part in (" ".join(name.split()), relation.strip()) if part)
        hours = codes.HoursBand(row.code).label if row.code in codes.HoursBand.values else ""
        about = whom or _("Somebody at home")
        rows.append(SummaryRow(_("Cares for"), about, says(row), *_put_right(row, wrong)))
        rows.append(
            SummaryRow(_("What they do"), [t for t in row.more.splitlines() if t] or _("Not recorded"))
        )
        rows.append(SummaryRow(_("Hours a week"), str(hours) or _("Not known")))
    return rows
