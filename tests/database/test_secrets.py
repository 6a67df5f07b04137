import stat
from pathlib import Path

import pytest
from cryptography.fernet import Fernet

from teamaround.database.secrets import ROLES, Secrets, SecretsError


def test_secrets_are_made_once_and_read_back(tmp_path: Path) -> None:
    first = Secrets.load_or_create(tmp_path / "deep" / "secrets")
    assert Secrets.load_or_create(tmp_path / "deep" / "secrets") == first
    assert len({first.password_of(role) for role in ROLES}) == len(ROLES)


def test_only_the_owner_can_read_the_file(tmp_path: Path) -> None:
    path = tmp_path / "secrets"
    Secrets.load_or_create(path)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert list(tmp_path.iterdir()) == [path]


def test_a_file_open_to_others_is_refused_with_the_remedy(tmp_path: Path) -> None:
    path = tmp_path / "secrets"
    Secrets.load_or_create(path)
    path.chmod(0o644)
    with pytest.raises(SecretsError, match="chmod 600"):
        Secrets.load_or_create(path)


def test_a_missing_secret_is_added_and_the_others_are_kept(tmp_path: Path) -> None:
    path = tmp_path / "secrets"
    first = Secrets.load_or_create(path)
    path.write_text("".join(line for line in path.read_text().splitlines(True) if "auditor" not in line))
    second = Secrets.load_or_create(path)
    assert second.stamp_key == first.stamp_key
    assert second.auditor
    assert Secrets.load_or_create(path) == second


def test_a_damaged_file_is_refused_at_its_line(tmp_path: Path) -> None:
    path = tmp_path / "secrets"
    Secrets.load_or_create(path)
    path.write_text(path.read_text() + "half a line\n")
    with pytest.raises(SecretsError, match="damaged at line 9"):
        Secrets.load_or_create(path)


def test_printing_secrets_shows_none_of_them() -> None:
    made = Secrets.generate()
    assert made.app_rw not in repr(made)
    assert made.field_key not in repr(made)


def test_the_field_key_encrypts() -> None:
    key = Fernet(Secrets.generate().field_key)
    assert key.decrypt(key.encrypt(b"code")) == b"code"


def test_a_role_that_does_not_sign_in_has_no_password() -> None:
    with pytest.raises(KeyError):
        Secrets.generate().password_of("app_owner")
