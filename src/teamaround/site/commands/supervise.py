"""Child processes that live and end with the command that started them."""

import contextlib
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from types import FrameType
from typing import IO

from teamaround.database.processes import die_with_parent

GRACE_SECONDS = 20.0
SECONDS_BEFORE_RESTART = 3.0


class Interrupted(Exception):
    """The user or the system asked the command to end."""


@dataclass
class Child:
    """One process and how to start it again."""

    name: str
    start: Callable[[], subprocess.Popen[bytes]]
    restart: bool
    process: subprocess.Popen[bytes]
    restart_at: float | None = None


@dataclass
class Children:
    """The processes of one command. Ctrl-C, SIGTERM and a closed terminal end them all, in order."""

    say: Callable[[str], None]
    children: list[Child] = field(default_factory=list)

    def spawn(
        self,
        name: str,
        command: Sequence[str],
        environment: Mapping[str, str],
        *,
        log: IO[bytes] | None = None,
        restart: bool = False,
    ) -> Child:
        """Start a process in a session of its own, so that Ctrl-C reaches only us and the order is ours."""

        def start() -> subprocess.Popen[bytes]:
            return subprocess.Popen(  # noqa: S603 - our own argument list, no shell
                list(command),
                env={**os.environ, **environment},
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
                preexec_fn=die_with_parent(signal.SIGTERM),
            )

        child = Child(name, start, restart, start())
        self.children.append(child)
        return child

    def watch(
        self, until: Callable[[], bool] = lambda: False, *, tend: Callable[[], None] = lambda: None
    ) -> str | None:
        """Wait until `until` holds (None is returned) or a process that must live has ended (its name is).

        `tend` is called at each look.
        """
        while not until():
            tend()
            for child in self.children:
                code = child.process.poll()
                if code is None:
                    continue
                if not child.restart:
                    return f"{child.name} ended by itself (exit code {code})"
                if child.restart_at is None:
                    self.say(f"{child.name} ended (exit code {code}); it is started again")
                    child.restart_at = time.monotonic() + SECONDS_BEFORE_RESTART
                elif time.monotonic() >= child.restart_at:
                    child.restart_at = None
                    child.process = child.start()
            time.sleep(0.1)
        return None

    def stop(self) -> None:
        """End every process, last started first: asked at first, killed when it does not end in time."""
        for child in reversed(self.children):
            if child.process.poll() is None:
                child.process.terminate()
        until = time.monotonic() + GRACE_SECONDS
        for child in reversed(self.children):
            try:
                child.process.wait(max(0.1, until - time.monotonic()))
            except subprocess.TimeoutExpired:
                with contextlib.suppress(ProcessLookupError):
                    os.killpg(child.process.pid, signal.SIGKILL)
                child.process.wait()
        self.children.clear()


class EndOnSignal:
    """The first Ctrl-C, SIGTERM or hang-up in the block raises Interrupted; later ones wait."""

    signals = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)

    def __enter__(self) -> "EndOnSignal":
        self.told = False
        self.before = {number: signal.signal(number, self._on_signal) for number in self.signals}
        return self

    def _on_signal(self, number: int, frame: FrameType | None) -> None:
        if self.told:
            return
        self.told = True
        raise Interrupted

    def __exit__(self, *_: object) -> None:
        for number, handler in self.before.items():
            signal.signal(number, handler)


def this_python(*arguments: str) -> list[str]:
    """A command line for the interpreter that runs now."""
    return [sys.executable, *arguments]
