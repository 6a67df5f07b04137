"""A watched folder: files that an agency drops become its team's caseload, one by one, each with a report.

    FOLDER/<team's short name>/incoming/    files are dropped here
                               done/        taken in, with a report beside each
                               refused/     not taken in, with a report that says why and what to do

A file is left until it has been quiet for a while. It is taken by its bytes: the same bytes a second time are not
brought in twice. Links are not followed, nothing outside the folder is opened, and every move is one rename, so
that a machine that stops in the middle finds the file where it was and goes on.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import os
import stat
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path

from django.db import transaction
from django.utils import timezone

from teamaround.database.actor import ANONYMOUS, acting_as
from teamaround.importing.actions import ImportRefused
from teamaround.importing.models import UNDER_WAY
from teamaround.sheets import MAX_BYTES, MappingError, SheetError

from . import reports
from .callers import Caller, caller_of_folder, feed_of_folder
from .jobs import take_in
from .models import CallState, Feed, FeedCall, Way
from .receiving import Arrival, OlderCaseload, TooManyWaiting, note_heard, receive, take_up_again

INCOMING, DONE, REFUSED = "incoming", "done", "refused"
#: What programs call a file that they still write.
UNFINISHED = (".part", ".tmp", ".filepart", ".crdownload", "~")
#: Of the 255 bytes that a name has at most: the time and the report's ending stand beside it.
LONGEST_NAME = 180
_OPEN = os.O_RDONLY | os.O_NOFOLLOW | os.O_CLOEXEC
Tell = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class Seen:
    """How a file looked: if any of it changes, somebody is still at it."""

    inode: int
    size: int
    written: int
    changed: int


@dataclass
class Watch:
    """One folder under watch. `quiet` is for how many seconds a file must not have changed."""

    root: Path
    quiet: float = 15.0
    clock: Callable[[], float] = time.monotonic
    tell: Tell = lambda words: None
    seen: dict[tuple[str, str], tuple[Seen, float]] = field(default_factory=dict)

    def look(self) -> int:
        """Take in every quiet file of every team that has a folder. How many were moved away."""
        with acting_as(ANONYMOUS), transaction.atomic():
            slugs = list(
                Feed.objects.filter(way=Way.FOLDER, ended_at=None)
                .order_by("pk")
                .values_list("team__slug", flat=True)
            )
        return sum(self._team(slug) for slug in slugs)

    def _team(self, slug: str) -> int:
        moved = 0
        try:
            with _folders(self.root, slug) as places:
                for name in self._quiet_ones(slug, places[INCOMING]):
                    with acting_as(ANONYMOUS), transaction.atomic():
                        feed = feed_of_folder(slug)
                    if feed is None:
                        return moved
                    moved += self._file(feed, name, places)
        except OSError as error:
            self.tell(f"{slug}: the folder cannot be used: {error.strerror}.")
        return moved

    def _quiet_ones(self, slug: str, incoming: int) -> list[str]:
        now, found = self.clock(), []
        names = set()
        with os.scandir(incoming) as entries:
            for entry in entries:
                if entry.name.startswith(".") or entry.name.lower().endswith(UNFINISHED):
                    continue
                about = entry.stat(follow_symlinks=False)
                if stat.S_ISDIR(about.st_mode):
                    continue
                looks = Seen(about.st_ino, about.st_size, about.st_mtime_ns, about.st_ctime_ns)
                names.add((slug, entry.name))
                before = self.seen.get((slug, entry.name))
                if before is None or before[0] != looks:
                    self.seen[slug, entry.name] = (looks, now)
                elif now - before[1] >= self.quiet:
                    found.append((about.st_mtime_ns, entry.name))
        for gone in [key for key in self.seen if key[0] == slug and key not in names]:
            del self.seen[gone]
        return [name for _, name in sorted(found)]

    def _file(self, feed: Feed, name: str, places: dict[str, int]) -> int:
        try:
            content, written = self._read(feed.team.slug, name, places[INCOMING])
        except _NotTaken as refused:
            return self._move(name, places, REFUSED, reports.refused(str(refused)))
        except _StillWritten:
            self.seen.pop((feed.team.slug, name), None)
            return 0
        told = take(feed, name=name, content=content, written=written)
        if told is None:
            return 0
        where, report = told
        return self._move(name, places, where, report)

    def _read(self, slug: str, name: str, incoming: int) -> tuple[bytes, dt.datetime]:
        before = self.seen[slug, name][0]
        try:
            # Not waiting: a pipe in place of a file would hold the watch up for ever.
            handle = os.open(name, _OPEN | os.O_NONBLOCK, dir_fd=incoming)
        except FileNotFoundError:
            raise _StillWritten from None
        except OSError:
            raise _NotTaken(
                "This is a link, or a file that cannot be opened. Put the file itself here."
            ) from None
        with os.fdopen(handle, "rb") as file:
            about = os.fstat(file.fileno())
            if not stat.S_ISREG(about.st_mode) or about.st_nlink != 1:
                raise _NotTaken("This is no plain file of its own. Put a copy of the file here.")
            if about.st_size > MAX_BYTES:
                raise _NotTaken(
                    f"The file is over {MAX_BYTES // 1024 // 1024} MB. Split it into smaller files."
                )
            content = file.read(MAX_BYTES + 1)
            after = os.fstat(file.fileno())
        if (
            Seen(after.st_ino, after.st_size, after.st_mtime_ns, after.st_ctime_ns) != before
            or len(content) != after.st_size
        ):
            raise _StillWritten
        return content, dt.datetime.fromtimestamp(after.st_mtime_ns / 1e9, dt.UTC)

    def _move(self, name: str, places: dict[str, int], where: str, report: str) -> int:
        """The report first, then the file: whatever stops in between is done again."""
        stem = f"{timezone.now():%Y%m%dT%H%M%SZ} {_short(name)}"
        stem = stem if not _there(stem, places[where]) else f"{stem} {time.monotonic_ns()}"
        _write(f"{stem}.report.txt", report, places[where])
        os.rename(name, stem, src_dir_fd=places[INCOMING], dst_dir_fd=places[where])
        self.tell(f"A file was moved to {where}.")
        return 1


class _NotTaken(Exception):
    """The file is refused before it is read; the words say why."""


class _StillWritten(Exception):
    """Somebody is at the file, or took it away."""


def take(feed: Feed, *, name: str, content: bytes, written: dt.datetime) -> tuple[str, str] | None:
    """Bring a file in: where it goes and its report; None while the work on it goes on elsewhere."""
    caller = caller_of_folder(feed)
    try:
        call, before = _call(caller, feed, name, content, written)
    except OlderCaseload as older:
        return REFUSED, reports.refused(reports.older(older.latest))
    except TooManyWaiting:
        return None
    except (SheetError, MappingError, ImportRefused) as wrong:
        return REFUSED, reports.refused(str(wrong))
    if call.state == CallState.WAITING or call.run.state in UNDER_WAY:
        take_in(feed=feed.pk)
    with acting_as(caller.me.actor()), transaction.atomic():
        call = FeedCall.objects.select_related("run").get(pk=call.pk)
        if call.state == CallState.WAITING or call.run.state in UNDER_WAY:
            return None
        taken, report = reports.of_call(call, by=caller.me, before=before)
        return (DONE if taken else REFUSED), report


def _call(
    caller: Caller, feed: Feed, name: str, content: bytes, written: dt.datetime
) -> tuple[FeedCall, bool]:
    """The file as a caseload that came; True where the same bytes came before and are not brought in again."""
    digest = hashlib.sha256(content).hexdigest()
    arrival = Arrival(
        filename=name,
        count=0,
        digest=digest,
        key=f"file:{digest}",
        whole=feed.whole_files,
        as_of=min(written, timezone.now()),
        content=content,
    )
    with acting_as(caller.me.actor()), transaction.atomic():
        same = FeedCall.objects.select_related("run").filter(feed=feed, idempotency_digest=arrival.key_digest)
        earlier = same.first()
        if earlier is not None:
            note_heard(caller)
            return earlier, not take_up_again(by=caller, call=earlier)
        return receive(by=caller, arrival=arrival).call, False


@contextmanager
def _folders(root: Path, slug: str) -> Iterator[dict[str, int]]:
    """The team's three folders, opened: made where they are missing, refused where they are links."""
    handles: list[int] = []
    try:
        handles.append(os.open(root, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC))
        handles.append(_inside(handles[0], slug))
        places = {}
        for name in (INCOMING, DONE, REFUSED):
            handles.append(_inside(handles[1], name))
            places[name] = handles[-1]
        yield places
    finally:
        for handle in handles:
            os.close(handle)


def _inside(parent: int, name: str) -> int:
    with suppress(FileExistsError):
        os.mkdir(name, 0o770, dir_fd=parent)
    return os.open(name, _OPEN | os.O_DIRECTORY, dir_fd=parent)


def _short(name: str) -> str:
    """The name, its ending kept, short enough for a folder to hold its report's name as well."""
    begin, ending = os.path.splitext(name)
    ending = ending if len(os.fsencode(ending)) <= 16 else ""
    while len(os.fsencode(begin + ending)) > LONGEST_NAME:
        begin = begin[:-1]
    return begin + ending


def _there(name: str, folder: int) -> bool:
    try:
        os.stat(name, dir_fd=folder, follow_symlinks=False)
    except FileNotFoundError:
        return False
    return True


def _write(name: str, text: str, folder: int) -> None:
    """A text file that appears whole."""
    part = f".{name}.part"
    flags = os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_NOFOLLOW | os.O_CLOEXEC
    with os.fdopen(os.open(part, flags, 0o660, dir_fd=folder), "w", encoding="utf-8") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())
    os.rename(part, name, src_dir_fd=folder, dst_dir_fd=folder)
