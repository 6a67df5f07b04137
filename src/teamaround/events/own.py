"""The kinds of event that an area's procedures name themselves, beside those of the product."""

from __future__ import annotations

from collections.abc import Iterable

from django.db import models, transaction
from django.db.models import Q

from teamaround.access.categories import Category

from .kinds import KINDS, Kind


class EventKind(models.Model):
    """A kind of event of the area's own. Its words and category stay: events were written under them."""

    key = models.CharField(max_length=30, primary_key=True)
    title = models.CharField(max_length=80)
    category = models.CharField(max_length=16, choices=Category.choices)

    class Meta:
        db_table = "event_kind"
        constraints = [models.CheckConstraint(condition=Q(key__startswith="local."), name="event_kind_local")]


class KindRefused(ValueError):
    """A kind of event cannot be named so; the message says what to write instead."""


_known: dict[str, Kind] = {}


def kind_of(key: str) -> Kind:
    """The kind of event of that key, the product's or the area's own. Raises KeyError for neither."""
    found = KINDS.get(key) or _known.get(key)
    if found is None:
        row = EventKind.objects.filter(key=key).first()
        if row is None:
            raise KeyError(key)
        found = _known[key] = Kind(row.key, row.title, Category(row.category))
    return found


@transaction.atomic
def name_kinds(kinds: Iterable[Kind]) -> list[str]:
    """Make the area's own kinds of event known; returns the keys that were not there when it began.

    Raises KindRefused where a key is known already in other words or under another category.
    """
    wanted = {kind.key: kind for kind in kinds}
    known = set(EventKind.objects.filter(key__in=wanted).values_list("key", flat=True))
    fresh = [kind for key, kind in sorted(wanted.items()) if key not in known]
    # Two procedures may name one at once: the second waits here, and is compared with what the first one wrote. Both go
    # by the order of the keys, so that neither waits for the other in turn.
    EventKind.objects.bulk_create(
        (EventKind(key=kind.key, title=kind.words, category=kind.category) for kind in fresh),
        ignore_conflicts=True,
    )
    for row in EventKind.objects.filter(key__in=wanted):
        if (row.title, row.category) != (wanted[row.key].words, wanted[row.key].category):
            raise KindRefused(
                f"'{row.key}' is known in this area as '{row.title}' ({row.category}). "
                "Write the same title and category, or another key."
            )
    return [kind.key for kind in fresh]


def reset_cache() -> None:
    """Forget the area's own kinds: for tests, whose databases come and go."""
    _known.clear()
