"""The embedded server's log: kept small, and read back to say plainly why a start failed."""

from pathlib import Path

from teamaround.database.folders import Folders

LARGEST = 5 * 1024 * 1024

STILL_ENDING = "pre-existing shared memory block"

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
        STILL_ENDING,
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


def size_of(log: Path) -> int:
    """Bytes in the log now; 0 when there is none."""
    try:
        return log.stat().st_size
    except OSError:
        return 0


def since(log: Path, offset: int, most: int = 8000) -> str:
    """What was logged from `offset` on, at most the last `most` bytes of it."""
    try:
        with open(log, "rb") as file:
            file.seek(max(offset, size_of(log) - most))
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
        if size_of(log) > LARGEST:
            log.replace(log.with_name(f"{log.name}.1"))
    except OSError:
        return
