"""A watched folder: what is dropped is taken in once, whole, and nothing outside is ever opened."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import pytest
from django.db import OperationalError

from teamaround.feeds import folder, setting_up
from teamaround.feeds.folder import Watch
from teamaround.feeds.models import Feed, FeedCall
from teamaround.importing import actions, bringing_in
from teamaround.importing.models import ImportRun
from teamaround.index.models import Involvement
from teamaround.people.models import Person

HEADER = "Ref,Surname,Forename,DOB,Postcode\n"
ONE = HEADER + "YC1,Osei,Kofi,02/03/2014,SK3 2DU\n"
TWO = ONE + "YC2,Khan,Amira,30/11/2011,SK3 2DX\n"


class Dropped:
    """The folder of the young carers team, and a watch with a clock that a test moves."""

    def __init__(self, root: Path, cast: Any) -> None:
        self.root, self.cast, self.now = root, cast, 100.0
        self.watch = Watch(root, quiet=15, clock=lambda: self.now)
        self.watch.look()

    @property
    def incoming(self) -> Path:
        return self.root / "young-carers" / "incoming"

    def drop(self, text: str | bytes, name: str = "nightly.csv") -> Path:
        path = self.incoming / name
        path.write_bytes(text if isinstance(text, bytes) else text.encode())
        return path

    def look(self) -> int:
        """A look, and another when every file has been quiet."""
        first = self.watch.look()
        self.now += 20
        return first + self.watch.look()

    def files(self, where: str) -> list[str]:
        return sorted(path.name.partition(" ")[2] for path in (self.root / "young-carers" / where).iterdir())

    def report(self, where: str = "done") -> str:
        reports = sorted(
            (self.root / "young-carers" / where).glob("*.report.txt"), key=lambda p: p.stat().st_mtime_ns
        )
        return reports[-1].read_text("utf-8")

    def people(self) -> int:
        with self.cast.as_(self.cast.yasmin):
            return Person.objects.count()


@pytest.fixture
def dropped(cast: Any, tmp_path: Path) -> Dropped:
    """The team knows files of this shape already."""
    with cast.as_(cast.admin) as me:
        setting_up.add_feed(
            by=me.principal, team=cast.teams["young-carers"], name="Folder", way="folder", silent_hours=26
        )
    with cast.as_(cast.yasmin) as me:
        run = actions.upload(
            by=me,
            team=cast.yasmin.team.pk,
            filename="first.csv",
            content=(HEADER + "Z,Z,Z,01/01/2010,\n").encode(),
        )
        fields = {column.position: column.field for column in run.columns.all()}
        actions.set_columns(by=me, run=run, version=run.version, fields=fields, role="registered")
    return Dropped(tmp_path, cast)


def test_a_file_of_a_known_shape_is_brought_in_and_reported_in_plain_words(dropped: Dropped) -> None:
    dropped.drop(TWO + "YC3,,,,\n")
    assert dropped.look() == 1
    assert dropped.people() == 2
    assert dropped.files("done") == ["nightly.csv", "nightly.csv.report.txt"]
    assert list(dropped.incoming.iterdir()) == []
    report = dropped.report()
    assert "This file holds 3 rows" in report
    assert "row 3 (line 4)" in report
    assert "Osei" not in report


def test_the_feed_acts_for_its_team(dropped: Dropped) -> None:
    dropped.drop(ONE)
    dropped.look()
    with dropped.cast.as_(dropped.cast.yasmin):
        feed = Feed.objects.get()
        assert Involvement.objects.get().recorded_by_id == feed.principal_id


def test_a_file_that_is_still_being_written_is_left(dropped: Dropped) -> None:
    path = dropped.drop(ONE)
    dropped.watch.look()
    dropped.now += 10
    path.write_text(TWO)
    dropped.watch.look()
    dropped.now += 10
    assert dropped.watch.look() == 0
    assert path.exists()
    dropped.now += 10
    assert dropped.watch.look() == 1
    assert dropped.people() == 2


@pytest.mark.parametrize("name", ["nightly.csv.part", ".nightly.csv", "nightly.csv.tmp", "nightly.csv~"])
def test_a_file_under_an_unfinished_name_is_left(dropped: Dropped, name: str) -> None:
    path = dropped.drop(ONE, name)
    assert dropped.look() == 0
    assert path.exists()


def test_a_file_that_changes_while_it_is_read_is_left(
    dropped: Dropped, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = dropped.drop(ONE)
    dropped.watch.look()
    dropped.now += 20
    real = os.open

    def late(name: Any, flags: int, *more: Any, **said: Any) -> int:
        if name == "nightly.csv":
            path.write_text(TWO)
        return real(name, flags, *more, **said)

    with monkeypatch.context() as meanwhile:
        meanwhile.setattr(folder.os, "open", late)
        assert dropped.watch.look() == 0
    assert path.exists()
    assert dropped.people() == 0


def test_the_same_bytes_are_not_brought_in_twice(dropped: Dropped) -> None:
    dropped.drop(ONE)
    dropped.look()
    dropped.drop(ONE, "again.csv")
    assert dropped.look() == 1
    assert "came before" in dropped.report()
    with dropped.cast.as_(dropped.cast.yasmin):
        assert FeedCall.objects.count() == 1
        assert Person.objects.count() == 1


def test_a_file_of_a_shape_that_nobody_has_seen_waits_for_a_person(dropped: Dropped) -> None:
    dropped.drop("Kind,Geboren\nOsei Kofi,02/03/2014\n", "other.csv")
    assert dropped.look() == 1
    report = dropped.report()
    assert "waits for somebody of the team" in report
    with dropped.cast.as_(dropped.cast.yasmin):
        run = ImportRun.objects.get(filename="other.csv")
        assert run.state == "uploaded"
    assert f"/caseload/{run.uuid}/" in report


def test_a_file_that_cannot_be_read_is_refused_with_the_reason(dropped: Dropped) -> None:
    dropped.drop(b"\x00\x01\x02\x03" * 100, "broken.xlsx")
    dropped.drop(b"", "empty.csv")
    assert dropped.look() == 2
    assert dropped.files("refused") == [
        "broken.xlsx", "broken.xlsx.report.txt", "empty.csv", "empty.csv.report.txt",
    ]  # fmt: skip
    assert "Nothing was changed" in dropped.report("refused")
    assert dropped.people() == 0


def test_an_older_file_is_refused(dropped: Dropped) -> None:
    dropped.drop(TWO)
    dropped.look()
    path = dropped.drop(ONE, "yesterday.csv")
    os.utime(path, (path.stat().st_mtime - 86_400,) * 2)
    dropped.look()
    assert "before the caseload that came already" in dropped.report("refused")


def test_a_file_that_is_too_large_is_refused_unread(
    dropped: Dropped, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(folder, "MAX_BYTES", 10)
    dropped.drop(ONE)
    assert dropped.look() == 1
    assert "Split it" in dropped.report("refused")


def test_a_link_is_refused_and_never_followed(dropped: Dropped, tmp_path: Path) -> None:
    secret = tmp_path / "secret.csv"
    secret.write_text(ONE)
    (dropped.incoming / "link.csv").symlink_to(secret)
    os.link(secret, dropped.incoming / "hard.csv")
    assert dropped.look() == 2
    assert dropped.people() == 0
    assert secret.read_text() == ONE
    assert "link.csv" in dropped.files("refused")
    assert "hard.csv" in dropped.files("refused")


def test_a_pipe_does_not_hold_the_watch_up(dropped: Dropped) -> None:
    os.mkfifo(dropped.incoming / "pipe.csv")
    assert dropped.look() == 1
    assert "no plain file" in dropped.report("refused")


def test_a_folder_that_is_a_link_is_not_entered(dropped: Dropped, tmp_path: Path) -> None:
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    (elsewhere / "nightly.csv").write_text(ONE)
    dropped.incoming.rmdir()
    dropped.incoming.symlink_to(elsewhere)
    told: list[str] = []
    dropped.watch.tell = told.append
    assert dropped.look() == 0
    assert "cannot be used" in told[0]
    assert (elsewhere / "nightly.csv").exists()


def test_only_teams_with_a_folder_are_looked_at(dropped: Dropped, tmp_path: Path) -> None:
    other = tmp_path / "moor-lane" / "incoming"
    other.mkdir(parents=True)
    (other / "nightly.csv").write_text(ONE)
    assert dropped.look() == 0
    assert (other / "nightly.csv").exists()


def test_a_watch_that_stopped_in_the_middle_goes_on_and_doubles_nothing(
    dropped: Dropped, monkeypatch: pytest.MonkeyPatch
) -> None:
    dropped.drop(ONE)

    def stopped(*_: Any, **__: Any) -> None:
        raise SystemExit

    for place in ("take_in", "_write"):
        with monkeypatch.context() as meanwhile:
            meanwhile.setattr(folder, place, stopped)
            with pytest.raises(SystemExit):
                dropped.look()
        assert (dropped.incoming / "nightly.csv").exists()
    assert dropped.look() >= 1
    assert dropped.people() == 1
    assert "nightly.csv" in dropped.files("done")
    with dropped.cast.as_(dropped.cast.yasmin):
        assert FeedCall.objects.count() == 1


def test_an_ended_feed_takes_nothing_more(dropped: Dropped) -> None:
    with dropped.cast.as_(dropped.cast.admin) as me:
        setting_up.end_feed(by=me.principal, feed=Feed.objects.get())
    dropped.drop(ONE)
    assert dropped.look() == 0


def test_a_team_has_one_folder(dropped: Dropped) -> None:
    team = dropped.cast.teams["young-carers"]
    with dropped.cast.as_(dropped.cast.admin) as me, pytest.raises(setting_up.FeedRefused, match="has one"):
        setting_up.add_feed(by=me.principal, team=team, name="Second", way="folder")


@pytest.mark.parametrize(
    "name",
    [
        "n" * 250 + ".csv",
        "ñ" * 120 + ".csv",
        "%s {0} ../..\u202e\n'; drop table person;--.csv".replace("/", "-"),
        os.fsdecode(b"caseload \xe9\xff.csv"),
    ],
    ids=["long", "long in bytes", "marks", "no unicode"],
)
def test_a_file_of_any_name_is_brought_in_and_holds_up_no_other(dropped: Dropped, name: str) -> None:
    dropped.drop(ONE, name)
    later = dropped.drop(TWO, "later.csv")
    os.utime(later, (later.stat().st_mtime + 5,) * 2)
    assert dropped.look() == 2
    assert list(dropped.incoming.iterdir()) == []
    assert dropped.people() == 2
    assert len(dropped.files("done")) == 4


def test_a_file_that_failed_is_brought_in_when_it_is_put_there_again(
    dropped: Dropped, monkeypatch: pytest.MonkeyPatch
) -> None:
    def away(**_: Any) -> None:
        raise OperationalError

    with monkeypatch.context() as meanwhile:
        meanwhile.setattr(bringing_in, "bring_in", away)
        dropped.drop(ONE)
        assert dropped.look() == 1
    assert "Nothing was changed" in dropped.report("refused")
    assert dropped.people() == 0
    dropped.drop(ONE)
    assert dropped.look() == 1
    assert "nightly.csv" in dropped.files("done")
    assert dropped.people() == 1
