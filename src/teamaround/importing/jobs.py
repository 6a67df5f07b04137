"""Background steps of an upload. A job knows a number; it acts for the person who asked, with the rights of now."""

from __future__ import annotations

import logging
import time

import psycopg
from django.db import DatabaseError, OperationalError, connection, transaction
from django.db.models import F
from django.db.models.functions import Now
from procrastinate.contrib.django import app

from teamaround.access.edits import StaleEdit
from teamaround.access.me import Me, me_of
from teamaround.access.refusals import NotAllowed
from teamaround.agencies.models import Account, PrincipalKind
from teamaround.agencies.roles import Permission
from teamaround.database.actor import ANONYMOUS, Actor, acting_as
from teamaround.sheets import SheetError
from teamaround.sheets.mapping import MappingError

from . import actions, bringing_in, checking, withdrawing
from .checking import Report, silent
from .models import ImportProgress, ImportRun, RunState
from .register import NOT_IN_FORCE

logger = logging.getLogger("teamaround.importing")

NO_ROOM = "The database has no room left. Nothing was changed. Tell whoever runs the service, then try again."
DATABASE_AWAY = "The database stopped answering. Nothing was changed. Try again."
MOVED = (
    "Since the file was checked, somebody else added or changed children who are in it. Nothing was changed. "
    "Check it again."
)
UNDECIDED = "Rows still wait for a decision. Nothing was changed. Decide them, then confirm."
UNEXPECTED = "Something went wrong. Nothing was changed. Try again; if it happens again, tell whoever runs the service."
#: An unattended run is checked and brought in, and both once more twice where the records moved meanwhile.
UNATTENDED_STEPS = 5
SILENT_MINUTES = 5
NO_RIGHT = "The person who asked for this may no longer bring in this team's caseload. Nothing was changed."


@app.task(name="importing.go_on", queue="imports")
def go_on(run: int) -> None:
    """Do the step that the run waits for: check, bring in, or withdraw. A second job for one step does nothing."""
    with acting_as(ANONYMOUS), transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute("select app.import_asked_by(%s)", [run])
            row = cursor.fetchone()
        account = Account.objects.filter(pk=row[0]).first() if row else None
        me = me_of(account) if account is not None else None
    if me is None:
        logger.warning("import %s: whoever asked has left; a colleague can take it up", run)
        return
    with acting_as(me.actor()):
        step(me, run, report=_Told(run, me))


def step(me: Me, run: int, *, report: Report = silent) -> None:
    """The step itself, as `me`, each in a transaction of its own; a failure leaves its reason on the run.

    A run that is `running` is begun again: its machine stopped, or another job is at it and will be found done. An
    unattended run goes on until it stands; where the records moved since its check it is checked again, twice at most.
    """
    _one(me, run, report=report)
    for _ in range(UNATTENDED_STEPS):
        with transaction.atomic():
            if not _goes_on(me, run):
                return
        _one(me, run, report=report)


def _goes_on(me: Me, run: int) -> bool:
    found = ImportRun.objects.filter(pk=run, unattended=True).first()
    if found is None:
        return False
    if found.state == RunState.CHECKED and not found.confirmed_at and found.rows > found.refused:
        return actions.confirm(by=me, run=found)
    if found.state == RunState.FAILED and found.failure == MOVED and not found.finished_at:
        return actions.again(by=me, run=found)
    return found.state in (RunState.MAPPED, RunState.QUEUED)


def _one(me: Me, run: int, *, report: Report) -> None:
    try:
        with transaction.atomic():
            state = _start(me, run)
        if state is None:
            return
        with transaction.atomic():
            found = ImportRun.objects.get(pk=run)
            if state == RunState.MAPPED:
                checking.check(by=me, run=found, report=report)
            elif state == RunState.RUNNING:
                bringing_in.bring_in(by=me, run=found, report=report)
            else:
                withdrawing.take_back(by=me, run=found, report=report)
    except StaleEdit:
        return
    except withdrawing.PlanChanged:
        # Nothing was withdrawn: the run stands as it was brought in, and says why somebody has to look again.
        with transaction.atomic():
            ImportRun.objects.filter(pk=run, state=RunState.WITHDRAWING).update(
                state=RunState.DONE, failure=withdrawing.CHANGED, plan_digest="", version=F("version") + 1
            )
    except Exception as error:
        # The error's own words may repeat somebody's data: its kind alone is logged.
        logger.error("import %s failed: %s", run, type(error).__name__)
        with transaction.atomic():
            waiting = (RunState.MAPPED, RunState.QUEUED, RunState.RUNNING, RunState.WITHDRAWING)
            ImportRun.objects.filter(pk=run, state__in=waiting).update(
                state=RunState.FAILED, failure=plainly(error)
            )


