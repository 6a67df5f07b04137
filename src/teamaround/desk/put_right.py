"""Striking out a wrong entry: which fact of a person an address means, without its number in the address."""

from __future__ import annotations

from django import forms as django_forms
from django.db.models import QuerySet
from django.utils.crypto import constant_time_compare, salted_hmac
from django.utils.translation import gettext_lazy

from teamaround.access.me import Me
from teamaround.people.models import (
    Address,
    Background,
    CareReason,
    Caring,
    Fact,
    FamilyMember,
    Identifier,
    Need,
    Person,
    PersonName,
    Relationship,
    SchoolPlace,
)
from teamaround.people.one_person import Records
from teamaround.ui import forms

from .clocks import page
from .facts import FactRow, in_words, record_of
from .ties import Tie

_SALT = "desk.fact"
MODELS: dict[str, type[Fact]] = {
    "name": PersonName,
    "address": Address,
    "identifier": Identifier,
    "need": Need,
    "school": SchoolPlace,
    "background": Background,
    "caring": Caring,
    "reason": CareReason,
    "to": Relationship,
    "from": Relationship,
    "family": FamilyMember,
}


class PutRightForm(forms.VersionedForm):
    """Why an entry is struck out."""

    reason = django_forms.CharField(
        label=gettext_lazy("What is wrong with it?"),
        max_length=200,
        help_text=gettext_lazy("For example: this belongs to somebody else, or a digit was mistyped."),
        widget=django_forms.Textarea({"rows": 2}),
    )


def wrong_url(person: Person, row: FactRow | Tie, me: Me) -> str:
    """Where I may strike out this entry of the person's page; empty where another team wrote it."""
    return page("desk:put_right", person.uuid, key_of(row.what, row.order)) if row.team in me.teams else ""


def own_entry(records: Records, key: str, me: Me) -> FactRow | Tie | None:
    """The entry of one of my teams on the page of these records that the address means; None where there is none."""
    facts, ties = record_of(records)
    entries: list[FactRow | Tie] = [*facts, *ties]
    for row in entries:
        if row.team in me.teams and constant_time_compare(key_of(row.what, row.order), key):
            return row
    return None


def rows_of(entry: FactRow | Tie) -> QuerySet[Fact]:
    """The row itself, as far as I may read it."""
    rows: QuerySet[Fact] = MODELS[entry.what]._default_manager.filter(pk=entry.order)
    return rows


def said(entry: FactRow | Tie) -> str:
    """The entry in a line."""
    return entry.words if isinstance(entry, Tie) else in_words(entry)


def key_of(what: str, number: int) -> str:
    """How an address means an entry: one cannot tell its number from it, nor make one up."""
    return salted_hmac(_SALT, f"{what}:{number}", algorithm="sha256").hexdigest()[:24]
