"""A file that only its passphrase opens: written whole or not at all, read in pieces, every piece authenticated.

Layout: the magic line; the length of the header (4 bytes, big endian) and the header, JSON that anybody may
read; its keyed digest (32 bytes); then the content in chunks of one mebibyte, each under AES-256-GCM. The
keys come from the passphrase by scrypt with a salt of the file's own, so a chunk's number serves as its
nonce; the nonce of the last chunk says that it is the last (the STREAM construction of Hoang, Reyhanitabar,
Rogaway and Vizár, 2015). A chunk that is changed, moved, left out, repeated or cut off does not open.
"""

from __future__ import annotations

import hashlib
import hmac
import json
import os
import secrets as randomness
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path
from types import TracebackType
from typing import IO, Any, Self

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.scrypt import Scrypt

MAGIC = b"TEAMAROUND-BACKUP\n"
FORMAT = 1
CHUNK = 1024 * 1024
TAG = 16
LONGEST_HEADER = 64 * 1024
SCRYPT_N = 2**17  # 128 MB and about half a second for each guess
SCRYPT_MOST = 2**20  # a forged header must not ask for all the memory there is


class SealedFileError(Exception):
    """The file cannot be written or opened; the message says why and what to do."""


def _keys(passphrase: str, salt: bytes, n: int) -> tuple[bytes, bytes]:
    """The key of the content and the key of the header's digest."""
    both = Scrypt(salt=salt, length=64, n=n, r=8, p=1).derive(passphrase.encode("utf-8"))
    return both[:32], both[32:]


def _nonce(number: int, last: bool) -> bytes:
    return number.to_bytes(11, "big") + (b"\x01" if last else b"\x00")


