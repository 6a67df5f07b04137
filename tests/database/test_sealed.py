"""A sealed file opens whole with its passphrase, or not at all; it is written whole, or not at all."""

from __future__ import annotations

import json
import os
import stat
import subprocess
import sys
import tracemalloc
from pathlib import Path

import pytest

from teamaround.database import sealed
from teamaround.database.sealed import CHUNK, TAG, SealedFileError, SealedReader, SealedWriter

WORDS = "five random words in here"
CONTENT = bytes(range(256)) * 4 * 2500  # two full chunks and a part


@pytest.fixture(autouse=True)
def _quick_keys(monkeypatch: pytest.MonkeyPatch) -> None:
    """Less work for each key: what is tried here is the file."""
    monkeypatch.setattr(sealed, "SCRYPT_N", 2**14)


def written(path: Path, content: bytes = CONTENT) -> Path:
    with SealedWriter(path, WORDS, {"product": "1"}) as file:
        for start in range(0, len(content), 70_000):
            file.write(content[start : start + 70_000])
    return path


def read(path: Path) -> bytes:
    with SealedReader(path, WORDS) as file:
        file.verify()
        return b"".join(file.chunks())


@pytest.mark.parametrize("size", [0, 1, CHUNK - 1, CHUNK, CHUNK + 1, 2 * CHUNK, len(CONTENT)])
def test_what_was_written_is_read_again(tmp_path: Path, size: int) -> None:
    content = (CONTENT + CONTENT)[:size]
    assert read(written(tmp_path / "a", content)) == content


def test_nobody_else_can_read_the_file_and_nothing_of_its_content_stands_in_it(tmp_path: Path) -> None:
    path = written(tmp_path / "a", b"Quillon Featherstonehaugh " * 1000)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert b"Quillon" not in path.read_bytes()
    assert [found.name for found in tmp_path.iterdir()] == ["a"]


def test_a_wrong_passphrase_is_refused(tmp_path: Path) -> None:
    path = written(tmp_path / "a")
    with pytest.raises(SealedFileError, match="passphrase does not open"):
        SealedReader(path, WORDS + "!")


def test_a_changed_byte_is_found_wherever_it_is(tmp_path: Path) -> None:
    path = written(tmp_path / "a")
    good = path.read_bytes()
    places = [3, 20, 40, 60, 300, len(good) // 2, len(good) - TAG - 1, len(good) - 1]
    for place in places:
        path.write_bytes(good[:place] + bytes([good[place] ^ 1]) + good[place + 1 :])
        with pytest.raises(SealedFileError):
            read(path)
    path.write_bytes(good)
    assert read(path) == CONTENT


def test_a_file_that_was_cut_off_or_added_to_is_refused(tmp_path: Path) -> None:
    path = written(tmp_path / "a")
    good = path.read_bytes()
    with SealedReader(path, WORDS) as file:
        begins = file._content_at
    whole = CHUNK + TAG
    for length in (0, 10, begins - 1, begins, begins + 1, begins + whole, begins + 2 * whole, len(good) - 1):
        path.write_bytes(good[:length])
        with pytest.raises(SealedFileError):
            read(path)
    for more in (b"x", good[begins : begins + whole], good[begins + 2 * whole :]):
        path.write_bytes(good + more)
        with pytest.raises(SealedFileError):
            read(path)


def test_chunks_that_changed_places_or_came_from_another_file_are_refused(tmp_path: Path) -> None:
    path, other = written(tmp_path / "a"), written(tmp_path / "b")
    good = path.read_bytes()
    with SealedReader(path, WORDS) as file:
        begins = file._content_at
    whole = CHUNK + TAG
    one, two = good[begins : begins + whole], good[begins + whole : begins + 2 * whole]
    path.write_bytes(good[:begins] + two + one + good[begins + 2 * whole :])
    with pytest.raises(SealedFileError):
        read(path)
    path.write_bytes(good[:begins] + other.read_bytes()[begins:])
    with pytest.raises(SealedFileError):
        read(path)


def test_a_file_of_another_kind_and_one_of_a_later_format_say_so(tmp_path: Path) -> None:
    path = tmp_path / "a"
    path.write_bytes(b"PGDMP" * 100)
    with pytest.raises(SealedFileError, match="not a backup"):
        SealedReader(path, WORDS)
    text = json.dumps({"format": 99, "product": "9.9"}).encode()
    path.write_bytes(sealed.MAGIC + len(text).to_bytes(4, "big") + text + bytes(32))
    with pytest.raises(SealedFileError, match=r"later release \(9\.9\)"):
        SealedReader(path, WORDS)


def test_a_forged_header_cannot_ask_for_all_the_memory(tmp_path: Path) -> None:
    text = json.dumps({"format": 1, "chunk": CHUNK, "scrypt": {"n": 2**40, "salt": "00"}}).encode()
    path = tmp_path / "a"
    path.write_bytes(sealed.MAGIC + len(text).to_bytes(4, "big") + text + bytes(32))
    with pytest.raises(SealedFileError, match="damaged"):
        SealedReader(path, WORDS)


def test_a_file_that_is_there_is_never_written_over(tmp_path: Path) -> None:
    path = written(tmp_path / "a")
    before = path.read_bytes()
    with pytest.raises(SealedFileError, match="there already"):
        written(path)
    assert path.read_bytes() == before


def test_a_failure_half_way_leaves_nothing_behind(tmp_path: Path) -> None:
    with pytest.raises(KeyError), SealedWriter(tmp_path / "a", WORDS, {}) as file:
        file.write(CONTENT)
        raise KeyError
    assert list(tmp_path.iterdir()) == []


def test_a_full_disk_leaves_nothing_behind(tmp_path: Path) -> None:
    program = (
        "import resource, sys\n"
        "from pathlib import Path\n"
        "from teamaround.database.sealed import SealedFileError, SealedWriter\n"
        "resource.setrlimit(resource.RLIMIT_FSIZE, (1_500_000, 1_500_000))\n"
        "try:\n"
        "    with SealedWriter(Path(sys.argv[1]), 'five random words', {}) as file:\n"
        "        file.write(bytes(5_000_000))\n"
        "except SealedFileError as error:\n"
        "    print(error)\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", program, str(tmp_path / "a")],
        capture_output=True,
        text=True,
        check=True,
        env=os.environ,
    )
    assert "could not be written" in done.stdout
    assert list(tmp_path.iterdir()) == []


def test_memory_stays_flat_however_long_the_content(tmp_path: Path) -> None:
    piece = bytes(CHUNK)
    tracemalloc.start()
    try:
        with SealedWriter(tmp_path / "a", WORDS, {}) as file:
            for _ in range(48):
                file.write(piece)
        with SealedReader(tmp_path / "a", WORDS) as reader:
            assert reader.verify() == 48 * CHUNK
        _, most = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert most < 12 * CHUNK
