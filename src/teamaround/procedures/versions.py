"""Versions of procedures as they stand in the database, read once a process."""

from __future__ import annotations

import datetime as dt
import functools

from django.db import transaction
from django.utils import timezone

from teamaround.access.categories import Category
from teamaround.database.actor import SET_UP, acting_as, current_actor
from teamaround.events import own
from teamaround.events.kinds import Kind
from teamaround.workingtime import LONDON

from .format import Procedure, load, load_shipped, shipped_slugs, shipped_text
from .models import ProcedureVersion

ALWAYS = dt.datetime(2020, 1, 1, tzinfo=dt.UTC)
"""What comes with the product is in force from the beginning, so that an area may change it on its first day."""


@functools.lru_cache(maxsize=64)
def _parsed(version: int) -> Procedure:
    return load(ProcedureVersion.objects.values_list("text", flat=True).get(pk=version))


def procedure_of(version: int) -> Procedure:
    """The procedure of one version. Versions never change, so each is read once a process."""
    return _parsed(version)


def current_version(slug: str) -> ProcedureVersion:
    """The version in force now. Raises ProcedureVersion.DoesNotExist where the area has none of that name."""
    found = (
        ProcedureVersion.objects.filter(slug=slug, withdrawn_at=None, effective_from__lte=timezone.now())
        .defer("text")
        .order_by("-effective_from", "-number")
        .first()
    )
    if found is None:
        raise ProcedureVersion.DoesNotExist(slug)
    return found


def name_own_kinds(procedure: Procedure) -> list[str]:
    """Make the events that a procedure names itself known to the area; returns those that are there for the
    first time. Call it where a version is published.

    Raises KindRefused where one is known in other words.
    """
    return own.name_kinds(Kind(each.key, each.title, Category(each.category)) for each in procedure.events)


def versions_of(slug: str) -> list[ProcedureVersion]:
    """All versions of a procedure, the one that takes effect last first, with those that were withdrawn; without
    their texts."""
    rows = ProcedureVersion.objects.filter(slug=slug).select_related("published_by", "withdrawn_by")
    rows = rows.defer("text")
    return list(rows.order_by("-effective_from", "-number"))


def names_in_force() -> dict[str, str]:
    """The procedures that a team can run now: names by slug, in the order of their names."""
    rows = ProcedureVersion.objects.filter(withdrawn_at=None, effective_from__lte=timezone.now())
    latest = rows.order_by("slug", "-effective_from", "-number").distinct("slug").values_list("slug", "pk")
    found = {slug: procedure_of(version).name for slug, version in latest}
    return dict(sorted(found.items(), key=lambda each: each[1]))


def install_shipped() -> list[str]:
    """Add the procedures that come with the product and are not there yet; returns the slugs that were added
    to. Acts as the set-up of the area where nobody acts: the database takes a version from it, and from a partnership
    officer, alone.

    Where the area still follows what earlier releases brought, and nobody has published a version, a text
    that has changed since is added as a further version in force from today. Running episodes keep theirs.
    """
    with acting_as(current_actor() or SET_UP), transaction.atomic():
        return _install()


def _install() -> list[str]:
    added = []
    for slug in shipped_slugs():
        procedure = load_shipped(slug)
        rows = list(ProcedureVersion.objects.filter(slug=slug).order_by("number"))
        if rows and (rows[-1].text == shipped_text(slug) or any(row.published_by_id for row in rows)):
            continue
        name_own_kinds(procedure)
        version = ProcedureVersion(
            slug=slug, number=rows[-1].number + 1 if rows else 1, text=shipped_text(slug)
        )
        version.effective_from = _from_today(rows[-1]) if rows else ALWAYS
        version.save(force_insert=True)
        added.append(slug)
    return added


def _from_today(latest: ProcedureVersion) -> dt.datetime:
    """Now; or the beginning of the next day where a version took effect today, since no day has two."""
    now = timezone.now()
    began = latest.effective_from.astimezone(LONDON).date()
    today = now.astimezone(LONDON).date()
    if began < today:
        return now
    return dt.datetime.combine(began + dt.timedelta(days=1), dt.time(), LONDON)


def reset_cache() -> None:
    """Forget parsed versions: for tests, whose databases come and go."""
    _parsed.cache_clear()
    own.reset_cache()
