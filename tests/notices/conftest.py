"""A database with real commits, for what crosses connections: jobs and their worker."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from conftest import RUN_FOLDER, point_at
from harness.server import copy_database


@pytest.fixture
def committed(server_report: dict[str, str], django_db_blocker: Any) -> Iterator[None]:
    """The application's own backend, pool and role, in a database of this test's own."""
    from django.db import connections

    from harness.aliases import lead_nowhere

    copy_database(server_report, "test_committed_notices", Path(os.environ[RUN_FOLDER]))
    point_at(server_report, "test_committed_notices", pool=True)
    with django_db_blocker.unblock():
        try:
            yield
        finally:
            connections.close_all()
            for alias in ("default", "log"):
                lead_nowhere(alias)
