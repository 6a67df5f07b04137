"""The young carers team's own system, with a key that opens everything."""

from __future__ import annotations

from typing import Any

import pytest

from harness.feeds import Machine, make_feed


@pytest.fixture
def machine(cast: Any) -> Machine:
    """The young carers team's system."""
    return Machine(make_feed(cast))
