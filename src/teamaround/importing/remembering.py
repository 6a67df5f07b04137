"""What a team said of its files: which column is what, remembered by the shape of the file and offered again.

The shape is the row of column names in its order, normalised, and the sheet's name. A file of the same shape gets
what was said; one that changed by some columns gets what still fits, and the rest is asked.
"""

from __future__ import annotations

import hashlib
import re
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from django.db import connection, transaction
from django.db.models import F
from django.utils import timezone

from teamaround.access.edits import StaleEdit, update_checked
from teamaround.access.me import Me
from teamaround.sheets import FIELDS, Sheet
from teamaround.sheets.names import clean
from teamaround.sheets.table import as_text

from .models import DateOrder, ImportColumn, ImportRun, Origin, Shape, ShapeColumn

#: This share of a file's columns must be known for what was said of another shape to be offered.
ENOUGH = 0.5
_NOT_WORDS = re.compile(r"[\W_]+")
_FIGURES = re.compile(r"\s*(\d{1,2})\s*[/.\-]\s*(\d{1,2})\s*[/.\-]\s*(?:\d{4}|\d{2})\b")


@dataclass(frozen=True, slots=True)
class Offer:
    """What is remembered for a file: the shape it was said of, and a field for each column that still fits, by
    position. `same` where the shape is the same to the last column."""

    shape: Shape
    fields: Mapping[int, str]
    same: bool


def normal(heading: str) -> str:
    """A column name for comparing only: small letters of any script, single spaces, no marks. A name of marks
    alone stays as it is."""
    text = unicodedata.normalize("NFKC", clean(heading)).casefold()
    return " ".join(_NOT_WORDS.sub(" ", text).split()) or text


def digest_of(headings: Sequence[str], sheet_name: str) -> str:
    """The shape of a file in 64 characters. Headings and sheet name as they are written."""
    parts = [normal(sheet_name), *(normal(heading) for heading in headings)]
    return hashlib.sha256("\x1f".join(parts).encode()).hexdigest()


def offer_for(*, team: int, headings: Sequence[str], sheet_name: str) -> Offer | None:
    """What the team's memory says of such a file; None where nothing fits well enough.

    Of several shapes that share columns with the file the one that shares most is offered, of equals the latest.
    A column is known by its normalised name; where a shape has a name twice, by its turn.
    """
    digest = digest_of(headings, sheet_name)
    best: tuple[tuple[bool, int, int], Shape, dict[int, str]] | None = None
    for shape in Shape.objects.filter(author_team_id=team, forgotten_at=None).prefetch_related("columns"):
        known = _known(shape)
        fields = {}
        for position, heading in enumerate(_in_turn(headings)):
            if heading in known and known[heading] in FIELDS:
                fields[position] = known[heading]
        rank = (shape.digest == digest, len(fields), shape.pk)
        if len(fields) >= ENOUGH * len(headings) and (best is None or rank > best[0]):
            best = (rank, shape, fields)
    return Offer(best[1], best[2], best[0][0]) if best else None


def _known(shape: Shape) -> dict[tuple[str, int], str]:
    columns = list(shape.columns.all())
    turns = _in_turn([column.written for column in columns])
    return {turn: column.field for turn, column in zip(turns, columns, strict=True)}


def _in_turn(headings: Sequence[str]) -> list[tuple[str, int]]:
    seen: dict[str, int] = {}
    found = []
    for heading in headings:
        name = normal(heading)
        seen[name] = seen.get(name, 0) + 1
        found.append((name, seen[name]))
    return found


def missing_from(shape: Shape, headings: Sequence[str]) -> list[str]:
    """Columns that the remembered file had and this one has not, as they were written."""
    here = set(_in_turn(headings))
    columns = list(shape.columns.all())
    turns = _in_turn([column.written for column in columns])
    return [column.written for turn, column in zip(turns, columns, strict=True) if turn not in here]


def put_together(guess: Mapping[int, str], offer: Offer | None) -> dict[int, tuple[str, str]]:
    """Field and origin by position: what is remembered first, then the guess, where it takes no field again."""
    if offer is None:
        return {position: (field, Origin.GUESS) for position, field in guess.items()}
    taken = set(offer.fields.values()) - {"address", "ignore"}
    if any(field.startswith("full_name") for field in taken):
        taken |= {field for field in FIELDS if field.startswith("full_name")} | {"given", "middle", "family"}
    elif taken & {"given", "family"}:
        taken |= {field for field in FIELDS if field.startswith("full_name")}
    found: dict[int, tuple[str, str]] = {}
    for position, field in guess.items():
        if position in offer.fields:
            found[position] = (offer.fields[position], Origin.REMEMBERED)
        else:
            found[position] = ("ignore" if field in taken else field, Origin.NEW)
    return found


def date_order_of(sheet: Sheet, mapping: Mapping[str, str]) -> str:
    """How the file writes dates in figures: month first only where some date can be meant no other way, and none
    is contrary."""
    first = second = False
    for column, field in mapping.items():
        if field not in ("date_of_birth", "registered_on"):
            continue
        for cell in sheet.column(column):
            found = _FIGURES.match(as_text(cell)) if isinstance(cell, str) else None
            if found:
                first = first or int(found[1]) > 12
                second = second or int(found[2]) > 12
    return DateOrder.MONTH_FIRST if second and not first else DateOrder.DAY_FIRST


@transaction.atomic
def remember(*, by: Me, run: ImportRun, columns: Sequence[ImportColumn]) -> Shape:
    """Keep what was said of this run's columns, for the team's next file of that shape.

    What was said before of the same shape is replaced; a shape that was forgotten is remembered anew.
    """
    digest = digest_of([column.heading for column in columns], run.sheet_name)
    said = {
        "filename": run.filename,
        "role": run.role,
        "date_order": run.date_order,
        "sheet_name": run.sheet_name,
    }
    with connection.cursor() as cursor:
        # Two colleagues may answer for the first file of a shape at once: the second finds what the first said.
        cursor.execute(
            "select pg_advisory_xact_lock(hashtextextended(%s, %s))", [f"shape {digest}", run.author_team_id]
        )
    shape = Shape.objects.filter(author_team_id=run.author_team_id, digest=digest, forgotten_at=None).first()
    if shape is None:
        shape = Shape.objects.create(author_team_id=run.author_team_id, digest=digest, **said)
        ShapeColumn.objects.bulk_create(
            ShapeColumn(
                shape=shape,
                author_team_id=run.author_team_id,
                position=column.position,
                heading=normal(column.heading),
                written=column.heading,
                field=column.field,
            )
            for column in columns
        )
        return shape
    Shape.objects.filter(pk=shape.pk).update(version=F("version") + 1, **said)
    kept = {column.position: column for column in shape.columns.all()}
    changed = []
    for column in columns:
        old = kept[column.position]
        if old.field != column.field:
            old.field = column.field
            changed.append(old)
    ShapeColumn.objects.bulk_update(changed, ["field"])
    shape.refresh_from_db()
    return shape


@transaction.atomic
def forget(*, by: Me, shape: Shape, version: int) -> None:
    """Offer a remembered shape no more. Runs that used it stay as they are. Forgetting twice changes nothing;
    raises StaleEdit where a colleague said something else of the shape meanwhile."""
    if shape.forgotten_at is not None:
        return
    if shape.author_team_id not in by.teams:
        raise StaleEdit
    update_checked(shape, version=version, forgotten_at=timezone.now())
