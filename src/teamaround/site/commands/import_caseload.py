"""`teamaround import-caseload`: a team's caseload file, first as a dry run.

A dry run reads the file alone: it needs no database, and then `--team` is only looked at for its form. With
`--as EMAIL` it also asks the database what would be added and who is recognised, and rolls everything back.
Without `--dry-run` somebody has to answer for what is written: `--as EMAIL` names a practitioner with the right
to import for the team, and everything happens with that person's rights of now, under the same policies.

Exit codes: 0 done; 1 refused with a reason (rows wait for a decision, the records moved); 2 the file, the team
or the person cannot be used.
"""

from __future__ import annotations

import argparse
import json
import re
import sys
from pathlib import Path
from typing import Any

from teamaround.sheets import FIELDS, Caseload, Problem, SheetError, guess_mapping, read_caseload, read_table
from teamaround.sheets.mapping import MappingError
from teamaround.sheets.table import MAX_BYTES
from teamaround.site.commands.installation import CommandError, Installation, application
from teamaround.site.commands.progress import note, progress, step

SLUG = re.compile(r"[a-z0-9_-]{1,60}")


class Unusable(Exception):
    """The file, the team or the person cannot be used; the message says why and what to do."""


def run(args: argparse.Namespace) -> int:
    """Run the command. Errors go to standard error in one line."""
    email = str(getattr(args, "email", "") or "").strip().lower()
    try:
        content, caseload = _read(args.file)
        if not SLUG.fullmatch(args.team):
            raise Unusable(f"{args.team!r} is no team. Give its short name, such as young-carers.")
        if args.dry_run and not email:
            _tell(caseload, None, as_json=args.json)
            return 0
        if not email:
            raise Unusable("Say with --as EMAIL who answers for this import, or begin with --dry-run.")
        with application(Installation(args.data)):
            return _within_records(args, email, content, caseload)
    except (Unusable, CommandError) as error:
        print(f"teamaround import-caseload: {error}", file=sys.stderr)
        return 2


def _read(path: Path) -> tuple[bytes, Caseload]:
    from datetime import datetime
    from zoneinfo import ZoneInfo

    try:
        with path.open("rb") as file:
            content = file.read(MAX_BYTES + 1)
        sheet = read_table(content, path.name)
        # The same day as the service works by, wherever this command runs.
        today = datetime.now(ZoneInfo("Europe/London")).date()
        return content, read_caseload(sheet, guess_mapping(sheet), today)
    except OSError as error:
        raise Unusable(f"{path} cannot be read: {error.strerror}.") from error
    except (SheetError, MappingError) as error:
        raise Unusable(f"{path}: {error}") from error


def _within_records(args: argparse.Namespace, email: str, content: bytes, caseload: Caseload) -> int:
    from django.db import transaction

    from teamaround.access.me import me_of
    from teamaround.agencies.models import Account
    from teamaround.agencies.roles import Permission
    from teamaround.database.actor import ANONYMOUS, acting_as
    from teamaround.importing import actions, checking, jobs
    from teamaround.importing.models import RunState

    with acting_as(ANONYMOUS), transaction.atomic():
        account = Account.objects.filter(email=email).first()
        me = me_of(account) if account else None
    seat = next((seat for seat in me.seats if seat.team_slug == args.team), None) if me else None
    if me is None or seat is None or not me.may_for(Permission.IMPORT_CASELOAD, seat.team):
        raise Unusable(f"Nobody with that e-mail address may import for a team {args.team!r}. Check both.")
    with acting_as(me.actor()):
        if args.dry_run:
            with transaction.atomic():
                found = actions.upload(by=me, team=seat.team, filename=args.file.name, content=content)
                fields = {column.position: column.field for column in found.columns.all()}
                actions.set_columns(by=me, run=found, version=found.version, fields=fields, role=found.role)
                found = checking.check(by=me, run=found)
                transaction.set_rollback(True)
            _tell(caseload, found, as_json=args.json)
            return 0
        step(f"{args.file.name}: {caseload.total:,} rows, {len(caseload.refused):,} refused")
        with transaction.atomic():
            found = actions.upload(by=me, team=seat.team, filename=args.file.name, content=content)
            fields = {column.position: column.field for column in found.columns.all()}
            actions.set_columns(by=me, run=found, version=found.version, fields=fields, role=found.role)
        with progress("Checking rows", caseload.total) as advance:
            jobs.step(me, found.pk, report=_Steps(advance))
        with transaction.atomic():
            found.refresh_from_db()
        if found.state != RunState.CHECKED:
            return _stopped(found.failure)
        if found.undecided:
            _tell(caseload, found, as_json=args.json)
            return _stopped(
                f"{found.undecided:,} rows may be children who are already known. Nothing was added. "
                f"Decide them on the page Caseload, under {found.filename}, and confirm there."
            )
        with transaction.atomic():
            try:
                actions.confirm(by=me, run=found)
            except actions.ImportRefused as refused:
                return _stopped(str(refused))
        with progress("Bringing in", caseload.total * 2) as advance:
            jobs.step(me, found.pk, report=_Steps(advance))
        with transaction.atomic():
            found.refresh_from_db()
        _tell(caseload, found, as_json=args.json)
        return 0 if found.state == RunState.DONE else _stopped(found.failure)


class _Steps:
    """Turns “so many of so many” into “so many more” for the progress bar."""

    def __init__(self, advance: Any) -> None:
        self.advance = advance
        self.done = 0

    def __call__(self, done: int, total: int) -> None:
        done = min(done, total)
        self.advance(max(0, done - self.done))
        self.done = done


def _stopped(why: str) -> int:
    print(f"teamaround import-caseload: {why}", file=sys.stderr)
    return 1


def _why(problem: Problem) -> str:
    """The reason behind its column, which reasons for several columns name themselves."""
    if problem.reason.startswith(f"{FIELDS.get(problem.field, problem.field)}: "):
        return problem.reason
    return f"{problem.column or problem.field}: {problem.reason}"


def _tell(caseload: Caseload, run: Any, *, as_json: bool) -> None:
    summary = caseload.summary()
    if run is not None:
        names = ("added", "updated", "matched", "undecided", "same")
        summary["against_records"] = {name: getattr(run, name) for name in names} | {"state": run.state}
    if as_json:
        print(json.dumps(summary, ensure_ascii=False, indent=2))
        return
    print(
        f"{caseload.total:,} rows: {len(caseload.rows):,} can be brought in, {len(caseload.refused):,} refused."
    )
    for word, problems in (("refused", caseload.refused), ("flagged", caseload.flagged)):
        for problem in problems:
            print(f"  {word}  row {problem.row} (line {problem.line}), {_why(problem)}")
    for group in caseload.duplicates_in_file:
        print(f"  seem to be one child: rows {', '.join(map(str, group))}")
    if run is None:
        note("Read without the records: add --as EMAIL to see who would be added and who is recognised.")
        return
    print(
        f"Against the records: {run.added:,} added, {run.updated:,} recognised with something added, "
        f"{run.matched:,} recognised with nothing new, {run.same:,} the same child as another row, "
        f"{run.undecided:,} to be decided by a person."
    )
