"""The engine agrees, clock by clock, with a slow interpreter that was written from the documentation alone."""

import random
from datetime import UTC, date, datetime, time, timedelta

import pytest

from procedures import reference
from procedures.reference import Card, Clock, Hours
from teamaround.procedures.engine import Event, run
from teamaround.procedures.format import load
from teamaround.workingtime import WEEKDAYS

KINDS = (
    *("referral.received", "referral.accepted", "referral.declined", "episode.closed", "contact.recorded"),
    *("plan.agreed", "plan.reviewed", "visit.made", "work.paused", "work.resumed", "local.asked"),
    *("followup.made", "followup.waived"),
)
LIMITS = (
    *("15 minutes", "2 hours", "72 hours", "3 opening hours", "11 opening hours", "same day"),
    *(
        "1 working day",
        "3 working days",
        "10 working days",
        "2 calendar days",
        "1 week",
        "1 month",
        "3 months",
    ),
)
SPANS = (
    ((time(8), time(22)),),
    ((time(9), time(17)),),
    ((time(9), time(12, 30)), (time(13, 30), time(17, 15))),
    ((time(14), time(19)),),
)
# The clocks change in both stretches; one holds Easter, the other Christmas.
FIRST_DAYS = (date(2026, 3, 20), date(2026, 10, 16), date(2026, 12, 14), date(2024, 2, 20))


def _hours(chance: random.Random) -> tuple[str, Hours]:
    """A calendar as a file says it, and as the reference knows it."""
    spans = {day: chance.choice(SPANS) for day in range(5)}
    for day in (5, 6):
        if chance.random() < 0.4:
            spans[day] = chance.choice(SPANS)
    working = frozenset(day for day in spans if day < 5 or chance.random() < 0.3)
    first = chance.choice(FIRST_DAYS)
    closed = frozenset(first + timedelta(days=chance.randrange(30)) for _ in range(chance.randrange(3)))
    banks, open_then = chance.random() < 0.8, chance.random() < 0.4
    opening = "\n".join(
        f"    {WEEKDAYS[day].lower()}: [{', '.join(f'{a:%H:%M}-{b:%H:%M}' for a, b in its)}]"
        for day, its in spans.items()
    )
    text = f"calendar:\n  opening:\n{opening}\n  working_days: [{', '.join(WEEKDAYS[day] for day in sorted(working))}]\n"
    text += f"  bank_holidays: {'england' if banks else 'none'}\n"
    text += f"  open_on_bank_holidays: {'yes' if open_then else 'no'}\n"
    if closed:
        text += "  closures:\n" + "".join(f"    - {{date: {day}, reason: shut}}\n" for day in sorted(closed))
    return text, Hours(spans, working, closed, banks, open_then)


def _clock(chance: random.Random, number: int, *, follow_up: bool) -> tuple[str, Clock]:
    """One clock, both ways. Kinds are dealt out, so that none has two meanings for it."""
    deck = [kind for kind in KINDS if not (follow_up and kind in (*reference.BEGINNINGS, "followup.waived"))]
    chance.shuffle(deck)
    start = "episode.closed" if follow_up else deck.pop()
    if start in deck:
        deck.remove(start)
    repeats = chance.random() < 0.5
    times = chance.randrange(1, 4) if repeats and (start in reference.ENDINGS or chance.random() < 0.3) else 0
    stop = tuple(deck.pop() for _ in range(chance.randrange(1, 3)))
    if repeats and chance.random() < 0.3:
        stop = (*stop, start)
    until = tuple(deck.pop() for _ in range(chance.randrange(0, 2)))
    pausing = chance.random() < 0.5
    pause, resume = ((deck.pop(),), (deck.pop(),)) if pausing else ((), ())
    limits = (chance.choice(LIMITS),)
    if repeats and chance.random() < 0.5:
        limits += tuple(chance.choice(LIMITS) for _ in range(chance.randrange(1, 3)))
    shut = chance.choice(("next open day", "last open day"))
    when = "any" if follow_up else chance.choice(("any", "any", "immediate", "standard"))
    lines = [f"key: k{number}", f"title: Clock {number}", f"stop: [{', '.join(stop)}]", f"limit: {limits[0]}"]
    lines += [f"if_closed: {shut}", "reason: It is so.", "who: manager", "link: contact"]
    lines += [] if follow_up else [f"start: {start}", f"when: {when}"]
    lines += ["repeats: yes"] if repeats else []
    lines += [f"then: [{', '.join(limits[1:])}]"] if limits[1:] else []
    lines += [f"times: {times}"] if times else []
    lines += [f"until: [{', '.join(until)}]"] if until else []
    lines += [f"pause: {pause[0]}", f"resume: {resume[0]}"] if pausing else []
    known = tuple(f"{each[:-1]}" if each.endswith("s") else each for each in limits)
    if follow_up:
        waived = ("followup.waived",) if "followup.made" in stop else ()
        until = (*until, *reference.BEGINNINGS, *waived)
    clock = Clock(f"k{number}", start, stop, known, shut, when, repeats, times, until, pause, resume)
    return "  - " + "\n    ".join(lines) + "\n", clock


