"""A feed of the young carers team with one key that opens everything."""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any

import pytest

from harness import feeds
from harness.feeds import Made


@pytest.fixture
def make_feed(cast: Any) -> Callable[..., Made]:
    """Makes a feed of a team, by the administrator."""
    return functools.partial(feeds.make_feed, cast)


@pytest.fixture
def made(make_feed: Callable[..., Made]) -> Made:
    """The young carers team's feed."""
    return make_feed()
