"""The form in which a partnership writes a procedure, and what a written procedure means.

A file in YAML. `load` reads it, gathers everything that is wrong with the line and what to write instead,
and gives a frozen `Procedure`. The lines that a file may hold are in `lines`; docs/procedures.md explains
them; the shipped files are examples of every part of the form.
"""

from functools import cache
from importlib.resources import files
from typing import cast

from teamaround.procedures.clock_lines import read_clocks
from teamaround.procedures.hours import read_calendar
from teamaround.procedures.kinds import EVENT_KINDS, FORMS, LINKS, LONGEST_KIND, OWN_PREFIX, PLACEHOLDERS, WHO
from teamaround.procedures.marks import Problem, ProcedureError
from teamaround.procedures.parts import (
    Acts,
    Admission,
    Capacity,
    ClockRule,
    Criterion,
    Escalation,
    Gate,
    Offer,
    Outcome,
    OutOfArea,
    OwnEvent,
    Procedure,
    Reminder,
    Score,
    Stage,
    Target,
    Told,
    When,
    Who,
)
from teamaround.procedures.reach import check_reach
from teamaround.procedures.reading import Part

__all__ = [
    "LINKS",
    "PLACEHOLDERS",
    "WHO",
    "Admission",
    "Capacity",
    "ClockRule",
    "Criterion",
    "Escalation",
    "Gate",
    "Offer",
    "Outcome",
    "OwnEvent",
    "Problem",
    "Procedure",
    "ProcedureError",
    "Reminder",
    "Score",
    "Stage",
    "Target",
    "Told",
    "When",
    "Who",
    "load",
    "load_shipped",
    "shipped_slugs",
    "shipped_text",
]


def load(text: str) -> Procedure:
    """Read a procedure. Raises ProcedureError with every problem found, by line."""
    top = Part.outermost(text)
    events = _own_events(top)
    top.known = (*EVENT_KINDS, *(event.key for event in events))
    calendars = {each.key("key"): read_calendar(each.section) for each in _listed(top, "calendars")}
    procedure = Procedure(
        name=top.text("name"),
        slug=top.key("slug"),
        summary=top.text("summary"),
        source=top.text("source"),
        calendar=read_calendar(top.one("calendar").section),
        stages=_stages(top),
        clocks=read_clocks(top, calendars),
        closure=tuple(Gate(each.event("event"), each.text("label")) for each in top.many("closure", "event")),
        capacity=_capacity(top.one("capacity")),
        admission=_admission(top.one("for")) if "for" in top else Admission(),
        events=events,
        calendars=calendars,
        menu=tuple(
            Offer(each.key("key"), each.text("title"), each.text("about")) for each in _listed(top, "menu")
        ),
        outcomes=tuple(Outcome(each.key("key"), each.text("title")) for each in _listed(top, "outcomes")),
        step_up=_targets(top, "step_up"),
        step_down=_targets(top, "step_down"),
        out_of_area=cast(OutOfArea, top.choice("out_of_area", "taken")),
    )
    if top.section.problems:
        raise ProcedureError(top.section.problems)
    return procedure


@cache
def load_shipped(slug: str) -> Procedure:
    """One of the procedures that come with the product. Raises KeyError when there is none of that name."""
    return load(shipped_text(slug))


def shipped_text(slug: str) -> str:
    """The document of a procedure that comes with the product. Raises KeyError for an unknown name."""
    if slug not in shipped_slugs():
        raise KeyError(slug)
    return (files("teamaround.procedures") / "shipped" / f"{slug}.yaml").read_text("utf-8")


def shipped_slugs() -> tuple[str, ...]:
    """The names of the procedures that come with the product."""
    folder = files("teamaround.procedures") / "shipped"
    return tuple(sorted(each.name[:-5] for each in folder.iterdir() if each.name.endswith(".yaml")))


def _listed(top: Part, key: str) -> list[Part]:
    return list(top.many(key)) if key in top else []


def _own_events(top: Part) -> tuple[OwnEvent, ...]:
    found = []
    for each in _listed(top, "events"):
        key = each.key("key")
        if key and not (key.startswith(OWN_PREFIX) and len(key) > len(OWN_PREFIX)):
            instead = f"Write '{(OWN_PREFIX + key.replace('.', '_'))[:LONGEST_KIND]}'."
            each.wrong("key", f"'{key}' does not begin with '{OWN_PREFIX}'.", instead)
        found.append(OwnEvent(key, each.text("title"), each.choice("category")))
    return tuple(found)


def _admission(part: Part) -> Admission:
    criteria = tuple(
        Criterion(each.key("key"), each.text("label"), each.number("points", 1), each.truth("must"))
        for each in part.many("criteria")
    )
    accept_at = part.number("accept_at", 0)
    most = sum(each.points for each in criteria)
    if accept_at > most:
        what = f"Nobody reaches {accept_at} points: all criteria together give {most}."
        part.wrong("accept_at", what, f"Write a number from 1 to {most}.")
    keys = [each.key for each in criteria]
    return Admission(criteria, accept_at, part.keys("immediate_when", keys, "a criterion"))


def _stages(top: Part) -> tuple[Stage, ...]:
    parts = list(top.many("stages"))
    keys = [each.section.values["key"].value for each in parts if "key" in each]
    stages = []
    for each in parts:
        forms = each.choices("forms")
        requires = each.events("requires")
        shown = (FORMS[form] for form in forms if form in FORMS)
        stages.append(
            Stage(
                key=each.key("key"),
                title=each.text("title"),
                must_happen=each.text("must_happen"),
                opens_on=each.event("opens_on"),
                requires=(*requires, *(kind for kind in shown if kind not in requires)),
                when=cast(When, each.choice("when", "any")),
                forms=forms,
                who=cast(tuple[Acts, ...], each.choices("who")),
                after=each.keys("after", keys, "a stage"),
            )
        )
    if stages:
        check_reach(stages, parts)
    return tuple(stages)


def _targets(top: Part, key: str) -> tuple[Target, ...]:
    found = []
    for each in list(top.many(key, by="")) if key in top else []:
        if "procedure" not in each and "words" not in each:
            each.wrong(key, f"{each.name} names nothing.", "Write 'procedure:' or 'words:'.")
        procedure = each.key("procedure") if "procedure" in each else ""
        found.append(Target(procedure, each.text("words") if "words" in each else ""))
    return tuple(found)


def _capacity(part: Part) -> Capacity:
    return Capacity(part.number("families"), part.number("per_worker"))
