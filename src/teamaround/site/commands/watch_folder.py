"""`teamaround watch-folder`: takes in what agencies drop into their folders, until it is told to end.

Exit codes: 0 done; 2 the folder cannot be used, or another command watches it already.
"""

from __future__ import annotations

import argparse
import fcntl
import os
import sys
import time
from pathlib import Path

from teamaround.site.commands.progress import note, step


def run(args: argparse.Namespace) -> int:
    """Look again and again; with --once look twice, so that what is still being written is left."""
    from django.db import DatabaseError, close_old_connections

    from teamaround.feeds.folder import Watch

    root = Path(args.folder)
    try:
        handle = os.open(root / ".lock", os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW | os.O_CLOEXEC, 0o600)
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return _unusable(f"Another command watches {root} already.")
    except OSError as error:
        return _unusable(
            f"{root} cannot be used: {error.strerror}. It must be a folder that this user may write to."
        )
    watch = Watch(root, quiet=args.quiet, tell=note)
    step(f"Watching {root}")
    looks = 0
    while True:
        try:
            watch.look()
        except DatabaseError as error:
            # Its words could quote somebody's data.
            note(f"The database does not answer ({type(error).__name__}). The next look tries again.")
        looks += 1
        if args.once and looks == 2:
            return 0
        close_old_connections()
        time.sleep(args.quiet + 0.01 if args.once else args.every)


def _unusable(why: str) -> int:
    print(f"teamaround watch-folder: {why}", file=sys.stderr)
    return 2
