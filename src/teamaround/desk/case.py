"""The case workspace: where an episode stands, what is owed, who has had it, what is missing for closing."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass

from django.utils import timezone
from django.utils.translation import gettext as _

from teamaround.access.me import Me
from teamaround.agencies.roles import Permission
from teamaround.events.own import kind_of
from teamaround.people.models import Family, Person
from teamaround.procedures.actions import standing
from teamaround.procedures.calendars import procedure_for
from teamaround.procedures.choosing import runs
from teamaround.procedures.engine import Run
from teamaround.procedures.format import Procedure
from teamaround.procedures.models import Allocation, Episode, EpisodeStatus
from teamaround.procedures.moving import last_move, newer_version
from teamaround.procedures.recording import recordable
from teamaround.referrals.models import Referral
from teamaround.sharing.why import why_of
from teamaround.ui.components import Clock, Identity, SummaryRow, Tag, Task
from teamaround.ui.presentation import age, uk_date

from .chronology import Chronology, chronology_of
from .clocks import STATUS_TAGS, clock_view, doing, page
from .documents import Document, documents_of
from .late import late_items, with_late
from .moving_on import link_rows, moving_actions
from .person import Action, identity_of

AT_THE_REFERRAL = frozenset({"check", "decide", "allocate"})
"""What a clock may wait for that is done on the referral's page."""


@dataclass(frozen=True, slots=True)
class Allocated:
    """Somebody who has or had the case."""

    name: str
    period: str
    now: bool


@dataclass(frozen=True, slots=True)
class CasePage:
    """Everything the page shows."""

    identity: Identity | None
    status: Tag
    urgent: bool
    opened: str
    closed: str
    referred_by: str
    team: str
    procedure: str
    procedure_url: str
    moving: tuple[Action, ...]
    links: tuple[SummaryRow, ...]
    going_on: tuple[Action, ...]
    stage: str
    worker: str
    allocations: tuple[Allocated, ...]
    clocks: tuple[Clock, ...]
    met: tuple[str, ...]
    stages: tuple[Task, ...]
    gates: tuple[Task, ...]
    missing: int
    chronology: Chronology
    actions: tuple[Action, ...]
    family: tuple[str, str] | None
    referral_url: str
    documents: tuple[Document, ...]
    open: bool
    waiting: bool
    subjects: tuple[int, ...]
    why: str
    documents_why: str
    chronology_why: str
    before_url: str


