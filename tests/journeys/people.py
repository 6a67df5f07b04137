"""What every part of the main story shares: who takes part, and the child it is about."""

from __future__ import annotations

import datetime as dt
import threading
from collections.abc import Callable

from django.db import connections
from django.utils import timezone

from harness.cast import Cast
from harness.live import Site
from journeys.walking import Walker

CHILD = "Luca Whitcombe"
"""A child of the caseload file whom the school knows already: row 1 of the young carers' export."""
BORN = dt.date(2019, 8, 21)
POSTCODE = "S3 1QT"


def today(days: int = 0) -> dt.date:
    return timezone.localdate() + dt.timedelta(days=days)


def apart(do: Callable[[], object]) -> None:
    """Do it in a thread of its own: the browser's driver holds this thread's event loop."""
    failed: list[BaseException] = []

    def run() -> None:
        try:
            do()
        except BaseException as error:
            failed.append(error)
        finally:
            # The site's pool is small: a thread that ended keeps no connection of it.
            connections.close_all()

    thread = threading.Thread(target=run)
    thread.start()
    thread.join(timeout=60)
    assert not thread.is_alive(), "it did not end within a minute"
    if failed:
        raise failed[0]


class People:
    """The story's people, each at a browser of their own."""

    def __init__(self, site: Site, somebody: Callable[..., Walker]) -> None:
        self.site = site
        self.cast: Cast = site.cast
        self.yasmin = somebody(site, "Yasmin", self.cast.yasmin)
        self.tom = somebody(site, "Tom", self.cast.tom)
        self.morgan = somebody(site, "Morgan", self.cast.morgan)
        self.nina = somebody(site, "Nina", self.cast.nina)
        self.olive = somebody(site, "Olive", self.cast.olive)
