"""Planning numbers from a small table: what is wrong is told by line, what and what to do."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass

from django.utils.translation import gettext as _

from teamaround.sheets import Sheet, SheetError, SheetRow, read_table
from teamaround.sheets.table import as_text

from .actions import Planned, PlanningRefused, check, parse_postcodes
from .models import FIRST_AGE, LAST_AGE, PlaceKind

MOST_ROWS = 2_000
HEADINGS = ("kind", "name", "children", "as of", "source", "from age", "to age", "postcodes", "agency")
REQUIRED = ("kind", "name", "children", "as of", "source")
EXAMPLE = (
    ("area", "Northmoor East", "4 210", "30/06/2025", "ONS estimates, mid-2025", "5", "17", "NM1, NM2", ""),
    ("school", "Moor Lane School", "940", "15/01/2026", "School census, January 2026", "11", "17", "", ""),
    (
        "surgery",
        "Mill Road Surgery",
        "1 300",
        "01/04/2026",
        "Patients registered at a GP practice",
        "",
        "",
        "",
        "",
    ),
)


@dataclass(frozen=True, slots=True)
class Fault:
    """What is wrong in one line of the file, in words that repeat nothing of it."""

    line: int
    column: str
    words: str


@dataclass(frozen=True, slots=True)
class Loaded:
    """What a file says, and what is wrong with it. Nothing is used while there are faults."""

    rows: tuple[Planned, ...]
    faults: tuple[Fault, ...]


def read(data: bytes, filename: str, *, agencies: Mapping[str, int], taken: dict[str, str]) -> Loaded:
    """Read a table of planning numbers. Raises SheetError for a file that is no such table."""
    sheet = read_table(data, filename)
    columns = _columns(sheet)
    if len(sheet.rows) > MOST_ROWS:
        raise SheetError(
            _("The file has more than 2,000 lines."), do=_("Split it, and load one part after the other.")
        )
    rows: list[Planned] = []
    faults: list[Fault] = []
    seen: dict[tuple[str, str], int] = {}
    for row in sheet.rows:
        try:
            planned = _row(row, columns, agencies)
            earlier = seen.setdefault((planned.kind, planned.name.lower()), row.line)
            if earlier != row.line:
                raise PlanningRefused(
                    _("The same name stands on line %(line)d. Keep one of them.") % {"line": earlier}, "name"
                )
            check(planned, taken=taken)
        except PlanningRefused as refused:
            faults.append(Fault(row.line, refused.field.replace("_", " "), str(refused)))
            continue
        if planned.kind == PlaceKind.AREA:
            name = planned.name.lower()
            taken = {code: holder for code, holder in taken.items() if holder != name}
            taken |= dict.fromkeys(planned.postcodes, name)
        rows.append(planned)
    return Loaded(tuple(rows), tuple(faults))


def _columns(sheet: Sheet) -> dict[str, int]:
    found = {
        " ".join(name.lower().replace("_", " ").split()): place for place, name in enumerate(sheet.header)
    }
    missing = [name for name in REQUIRED if name not in found]
    if missing:
        raise SheetError(
            _("A column is missing: %(names)s.") % {"names": ", ".join(missing)},
            do=_("Begin with the example file, which has every column."),
        )
    return {name: found[name] for name in HEADINGS if name in found}


def _row(row: SheetRow, columns: Mapping[str, int], agencies: Mapping[str, int]) -> Planned:
    def text(name: str) -> str:
        return " ".join(as_text(row.cells[columns[name]]).split()) if name in columns else ""

    kind = text("kind").lower()
    if kind not in PlaceKind.values:
        raise PlanningRefused(_("Write area, school or surgery."), "kind")
    name, agency = text("name"), text("agency")
    if len(name) > 120:
        raise PlanningRefused(_("Shorten the name to 120 letters."), "name")
    if agency and agency.lower() not in agencies:
        raise PlanningRefused(
            _(
                "No agency of the partnership has this name. Write it as under Administration, or leave it out."
            ),
            "agency",
        )
    # Where nothing is said a place is the partner of the same name, if there is one.
    partner = None if kind == PlaceKind.AREA else agencies.get((agency or name).lower())
    return Planned(
        kind=kind,
        name=name,
        children=_whole(text("children"), "children"),
        as_of=_day(text("as of")),
        source=text("source")[:200],
        from_age=_whole(text("from age"), "from_age", FIRST_AGE),
        to_age=_whole(text("to age"), "to_age", LAST_AGE),
        postcodes=parse_postcodes(text("postcodes")) if kind == PlaceKind.AREA else (),
        agency=partner,
    )


def _whole(text: str, field: str, default: int | None = None) -> int:
    plain = text.replace(",", "").replace(" ", "")
    if not plain and default is not None:
        return default
    if not (plain.isascii() and plain.isdigit() and len(plain) < 8):
        raise PlanningRefused(_("Enter a whole number."), field)
    return int(plain)


def _day(text: str) -> dt.date:
    for pattern in ("%d/%m/%Y", "%Y-%m-%d", "%d %B %Y"):
        try:
            return dt.datetime.strptime(text, pattern).date()
        except ValueError:
            continue
    raise PlanningRefused(_("Write the day as 15/01/2026."), "as_of")
