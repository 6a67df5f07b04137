"""`teamaround backup` and `teamaround restore`: everything into one sealed file, and back."""

from __future__ import annotations

import argparse
import json
import os
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.metadata import version
from pathlib import Path
from typing import cast

from teamaround.database import backup
from teamaround.database.sealed import SealedReader
from teamaround.database.secrets import Secrets
from teamaround.site.commands.drill import Drill, report
from teamaround.site.commands.installation import (
    Addresses,
    CommandError,
    Installation,
    Purpose,
    addresses_from,
    database_of,
    with_database,
)
from teamaround.site.commands.passphrase import passphrase
from teamaround.site.commands.progress import note, progress, step


def run(args: argparse.Namespace) -> int:
    """Write the backup; with --drill also restore it into a throw-away server and compare."""
    if args.file is None and not args.drill:
        raise CommandError("Name the file to write, for example: teamaround backup team-around.backup")
    secret = passphrase(args.passphrase_file, new=True)
    installation = Installation(args.data)
    with _addresses(installation) as addresses, tempfile.TemporaryDirectory() as folder:
        if addresses.owner is None:
            raise CommandError(
                "A backup needs the set-up role's address, since the application's own role sees no more than its "
                "users do. Set TEAMAROUND_OWNER_URL."
            )
        path = args.file or Path(folder) / "drill.backup"
        drill = Drill(addresses) if args.drill else None
        step(f"Reading {database_of(addresses.owner)}")
        with progress("Tables read") as reading, progress("Megabytes packed") as writing:
            done = backup.back_up(
                addresses.owner,
                path,
                secret,
                secrets=installation.secrets,
                purpose=_purpose(installation),
                product=version("teamaround"),
                within=drill.look if drill else lambda connection, snapshot: None,
                reading=reading,
                writing=writing,
            )
        if drill is None:
            _tell(args.json, path, done, "made")
            return 0
        with SealedReader(path, secret) as reader:
            return report(drill.compare(reader, backup_seconds=done.seconds), as_json=args.json)


def restore(args: argparse.Namespace) -> int:
    """Put a backup in place of an empty database, or with --replace of any; with --drill only try it."""
    secret = passphrase(args.passphrase_file, new=False)
    with SealedReader(args.file, secret) as reader:
        step(f"Checking {args.file}, made {reader.header.get('made_at')}: {reader.size:,} bytes")
        with progress("Megabytes checked") as advance:
            reader.verify(advance)
        manifest = backup.manifest_of(reader)
        if args.drill:
            return report(Drill(None).compare(reader), as_json=args.json)
        done = _restore(Installation(args.data), reader, manifest, replace=args.replace)
    _tell(args.json, args.file, done, "restored")
    return 0


def _restore(
    installation: Installation, reader: SealedReader, manifest: backup.Manifest, *, replace: bool
) -> backup.Done:
    installation.prepare(cast(Purpose, manifest.purpose or "service"))
    present = installation.secrets if installation.secrets_path.exists() else None
    secrets = manifest.secrets_for(present)
    if present is None:
        _keep_secrets(installation.secrets_path, secrets)
    with _addresses(installation, alone=True) as addresses:
        if addresses.owner is None:
            raise CommandError("A restore needs the set-up role's address. Set TEAMAROUND_OWNER_URL.")
        database = database_of(addresses.owner)
        step(f"Restoring {manifest.fingerprint.total:,} rows into {database}")
        with progress("Megabytes restored") as reading, progress("Tables compared") as comparing:
            done = backup.restore(
                with_database(addresses.owner, "postgres"),
                database,
                reader,
                secrets=secrets,
                replace=replace,
                reading=reading,
                comparing=comparing,
            )
        if present is not None and present != secrets:
            _keep_secrets(installation.secrets_path, secrets)
    return done


def _keep_secrets(path: Path, secrets: Secrets) -> None:
    """Write the secrets of the restored data; those that were there are kept beside them."""
    if path.exists():
        kept = path.with_name(f"{path.name}.before-restore-{time.strftime('%Y%m%d-%H%M%S')}")
        os.link(path, kept)
        note(f"The keys came with the backup; the earlier ones are in {kept}")
    secrets.write(path)


def _purpose(installation: Installation) -> str:
    mark = installation.data / "purpose"
    return mark.read_text("ascii").strip() if mark.is_file() else "service"


@contextmanager
def _addresses(installation: Installation, *, alone: bool = False) -> Iterator[Addresses]:
    """The addresses of `DATABASE_URL`, or of the embedded server: started if need be, or used as it runs.

    `alone` starts it for this command and refuses one that another process holds.
    """
    given = bool(os.environ.get("DATABASE_URL") or os.environ.get("TEAMAROUND_OWNER_URL"))
    if given:
        found = addresses_from(os.environ, installation.secrets)
        assert found is not None
        yield found
        return
    if not alone and not (installation.data / "postgres").exists():
        raise CommandError(
            f"There is no database in {installation.data}. Name its folder with --data, or set DATABASE_URL."
        )
    server = installation.server().start(attach=not alone, say=note)
    try:
        yield installation.embedded_addresses(server)
    finally:
        server.stop()


def _tell(as_json: bool, path: Path, done: backup.Done, what: str) -> None:
    held = done.manifest.fingerprint
    if as_json:
        print(
            json.dumps(
                {
                    "file": str(path),
                    "made_at": done.manifest.made_at,
                    "tables": len(held.rows),
                    "rows": held.total,
                    "bytes": done.bytes,
                    "seconds": round(done.seconds, 2),
                }
            )
        )
        return
    print(
        f"{path}: {what}, {len(held.rows)} tables, {held.total:,} rows, {done.bytes:,} bytes, "
        f"{done.seconds:.1f} seconds"
    )
