"""The worked examples of examples.yaml, each against the clock."""

from datetime import UTC, date, datetime, time
from pathlib import Path
from typing import Any

import pytest
import yaml

from teamaround.workingtime import (
    EVERY_DAY,
    LONDON,
    Calendar,
    Closure,
    Cycle,
    Limit,
    Pause,
    Reckoner,
    Term,
    due,
)

from .minutes import as_moment, minute_of, service

_FILE = yaml.load((Path(__file__).parent / "examples.yaml").read_text("utf-8"), Loader=yaml.BaseLoader)


def _hours(*clocks: str) -> tuple[tuple[time, time], ...]:
    times = [time.fromisoformat(clock) for clock in clocks]
    return tuple(zip(times[::2], times[1::2], strict=True))


def _calendar(data: dict[str, Any]) -> Calendar:
    closures = tuple(
        Closure(date.fromisoformat(day), reason) for day, reason in data.get("closures", {}).items()
    )
    if "every_day" in data:
        opens, closes = map(time.fromisoformat, data["every_day"])
        return Calendar.every_day(opens, closes, closures)
    if "always" in data:
        return Calendar(opening=(((time(0), time(0)),),) * 7, working=EVERY_DAY, bank_holidays=False)
    if "lunch" in data:
        whole = _hours(*data["lunch"])
        return Calendar(opening=(whole, whole, whole[:1], whole, whole, (), ()))
    if "weekend" in data:
        hours = _hours(*data["weekend"])
        return Calendar(opening=((),) * 4 + (hours,) * 3, working=frozenset((4, 5, 6)))
    terms = tuple(
        Term(date.fromisoformat(first), date.fromisoformat(last), name)
        for first, last, name in data.get("terms", ())
    )
    return Calendar(opening=((_hours(*data["office"]),) * 5) + ((), ()), closures=closures, terms=terms)


def _moment(text: str) -> datetime:
    moment = datetime.fromisoformat(text)
    return (moment if moment.tzinfo else moment.replace(tzinfo=LONDON)).astimezone(UTC)


CALENDARS = {name: _calendar(data) for name, data in _FILE["calendars"].items()}
EXAMPLES = _FILE["examples"]


def _limit(example: dict[str, Any]) -> Limit:
    closed = "last open day" if "if_closed" in example else "next open day"
    if "cycle" in example:
        return Cycle.parse(example["cycle"], if_closed=closed).limit(int(example["round"]))
    return Limit.parse(example["limit"], if_closed=closed)


def _pauses(example: dict[str, Any]) -> list[Pause]:
    """The pauses; one that still goes on ends with the present moment."""
    return [
        Pause(_moment(begins), _moment(example["now"] if ends == "null" else ends))
        for begins, ends in example.get("pauses", ())
    ]


def _named(example: dict[str, Any]) -> str:
    return f"{example['calendar']}-{example['start']}-{example.get('limit', example.get('cycle'))}"


@pytest.mark.parametrize("example", EXAMPLES, ids=_named)
def test_a_worked_example_comes_out_as_reckoned_by_hand(example: dict[str, Any]) -> None:
    limit, calendar = _limit(example), CALENDARS[example["calendar"]]
    start, pauses = _moment(example["start"]), _pauses(example)
    reckoned = due(start, limit, calendar, pauses)
    assert reckoned.at == _moment(example["due"]), f"{example['because']} / {reckoned.why}"
    assert reckoned.at.tzinfo is UTC
    assert reckoned.why.startswith("due ")
    assert pauses or Reckoner(limit, calendar)(start) == reckoned.at


@pytest.mark.parametrize("example", EXAMPLES, ids=_named)
def test_walking_every_minute_comes_to_the_same(example: dict[str, Any]) -> None:
    pauses = [(minute_of(each.begins), minute_of(each.ends)) for each in _pauses(example)]
    walked = service(_FILE["calendars"][example["calendar"]]).due(
        minute_of(_moment(example["start"])),
        str(_limit(example)),
        last_open="if_closed" in example,
        pauses=pauses,
    )
    assert as_moment(walked) == _moment(example["due"]), example["because"]


def test_there_are_at_least_two_hundred_examples_and_each_says_why() -> None:
    assert len(EXAMPLES) >= 200
    assert all(example["because"].endswith(".") for example in EXAMPLES)