def _procedure(chance: random.Random) -> tuple[str, list[Clock], Hours]:
    calendar, hours = _hours(chance)
    plain = [_clock(chance, number, follow_up=False) for number in range(chance.randrange(1, 5))]
    after = [_clock(chance, number, follow_up=True) for number in range(8, 8 + chance.randrange(0, 2))]
    text = "name: Made up\nslug: made-up\nsummary: By chance.\nsource: Chance.\n"
    text += "events:\n  - {key: local.asked, title: Asked, category: notes}\n" + calendar
    text += "stages:\n  - {key: only, title: Only, must_happen: All of it., opens_on: referral.received}\nclocks:\n"
    text += "".join(lines for lines, _clock in plain)
    text += "follow_up:\n" + "".join(lines for lines, _clock in after) if after else ""
    text += (
        "closure:\n  - {event: contact.recorded, label: Spoken}\ncapacity: {families: 30, per_worker: 10}\n"
    )
    return text, [clock for _lines, clock in (*plain, *after)], hours


def _cards(chance: random.Random) -> tuple[list[Card], datetime]:
    """Entries made late, out of order, twice, put right, struck and void, some still to come; and a moment."""
    first = datetime.combine(chance.choice(FIRST_DAYS), time(7), UTC)
    reach = chance.choice((4, 12, 12, 200)) * 24
    few = [chance.randrange(reach) for _ in range(4)]
    cards = []
    for number in range(chance.randrange(1, 15)):
        hour = chance.choice(few) if chance.random() < 0.3 else chance.randrange(reach)
        happened = first + timedelta(hours=hour, minutes=15 * chance.randrange(4))
        kind = "referral.received" if number == 0 else chance.choice(KINDS)
        puts_right = chance.randrange(14) if chance.random() < 0.2 else None
        if cards and chance.random() < 0.1:
            kind, happened = cards[-1].kind, cards[-1].happened
        cards.append(
            Card(
                number,
                kind,
                happened,
                happened + timedelta(hours=chance.choice((0, 0, 1, 30, 200))),
                puts_right if puts_right != number else None,
                puts_right not in (None, number) and chance.random() < 0.4,
                chance.random() < 0.05,
                chance.choice((None, None, None, "immediate", "standard")),
            )
        )
    return cards, first + timedelta(hours=chance.randrange(reach + 100), minutes=15 * chance.randrange(4))


def _agree(seed: int) -> int:
    """Compare one made-up procedure over two streams; returns how many rounds there were."""
    chance = random.Random(seed)
    text, written, hours = _procedure(chance)
    procedure = load(text)
    rounds = 0
    for _ in range(2):
        cards, now = _cards(chance)
        events = [
            Event(
                each.number,
                each.kind,
                each.happened,
                each.recorded,
                corrects=each.puts_right,
                voids=each.strikes,
                voided=each.void,
                priority=each.priority,
            )
            for each in cards
        ]
        chance.shuffle(events)
        clocks = run(procedure, events, now).clocks
        found = {(c.key, c.round, c.started_at, c.due_at, c.stopped_at, c.state) for c in clocks}
        assert len(found) == len(clocks)
        expected = reference.clocks(written, hours, cards, now)
        assert found == expected, f"seed {seed}\n{text}\n{cards}\n{now}\n{found ^ expected}"
        rounds += len(found)
    return rounds


def test_the_engine_agrees_with_the_reference_over_a_thousand_random_procedures() -> None:
    assert sum(_agree(seed) for seed in range(1_000)) > 1_000


@pytest.mark.long
def test_the_engine_agrees_with_the_reference_over_ten_thousand_more() -> None:
    assert sum(_agree(seed) for seed in range(1_000, 11_000)) > 10_000
