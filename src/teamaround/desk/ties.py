"""Whom somebody belongs to: relationships either way round, and families. One query for all."""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from typing import Any

from django.db.models import BooleanField, DateField, F, OuterRef, Subquery, TextField, Value
from django.db.models.functions import Cast, Concat, Trim
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from teamaround.people import codes
from teamaround.people.models import Family, FamilyMember, Person, Relationship
from teamaround.ui.presentation import ApproximateDate, Precision, age, uk_date, whole_years

_TEXT: Any = TextField()

INVERSE = {
    "parent": "Child of",
    "step_parent": "Stepchild of",
    "grandparent": "Grandchild of",
    "sibling": "Brother or sister of",
    "partner": "Partner of",
    "kin": "Relative of",
    "friend": "Friend of",
}


@dataclass(frozen=True, slots=True)
class Tie:
    """A relationship or a family: `label` says how, `name` to whom, `url` leads to their page."""

    what: str
    code: str
    label: str
    name: str
    url: str
    age: str
    flag: bool
    source: str
    team: int
    category: str
    order: int
    end: int
    wrong_url: str = ""

    @property
    def words(self) -> str:
        """In a line: 'Child of Efua Osei'."""
        return f"{self.name}: {self.label}" if self.what == "family" else f"{self.label} {self.name}"


def ties_of(records: Collection[int]) -> list[Tie]:
    """Relationships and families of the person of these records, where I may see both ends. One query."""
    first, *others = tie_rows(records)
    return [tie_of(row) for row in first.union(*others, all=True) if row[-3] is not None]


def tie_rows(records: Collection[int]) -> tuple[Any, ...]:
    """The querysets of ties, in the columns that facts have too."""
    current: dict[str, Any] = {"until": None, "voided_at": None}
    to = _rows(
        Relationship.objects.filter(subject_id__in=records, **current),
        ("to", "kind", "parental_responsibility"),
        {**_person_at("other_id"), "end": F("other_id")},
    )
    back = _rows(
        Relationship.objects.filter(other_id__in=records, **current),
        ("from", "kind", "parental_responsibility"),
        {**_person_at("subject_id"), "end": F("subject_id")},
    )
    family = Family.objects.filter(pk=OuterRef("subject_id"))
    home = _rows(
        FamilyMember.objects.filter(person_id__in=records, **current),
        ("family", "role", "lives_here"),
        {
            "called": Cast(Subquery(family.values("name")[:1]), _TEXT),
            "key": Subquery(family.values("uuid")[:1]),
            "born": Cast(Value(None), DateField()),
            "precise": Value("", output_field=_TEXT),
            "end": F("subject_id"),
        },
    )
    return to, back, home


def _person_at(column: str) -> dict[str, Any]:
    found = Person.objects.filter(pk=OuterRef(column))
    return {
        "called": Cast(
            Subquery(found.values_list(Trim(Concat("given", Value(" "), "family_name")))[:1]), _TEXT
        ),
        "key": Subquery(found.values("uuid")[:1]),
        "born": Subquery(found.values("date_of_birth")[:1]),
        "precise": Cast(Subquery(found.values("born_precision")[:1]), _TEXT),
    }


def _rows(rows: Any, columns: tuple[str, str, str], end: dict[str, Any]) -> Any:
    what, code, flag = columns
    return rows.annotate(
        what=Value(what, output_field=_TEXT),
        coded=Cast(F(code), _TEXT),
        flag=Cast(F(flag), BooleanField()),
        **end,
    ).values_list(
        "what",
        "coded",
        "called",
        "precise",
        "flag",
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


def tie_of(row: tuple[Any, ...]) -> Tie:
    """A tie from its row."""
    what, code, name, precision, flag, source, since, _until, team, category, order, key, born, end = row
    if what == "family":
        label = str(codes.FamilyRole(code).label)
        label = label if flag else f"{label}, {_('lives elsewhere')}"
    else:
        label = str(codes.RelationshipKind(code).label) if what == "to" else _(INVERSE[code])
    said = _("%(source)s says, since %(since)s") % {"source": source, "since": uk_date(since)}
    return Tie(
        what=what,
        code=code,
        label=label,
        name=name,
        url=_page(what, key),
        age=_age(born, precision),
        flag=flag,
        source=said,
        team=team,
        category=category,
        order=order,
        end=end,
    )


def _page(what: str, key: uuid.UUID) -> str:
    return reverse("desk:family" if what == "family" else "desk:person", args=[key])


def _age(born: dt.date | None, precision: str) -> str:
    return age(born, precision=precision or "day")


def grown_up(born: dt.date | None, precision: str, ties: Iterable[Tie]) -> bool:
    """Whether somebody is an adult: 18 by the date of birth, or else by the place in a family.

    Where neither is known the answer is no, so that a reason for care is never asked for on a child's page.
    """
    if born is not None:
        latest = ApproximateDate(born, Precision(precision)).last
        return whole_years(latest, timezone.localdate()) >= 18
    return any(
        (tie.what == "family" and tie.code in ("parent", "grandparent", "sibling"))
        or (tie.what == "to" and tie.code in ("parent", "step_parent", "grandparent"))
        for tie in ties
    )
