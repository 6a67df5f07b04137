"""Who is acting, for this thread or task, right now.

Every transaction on the application's connection carries the actor as a signed, transaction-local
stamp (see `stamp`). Code that is not inside a web request says who acts:

    with acting_as(service_actor("nightly")), transaction.atomic():
        ...
"""

from __future__ import annotations

import contextvars
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from django.db import connections


class ActorChanged(RuntimeError):
    """Somebody else began to act inside a transaction that is already stamped."""


@dataclass(frozen=True, slots=True)
class Actor:
    """One who acts: a practitioner, a family member, a named service, or an anonymous visitor.

    `principal` is the actor's own principal (0 for an anonymous visitor); `principals` are all the
    principals the actor holds at this moment: own, teams, panels.
    """

    kind: str
    principal: int = 0
    principals: tuple[int, ...] = ()
    account: int = 0


ANONYMOUS = Actor(kind="anonymous")
SET_UP = Actor(kind="service")
"""The set-up of an area, from the command line: may write who belongs where, and holds no grant."""

_current: contextvars.ContextVar[Actor | None] = contextvars.ContextVar("teamaround_actor", default=None)


def current_actor() -> Actor | None:
    """The actor of this thread or task; None where nobody was named."""
    return _current.get()


@contextmanager
def acting_as(actor: Actor) -> Iterator[Actor]:
    """Act as `actor` until the block ends.

    Raises ActorChanged where a transaction is open under another actor: rows that one person may see
    must never be read half-way through another person's transaction.
    """
    for connection in connections.all(initialized_only=True):
        stamped = getattr(connection, "stamped_actor", None)
        if connection.in_atomic_block and stamped is not None and stamped != actor:
            raise ActorChanged("a transaction is open under another actor; end it first")
    token = _current.set(actor)
    try:
        yield actor
    finally:
        _current.reset(token)
