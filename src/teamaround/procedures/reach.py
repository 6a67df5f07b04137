"""Whether a family can come to every stage: none waits for itself, none stands behind the ending."""

from collections.abc import Sequence

from teamaround.procedures.kinds import ENDINGS
from teamaround.procedures.parts import Stage
from teamaround.procedures.reading import Part


def check_reach(stages: Sequence[Stage], parts: Sequence[Part]) -> None:
    """Note what keeps a family from a stage. `parts` are where the stages are written."""
    circle = _circle(stages)
    if circle:
        first = parts[[stage.key for stage in stages].index(circle[0])]
        first.wrong(
            "after" if "after" in first else "opens_on",
            f"'{circle[0]}' waits for itself: {' waits for '.join((*circle, circle[0]))}.",
            f"Let '{circle[0]}' open on an event that is recorded before '{circle[-1]}' is done.",
        )
        return
    for place, (stage, part) in enumerate(zip(stages, parts, strict=True)):
        _reachable(stage, part, stages[:place], [each.key for each in stages[place:]])


def _waits_for(stage: Stage, stages: Sequence[Stage]) -> list[str]:
    """The stages that must be done or under way first: those of `after`, and those that alone bring about
    the event on which it opens. The first stage opens when a family comes, so it waits for none."""
    named = list(stage.after)
    if stage is not stages[0] and stage.opens_on not in stage.requires:
        named += [each.key for each in stages if stage.opens_on in each.requires and each.key not in named]
    return named


def _circle(stages: Sequence[Stage]) -> tuple[str, ...]:
    """The keys of stages that wait for one another in a ring; empty where there are none.

    A stage that several others could bring about waits only while every one of them does, so rings are
    sought among stages that wait for exactly one, or that name others in `after`.
    """
    waits = {}
    for stage in stages:
        found = _waits_for(stage, stages)
        waits[stage.key] = found if stage.after or len(found) == 1 else []
    for stage in stages:
        trail: list[str] = []
        if _leads_back(stage.key, stage.key, waits, trail, set()):
            return tuple(trail)
    return ()


def _leads_back(key: str, goal: str, waits: dict[str, list[str]], trail: list[str], seen: set[str]) -> bool:
    trail.append(key)
    for following in waits.get(key, []):
        if following == goal:
            return True
        if following not in seen:
            seen.add(following)
            if _leads_back(following, goal, waits, trail, seen):
                return True
    trail.pop()
    return False


def _reachable(stage: Stage, part: Part, before: Sequence[Stage], later: Sequence[str]) -> None:
    """A stage after one that lasts until the episode has ended would never be entered, nor one that is over
    the moment the next begins, nor one that waits for a stage further down."""
    for earlier in before:
        if earlier.opens_on in ENDINGS or any(kind in ENDINGS for kind in earlier.requires):
            part.wrong(
                "opens_on",
                f"'{stage.key}' can never be reached: '{earlier.key}' lasts until the episode has ended.",
                f"Move it before '{earlier.key}', or take the ending out of '{earlier.key}'.",
            )
            return
    for key in stage.after:
        if key in later:
            part.wrong(
                "after",
                f"'{stage.key}' can never be reached: it waits for '{key}', which stands below it.",
                f"Move '{stage.key}' below '{key}'.",
            )
            return
    if before and before[-1].opens_on == stage.opens_on and not before[-1].requires:
        last, both = before[-1].key, f"'{stage.key}' opens at the same event"
        part.wrong(
            "opens_on",
            f"'{last}' can never be reached: {both} and nothing holds it back.",
            f"Write what '{last}' requires, or let '{stage.key}' open on a later event.",
        )
    if not before and stage.when != "any":
        part.wrong("when", "The first stage must serve every family.", "Write 'when: any'.")
