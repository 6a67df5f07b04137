"""Loading somebody with all their records: one person may have been recorded twice and the records joined."""

from __future__ import annotations

import uuid
from collections.abc import Collection, Iterable, Mapping

from django.contrib.postgres.fields import ArrayField
from django.db import connection
from django.db.models import BigIntegerField, F, Func, QuerySet
from django.http import HttpRequest

from teamaround.access.log import shown
from teamaround.access.requests import load

from .merging import records_of
from .models import Merge, Person

Records = tuple[int, ...]
"""The numbers of one person's records, the root first; of somebody recorded once, the one."""


def joined(column: str) -> Func:
    """The records of the person whom a column names, so that a query reads them along."""
    return Func(F(column), function="app.records_of", output_field=ArrayField(BigIntegerField()))


def with_records() -> QuerySet[Person]:
    """Persons with the agency that wrote them, each with their records beside: what `root_record` reads."""
    return Person.objects.select_related("author_team__agency").annotate(joined=joined("pk"))


def root_record(row: Person) -> tuple[Person, Records]:
    """The record that stands for the person, and all of theirs; `row` is one of `with_records`. No query, one where
    records were joined.

    Somebody whose root the reader may not see stays as they came: nothing tells them of the other record.
    """
    records: Records = tuple(row.joined)  # type: ignore[attr-defined]  # annotated
    if records[0] != row.pk:
        row = with_records().filter(pk=records[0]).first() or row
    return row, records


def records_of_each(subjects: Iterable[int]) -> dict[int, Records]:
    """The records of each of several persons, as `records_of` gives one's. One query; none for nobody."""
    wanted = sorted(set(subjects))
    if not wanted:
        return {}
    with connection.cursor() as cursor:
        cursor.execute("select s, app.records_of(s) from unnest(%s::bigint[]) s", [wanted])
        return {subject: tuple(records) for subject, records in cursor.fetchall()}


def all_records(subjects: Iterable[int]) -> list[int]:
    """All records of these persons, and these families. One query."""
    return sorted({record for records in records_of_each(subjects).values() for record in records})


def roots_of(people: Iterable[Person], root: Mapping[int, int]) -> dict[int, Person]:
    """These persons by the record that stands for each: `root` says which. No query where nobody has two."""
    found = {row.pk: row for row in people}
    wanted = dict.fromkeys(root[pk] for pk in found)
    missing = [pk for pk in wanted if pk not in found]
    if missing:
        found |= {row.pk: row for row in Person.objects.filter(pk__in=missing)}
    return {pk: found[pk] for pk in wanted if pk in found}


def load_person(request: HttpRequest, key: uuid.UUID | None, *, act: str = "") -> tuple[Person, Records]:
    """The person of that identifier whom I may see, by the record that stands for them. 404 for anybody else."""
    row = load(request, with_records(), uuid=key, act=act)
    root, records = root_record(row)
    if root.pk != row.pk:
        shown(request, [root.pk], root.category, act=act)
    return root, records


def others_of(records: Collection[int], root: int) -> list[Person]:
    """The further records of a person that I may see, the first recorded first. No query for somebody recorded once."""
    wanted = [record for record in records if record != root]
    if not wanted:
        return []
    return list(
        Person.objects.filter(pk__in=wanted)
        .select_related("author_team__agency")
        .order_by("recorded_at", "pk")
    )


def sides_of(merge: Merge) -> tuple[Records, Records]:
    """The records on either side of a joining that stands: those under the record that was merged, and the others.
    Two queries."""
    records = records_of(merge.subject_id)
    links = dict(
        Merge.objects.filter(undone_at=None, subject_id__in=records).values_list("subject_id", "into_id")
    )
    links.pop(merge.subject_id, None)
    one = tuple(record for record in records if _up(record, links) == merge.subject_id)
    return one, tuple(record for record in records if record not in one)


def _up(record: int, links: Mapping[int, int]) -> int:
    while record in links:
        record = links[record]
    return record
