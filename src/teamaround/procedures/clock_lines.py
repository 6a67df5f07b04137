"""The clocks and follow-ups of a procedure file."""

from collections.abc import Collection
from string import Formatter
from typing import cast

from teamaround.procedures.kinds import ASKED, BEGINNINGS, ENDINGS, PLACEHOLDERS, WAIVED
from teamaround.procedures.parts import ClockRule, Escalation, Reminder, Told, When, Who
from teamaround.procedures.reading import Part, days_of
from teamaround.workingtime import Limit

CLOSED = "episode.closed"


def read_clocks(top: Part, calendars: Collection[str]) -> tuple[ClockRule, ...]:
    """The clocks, then the follow-ups, no key twice."""
    clocks = [_clock(each, calendars, follow_up=False) for each in top.many("clocks")]
    taken = {clock.key for clock in clocks}
    for each in top.many("follow_up") if "follow_up" in top else ():
        clock = _clock(each, calendars, follow_up=True)
        if clock.key in taken:
            each.wrong("key", f"The key '{clock.key}' is that of a clock above.", "Write a key of its own.")
        clocks.append(clock)
    return tuple(clocks)


def _clock(part: Part, calendars: Collection[str], *, follow_up: bool) -> ClockRule:
    of = part.choice("of", "elapsed")
    shut = part.choice("if_closed", "next open day")
    named = part.keys("calendar", calendars, "a calendar")
    until, stop = part.events("until"), part.events("stop")
    must = follow_up and part.truth("must")
    clock = ClockRule(
        key=part.key("key"),
        title=part.text("title"),
        start=CLOSED if follow_up else part.event("start"),
        stop=stop,
        limit=part.limit("limit", of=of, if_closed=shut),
        reason=_reason(part),
        who=cast(Who, part.choice("who")),
        link=part.choice("link"),
        when="any" if follow_up else _when(part),
        local=part.truth("local"),
        repeats=part.truth("repeats"),
        then=part.limits("then", of=of, if_closed=shut),
        times=part.number("times", 0),
        until=_until(until, stop, must=must) if follow_up else until,
        pause=part.events("pause"),
        resume=part.events("resume"),
        remind=_reminders(part),
        escalate=_ladder(part),
        calendar=named[0] if named else "",
        follow_up=follow_up,
        must=must,
    )
    _check(part, clock)
    return clock


def _until(until: tuple[str, ...], stop: tuple[str, ...], *, must: bool) -> tuple[str, ...]:
    """What ends a follow-up: a family that is taken on again is owed none of what ended before, and where it was agreed
    that nobody asks, nobody owes the asking, unless it must be."""
    waived = (WAIVED,) if ASKED in stop and WAIVED not in stop and not must else ()
    return (*until, *(kind for kind in (*BEGINNINGS, *waived) if kind not in until))


def _when(part: Part) -> When:
    if "when" in part and "priority" in part:
        part.wrong("priority", f"{part.name} has 'when' and 'priority'.", "Keep one of the two.")
    return cast(When, part.choice("priority" if "priority" in part else "when", "any"))


def _check(part: Part, clock: ClockRule) -> None:
    """What no clock may be: unstoppable, over as it begins, or at odds with itself."""
    if not clock.stop:
        instead = "Write 'stop: [...]' with the event that shows it was done."
        part.wrong("stop", f"Nothing stops the clock {part.name}.", instead)
    elif clock.start in clock.stop and not clock.repeats:
        what = f"The clock {part.name} would stop at the event that starts it."
        part.wrong("stop", what, "Name another event, or write 'repeats: yes'.")
    elif clock.repeats and clock.start in ENDINGS and not clock.times:
        what = f"Nothing stops the clock {part.name}: it repeats after the episode has ended."
        instead = (
            "Write 'times:' and a number." if clock.follow_up else "Start it at an event before the ending."
        )
        part.wrong("repeats" if clock.follow_up else "start", what, instead)
    for line, stands in (("then", clock.then), ("times", clock.times)):
        if stands and not clock.repeats:
            part.wrong(
                line, f"The clock {part.name} has '{line}' but starts only once.", "Write 'repeats: yes'."
            )
    if clock.pause and not clock.resume:
        what = f"Nothing sets the clock {part.name} going again once it is paused."
        part.wrong("pause", what, "Write 'resume: [...]' with the event from which it runs again.")
    if clock.resume and not clock.pause:
        part.wrong(
            "resume", f"Nothing pauses the clock {part.name}.", "Write 'pause: [...]', or leave it out."
        )
    _no_kind_twice(part, clock)
    for each in clock.remind:
        if each.before.unit != "same day" and days_of(each.before) >= days_of(clock.limit):
            part.wrong(
                "remind",
                f"The reminder of {part.name} would come before it starts.",
                f"Write less than {clock.limit}.",
            )


def _no_kind_twice(part: Part, clock: ClockRule) -> None:
    """An event cannot mean two things for one clock; only the start of one that repeats may also stop it."""
    roles = {
        "stop": clock.stop,
        "until": clock.until,
        "pause": clock.pause,
        "resume": clock.resume,
    }
    seen = {} if clock.start in clock.stop else {clock.start: "start"}
    for line, kinds in roles.items():
        for kind in dict.fromkeys(kinds):
            if kind in seen and line in part:
                part.wrong(
                    line,
                    f"'{kind}' stands under {seen[kind]} and under {line} of {part.name}.",
                    "Keep one of the two.",
                )
            seen.setdefault(kind, line)


def _reminders(part: Part) -> tuple[Reminder, ...]:
    found = part.many("remind", by="") if "remind" in part else ()
    return tuple(Reminder(_whole(each, "before"), cast(Told, each.choice("who"))) for each in found)


def _ladder(part: Part) -> tuple[Escalation, ...]:
    found = part.many("escalate", by="") if "escalate" in part else ()
    return tuple(Escalation(_whole(each, "after"), cast(Told, each.choice("who"))) for each in found)


def _whole(part: Part, key: str) -> Limit:
    """A length that can be counted back from a moment as well as on."""
    limit = part.limit(key)
    if limit.of == "opening":
        instead = f"Write '{limit.amount} {limit.unit}{'s' if limit.amount > 1 else ''}', or working days."
        part.wrong(key, "When people are told is not counted in opening hours.", instead)
        return Limit(1, "same day")
    return limit


def _reason(part: Part) -> str:
    reason = part.text("reason")
    try:
        names = [(name, spec, turn) for _, name, spec, turn in Formatter().parse(reason) if name is not None]
    except ValueError:
        names = [("", "", None)]
    for name, spec, turn in names:
        if name not in PLACEHOLDERS or spec or turn:
            part.wrong(
                "reason",
                f"The reason holds '{{{name}}}', which nothing fills in."
                if name
                else "A bracket stands alone.",
                "Use {started}, {due} or {limit}, or no curly brackets.",
            )
    return reason
