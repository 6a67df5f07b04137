"""Two people who do something at the same moment, each in a transaction of their own."""

from __future__ import annotations

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

from django.db import connections

from harness.cast import Cast, Member
from teamaround.access.me import Me

Result = TypeVar("Result")


def at_once(
    cast: Cast, first: tuple[Member, Callable[[Me], Result]], second: tuple[Member, Callable[[Me], Result]]
) -> tuple[Result, Result]:
    """What both did. The second begins when the first has written, and before the first is committed."""
    written, may_end = threading.Event(), threading.Event()

    def begins() -> Result:
        try:
            with cast.as_(first[0]) as me:
                found = first[1](me)
                written.set()
                may_end.wait(10)
                return found
        finally:
            connections.close_all()

    def follows() -> Result:
        try:
            with cast.as_(second[0]) as me:
                return second[1](me)
        finally:
            connections.close_all()

    with ThreadPoolExecutor(2) as pool:
        one = pool.submit(begins)
        assert written.wait(10)
        other = pool.submit(follows)
        threading.Timer(0.3, may_end.set).start()
        return one.result(20), other.result(20)
