"""The installation's own secrets: made once, kept in one file that only its owner can read.

The file is a list of `name=value` lines. A release that needs one more secret adds it on the next start.
"""

import base64
import os
import secrets as randomness
import stat
from collections.abc import Callable
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import Self


class SecretsError(Exception):
    """The secrets file cannot be used; the message says what, where and what to do."""


def _password() -> str:
    return randomness.token_urlsafe(32)


def _hex_key() -> str:
    return randomness.token_hex(32)


def _fernet_key() -> str:
    return base64.urlsafe_b64encode(randomness.token_bytes(32)).decode("ascii")


MAKERS: dict[str, Callable[[], str]] = {
    "postgres": _password,
    "app_rw": _password,
    "app_report": _password,
    "auditor": _password,
    "stamp_key": _hex_key,
    "django_secret_key": _password,
    "field_key": _fernet_key,
}

ROLES = ("postgres", "app_rw", "app_report", "auditor")


@dataclass(frozen=True)
class Secrets:
    """Passwords of the roles that sign in, and the keys of this installation. Never shown in `repr`."""

    postgres: str = field(repr=False)
    app_rw: str = field(repr=False)
    app_report: str = field(repr=False)
    auditor: str = field(repr=False)
    stamp_key: str = field(repr=False)
    """64 hexadecimal digits (32 bytes): signs the session stamp."""
    django_secret_key: str = field(repr=False)
    field_key: str = field(repr=False)
    """A Fernet key: encrypts second-factor and sign-on secrets."""

    def password_of(self, role: str) -> str:
        """The password of a role that signs in. Raises KeyError for any other role."""
        if role not in ROLES:
            raise KeyError(f"the role {role!r} does not sign in with a password of this installation")
        return str(getattr(self, role))

    @classmethod
    def generate(cls) -> Self:
        return cls(**{name: make() for name, make in MAKERS.items()})

    @classmethod
    def load_or_create(cls, path: Path) -> Self:
        """Read the secrets at `path`, making the file (mode 0600) or its missing lines first.

        Two processes that start at once end with the same secrets. Raises SecretsError when the file cannot
        be read or written, is not made of `name=value` lines, or can be read by other users.
        """
        path = Path(path)
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            if not path.exists():
                _write_if_absent(path, {name: make() for name, make in MAKERS.items()})
            kept = _read(path)
            missing = {name: make() for name, make in MAKERS.items() if name not in kept}
            if missing:
                kept |= missing
                _replace(path, kept)
        except OSError as error:
            raise SecretsError(
                f"The secrets file {path} cannot be used: {error.strerror or error}. "
                "Run as the user who owns it, or free some space, and start again."
            ) from error
        return cls(**{item.name: kept[item.name] for item in fields(cls)})

    def write(self, path: Path) -> None:
        """Make `path` hold these secrets, in place of any that are there, at once and whole."""
        path.parent.mkdir(parents=True, exist_ok=True)
        _replace(path, {item.name: str(getattr(self, item.name)) for item in fields(self)})


def _read(path: Path) -> dict[str, str]:
    if stat.S_IMODE(path.stat().st_mode) & 0o077:
        raise SecretsError(
            f"The secrets file {path} can be read by other users. Run: chmod 600 '{path}' "
            "and, if this machine has other users, replace the secrets."
        )
    kept: dict[str, str] = {}
    for number, line in enumerate(path.read_text("utf-8").splitlines(), start=1):
        if not line.strip() or line.startswith("#"):
            continue
        name, equals, value = line.partition("=")
        if not equals or not value.strip():
            raise SecretsError(
                f"The secrets file {path} is damaged at line {number}: restore it from a backup."
            )
        kept[name.strip()] = value.strip()
    return kept


def _staged(path: Path, values: dict[str, str]) -> Path:
    staged = path.with_name(f".{path.name}.{os.getpid()}.{randomness.token_hex(4)}")
    descriptor = os.open(staged, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w", encoding="utf-8") as file:
        file.write("# Secrets of this installation. Keep them private, and backed up apart from the data.\n")
        file.writelines(f"{name}={value}\n" for name, value in values.items())
        file.flush()
        os.fsync(file.fileno())
    return staged


def _write_if_absent(path: Path, values: dict[str, str]) -> None:
    staged = _staged(path, values)
    try:
        os.link(staged, path)
    except FileExistsError:
        return  # another process was first; its secrets are the ones to read
    finally:
        staged.unlink()


def _replace(path: Path, values: dict[str, str]) -> None:
    os.replace(_staged(path, values), path)
