"""The database killed under writes: what was acknowledged is there, nothing is there in part, the site goes on."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

import pytest

from teamaround.database.keeper import Keeper
from teamaround.database.secrets import Secrets
from teamaround.database.server import EmbeddedServer, ServerError
from teamaround.site.commands.crash import Outcome, kill


def killed(times: int) -> dict[str, Any]:
    away = ("DATABASE_URL", "TEAMAROUND_OWNER_URL", "TEAMAROUND_SECRETS")
    done = subprocess.run(
        [sys.executable, "-m", "teamaround.cli", "check", "crash", "--kills", str(times), "--json"],
        env={name: value for name, value in os.environ.items() if name not in away},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    told: dict[str, Any] = json.loads(done.stdout)
    return told


def all_is_well(told: dict[str, Any], times: int) -> None:
    assert (told["kills"], told["lost"], told["half_done"]) == (times, 0, 0)
    assert (told["unanswered"], told["named_in_log"]) == (0, 0)
    assert told["acknowledged"] >= times * 12
    assert told["slowest_recovery_s"] < 10


def test_two_kills_lose_nothing_that_was_acknowledged() -> None:
    all_is_well(killed(2), 2)


@pytest.mark.long
def test_twenty_kills_lose_nothing_that_was_acknowledged() -> None:
    all_is_well(killed(20), 20)


@pytest.mark.parametrize(
    "found",
    [{"lost": 1}, {"half_done": 1}, {"unanswered": 1}, {"named_in_log": 1}, {"slowest_recovery_s": 10.0}],
)
def test_a_loss_a_half_or_a_slow_recovery_fails_the_check(found: dict[str, Any]) -> None:
    assert Outcome(kills=1, acknowledged=9).good
    assert not Outcome(kills=1, acknowledged=9, **found).good


def test_a_killed_server_is_started_again_and_tried_again_when_that_fails(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    base = Path(tempfile.mkdtemp(prefix="ta-", dir="/tmp"))
    base.chmod(0o711)
    said: list[str] = []
    try:
        with EmbeddedServer(base / "data", base / "run", fsync=False, secrets=Secrets.generate()) as server:
            keeper = Keeper(server, said.append)
            keeper.tend()
            assert (keeper.restarts, said) == (0, [])
            assert kill(server, 0)
            while not server.ended:
                pass
            with monkeypatch.context() as patch:

                def fails(**_: Any) -> None:
                    raise ServerError("no room")

                patch.setattr(server, "start", fails)
                keeper.tend()
            assert said[-1] == "no room"
            keeper._not_before = 0.0
            keeper.tend()
            assert keeper.restarts == 1
            assert not server.ended
    finally:
        shutil.rmtree(base, ignore_errors=True)
