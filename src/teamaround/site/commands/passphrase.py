"""The passphrase of a backup: from a file, the environment or a prompt, never from the command line."""

from __future__ import annotations

import getpass
import os
import stat
import sys
from pathlib import Path

from teamaround.site.commands.installation import CommandError

VARIABLE = "TEAMAROUND_BACKUP_PASSPHRASE"
SHORTEST = 12


def passphrase(file: Path | None, *, new: bool) -> str:
    """The passphrase, asked for twice where it is `new` and typed. Raises CommandError for one that will not do.

    It is taken out of this process's environment, so that no program started from here inherits it.
    """
    from_environment = os.environ.pop(VARIABLE, "")
    if file is not None:
        found = _from_file(file)
    elif from_environment:
        found = from_environment
    elif sys.stdin.isatty():
        found = getpass.getpass("Passphrase of the backup: ")
        if new and found != getpass.getpass("The same again: "):
            raise CommandError("The two passphrases differ. Start again.")
    else:
        raise CommandError(
            f"A backup needs a passphrase: name a file with --passphrase-file, or set {VARIABLE}."
        )
    if new and len(found) < SHORTEST:
        raise CommandError(
            f"The passphrase has {len(found)} characters; a backup holds everybody's record and needs at least "
            f"{SHORTEST}. Five random words make a good one."
        )
    return found


def _from_file(file: Path) -> str:
    try:
        if stat.S_IMODE(file.stat().st_mode) & 0o077:
            raise CommandError(
                f"The passphrase file {file} can be read by other users. Run: chmod 600 '{file}'"
            )
        lines = file.read_text("utf-8").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        told = error.strerror if isinstance(error, OSError) else "it is not text"
        raise CommandError(f"The passphrase file {file} cannot be read: {told}.") from error
    if not lines or not lines[0].strip():
        raise CommandError(f"The passphrase file {file} is empty. Its first line is the passphrase.")
    return lines[0].strip()
