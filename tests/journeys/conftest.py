"""What the journeys share: a new area with nobody in it, and walkers who close their browser at the end."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from harness.cast import Cast, Member
from harness.live import Site, live_database, served
from journeys.walking import Walker


@pytest.fixture
def new_area(server_report: dict[str, str], django_db_blocker: Any) -> Iterator[Site]:
    """A site in which nobody has an account yet."""
    from teamaround.procedures.versions import install_shipped, reset_cache

    os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "true"
    worker = os.environ.get("PYTEST_XDIST_WORKER", "main")
    with django_db_blocker.unblock(), live_database(server_report, f"new_area_{worker}"):
        reset_cache()
        install_shipped()
        with served() as url:
            yield Site(url=url, cast=Cast())
        reset_cache()


@pytest.fixture
def somebody(chromium: Any) -> Iterator[Callable[..., Walker]]:
    """Makes walkers: `somebody(site, "Tom", cast.tom)`."""
    walkers: list[Walker] = []

    def make(
        site: Site, name: str, member: Member | None = None, *, scripts: bool = True, looks: bool = True
    ) -> Walker:
        walker = Walker(chromium, site, name, scripts=scripts, looks=looks)
        walkers.append(walker)
        return walker.signed_in_as(member) if member is not None else walker

    yield make
    for walker in walkers:
        walker.leaves()
