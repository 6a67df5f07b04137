"""Addresses of many things of one kind on one page: their pattern is resolved once a page."""

from __future__ import annotations

import uuid

from django.urls import reverse

_NOWHERE = uuid.UUID(int=0)


def around_key(name: str, *more: str) -> tuple[str, str]:
    """What stands before and after the key in the addresses of this name; `more` are arguments that follow the key.

    Raises NoReverseMatch where there is no such page.
    """
    before, _key, after = reverse(name, args=[_NOWHERE, *more]).partition(str(_NOWHERE))
    return before, after