def load_case_page(episode: Episode, *, me: Me, before: str = "") -> CasePage:
    """Read the page. At most eleven queries."""
    procedure = procedure_for(episode.procedure_id, episode.author_team_id)
    run = standing(episode)
    person = Person.objects.filter(pk=episode.subject_id).first() if episode.subject_id else None
    family = Family.objects.filter(pk=episode.family_id).first() if episode.family_id else None
    allocations = list(
        Allocation.objects.filter(episode=episode).select_related("practitioner").order_by("-since", "-id")
    )
    events = chronology_of((), teams=me.teams, episode=episode.pk, before=before)
    events = with_late(events, late_items(episode, run))
    documents = documents_of(episode.pk)
    referral = next((each.url for each in documents if each.what == "referral"), "")
    current = next((each for each in allocations if each.until is None), None)
    stage = next((each.title for each in run.stages if each.key == run.stage), "")
    named = {episode.subject_id, episode.family_id if family else None, *events.subjects}
    subjects = tuple(sorted(subject for subject in named if subject is not None))
    why = why_of(subjects)
    papers = sorted({each.category for each in documents})
    return CasePage(
        identity=identity_of(person) if person is not None else as_referred(episode),
        status=STATUS_TAGS[EpisodeStatus(episode.status)],
        urgent=episode.priority == "immediate" and episode.status in ("waiting", "open"),
        opened=uk_date(episode.opened_at),
        closed=uk_date(episode.closed_at),
        referred_by=_team(episode.referring_team),
        team=_team(episode.author_team),
        procedure=_("%(name)s, version %(number)s")
        % {"name": procedure.name, "number": episode.procedure.number},
        procedure_url=page("practice:version", episode.procedure.slug, episode.procedure.number),
        moving=tuple(_moving(episode, me)),
        links=tuple(link_rows(episode, me.teams)),
        going_on=tuple(moving_actions(episode, me, allocated=current is not None)),
        stage=stage,
        worker=current.practitioner.name if current is not None else "",
        allocations=tuple(_allocated(each) for each in allocations),
        clocks=tuple(_clocks(run, procedure, episode, referral)),
        met=tuple(_met(run)),
        stages=tuple(_stages(run, over=episode.closed_at is not None)),
        gates=tuple(_gates(run, procedure)),
        missing=sum(1 for gate in run.missing_gates if gate.event != "episode.closed"),
        chronology=events,
        actions=tuple(_actions(episode, person, me)),
        family=(family.name, page("desk:family", family.uuid)) if family is not None else None,
        referral_url=referral,
        documents=tuple(documents),
        open=episode.status == EpisodeStatus.OPEN,
        waiting=episode.status == EpisodeStatus.WAITING,
        subjects=subjects,
        why=" ".join(
            [_("Your team has this case."), why.section([episode.category], own=False, subjects=subjects)]
        ).strip(),
        documents_why=why.section(
            papers, own=any(each.team in me.teams for each in documents), subjects=subjects
        ),
        chronology_why=why.section(events.categories, own=events.own, subjects=subjects),
        before_url=page("sharing:before", person.uuid) if person is not None else "",
    )


def _moving(episode: Episode, me: Me) -> Iterable[Action]:
    """For who decides: another procedure while the case waits; a newer version, and the last move to one, which may be
    taken back."""
    if (
        episode.status == EpisodeStatus.WAITING
        and me.may_for(Permission.DECIDE_REFERRALS, episode.author_team_id)
        and len(runs(episode.author_team)) > 1
        and (url := page("practice:follow", episode.uuid))
    ):
        yield Action(_("Choose another procedure for this case"), url)
    if episode.status != EpisodeStatus.OPEN or not me.may(Permission.DECIDE_REFERRALS):
        return
    if newer_version(episode) is not None and (url := page("practice:move", episode.uuid)):
        yield Action(_("A newer version is in force: see what it would change"), url)
    if last_move(episode) is not None and (url := page("practice:move_back", episode.uuid)):
        yield Action(_("Go back to the version before the move"), url)


def as_referred(episode: Episode) -> Identity | None:
    """The child as the referral named them: what the team still holds once the entry is closed to it. One query."""
    asked = Referral.objects.filter(episode=episode)
    referral = asked.only("given", "family_name", "date_of_birth", "born_precision").first()
    if referral is None:
        return None
    line = _("Named in the referral. Your team no longer sees their entry.")
    if referral.date_of_birth is not None:
        precision = referral.born_precision
        words = {
            "born": uk_date(referral.date_of_birth, precision),
            "age": age(referral.date_of_birth, precision=precision),
        }
        line = f"{_('Born %(born)s, aged %(age)s') % words}. {line}"
    return Identity(referral.child, line, "")


def _team(team: object) -> str:
    agency = getattr(team, "agency", None)
    return f"{agency.name}, {getattr(team, 'name', '')}" if agency is not None else ""


def _allocated(row: Allocation) -> Allocated:
    words = {"since": uk_date(row.since), "until": uk_date(row.until)}
    period = _("Since %(since)s") if row.until is None else _("%(since)s to %(until)s")
    return Allocated(row.practitioner.name, period % words, row.until is None)


