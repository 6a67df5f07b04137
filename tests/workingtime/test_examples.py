"""The worked examples of examples.yaml, each against the clock."""

from datetime import UTC, date, datetime, time
from pathlib import Path
from typing import Any

import pytest
import yaml

from teamaround.workingtime import EVERY_DAY, LONDON, Calendar, Closure, Limit, Pause, due

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
    return Calendar(opening=((_hours(*data["office"]),) * 5) + ((), ()), closures=closures)


def _moment(text: str) -> datetime:
    moment = datetime.fromisoformat(text)
    return (moment if moment.tzinfo else moment.replace(tzinfo=LONDON)).astimezone(UTC)


CALENDARS = {name: _calendar(data) for name, data in _FILE["calendars"].items()}
EXAMPLES = _FILE["examples"]


@pytest.mark.parametrize("example", EXAMPLES, ids=lambda e: f"{e['calendar']}-{e['start']}-{e['limit']}")
def test_a_worked_example_comes_out_as_reckoned_by_hand(example: dict[str, Any]) -> None:
    limit = Limit.parse(
        example["limit"], if_closed="last open day" if "if_closed" in example else "next open day"
    )
    pauses = [Pause(_moment(begins), _moment(ends)) for begins, ends in example.get("pauses", ())]
    reckoned = due(_moment(example["start"]), limit, CALENDARS[example["calendar"]], pauses)
    assert reckoned.at == _moment(example["due"]), f"{example['because']} / {reckoned.why}"
    assert reckoned.at.tzinfo is UTC
    assert reckoned.why.startswith("due ")


def test_there_are_at_least_sixty_examples_and_each_says_why() -> None:
    assert len(EXAMPLES) >= 60
    assert all(example["because"].endswith(".") for example in EXAMPLES)
