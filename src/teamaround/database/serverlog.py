"""The embedded server's log: kept small, and read back to say plainly why a start failed."""

import os
from pathlib import Path

from teamaround.database.folders import Folders

LARGEST = 5 * 1024 * 1024

KNOWN = (
    (
        "No space left on device",
        "The disk that holds {data} is full. Free some space and start again; what was saved is kept.",
    ),
    (
        "Disk quota exceeded",
        "The quota of the user {user} on {data} is used up. Free some space and start again.",
    ),
    (
        "Address already in use",
        "Another program uses the socket in {run}. Stop it, or remove the folder, and start again.",
    ),
    (
        "pre-existing shared memory block",
        "Parts of an interrupted database still run on {data}. Wait a few seconds and start again.",
    ),
    (
        "could not create shared memory",
        "The machine gives the database too little shared memory. Free some memory and start again.",
    ),
    (
        "Cannot allocate memory",
        "The machine has too little free memory for the database (about 400 MB). Free some and start again.",
    ),
    (
        "database files are incompatible",
        "The database folder {data} was made by another PostgreSQL version. Move it away to start afresh.",
    ),
    (
        "Permission denied",
        "The user {user}, who runs the database, may not use {data} or {run}. Give both back with chown.",
    ),
    (
        "Read-only file system",
        "The disk that holds {data} is read-only. Make it writable, or use a checkout elsewhere.",
    ),
)


def tail(log: Path, size: int = 4000) -> str:
    """The last `size` bytes of the log."""
    try:
        with open(log, "rb") as file:
            file.seek(0, os.SEEK_END)
            file.seek(max(0, file.tell() - size))
            return file.read().decode("utf-8", "replace")
    except OSError:
        return ""


def explain(output: str, folders: Folders) -> str:
    """Why the server did not start: a plain sentence for what is known, else its own last words."""
    for words, sentence in KNOWN:
        if words in output:
            return sentence.format(data=folders.data, run=folders.run, user=folders.user.name)
    last = [line for line in output.strip().splitlines() if line.strip()][-4:]
    said = "\n  ".join(last) or "nothing"
    return f"The database in {folders.data} did not start. Its log is {folders.log}; it ends with:\n  {said}"


def rotate(log: Path) -> None:
    """Keep one older log once the current one is large."""
    try:
        if log.stat().st_size > LARGEST:
            log.replace(log.with_name(f"{log.name}.1"))
    except OSError:
        return