def _clocks(run: Run, procedure: Procedure, episode: Episode, referral: str) -> Iterable[Clock]:
    for clock in run.open_clocks:
        yield clock_view(
            title=clock.title,
            why=clock.why,
            due_at=clock.due_at,
            calendar=procedure.calendar,
            reckoning=True,
            url=(referral if clock.link in AT_THE_REFERRAL else "") or doing(clock.link, episode.uuid),
        )


def _met(run: Run) -> Iterable[str]:
    for clock in run.clocks:
        if clock.state == "met":
            yield _("%(title)s: done in time, %(day)s") % {
                "title": clock.title,
                "day": _day(clock.stopped_at),
            }
        elif clock.state == "met_late":
            yield _("%(title)s: done late, %(day)s (it was due %(due)s)") % {
                "title": clock.title,
                "day": _day(clock.stopped_at),
                "due": _day(clock.due_at),
            }


def _day(moment: dt.datetime | None) -> str:
    return uk_date(timezone.localtime(moment)) if moment is not None else ""


def _stages(run: Run, *, over: bool) -> Iterable[Task]:
    for stage in run.stages:
        if stage.progress == "not_needed":
            continue
        missing = ", ".join(kind_of(kind).words.lower() for kind in stage.missing)
        if stage.progress == "done":
            yield Task(stage.title, _("Done"))
        elif over:
            hint = _("Not recorded: %(what)s") % {"what": missing} if missing else ""
            yield Task(stage.title, _("Not finished"), hint=hint, colour="grey")
        elif stage.progress == "open":
            hint = _("Still to be recorded: %(what)s") % {"what": missing} if missing else ""
            current = stage.key == run.stage
            yield Task(
                stage.title,
                _("Now") if current else _("Begun"),
                hint=hint,
                colour="teal" if current else "blue",
            )
        else:
            yield Task(stage.title, _("To come"), colour="grey")


def _gates(run: Run, procedure: Procedure) -> Iterable[Task]:
    missing = {gate.event for gate in run.missing_gates}
    for gate in procedure.closure:
        if gate.event == "episode.closed":
            continue
        if gate.event in missing:
            yield Task(gate.label, _("Missing"), colour="yellow")
        else:
            yield Task(gate.label, _("Recorded"))


def _actions(episode: Episode, person: Person | None, me: Me) -> Iterable[Action]:
    happened = [(_("Record what happened"), "desk:record_event", Permission.WORK_CASES, episode.uuid)]
    if not recordable(by=me, episode=episode):
        happened = []
    if episode.status != EpisodeStatus.OPEN:
        for text, name, _permission, key in happened:
            yield Action(text, page(name, key))
        return
    wanted = [
        (_("Record a contact or visit"), "plans:contact", Permission.WORK_CASES, episode.uuid),
        *happened,
        (_("Assess needs and strengths"), "assessments:start", Permission.WORK_CASES, episode.uuid),
        (_("Make or open the plan"), "plans:start", Permission.WORK_CASES, episode.uuid),
        (_("Make an appointment"), "desk:appoint_case", Permission.WORK_CASES, episode.uuid),
        (_("Call a meeting"), "meetings:call", Permission.CALL_MEETINGS, episode.uuid),
        (_("Leave a note for whoever is on duty"), "desk:hand_over", Permission.WORK_CASES, episode.uuid),
    ]
    if person is not None:
        wanted.append((_("See the diary"), "desk:person_diary", Permission.WORK_CASES, person.uuid))
        wanted.append((_("Record consent"), "sharing:consent", Permission.RECORD_CONSENT, person.uuid))
    if me.may_for(Permission.DECIDE_REFERRALS, episode.author_team_id):
        wanted.append(
            (_("Decide on the case"), "supervision:decide", Permission.DECIDE_REFERRALS, episode.uuid)
        )
    wanted.append((_("Close the case"), "plans:close", Permission.CLOSE_CASES, episode.uuid))
    for text, name, permission, key in wanted:
        if me.may(permission) and (url := page(name, key)):
            yield Action(text, url)
