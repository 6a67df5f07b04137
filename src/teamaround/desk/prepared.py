"""Queries of a page that many open all day, put into SQL once a process: only their values change from request to request.

Putting a large query together costs more than running it. What a query means stays where it is written: the builder is
called once with stand-ins, and each run puts the values of the request in the stand-ins' places.
"""

from __future__ import annotations

import copy
import datetime as dt
from collections.abc import Callable
from typing import Any, TypeVar

from django.core.exceptions import EmptyResultSet
from django.db import connections
from django.db.models import Model, QuerySet

from teamaround.access.me import Me, Seat

M = TypeVar("M", bound=Model)
Value = int | str | dt.date | dt.datetime | tuple[int, ...]

_FIRST = 2_000_000_011
_FIRST_DAY = dt.datetime(1801, 1, 1, tzinfo=dt.UTC)


class Prepared:
    """The SQL of one query for one shape of its values: tuples of the same lengths."""

    def __init__(self, build: Callable[..., QuerySet[Any, Any]], values: tuple[Value, ...]) -> None:
        self.places: list[tuple[tuple[int, int | None], Any]] = []
        stand_ins = tuple(self._stand_in(number, value) for number, value in enumerate(values))
        self.rows = build(*stand_ins)
        self.compiler = self.rows.query.get_compiler("default")
        self.sql, self.params = self.compiler.as_sql()

    def _stand_in(self, number: int, value: Value) -> Any:
        if isinstance(value, tuple):
            found = tuple(_FIRST + 1000 * number + at for at in range(len(value)))
            self.places += [((number, at), each) for at, each in enumerate(found)]
            return found
        single: Any
        if isinstance(value, dt.datetime):
            single = _FIRST_DAY + dt.timedelta(days=number)
        elif isinstance(value, dt.date):
            single = (_FIRST_DAY + dt.timedelta(days=400 + number)).date()
        else:
            single = f"stand-in {number}" if isinstance(value, str) else _FIRST + 1000 * number
        self.places.append(((number, None), single))
        return single

    def run(self, values: tuple[Value, ...]) -> list[Any]:
        """The rows for these values."""
        given = {
            stand_in: values[place[0]] if place[1] is None else values[place[0]][place[1]]  # type: ignore[index]
            for place, stand_in in self.places
        }
        params = tuple(_put(param, given) for param in self.params)
        compiler: Any = copy.copy(self.compiler)
        compiler.connection = connections["default"]
        compiler.as_sql = lambda *_args, **_more: (self.sql, params)
        rows = self.rows.all()
        rows.query.get_compiler = lambda *_args, **_more: compiler  # type: ignore[method-assign]
        return list(rows)


def _put(param: Any, given: dict[Any, Any]) -> Any:
    try:
        if param not in given:
            return param
    except TypeError:
        return param
    value = given[param]
    # The driver's own kinds of number tell the server which width is meant.
    return type(param)(value) if isinstance(param, int) and type(param) is not int else value


_KEPT: dict[tuple[Any, ...], Prepared] = {}


def prepared(build: Callable[..., QuerySet[Any, Any]], *values: Value) -> list[Any]:
    """The rows of `build(*values)`, its SQL put together once a process for each shape of the values.

    `build` may depend on nothing but its values, and on these only as values: it must not branch on them. A tuple of
    numbers may have any length; where it is empty the query is put together anew.
    """
    if any(value == () for value in values):
        try:
            return list(build(*values))
        except EmptyResultSet:
            return []
    shape = (build, *(len(value) if isinstance(value, tuple) else type(value) for value in values))
    kept = _KEPT.get(shape)
    if kept is None:
        kept = _KEPT[shape] = Prepared(build, values)
    return kept.run(values)


def stand_in(principal: int, teams: tuple[int, ...]) -> Me:
    """Somebody with this principal in these teams, for builders that ask for a practitioner and read no more of them."""
    return Me(0, principal, "", tuple(Seat(team, "", "", 0, "", "", "", "") for team in teams))
