import argparse
import os
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from teamaround.cli import main, parser
from teamaround.site.commands import serve
from teamaround.site.commands.installation import Addresses, CommandError
from teamaround.site.commands.serve import check_port, split_bind


@pytest.fixture
def used_port() -> Iterator[int]:
    with socket.socket() as holder:
        holder.bind(("127.0.0.1", 0))
        holder.listen()
        yield holder.getsockname()[1]


@pytest.fixture(autouse=True)
def no_addresses(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("DATABASE_URL", "TEAMAROUND_OWNER_URL", "TEAMAROUND_DATA", "TEAMAROUND_SECRETS", "PORT"):
        monkeypatch.delenv(name, raising=False)


def test_help_names_every_command_and_hides_the_inner_one(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        main(["--help"])
    assert ended.value.code == 0
    told = capsys.readouterr().out
    for name in ("up", "demo", "worker", "create-admin", "import-caseload", "postcodes", "bench", "check"):
        assert f"\n    {name} " in told or f"\n    {name}\n" in told
    assert "ready" not in told


@pytest.mark.parametrize(
    "name", ["up", "demo", "create-admin", "import-caseload", "postcodes", "bench", "check"]
)
def test_the_help_of_a_command_shows_an_example(name: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        main([name, "--help"])
    assert f"teamaround {name}" in capsys.readouterr().out.replace("DATABASE_URL=", "")


def test_help_needs_neither_settings_nor_database() -> None:
    loaded = subprocess.run(
        [sys.executable, "-c", "import sys, teamaround.cli as c; c.parser(); print('django' in sys.modules)"],
        capture_output=True,
        text=True,
        check=True,
        env={"PATH": os.environ["PATH"]},
    )
    assert loaded.stdout.strip() == "False"


def test_the_caseload_command_reads_its_arguments() -> None:
    args = parser().parse_args(
        ["import-caseload", "a file.csv", "--team", "young-carers", "--dry-run", "--json"]
    )
    assert (args.file, args.team, args.dry_run, args.json) == (Path("a file.csv"), "young-carers", True, True)


def test_a_bench_takes_a_size_and_refuses_an_unknown_one() -> None:
    assert parser().parse_args(["bench", "pages"]).size == "S"
    with pytest.raises(SystemExit):
        parser().parse_args(["bench", "pages", "--size", "XL"])


def test_each_check_takes_its_own_options() -> None:
    args = parser().parse_args(["check", "log", "--json"])
    assert (args.name, args.json) == ("log", True)
    with pytest.raises(SystemExit):
        parser().parse_args(["check", "database", "--json"])


def test_the_folder_of_a_check_is_named_before_or_after_it() -> None:
    for words in (["check", "--data", "x", "log"], ["check", "log", "--data", "x"]):
        assert parser().parse_args(words).data == Path("x")


@pytest.mark.parametrize(
    "wrong",
    [
        ["demo", "--port", "http"],
        ["demo", "--port", "0"],
        ["demo", "--port", "70000"],
        ["up", "--workers", "0"],
        ["worker", "--concurrency", "-1"],
        ["create-admin"],
        ["create-admin", "--email", "kim@council.example", "--name", "Kim", "--invite", "--password"],
        ["import-caseload", "a.csv"],
        ["no-such-command"],
        [],
    ],
)
def test_wrong_arguments_end_with_code_2(wrong: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        main(wrong)
    assert ended.value.code == 2
    assert "usage: teamaround" in capsys.readouterr().err


def test_the_port_comes_from_the_environment_when_no_argument_names_it(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("PORT", "8123")
    assert parser().parse_args(["demo"]).port == 8123
    assert parser().parse_args(["demo", "--port", "8124"]).port == 8124


@pytest.mark.parametrize(
    ("arguments", "link"),
    [
        (["--port", "8123"], "http://127.0.0.1:8123"),
        (["--port", "8123", "--address", "::1"], "http://[::1]:8123"),
    ],
)
def test_links_in_the_demonstrations_e_mails_lead_to_the_port_it_serves(
    arguments: list[str], link: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    told: list[str] = []
    monkeypatch.delenv("TEAMAROUND_ADDRESS", raising=False)
    monkeypatch.setattr(serve, "check_port", lambda *_: None)
    monkeypatch.setattr(serve, "_embedded", lambda *_: (Addresses("app", "owner"), lambda: None))
    for name in ("make_ready", "serve"):
        monkeypatch.setattr(serve, name, lambda *_, also, **__: told.append(also["TEAMAROUND_ADDRESS"]))
    assert main(["demo", "--data", str(tmp_path / "data"), *arguments]) == 0
    assert told == [link, link]


@pytest.mark.parametrize("address", ["0.0.0.0", "192.168.1.4", "::", "example.org", ""])
def test_the_demonstration_refuses_any_address_but_this_machine(
    address: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["demo", "--address", address, "--data", str(tmp_path / "data")]) == 1
    assert "refuses the address" in capsys.readouterr().err
    assert not (tmp_path / "data").exists()


def test_the_demonstration_leaves_a_database_of_the_users_alone(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("DATABASE_URL", "postgresql://somebody@db.example/real")
    assert main(["demo", "--data", str(tmp_path / "data")]) == 1
    assert "leaves yours alone" in capsys.readouterr().err


def test_a_port_in_use_is_said_before_anything_is_started(
    used_port: int, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["demo", "--port", str(used_port), "--data", str(tmp_path / "data")]) == 1
    told = capsys.readouterr().err
    assert f"Port {used_port} on 127.0.0.1 is in use" in told
    assert "PORT=8001 make demo" in told
    assert not (tmp_path / "data").exists()


def test_a_free_port_passes(used_port: int) -> None:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        free = probe.getsockname()[1]
    check_port("127.0.0.1", free, "another")


@pytest.mark.parametrize("bind", ["8000", "127.0.0.1:", "127.0.0.1:http", "127.0.0.1:99999"])
def test_an_address_to_serve_on_needs_host_and_port(bind: str) -> None:
    with pytest.raises(CommandError, match="Write host:port"):
        split_bind(bind)


def test_an_address_of_the_newer_kind_is_split_at_its_last_colon() -> None:
    assert split_bind("[::1]:8000") == ("::1", 8000)


def test_a_command_without_a_database_says_how_to_get_one(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["worker", "--data", str(tmp_path)]) == 1
    assert "Run `make demo` or `teamaround up` first" in capsys.readouterr().err


def test_a_database_that_does_not_answer_is_told_without_a_traceback(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    import psycopg

    def refuse(args: argparse.Namespace) -> int:
        raise psycopg.OperationalError("connection refused")

    monkeypatch.setattr("teamaround.site.commands.check.run", refuse)
    assert main(["check", "database", "--data", str(tmp_path)]) == 1
    told = capsys.readouterr().err
    assert "The database does not answer: connection refused" in told
    assert "Traceback" not in told


def test_an_interrupted_command_ends_with_code_130(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def interrupt(args: argparse.Namespace) -> int:
        raise KeyboardInterrupt

    monkeypatch.setattr("teamaround.site.commands.check.run", interrupt)
    assert main(["check", "database"]) == 130


def test_a_fault_of_the_program_is_not_hidden(monkeypatch: pytest.MonkeyPatch) -> None:
    def fault(args: argparse.Namespace) -> int:
        raise ZeroDivisionError

    monkeypatch.setattr("teamaround.site.commands.check.run", fault)
    with pytest.raises(ZeroDivisionError):
        main(["check", "database"])
