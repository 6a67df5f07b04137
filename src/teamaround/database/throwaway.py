"""A migrated database on a server of its own that is gone at the end: for benches and checks."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from .server import temporary_server
from .serversettings import LEAST_BUFFERS, buffers_of, machine_memory
from .setup import install_stamp_key, prepare


@dataclass(frozen=True, slots=True)
class ThrowAway:
    """Addresses of one database for the set-up's superuser, the application and the auditor; the stamp's key."""

    superuser: str
    application: str
    auditor: str
    key: bytes


@contextmanager
def throw_away(*, django: bool = True, share: int = 0) -> Iterator[ThrowAway]:
    """Start, prepare, migrate; with `django`, Django is set up as the application on it.

    `share` gives it one part in so many of the machine's memory for pages: 8 as a server in service beside the
    application has, 4 as one that has a machine of its own. Otherwise it has the least.

    Raises CalledProcessError where a migration fails.
    """
    buffers = buffers_of(machine_memory(), share=share) if share else LEAST_BUFFERS
    with temporary_server(buffers=buffers) as server:
        prepare(server.dsn("postgres", "postgres"), server.secrets)
        found = ThrowAway(
            superuser=server.dsn("postgres", "teamaround"),
            application=server.dsn("app_rw", "teamaround"),
            auditor=server.dsn("auditor", "teamaround"),
            key=bytes.fromhex(server.secrets.stamp_key),
        )
        os.environ.update(
            DJANGO_SETTINGS_MODULE="teamaround.site.settings",
            TEAMAROUND_OWNER_URL=found.superuser,
            DATABASE_URL=found.application,
            TEAMAROUND_PLAIN_HTTP="1",
        )
        subprocess.run(
            [sys.executable, "-m", "django", "migrate", "--database", "owner", "--no-input", "-v", "0"],
            check=True,
        )
        install_stamp_key(found.superuser, found.key)
        if not django:
            yield found
            return
        _set_up(found.key)
        try:
            yield found
        finally:
            _let_go()


def _set_up(key: bytes) -> None:
    import django
    from django.conf import settings

    django.setup()
    settings.STAMP_KEY = key


def _let_go() -> None:
    from django.db import connections

    connections.close_all()
    close_pool = getattr(connections["default"], "close_pool", None)
    if close_pool is not None:
        close_pool()
