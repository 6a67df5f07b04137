"""Named services as actors: who acts when a job runs that nobody asked for."""

from __future__ import annotations

from teamaround.agencies.models import PrincipalKind
from teamaround.database.actor import Actor

from .models import Service


def service_actor(name: str) -> Actor:
    """The actor of the named service. It holds its own principal alone: no team, no panel, no grant.

    Raises LookupError for a name that no migration has set up.
    """
    principal = Service.objects.filter(name=name).values_list("pk", flat=True).first()
    if principal is None:
        raise LookupError(f"there is no service named {name!r}")
    return Actor(kind=PrincipalKind.SERVICE, principal=principal, principals=(principal,))
