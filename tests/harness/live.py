"""A site with real commits, a real pool and a real browser, for what crosses connections."""

from __future__ import annotations

import os
import socketserver
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from wsgiref.simple_server import WSGIRequestHandler, WSGIServer

from harness.cast import Cast
from harness.server import TEMPLATE, copy_database, drop_database

CHROMIUM = "/usr/bin/chromium"
ARGUMENTS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]


class ThreadedServer(socketserver.ThreadingMixIn, WSGIServer):
    """One thread a request."""

    daemon_threads = True
    request_queue_size = 32


class QuietHandler(WSGIRequestHandler):
    """No access log: its lines would drown what failed."""

    def log_message(self, format: str, *args: Any) -> None:
        return


@dataclass
class Site:
    """A running site."""

    url: str
    cast: Cast


@contextmanager
def served() -> Iterator[str]:
    """The product's WSGI application on a free loopback port."""
    from django.contrib.staticfiles.handlers import StaticFilesHandler
    from django.core.wsgi import get_wsgi_application

    server = ThreadedServer(("127.0.0.1", 0), QuietHandler)
    server.set_app(StaticFilesHandler(get_wsgi_application()))
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        server.server_close()


@contextmanager
def live_database(
    report: dict[str, str], name: str, *, template: str = TEMPLATE, keep: bool = False
) -> Iterator[None]:
    """Django on a fresh copy of the migrated database (or another), through the product's own pooled backend. With `keep`
    the copy stays, for others to be made of it."""
    from conftest import point_at
    from harness.aliases import lead_nowhere

    copy_database(report, name, Path(os.environ["TEAMAROUND_TEST_RUN"]), template=template)
    point_at(report, name, pool=True)
    try:
        yield
    finally:
        for alias in ("default", "log"):
            lead_nowhere(alias)
        if not keep:
            drop_database(report, name)
