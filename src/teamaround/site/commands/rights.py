"""`teamaround subject-access` and `teamaround retention`: a released pack as files, and a dry run of disposal.

Both act as a person: the pack needs the information-governance lead named with `--as`. Exit codes: 0 done;
1 refused with a reason (the pack waits for decisions); 2 the person or the request cannot be used.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
import uuid
from pathlib import Path
from typing import Any

from teamaround.site.commands.installation import CommandError


def subject_access(args: argparse.Namespace) -> int:
    """Gather the pack of a request where that was not done; write it as PDF and JSON once it is released."""
    from django.db import transaction

    from teamaround.access.log import Looks, write_look
    from teamaround.database.actor import acting_as
    from teamaround.rights import loaders
    from teamaround.rights.actions import RightsRefused
    from teamaround.rights.actions import requests as actions
    from teamaround.rights.models import RequestKind, RightsRequest
    from teamaround.rights.pack import as_json, released
    from teamaround.rights.views.requests import pack_html

    try:
        person, wanted = uuid.UUID(args.person), uuid.UUID(args.request)
    except ValueError:
        return _unusable(
            "subject-access", "Give the person and the request as they stand in the pages' addresses."
        )
    me = _lead(args.email)
    if me is None:
        return _unusable("subject-access", "Nobody with that e-mail address handles requests. Check --as.")
    with acting_as(me.actor()), transaction.atomic():
        row = RightsRequest.objects.filter(uuid=wanted, kind=RequestKind.ACCESS).first()
        named = loaders.names_of([row.subject_id]).get(row.subject_id) if row else None
        if row is None or named is None or named.key != person:
            return _unusable("subject-access", "There is no request with that number for that person.")
        if row.gathered_at is None:
            try:
                actions.gather(request=row)
            except RightsRefused as refused:
                return _refused(str(refused))
        counts = loaders.pack_counts(row)
        told: dict[str, Any] = {
            "request": str(row.uuid),
            **counts,
            "released": row.released_at is not None,
            "files": [],
        }
        if row.released_at is None:
            _tell(args, told, f"{counts['parts']:,} parts gathered, {counts['undecided']:,} to decide. "
                  "Look through them under Governance and release the pack; then run this again.")  # fmt: skip
            return 1
        sections = released(row.items.order_by("position"))
        looks = Looks(act="export", reason="Subject access request")
        looks.lines[row.subject_id] = {"index", "notes"}
        write_look(actor=me.actor(), page="rights:command", looks=looks)
        made = {"pack.json": as_json(sections, name=named.name, released_at=row.released_at).encode("utf-8")}
        html = pack_html(row, named.name, sections)
    made |= _pdf(html)
    told["files"] = sorted(_write(Path(args.out), made))
    _tell(args, told, "\n".join(told["files"]))
    return 0


def retention(args: argparse.Namespace) -> int:
    """What the rules no longer keep today, by table and rule; changes nothing."""
    from django.db import transaction

    from teamaround.database.actor import SET_UP, acting_as
    from teamaround.rights.actions.retention import counted, what_is_due

    if not args.dry_run:
        return _unusable(
            "retention",
            "Begin with --dry-run. A disposal is asked for by one person and confirmed by another, under Governance.",
        )
    with acting_as(SET_UP), transaction.atomic():
        due = what_is_due()
    rows = [
        {"rule": rule, "table": table, "rows": going, "held": kept}
        for rule, table, going, kept in counted(due)
    ]
    told = {
        "subjects": len({each.subject for each in due if each.subject and not each.held}),
        "held_subjects": len({each.subject for each in due if each.subject and each.held}),
        "due": rows,
    }
    if args.json:
        print(json.dumps(told, indent=2))
        return 0
    print(f"{told['subjects']:,} people and families are due; {told['held_subjects']:,} more are held.")
    for each in rows:
        print(
            f"  rule {each['rule']}  {each['table']}: {each['rows']:,} rows would go, {each['held']:,} held"
        )
    return 0


def _lead(email: str) -> Any:
    from django.db import transaction

    from teamaround.access.me import me_of
    from teamaround.agencies.models import Account
    from teamaround.agencies.roles import Permission
    from teamaround.database.actor import ANONYMOUS, acting_as

    with acting_as(ANONYMOUS), transaction.atomic():
        account = Account.objects.filter(email=email.strip().lower()).first()
        me = me_of(account) if account else None
    return me if me is not None and me.may(Permission.HANDLE_RIGHTS) else None


def _pdf(html: str) -> dict[str, bytes]:
    from teamaround.plans.views.document import PdfUnavailable, make_pdf

    try:
        return {"pack.pdf": make_pdf(html)}
    except PdfUnavailable:
        print("teamaround subject-access: no PDF, since Pango is missing on this machine.", file=sys.stderr)
        return {}


def _write(folder: Path, made: dict[str, bytes]) -> list[str]:
    """Write the files so that their owner alone reads them. Raises CommandError where one is there already."""
    written = []
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        for name, content in made.items():
            path = folder / name
            descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
            with os.fdopen(descriptor, "wb") as file:
                file.write(content)
            written.append(str(path))
    except OSError as error:
        raise CommandError(f"{folder} cannot be written to: {error.strerror}.") from error
    return written


def _tell(args: argparse.Namespace, told: dict[str, Any], words: str) -> None:
    print(json.dumps(told, indent=2) if args.json else words)


def _refused(why: str) -> int:
    print(f"teamaround subject-access: {why}", file=sys.stderr)
    return 1


def _unusable(command: str, why: str) -> int:
    print(f"teamaround {command}: {why}", file=sys.stderr)
    return 2
