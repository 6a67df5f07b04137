"""The embedded server's process: whether it lives, and that it ends with the process that started it."""

import ctypes
import os
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

PR_SET_PDEATHSIG = 1


def is_postgres(pid: int) -> bool:
    """Whether a living process `pid` is a PostgreSQL server; without /proc any living process counts."""
    if Path("/proc/self/stat").exists():
        try:
            name, _, rest = Path(f"/proc/{pid}/stat").read_text(errors="replace").rpartition(")")
        except OSError:
            return False
        return "postgres" in name and rest.split()[0] != "Z"
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True


def die_with_parent(number: signal.Signals = signal.SIGINT) -> Callable[[], None] | None:
    """On Linux: what a child does before it becomes its program, which is to ask for a signal when we end."""
    if not sys.platform.startswith("linux"):
        return None
    prctl = ctypes.CDLL(None, use_errno=True).prctl
    parent = os.getpid()

    def ask() -> None:
        prctl(PR_SET_PDEATHSIG, int(number), 0, 0, 0)
        if os.getppid() != parent:
            os._exit(1)

    return ask


WATCHER = """
import os, signal, sys, time
sys.stdin.buffer.read()
for number in (signal.SIGINT, signal.SIGQUIT):
    try:
        os.kill(int(sys.argv[1]), number)
    except ProcessLookupError:
        break
    time.sleep(30)
"""


def watch(pid: int) -> subprocess.Popen[bytes]:
    """Elsewhere than Linux: a small process that stops the server when a pipe of ours closes."""
    return subprocess.Popen(  # noqa: S603 - our own interpreter and script
        [sys.executable, "-c", WATCHER, str(pid)], stdin=subprocess.PIPE, start_new_session=True, cwd="/"
    )
