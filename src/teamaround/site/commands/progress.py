"""What a long command tells meanwhile, on standard error: a bar on a terminal, plain lines elsewhere."""

import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Protocol

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

SECONDS_BETWEEN_LINES = 5.0


class Advance(Protocol):
    """Told how many more are done."""

    def __call__(self, number: int = 1) -> None: ...


def step(text: str) -> None:
    """One line that says what begins now."""
    print(f"==> {text}", file=sys.stderr, flush=True)


def note(text: str) -> None:
    """One line of detail under a step."""
    print(f"    {text}", file=sys.stderr, flush=True)


@contextmanager
def progress(text: str, total: int | None = None) -> Iterator[Advance]:
    """Follow `total` pieces of work (None: the number is unknown). Yields what to call when some are done."""
    console = Console(stderr=True)
    if console.is_terminal:
        columns = (
            TextColumn("    {task.description}"),
            BarColumn(),
            MofNCompleteColumn(),
            TimeRemainingColumn(),
        )
        with Progress(*columns, console=console) as bar:
            task = bar.add_task(text, total=total)

            def advance(number: int = 1) -> None:
                bar.advance(task, number)

            yield advance
        return
    lines = _Lines(text, total)
    note(lines.describe())
    yield lines
    note(lines.describe())


class _Lines:
    """Progress for a log or a pipe: a line every few seconds, never one a row."""

    def __init__(self, text: str, total: int | None) -> None:
        self.text = text
        self.total = total
        self.done = 0
        self.last = time.monotonic()

    def __call__(self, number: int = 1) -> None:
        self.done += number
        now = time.monotonic()
        if now - self.last >= SECONDS_BETWEEN_LINES:
            self.last = now
            note(self.describe())

    def describe(self) -> str:
        of = f" of {self.total:,}" if self.total is not None else ""
        return f"{self.text}: {self.done:,}{of}"
