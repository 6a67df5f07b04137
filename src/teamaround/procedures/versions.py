"""Versions of procedures as they stand in the database, read once a process."""

from __future__ import annotations

import functools

from django.db import transaction
from django.utils import timezone

from .format import Procedure, load, load_shipped, shipped_slugs, shipped_text
from .models import ProcedureVersion


@functools.lru_cache(maxsize=64)
def _parsed(version: int) -> Procedure:
    return load(ProcedureVersion.objects.values_list("text", flat=True).get(pk=version))


def procedure_of(version: int) -> Procedure:
    """The procedure of one version. Versions never change, so each is read once a process."""
    return _parsed(version)


def current_version(slug: str) -> ProcedureVersion:
    """The version in force now. Raises ProcedureVersion.DoesNotExist where the area has none of that name."""
    found = (
        ProcedureVersion.objects.filter(slug=slug, effective_from__lte=timezone.now())
        .defer("text")
        .order_by("-effective_from", "-number")
        .first()
    )
    if found is None:
        raise ProcedureVersion.DoesNotExist(slug)
    return found


@transaction.atomic
def install_shipped() -> list[str]:
    """Add the procedures that come with the product and are not there yet; returns their slugs."""
    added = []
    for slug in shipped_slugs():
        load_shipped(slug)
        if not ProcedureVersion.objects.filter(slug=slug).exists():
            ProcedureVersion.objects.create(slug=slug, number=1, text=shipped_text(slug))
            added.append(slug)
    return added


def reset_cache() -> None:
    """Forget parsed versions: for tests, whose databases come and go."""
    _parsed.cache_clear()
