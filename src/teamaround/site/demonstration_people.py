"""Who can be signed in as with one press, in demonstration mode and nowhere else."""

from __future__ import annotations

import importlib
import importlib.util
import ipaddress
from dataclasses import dataclass

from django.conf import settings
from django.http import HttpRequest


@dataclass(frozen=True)
class DemonstrationPerson:
    """One of the demonstration's people."""

    name: str
    job_title: str
    team: str
    email: str


def may_sign_in_by_name(request: HttpRequest) -> bool:
    """Demonstration mode, asked by this machine itself and not on behalf of another."""
    forwarded = any(name in request.META for name in ("HTTP_X_FORWARDED_FOR", "HTTP_FORWARDED"))
    if not settings.DEMONSTRATION or forwarded:
        return False
    try:
        return ipaddress.ip_address(request.META.get("REMOTE_ADDR", "")).is_loopback
    except ValueError:
        return False


def people_to_sign_in_as() -> tuple[DemonstrationPerson, ...]:
    """The demonstration's people, first the one to begin with; none where no demonstration is installed."""
    if importlib.util.find_spec("teamaround.demonstration") is None:
        return ()
    load = importlib.import_module("teamaround.demonstration.load")
    return tuple(DemonstrationPerson(*row[:4]) for row in load.sign_ins())
