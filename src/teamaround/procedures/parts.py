"""What a written procedure consists of, as frozen facts."""

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field, replace
from typing import Literal

from teamaround.procedures.marks import suggest
from teamaround.workingtime import Calendar, Limit

When = Literal["immediate", "standard", "any"]
Who = Literal["manager", "lead_practitioner", "chair"]
Told = Literal["manager", "lead_practitioner", "chair", "duty_worker", "senior_manager"]
Acts = Literal["manager", "lead_practitioner", "chair", "social_worker", "referrer"]
OutOfArea = Literal["taken", "manager approves", "not taken"]


@dataclass(frozen=True, slots=True)
class OwnEvent:
    """A kind of event that the procedure names itself: `local.word`, the words shown, and the category of
    information that it is written under."""

    key: str
    title: str
    category: str


@dataclass(frozen=True, slots=True)
class Criterion:
    """One reason to be taken on. `points` count towards `accept_at`; a `must` is needed whatever the
    points."""

    key: str
    label: str
    points: int = 1
    must: bool = False


@dataclass(frozen=True, slots=True)
class Score:
    """What some criteria come to. `missing` are the musts that were not met; `accepted` says that they all
    were and the points suffice; a person decides all the same."""

    points: int
    missing: tuple[Criterion, ...]
    accepted: bool
    immediate: bool


@dataclass(frozen=True, slots=True)
class Admission:
    """Who the procedure is for. Taken on from `accept_at` points; `immediate_when` are criteria any of which
    makes a request immediate."""

    criteria: tuple[Criterion, ...] = ()
    accept_at: int = 0
    immediate_when: tuple[str, ...] = ()

    def score(self, met: Collection[str]) -> Score:
        """What the criteria of these keys come to. Raises ValueError for a key that is none of them."""
        for key in met:
            if key not in {each.key for each in self.criteria}:
                raise ValueError(f"'{key}' is not a criterion of this procedure.")
        points = sum(each.points for each in self.criteria if each.key in met)
        missing = tuple(each for each in self.criteria if each.must and each.key not in met)
        immediate = any(key in met for key in self.immediate_when)
        return Score(points, missing, not missing and points >= self.accept_at, immediate)


@dataclass(frozen=True, slots=True)
class Stage:
    """One step. It opens when `opens_on` is recorded and all stages of `after` are done, and ends when all of
    `requires` are recorded; `when` says for which priority it is needed. `forms` are among what it requires,
    each as the event that shows it was finished; `who` must act in it."""

    key: str
    title: str
    must_happen: str
    opens_on: str
    requires: tuple[str, ...] = ()
    when: When = "any"
    forms: tuple[str, ...] = ()
    who: tuple[Acts, ...] = ()
    after: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Reminder:
    """`who` is told this long before the moment due."""

    before: Limit
    who: Told


@dataclass(frozen=True, slots=True)
class Escalation:
    """`who` is told when something is still not done this long after the moment due."""

    after: Limit
    who: Told


@dataclass(frozen=True, slots=True)
class ClockRule:
    """From `start` to the first of `stop`, within `limit`. `title` is what `who` reads in a list of things
    to do; `link` names the action that does it. `local` marks a limit that an area sets itself: the one
    written is the default.

    A clock that `repeats` starts again at each stop, at most `times` times (0: without end); its later rounds
    have the limits of `then` in turn, the last of them for good. An event of `until` ends it without its
    being met. Between an event of `pause` and the next of `resume` it stands still. `calendar` names one of
    the procedure's further calendars. A `follow_up` begins when the episode is closed; one that `must` be is asked after
    every closing.
    """

    key: str
    title: str
    start: str
    stop: tuple[str, ...]
    limit: Limit
    reason: str
    who: Who
    link: str
    when: When = "any"
    local: bool = False
    repeats: bool = False
    then: tuple[Limit, ...] = ()
    times: int = 0
    until: tuple[str, ...] = ()
    pause: tuple[str, ...] = ()
    resume: tuple[str, ...] = ()
    remind: tuple[Reminder, ...] = ()
    escalate: tuple[Escalation, ...] = ()
    calendar: str = ""
    follow_up: bool = False
    must: bool = False

    def limit_of(self, place: int) -> Limit:
        """The limit of a round by its place in a series, counted from 1."""
        if place == 1 or not self.then:
            return self.limit
        return self.then[min(place - 2, len(self.then) - 1)]


@dataclass(frozen=True, slots=True)
class Gate:
    """An event that must be recorded before an episode closes, in plain words."""

    event: str
    label: str


@dataclass(frozen=True, slots=True)
class Capacity:
    """How many families the team holds at once, and how many one worker does."""

    families: int
    per_worker: int


@dataclass(frozen=True, slots=True)
class Offer:
    """One kind of support on the menu."""

    key: str
    title: str
    about: str = ""


@dataclass(frozen=True, slots=True)
class Outcome:
    """Something that the work is meant to change."""

    key: str
    title: str


@dataclass(frozen=True, slots=True)
class Target:
    """Where a family goes on from here: the slug of another procedure, or words for what is outside the
    product, or both."""

    procedure: str = ""
    words: str = ""


@dataclass(frozen=True, slots=True)
class Procedure:
    """A procedure as a partnership wrote it: stages in order, clocks (its follow-ups last), closing gates,
    calendar and capacity; who it is for, the events that it names itself, its menu, outcomes and targets."""

    name: str
    slug: str
    summary: str
    source: str
    calendar: Calendar
    stages: tuple[Stage, ...]
    clocks: tuple[ClockRule, ...]
    closure: tuple[Gate, ...]
    capacity: Capacity
    admission: Admission = Admission()
    events: tuple[OwnEvent, ...] = ()
    calendars: Mapping[str, Calendar] = field(default_factory=dict, hash=False)
    menu: tuple[Offer, ...] = ()
    outcomes: tuple[Outcome, ...] = ()
    step_up: tuple[Target, ...] = ()
    step_down: tuple[Target, ...] = ()
    out_of_area: OutOfArea = "taken"

    def clock(self, key: str) -> ClockRule:
        """The clock of that key; raises KeyError when there is none."""
        for clock in self.clocks:
            if clock.key == key:
                return clock
        raise KeyError(key)

    def calendar_for(self, clock: ClockRule) -> Calendar:
        """The calendar on which a clock runs."""
        return self.calendars[clock.calendar] if clock.calendar else self.calendar

    def with_calendars(self, change: Callable[[Calendar], Calendar]) -> "Procedure":
        """The procedure with each of its calendars changed alike, for example by closures of the area."""
        others = {key: change(each) for key, each in self.calendars.items()}
        return replace(self, calendar=change(self.calendar), calendars=others)

    def with_local_limits(self, limits: Mapping[str, Limit]) -> "Procedure":
        """The procedure with an area's own limits, by clock key. Raises ValueError for a clock that the
        procedure does not leave to the area, or does not have."""
        open_to_areas = {clock.key for clock in self.clocks if clock.local}
        for key in limits:
            if key not in open_to_areas:
                raise ValueError(
                    f"The limit of '{key}' is not set locally. {suggest(key, open_to_areas or {''})}"
                )
        clocks = tuple(replace(clock, limit=limits.get(clock.key, clock.limit)) for clock in self.clocks)
        return replace(self, clocks=clocks)
