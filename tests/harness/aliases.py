"""Which database Django's aliases reach, changed while the process runs: each test file has one of its own."""

from __future__ import annotations

from typing import Any

from django.db import connections


def lead_to(alias: str, wanted: dict[str, Any]) -> None:
    """Let the next use of `alias` begin a connection with `wanted` added to its settings.

    A new dictionary, never a change of the old one: a wrapper of another thread, or of the event loop that a
    browser's driver runs, still holds the old one, and closes its connection by it. Told meanwhile that it
    has a pool, it would give back to the pool what never came from there.
    """
    connections[alias].close()
    connections.settings[alias] = {**connections.settings[alias], **wanted}
    delattr(connections._connections, alias)


def lead_nowhere(alias: str) -> None:
    """End what `alias` holds, its pool too. What uses it before it leads somewhere again cannot connect."""
    connection: Any = connections[alias]
    connection.close()
    if hasattr(connection, "close_pool"):
        connection.close_pool()
    lead_to(alias, {"NAME": "closed"})
