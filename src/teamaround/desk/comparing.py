"""Two records side by side before they are joined: what each agency says since when, what differs, and what follows."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from django.utils import timezone
from django.utils.translation import gettext as _

from teamaround.access.categories import Category
from teamaround.access.me import Me
from teamaround.people.models import Person
from teamaround.people.one_person import Records
from teamaround.people.presenters import life_line
from teamaround.sharing.cards import holder_names
from teamaround.sharing.models import BasisLine, Kind
from teamaround.sharing.settlements import ruling
from teamaround.sharing.shields import shields_of

from .facts import FactRow, fact_rows, record_of
from .involved import Involved, involvements_of
from .joined import recorded
from .ties import Tie

One = tuple[Person, Records]
MOST_CELLS = 8
KINDS = ("name", "address", "identifier", "need", "school", "background")


@dataclass(frozen=True, slots=True)
class Said:
    """One thing that one agency says."""

    words: str
    source: str = ""


@dataclass(frozen=True, slots=True)
class Compared:
    """One line of the comparison: what the first and the second record say."""

    label: str
    first: tuple[Said, ...]
    second: tuple[Said, ...]
    differs: bool


@dataclass(frozen=True, slots=True)
class Side:
    """One of the two records."""

    person: Person
    line: str
    called: str
    involved: tuple[Involved, ...]


@dataclass(frozen=True, slots=True)
class Comparison:
    """Everything the page shows; `categories` are those of what it shows."""

    first: Side
    second: Side
    rows: tuple[Compared, ...]
    follows: tuple[str, ...]
    subjects: tuple[int, ...]
    also_named: frozenset[int]
    categories: tuple[str, ...]


def compare(first: One, second: One, *, me: Me) -> Comparison:
    """Read both records, as far as I may. Six queries at most."""
    sides, facts, named, categories = [], [], set(), {str(Category.INDEX)}
    of_each = [records for _person, records in (first, second)]
    everybody = [record for records in of_each for record in records]
    involved = involvements_of(everybody, me=me)
    for person, records in (first, second):
        rows, ties = record_of(records)
        facts.append((rows, ties))
        categories |= {row.category for row in rows} | {tie.category for tie in ties}
        named |= {tie.end for tie in ties} | {row.names for row in rows if row.names is not None}
        sides.append(
            Side(
                person=person,
                line=life_line(person),
                called=person.name
                if first[0].name != second[0].name
                else f"{person.name} ({person.author_team.agency.name})",
                involved=tuple(row for row in involved if row.subject in records),
            )
        )
    return Comparison(
        first=sides[0],
        second=sides[1],
        rows=tuple(_rows(sides, facts)),
        follows=tuple(_follows(sides, of_each)),
        subjects=tuple(everybody),
        also_named=frozenset(named),
        categories=tuple(sorted(categories)),
    )


def _rows(sides: Sequence[Side], facts: Sequence[tuple[list[FactRow], list[Tie]]]) -> Iterable[Compared]:
    one, other = (side.person for side in sides)
    yield _line(_("Name"), [[Said(row.name, recorded(row))] for row in (one, other)])
    yield _line(_("Born"), [[Said(life_line(row))] for row in (one, other)])
    yield _line(_("Sex"), [[Said(str(row.get_sex_display()))] for row in (one, other)])
    for kind in KINDS:
        told = [[row for row in rows if row.what == kind and row.until is None] for rows, _ties in facts]
        labels = dict.fromkeys(row.key for rows in told for row in fact_rows(rows, kind))
        for label in labels:
            cells = [[row for row in fact_rows(rows, kind) if row.key == label] for rows in told]
            yield _line(label, [[Said(", ".join(row.lines), row.source) for row in cell] for cell in cells])
    ties = [[Said(tie.words, tie.source) for tie in of_one] for _rows, of_one in facts]
    if any(ties):
        yield _line(_("Family and relationships"), ties)
    teams = [
        [Said(f"{row.worker}, {row.agency}", str(row.tag.text)) for row in side.involved] for side in sides
    ]
    if any(teams):
        yield replace(_line(_("Who works with them"), teams), differs=False)


def _line(label: str, cells: Sequence[Sequence[Said]]) -> Compared:
    first, second = (tuple(cell) for cell in cells)
    words = [{each.words.casefold() for each in cell} for cell in (first, second)]
    return Compared(label, first, second, differs=bool(words[0] and words[1]) and words[0] != words[1])


def _follows(sides: Sequence[Side], of_each: Sequence[tuple[int, ...]]) -> Iterable[str]:
    for side, other in (sides, sides[::-1]):
        there = {row.team for row in other.involved}
        for row in {row.team: row for row in side.involved if row.team not in there}.values():
            yield _("%(agency)s, %(team)s, sees both records’ entries.") % {
                "agency": row.agency,
                "team": row.team_name,
            }
    everybody = [record for records in of_each for record in records]
    lines = list(
        BasisLine.objects.filter(subject_id__in=everybody, basis__kind=Kind.CONSENT).select_related(
            "basis__given_by"
        )
    )
    cells: dict[tuple[int, str], dict[bool, set[int]]] = {}
    for (record, holder, category, _giver), said in ruling(lines, timezone.now()).items():
        which = 0 if record in of_each[0] else 1
        cells.setdefault((holder, category), {}).setdefault(said.share, set()).add(which)
    apart = [cell for cell, said in cells.items() if len(said) == 2 and said[True] | said[False] == {0, 1}]
    names = holder_names(holder for holder, _category in apart) if apart else {}
    for holder, category in sorted(apart)[:MOST_CELLS]:
        yield _(
            "%(team)s: %(what)s was agreed under one record and not under the other. It is not shared."
        ) % {
            "team": names.get(holder, _("A team")),
            "what": str(Category(category).label).lower(),
        }
    if shields_of(everybody):
        yield _("A shield on one record protects both.")
    yield _(
        "What was refused for either is refused for both, and what was agreed for one opens nothing of the other, until somebody decides anew."
    )
    yield _("Nothing is moved or lost. Joining can be undone.")
