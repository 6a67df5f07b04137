"""Fifty thousand rows in one call, which is the most that one takes."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest

from harness.feeds import Machine
from teamaround.people.models import Person

SYLLABLES = ("ka", "ro", "mi", "ten", "sal", "vor", "dun", "lee", "par", "quin", "hol", "bex")


def name_of(number: int) -> str:
    """A name of its own for each number."""
    text = ""
    while True:
        number, place = divmod(number, len(SYLLABLES))
        text += SYLLABLES[place]
        if not number:
            return text.capitalize()


@pytest.mark.long
def test_fifty_thousand_rows_come_in_by_one_call_and_are_told_row_by_row(cast: Any, machine: Machine) -> None:
    first = dt.date(2008, 1, 1)
    rows = [
        {
            "reference": f"R{number}",
            "given": name_of(number + 5_000),
            "family": name_of(7 * number + 90_000),
            "date_of_birth": (first + dt.timedelta(days=number % 5_000)).isoformat(),
        }
        for number in range(50_000)
    ]
    rows[777] = {"given": "Nobody"}
    told = machine.bring(rows, whole=True)
    assert told["state"] == "done", told
    assert told["rows"] == 50_000
    assert told["counts"]["refused"] == 1
    assert sum(told["counts"][name] for name in ("added", "recognised", "same", "waits", "refused")) == 50_000
    page = machine.get(told["rows_url"] + "?limit=5000&after=45000").json()
    assert [row["row"] for row in page["rows"]] == list(range(45_001, 50_001))
    assert page["next_after"] is None
    with cast.as_(cast.yasmin):
        assert Person.objects.count() == told["counts"]["added"]
