"""Log lines without personal data: exceptions keep their type and place, never their words; addresses keep
the page that they ask for, never what stands in them; jobs keep their name and number, never their arguments.
"""

from __future__ import annotations

import logging
import re
import sys
import threading
import traceback
from collections.abc import Iterator
from types import TracebackType
from typing import Any

JOB = re.compile(r"([\w.]+\[\w+\])\(.*\)", re.DOTALL)
# What the server says of these names tables and constraints, and quotes no value.
QUOTES_NOTHING = ("23", "42501", "53", "57")


def page_of(address: str) -> str:
    """The page that an address asks for, as the list of addresses writes it: no name, number or word of a visitor."""
    from django.conf import settings
    from django.urls import Resolver404, resolve

    path = address.partition("?")[0]
    static = f"/{settings.STATIC_URL.strip('/')}/"
    if path.startswith(static):
        return f"{static}…"
    try:
        return f"/{resolve(path).route}"
    except Resolver404:
        return "(no such page)"


def quiet(error: BaseException) -> str:
    """An exception's type, with what the database said where that can quote nothing."""
    told = f"{type(error).__module__}.{type(error).__qualname__}"
    diagnosis = getattr(error, "diag", None) or getattr(error.__cause__, "diag", None)
    state = getattr(diagnosis, "sqlstate", None) or ""
    if state:
        told += f" (SQLSTATE {state})"
    if diagnosis is not None and state.startswith(QUOTES_NOTHING):
        told += f": {diagnosis.message_primary}"
    return told


class QuietFormatter(logging.Formatter):
    """Formats an exception as its type and the frames it passed: the message may quote what people typed."""

    def format(self, record: logging.LogRecord) -> str:
        """The line, rid of what people typed; the record stays as it is for other handlers."""
        plain = logging.makeLogRecord(record.__dict__)
        plain.msg, plain.args = _message(record), ()
        # Another handler may have left the exception formatted with its words.
        plain.exc_text = None
        return super().format(plain)

    def formatException(  # noqa: N802 - the name is the standard library's
        self,
        ei: tuple[type[BaseException], BaseException, TracebackType | None] | tuple[None, None, None],
    ) -> str:
        kind, error, trace = ei
        if kind is None or error is None:
            return ""
        frames = traceback.extract_tb(trace)
        lines = [f"  {frame.filename}:{frame.lineno} in {frame.name}" for frame in frames]
        return "\n".join([quiet(error), *lines])


def _message(record: logging.LogRecord) -> str:
    if record.name.startswith("django.security."):
        return f"refused: {record.name.rpartition('.')[2]}"
    if record.name == "py.warnings":
        # The words of a warning may quote a value; its kind and place do not.
        kind = re.match(r"(.+?:\d+): (\w+)", record.getMessage())
        return f"{kind[2]} at {kind[1]}" if kind else "a warning"
    about_pages = record.name.startswith("django.")
    args = record.args
    if isinstance(args, tuple):
        args = tuple(_argument(arg, record.name, about_pages) for arg in args)
    elif isinstance(args, dict):
        args = {name: _argument(arg, record.name, about_pages) for name, arg in args.items()}
    try:
        told = str(record.msg) % args if args else str(record.msg)
    except (TypeError, ValueError, KeyError):
        told = str(record.msg)
    if isinstance(record.msg, BaseException):
        told = quiet(record.msg)
    if record.name.startswith("procrastinate"):
        told = JOB.sub(r"\1", told)
    error = record.exc_info[1] if isinstance(record.exc_info, tuple) else None
    for met in _chain(error):
        for words in (str(met), repr(met)):
            if words.strip():
                told = told.replace(words, type(met).__name__)
    return told


def _argument(value: Any, logger: str, about_pages: bool) -> Any:
    if isinstance(value, BaseException):
        # Of the pool: why a server cannot be reached. Nobody typed that.
        return value if logger.startswith("psycopg.pool") else type(value).__name__
    if about_pages and isinstance(value, str) and value.startswith("/"):
        return page_of(value)
    return value


def _chain(error: BaseException | None) -> Iterator[BaseException]:
    seen: set[int] = set()
    while error is not None and id(error) not in seen:
        seen.add(id(error))
        yield error
        error = error.__cause__ or error.__context__


def install() -> None:
    """Let what nobody caught be told in the same way, wherever it ends: main thread, threads, finalisers, warnings."""
    formatter = QuietFormatter()

    def uncaught(
        kind: type[BaseException], error: BaseException, trace: TracebackType | None, where: str = ""
    ) -> None:
        if issubclass(kind, KeyboardInterrupt):
            return
        told = formatter.formatException((kind, error, trace))
        print(f"uncaught{where}: {told}", file=sys.stderr, flush=True)

    def in_thread(args: threading.ExceptHookArgs) -> None:
        if args.exc_value is not None and not issubclass(args.exc_type, SystemExit):
            uncaught(args.exc_type, args.exc_value, args.exc_traceback, " in a thread")

    def unraisable(args: Any) -> None:
        if args.exc_value is not None:
            uncaught(args.exc_type, args.exc_value, args.exc_traceback, " at the end of an object")

    sys.excepthook = uncaught
    threading.excepthook = in_thread
    sys.unraisablehook = unraisable
    logging.captureWarnings(True)
