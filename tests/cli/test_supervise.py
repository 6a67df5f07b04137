import signal
import subprocess
import sys
import textwrap
import time
from pathlib import Path

import pytest

from teamaround.site.commands import supervise
from teamaround.site.commands.progress import progress
from teamaround.site.commands.supervise import Children, EndOnSignal, Interrupted
from teamaround.site.weblog import page_alone

SLEEP = [sys.executable, "-c", "import time; time.sleep(60)"]


def alive(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False


def gone(pid: int) -> bool:
    until = time.monotonic() + 15
    while time.monotonic() < until:
        if not alive(pid):
            return True
        time.sleep(0.05)
    return False


def test_every_process_ends_with_the_command() -> None:
    children = Children(say=lambda text: None)
    pids = [children.spawn(f"number {n}", SLEEP, {}).process.pid for n in range(2)]
    children.stop()
    assert all(gone(pid) for pid in pids)


def test_a_process_that_does_not_listen_is_killed_with_its_family(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(supervise, "GRACE_SECONDS", 0.5)
    children = Children(say=lambda text: None)
    deaf = "import signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN); time.sleep(60)"
    child = children.spawn("deaf", [sys.executable, "-c", deaf], {})
    time.sleep(0.5)
    children.stop()
    assert gone(child.process.pid)


def test_the_end_of_a_needed_process_is_told_by_name() -> None:
    children = Children(say=lambda text: None)
    children.spawn("The web server", [sys.executable, "-c", "raise SystemExit(3)"], {})
    assert children.watch() == "The web server ended by itself (exit code 3)"


def test_a_process_that_may_fail_is_started_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(supervise, "SECONDS_BEFORE_RESTART", 0.1)
    said: list[str] = []
    children = Children(say=said.append)
    count = tmp_path / "count"
    script = f"open({str(count)!r}, 'a').write('x')"
    children.spawn("The worker", [sys.executable, "-c", script], {}, restart=True)
    until = time.monotonic() + 15
    children.watch(until=lambda: (count.exists() and len(count.read_text()) > 1) or time.monotonic() > until)
    children.stop()
    assert len(count.read_text()) > 1
    assert "The worker ended (exit code 0); it is started again" in said


def test_a_signal_asks_once_and_later_ones_wait() -> None:
    with EndOnSignal():
        with pytest.raises(Interrupted):
            signal.raise_signal(signal.SIGTERM)
        signal.raise_signal(signal.SIGINT)
        signal.raise_signal(signal.SIGTERM)


def test_children_end_when_their_command_is_killed() -> None:
    script = textwrap.dedent(
        """
        import sys, time
        from teamaround.site.commands.supervise import Children
        child = Children(say=print).spawn("one", [sys.executable, "-c", "import time; time.sleep(60)"], {})
        print(child.process.pid, flush=True)
        time.sleep(60)
        """
    )
    command = subprocess.Popen([sys.executable, "-c", script], stdout=subprocess.PIPE, text=True)
    assert command.stdout is not None
    pid = int(command.stdout.readline())
    command.kill()
    command.communicate()
    assert gone(pid)


def test_progress_away_from_a_terminal_is_plain_lines(capsys: pytest.CaptureFixture[str]) -> None:
    with progress("Rows read", total=2000) as advance:
        for _ in range(2000):
            advance()
    told = capsys.readouterr().err
    assert told.splitlines() == ["    Rows read: 0 of 2,000", "    Rows read: 2,000 of 2,000"]


def test_a_logged_address_loses_its_query_string() -> None:
    assert page_alone("/search/?q=name") == "/search/"
    assert page_alone(7) == 7