class SealedWriter:
    """Writes beside the place and moves the file there when it is complete; a failure leaves nothing.

    The file is readable by its owner alone. A file that is there already is never written over:
    SealedFileError. A full disk and every other failure to write are SealedFileError too.
    """

    def __init__(self, path: Path, passphrase: str, header: dict[str, Any]) -> None:
        self.path = Path(path)
        self.part = self.path.with_name(f".{self.path.name}.part-{randomness.token_hex(4)}")
        salt = randomness.token_bytes(16)
        self.header = {
            "format": FORMAT,
            **header,
            "cipher": "AES-256-GCM",
            "chunk": CHUNK,
            "scrypt": {"n": SCRYPT_N, "r": 8, "p": 1, "salt": salt.hex()},
        }
        content, digest = _keys(passphrase, salt, SCRYPT_N)
        self._cipher = AESGCM(content)
        text = json.dumps(self.header, ensure_ascii=True, separators=(",", ":")).encode("ascii")
        self._head = MAGIC + len(text).to_bytes(4, "big") + text
        self._head += hmac.digest(digest, self._head, "sha256")
        self._bound = hashlib.sha256(self._head).digest()
        self._waiting = bytearray()
        self._number = 0
        self._file: IO[bytes] | None = None

    def __enter__(self) -> Self:
        if self.path.exists():
            raise SealedFileError(
                f"{self.path} is there already. Give another name: nothing is written over."
            )
        try:
            descriptor = os.open(self.part, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
            self._file = os.fdopen(descriptor, "wb", buffering=0)
            self._put(self._head)
        except OSError as error:
            self._give_up()
            raise self._told(error) from error
        return self

    def write(self, data: bytes) -> None:
        """Add to the content."""
        self._waiting += data
        try:
            # One chunk stays back: only at the end is it known which is the last.
            while len(self._waiting) > CHUNK:
                self._seal(bytes(self._waiting[:CHUNK]), last=False)
                del self._waiting[:CHUNK]
        except OSError as error:
            raise self._told(error) from error

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if kind is not None:
            self._give_up()
            return
        try:
            self._seal(bytes(self._waiting), last=True)
            assert self._file is not None
            os.fsync(self._file.fileno())
            self._file.close()
            os.rename(self.part, self.path)
            _sync_folder(self.path.parent)
        except OSError as failure:
            self._give_up()
            raise self._told(failure) from failure

    def _seal(self, plain: bytes, *, last: bool) -> None:
        self._put(self._cipher.encrypt(_nonce(self._number, last), plain, self._bound))
        self._number += 1

    def _put(self, data: bytes) -> None:
        assert self._file is not None
        left = memoryview(data)
        while left:
            left = left[self._file.write(left) :]

    def _give_up(self) -> None:
        if self._file is not None:
            with suppress(OSError):
                self._file.close()
        self.part.unlink(missing_ok=True)

    def _told(self, error: OSError) -> SealedFileError:
        return SealedFileError(
            f"{self.path} could not be written: {error.strerror or error}. Nothing was left behind. "
            "Free some space or name another folder, and start again."
        )


def _sync_folder(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


class SealedReader:
    """An open sealed file. Opening proves the passphrase and the header; each chunk is proved as it is read.

    Raises SealedFileError: no such file, not a backup, a later format, a wrong passphrase.
    """

    def __init__(self, path: Path, passphrase: str) -> None:
        self.path = Path(path)
        try:
            self._file = open(self.path, "rb")  # noqa: SIM115 - closed by close()
        except OSError as error:
            raise SealedFileError(f"{self.path} cannot be read: {error.strerror}.") from error
        try:
            self._open(passphrase)
        except BaseException:
            self._file.close()
            raise

    def _open(self, passphrase: str) -> None:
        start = self._file.read(len(MAGIC) + 4)
        length = int.from_bytes(start[len(MAGIC) :], "big")
        if not start.startswith(MAGIC) or len(start) < len(MAGIC) + 4 or length > LONGEST_HEADER:
            raise SealedFileError(f"{self.path} is not a backup made by this product.")
        text = self._file.read(length)
        digest = self._file.read(32)
        damaged = SealedFileError(
            f"The beginning of {self.path} is damaged. Use another copy of this backup."
        )
        try:
            self.header: dict[str, Any] = json.loads(text)
            form = self.header["format"]
            if isinstance(form, int) and form > FORMAT:
                raise SealedFileError(
                    f"{self.path} was made by a later release ({self.header.get('product', 'unknown')}). "
                    "Install that release, then restore."
                )
            n, salt = int(self.header["scrypt"]["n"]), bytes.fromhex(self.header["scrypt"]["salt"])
            if (
                form != FORMAT
                or self.header["chunk"] != CHUNK
                or not 2**14 <= n <= SCRYPT_MOST
                or n & (n - 1)
            ):
                raise damaged
        except (ValueError, KeyError, TypeError, AttributeError) as error:
            raise damaged from error
        content, key = _keys(passphrase, salt, n)
        if not hmac.compare_digest(hmac.digest(key, start + text, "sha256"), digest):
            raise SealedFileError(
                f"The passphrase does not open {self.path}. It is the wrong one, or the beginning of the file "
                "was changed."
            )
        self._cipher = AESGCM(content)
        self._bound = hashlib.sha256(start + text + digest).digest()
        self._content_at = self._file.tell()

    @property
    def size(self) -> int:
        """Bytes of the whole file."""
        return os.fstat(self._file.fileno()).st_size

    def chunks(self) -> Iterator[bytes]:
        """The content from its beginning. Raises SealedFileError where it is damaged or cut off."""
        self._file.seek(self._content_at)
        number = 0
        piece = self._file.read(CHUNK + TAG)
        while True:
            following = self._file.read(CHUNK + TAG)
            last = not following
            try:
                plain = self._cipher.decrypt(_nonce(number, last), piece, self._bound)
            except (InvalidTag, ValueError) as error:
                raise SealedFileError(
                    f"{self.path} is damaged or cut off after {number * CHUNK:,} bytes of content. "
                    "Use another copy of this backup."
                ) from error
            yield plain
            if last:
                return
            piece = following
            number += 1

    def verify(self, advance: Callable[[int], None] = lambda number: None) -> int:
        """Read everything, so that a damaged or cut-off file is refused before it is used. Returns its bytes."""
        total = 0
        for chunk in self.chunks():
            total += len(chunk)
            advance(1)
        return total

    def close(self) -> None:
        self._file.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()
