"""How often something happened lately, counted in the cache that all processes share."""

from __future__ import annotations

import hashlib
import time

from allauth.account.adapter import get_adapter
from django.core.cache import cache
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest

from teamaround.database.actor import ANONYMOUS, acting_as


def counted(name: str, seconds: int, *, add: int = 1) -> int:
    """How often something happened in the present window of so many seconds, this time included; with `add=0` without.

    Two at the same moment may count as one: a limit, not a record. Stands outside a request's transaction.
    """
    window = int(time.time() // seconds)
    key = f"{name}:{window}"
    with acting_as(ANONYMOUS):
        number = int(cache.get(key, 0)) + add
        if add:
            cache.set(key, number, timeout=2 * seconds)
    return number


def place_of(request: HttpRequest) -> str:
    """A digest of the address that a request comes from. Where the proxy in front names none, all share one."""
    try:
        address = str(get_adapter().get_client_ip(request) or "")
    except PermissionDenied:
        address = ""
    return hashlib.sha256(address.encode()).hexdigest()