def _start(me: Me, run: int) -> str | None:
    found = ImportRun.objects.select_for_update(no_key=True).filter(pk=run).first()
    if found is None:
        return None
    if not me.may_for(Permission.IMPORT_CASELOAD, found.author_team_id):
        raise NotAllowed("You cannot bring in this team’s caseload.", "Those who work in the team may.")
    if found.state == RunState.QUEUED:
        ImportRun.objects.filter(pk=run).update(state=RunState.RUNNING)
        return RunState.RUNNING
    return found.state if found.state in (RunState.MAPPED, RunState.RUNNING, RunState.WITHDRAWING) else None


def plainly(error: Exception) -> str:
    """Why a step failed, for the person; it repeats nobody's data."""
    if isinstance(error, SheetError | MappingError):
        return str(error)[:300]
    if isinstance(error, bringing_in.RecordsMoved):
        return MOVED
    if isinstance(error, bringing_in.NotDecided):
        return UNDECIDED
    if isinstance(error, NotAllowed):
        return NO_RIGHT
    if getattr(error.__cause__, "sqlstate", "") == "TA012":
        return f"{NOT_IN_FORCE} Nothing was changed."[:300]
    if isinstance(error.__cause__, psycopg.errors.DiskFull):
        return NO_ROOM
    if isinstance(error, OperationalError):
        return DATABASE_AWAY
    return UNEXPECTED


@app.task(name="importing.dispose", queue="imports")
def dispose(run: int, team: int, by: int) -> None:
    """Take out of the index what a run loaded under an authorisation that is revoked: as the administrator who revoked
    it (`by`), with the team whose rows these are. A second job finds it done; one that fails is taken up again."""
    actor = Actor(kind=PrincipalKind.SERVICE, principal=by, principals=(by, team))
    with acting_as(actor):
        with transaction.atomic():
            found = (
                ImportRun.objects.select_related("authorisation").filter(pk=run, author_team_id=team).first()
            )
            revoked = found is not None and found.authorisation is not None and found.authorisation.revoked_at
        if found is None or not revoked or found.state != RunState.WITHDRAWING:
            return
        me = Me(account=0, principal=by, name="", seats=())
        with transaction.atomic():
            withdrawing.take_back(by=me, run=found, report=_Told(run, me))


@app.periodic(cron="*/5 * * * *")
@app.task(name="importing.take_up_again", queueing_lock="importing_take_up_again", queue="imports")
def take_up_again(timestamp: int) -> None:
    """Queue what fell silent in the middle: the machine stopped. A step that is alive after all loses nothing."""
    with acting_as(ANONYMOUS), transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute("select run, team, disposer from app.silent_imports(%s)", [SILENT_MINUTES])
            found = cursor.fetchall()
        for run, team, disposer in found:
            if disposer is None:
                go_on.defer(run=run)
            else:
                dispose.defer(run=run, team=team, by=disposer)


class _Told:
    """Writes how far a step is, at most once a second, where others can see it before the step commits."""

    def __init__(self, run: int, me: Me) -> None:
        self.run = run
        self.me = me
        self.last = 0.0

    def __call__(self, done: int, total: int) -> None:
        if time.monotonic() - self.last < 1:
            return
        self.last = time.monotonic()
        try:
            with transaction.atomic(using="log"):
                ImportProgress.objects.using("log").filter(run_id=self.run).update(
                    done=min(done, total), total=total, at=Now()
                )
        except DatabaseError as error:
            logger.warning("import %s: progress not written: %s", self.run, type(error).__name__)
