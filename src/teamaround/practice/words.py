"""A procedure in words: what the picture shows, and what differs between two of them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from teamaround.events.own import kind_of
from teamaround.procedures.format import ClockRule, Procedure, Stage, load_shipped, shipped_slugs
from teamaround.procedures.whatif import stage_of
from teamaround.workingtime import Limit

WHO = {
    "manager": gettext_lazy("the manager"),
    "lead_practitioner": gettext_lazy("the lead practitioner"),
    "chair": gettext_lazy("the chair of the meeting"),
    "duty_worker": gettext_lazy("the duty worker"),
    "senior_manager": gettext_lazy("the senior manager"),
    "social_worker": gettext_lazy("the social worker"),
    "referrer": gettext_lazy("the referrer"),
}


@dataclass(frozen=True, slots=True)
class ClockWords:
    """One clock in words; `sentence` says all of it but its title."""

    key: str
    title: str
    limit: str
    sentence: str
    reason: str
    stage: str


@dataclass(frozen=True, slots=True)
class StageWords:
    """One stage in words, with its clocks."""

    number: int
    key: str
    title: str
    must_happen: str
    opens: str
    ends: str
    acts: str
    immediate: bool
    clocks: tuple[ClockWords, ...]


@dataclass(frozen=True, slots=True)
class ProcedureWords:
    """A whole procedure in words; `outside` are the clocks that belong to no stage."""

    name: str
    summary: str
    stages: tuple[StageWords, ...]
    outside: tuple[ClockWords, ...]
    gates: tuple[str, ...]
    capacity: str
    criteria: tuple[str, ...]
    menu: tuple[str, ...]
    outcomes: tuple[str, ...]
    steps: tuple[str, ...]


def event_words(kind: str, procedure: Procedure | None = None) -> str:
    """A kind of event as chronologies say it; one that the procedure names itself as it names it."""
    own = {each.key: each.title for each in procedure.events} if procedure else {}
    if kind in own:
        return own[kind]
    try:
        return kind_of(kind).words
    except KeyError:
        return kind


def who_words(who: str) -> str:
    """Who owes a clock."""
    return str(WHO.get(who, who.replace("_", " ")))


def plain_limit(limit: Limit) -> str:
    """A limit as it is said after “every”: “week”, “10 working days”."""
    return str(limit).removeprefix("1 ")


def limit_words(clock: ClockRule) -> str:
    """“within 2 hours”, “the same day”, “every 10 working days”."""
    limit = str(clock.limit)
    if limit == "same day":
        return _("the same day")
    if clock.repeats and clock.then:
        later = _(", then every ").join(plain_limit(each) for each in clock.then)
        return _("within %(limit)s, then every %(later)s") % {"limit": limit, "later": later}
    if clock.repeats:
        return _("every %(limit)s") % {"limit": plain_limit(clock.limit)}
    return _("within %(limit)s") % {"limit": limit}


def clock_words(procedure: Procedure, clock: ClockRule) -> ClockWords:
    """A clock in words."""
    stops = _(" or ").join(event_words(kind, procedure) for kind in clock.stop)
    said = {
        "limit": limit_words(clock),
        "start": event_words(clock.start, procedure),
        "stop": stops,
        "who": who_words(clock.who),
    }
    sentence = _("From “%(start)s” to “%(stop)s”, %(limit)s, by %(who)s.") % said
    if clock.repeats:
        sentence = (
            _("From “%(start)s” and then from each “%(stop)s”: “%(stop)s” %(limit)s, by %(who)s.") % said
        )
    if clock.when == "immediate":
        sentence += " " + _("Only where it is immediate.")
    elif clock.when == "standard":
        sentence += " " + _("Only where it is not immediate.")
    if clock.local:
        sentence += " " + _("The area sets this limit.")
    if clock.must:
        sentence += " " + _("It is asked after every closing.")
    if clock.pause:
        held = _(" or ").join(event_words(kind, procedure) for kind in clock.pause)
        on = _(" or ").join(event_words(kind, procedure) for kind in clock.resume)
        sentence += " " + _("It stands still from “%(pause)s” to “%(resume)s”.") % {
            "pause": held,
            "resume": on,
        }
    for reminder in clock.remind:
        told = {"limit": reminder.before, "who": who_words(reminder.who)}
        sentence += " " + _("%(limit)s before it is due, %(who)s is reminded.") % told
    for step in clock.escalate:
        told = {"limit": step.after, "who": who_words(step.who)}
        sentence += " " + _("%(limit)s after it was due, %(who)s is told.") % told
    return ClockWords(
        clock.key, clock.title, limit_words(clock), sentence, _reason(clock), stage_of(procedure, clock)
    )


def _reason(clock: ClockRule) -> str:
    """The reason, with what each case fills in said in words."""
    return clock.reason.format(started=_("[when it started]"), due=_("[when it is due]"), limit=clock.limit)


def procedure_words(procedure: Procedure) -> ProcedureWords:
    """A procedure in words, in its own order."""
    clocks = [clock_words(procedure, clock) for clock in procedure.clocks]
    capacity = ngettext(
        "The team holds %(families)s family at once, and one worker at most %(per_worker)s.",
        "The team holds %(families)s families at once, and one worker at most %(per_worker)s.",
        procedure.capacity.families,
    )
    return ProcedureWords(
        name=procedure.name,
        summary=procedure.summary,
        stages=tuple(
            _stage(procedure, number, stage, clocks) for number, stage in enumerate(procedure.stages, 1)
        ),
        outside=tuple(clock for clock in clocks if not clock.stage),
        gates=tuple(gate.label for gate in procedure.closure),
        capacity=capacity
        % {"families": procedure.capacity.families, "per_worker": procedure.capacity.per_worker},
        criteria=tuple(_criteria(procedure)),
        menu=tuple(offer.title for offer in procedure.menu),
        outcomes=tuple(outcome.title for outcome in procedure.outcomes),
        steps=tuple(_steps(procedure)),
    )


def _criteria(procedure: Procedure) -> Iterator[str]:
    for each in procedure.admission.criteria:
        points = ngettext("%(points)s point", "%(points)s points", each.points) % {"points": each.points}
        must = _("must be met") + ", " if each.must else ""
        at_once = ", " + _("makes it immediate") if each.key in procedure.admission.immediate_when else ""
        yield f"{each.label} ({must}{points}{at_once})"
    if procedure.admission.criteria:
        least = procedure.admission.accept_at
        yield (
            _("Taken on from %(points)s points") % {"points": least}
            if least
            else _("The points help to rank; people decide who is taken on")
        )


def _steps(procedure: Procedure) -> Iterator[str]:
    for said, targets in ((_("Step up to"), procedure.step_up), (_("Step down to"), procedure.step_down)):
        for each in targets:
            yield f"{said} {each.words or _name_of(each.procedure)}"


def _name_of(slug: str) -> str:
    """What a procedure that is named by its slug is called, as far as that is known without asking."""
    return load_shipped(slug).name if slug in shipped_slugs() else slug.replace("-", " ").capitalize()


def _stage(procedure: Procedure, number: int, stage: Stage, clocks: list[ClockWords]) -> StageWords:
    ends = ", ".join(event_words(kind, procedure) for kind in stage.requires)
    return StageWords(
        number=number,
        key=stage.key,
        title=stage.title,
        must_happen=stage.must_happen,
        opens=event_words(stage.opens_on, procedure),
        ends=ends,
        acts=_(" or ").join(who_words(who) for who in stage.who),
        immediate=stage.when == "immediate",
        clocks=tuple(clock for clock in clocks if clock.stage == stage.key),
    )


@dataclass(frozen=True, slots=True)
class Difference:
    """One thing that two procedures say differently; empty where one of them does not have it."""

    what: str
    before: str
    after: str


def differences(before: Procedure, after: Procedure) -> tuple[Difference, ...]:
    """What differs, in words: clocks, stages, gates, capacity, opening hours, name."""
    return tuple(_differences(before, after))


def _differences(before: Procedure, after: Procedure) -> Iterator[Difference]:
    one, two = procedure_words(before), procedure_words(after)
    if (one.name, one.summary) != (two.name, two.summary):
        yield Difference(_("Name and summary"), f"{one.name}. {one.summary}", f"{two.name}. {two.summary}")
    olds = {clock.key: clock_words(before, clock) for clock in before.clocks}
    news = {clock.key: clock_words(after, clock) for clock in after.clocks}
    for key in [*news, *(key for key in olds if key not in news)]:
        old, new = olds.get(key), news.get(key)
        if old != new or before_rule(before, key) != before_rule(after, key):
            title = _("Clock: %(title)s") % {"title": (new or old or _nothing()).title}
            yield Difference(title, _said(old), _said(new))
    stages_before: dict[str, StageWords] = {stage.key: stage for stage in one.stages}
    stages_after: dict[str, StageWords] = {stage.key: stage for stage in two.stages}
    for key in [*stages_after, *(key for key in stages_before if key not in stages_after)]:
        was, will = stages_before.get(key), stages_after.get(key)
        if _plain(was) != _plain(will):
            stage = will or was
            title = _("Stage: %(title)s") % {"title": stage.title if stage else ""}
            yield Difference(title, _plain(was), _plain(will))
    if [each.key for each in before.stages] != [each.key for each in after.stages]:
        yield Difference(
            _("Order of stages"),
            ", ".join(s.title for s in one.stages),
            ", ".join(s.title for s in two.stages),
        )
    if one.gates != two.gates:
        yield Difference(_("Before closing"), "; ".join(one.gates), "; ".join(two.gates))
    if one.capacity != two.capacity:
        yield Difference(_("Capacity"), one.capacity, two.capacity)
    for title, was_told, is_told in (
        (_("Who it is for"), one.criteria, two.criteria),
        (_("Menu of support"), one.menu, two.menu),
        (_("Outcomes"), one.outcomes, two.outcomes),
        (_("Stepping up and down"), one.steps, two.steps),
    ):
        if was_told != is_told:
            yield Difference(title, "; ".join(was_told), "; ".join(is_told))
    if (before.calendar, before.calendars) != (after.calendar, after.calendars):
        yield Difference(_("Opening hours and days"), _("As they were"), _("Changed; see the text"))


def before_rule(procedure: Procedure, key: str) -> ClockRule | None:
    """The clock of that key; None where there is none."""
    return next((clock for clock in procedure.clocks if clock.key == key), None)


def _nothing() -> ClockWords:
    return ClockWords("", "", "", "", "", "")


def _said(clock: ClockWords | None) -> str:
    return f"{clock.sentence} {clock.reason}" if clock else ""


def _plain(stage: StageWords | None) -> str:
    if stage is None:
        return ""
    opens = _("Opens at “%(event)s”.") % {"event": stage.opens}
    ends = _("Ends with: %(events)s.") % {"events": stage.ends} if stage.ends else ""
    acts = _("Recorded by %(who)s.") % {"who": stage.acts} if stage.acts else ""
    only = _("Only where it is immediate.") if stage.immediate else ""
    return " ".join(part for part in (f"{stage.title}.", stage.must_happen, opens, ends, acts, only) if part)
