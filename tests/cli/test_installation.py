from pathlib import Path

import pytest

from teamaround.database.secrets import Secrets
from teamaround.site.commands.installation import (
    Addresses,
    CommandError,
    Installation,
    addresses_from,
    database_of,
    shown,
    with_database,
    with_role,
)

MADE = Secrets.generate()


def test_one_address_serves_the_set_up_and_its_role_is_exchanged_for_the_application() -> None:
    found = addresses_from(
        {"DATABASE_URL": "postgresql://setup:p%40ss@db.example:5433/area?sslmode=require"}, MADE
    )
    assert found is not None
    assert found.owner == "postgresql://setup:p%40ss@db.example:5433/area?sslmode=require"
    assert found.app == f"postgresql://app_rw:{MADE.app_rw}@db.example:5433/area?sslmode=require"
    assert found.database == "area"


def test_the_applications_own_address_is_kept_and_gives_no_set_up_rights() -> None:
    found = addresses_from({"DATABASE_URL": "postgresql://app_rw:secret@db.example/area"}, MADE)
    assert found == Addresses("postgresql://app_rw:secret@db.example/area", None)


def test_both_addresses_are_used_side_by_side_for_one_database() -> None:
    found = addresses_from(
        {
            "DATABASE_URL": "postgresql://app_rw:secret@pool.example/area",
            "TEAMAROUND_OWNER_URL": "postgresql://setup:p@db.example/postgres",
        },
        MADE,
    )
    assert found is not None
    assert found.app == "postgresql://app_rw:secret@pool.example/area"
    assert found.owner == "postgresql://setup:p@db.example/area"


def test_without_an_address_there_is_none() -> None:
    assert addresses_from({}, MADE) is None
    assert addresses_from({"DATABASE_URL": " "}, MADE) is None


@pytest.mark.parametrize("wrong", ["mysql://a@b/c", "area", "sqlite:///file"])
def test_an_address_of_another_kind_is_refused_by_name(wrong: str) -> None:
    with pytest.raises(CommandError, match="DATABASE_URL is not the address of a PostgreSQL"):
        addresses_from({"DATABASE_URL": wrong}, MADE)


def test_an_address_without_a_database_gets_the_products_own() -> None:
    assert database_of("postgresql://setup@db.example") == "teamaround"
    found = addresses_from({"DATABASE_URL": "postgresql://setup@db.example"}, MADE)
    assert found is not None
    assert found.database == "teamaround"


def test_a_socket_address_survives_the_change_of_role_and_database() -> None:
    address = "postgresql://postgres:p@/postgres?host=%2Ftmp%2FMy%20run&port=5432"
    assert with_role(address, "app_rw", "a/b") == (
        "postgresql://app_rw:a%2Fb@/postgres?host=%2Ftmp%2FMy%20run&port=5432"
    )
    assert with_database(address, "area one") == (
        "postgresql://postgres:p@/area%20one?host=%2Ftmp%2FMy%20run&port=5432"
    )


def test_a_shown_address_has_no_password() -> None:
    assert (
        shown("postgresql://setup:secret@db.example:5432/area") == "postgresql://setup@db.example:5432/area"
    )


def test_a_folder_serves_one_purpose_for_good(tmp_path: Path) -> None:
    installation = Installation(tmp_path / "data")
    installation.prepare("demonstration")
    installation.prepare("demonstration")
    with pytest.raises(CommandError, match="kept apart"):
        installation.prepare("service")


def test_a_folder_that_cannot_be_made_is_named_with_the_remedy(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(CommandError, match="name another folder with --data"):
        Installation(tmp_path / "file" / "data").prepare("demonstration")


def test_only_the_set_up_is_told_the_set_up_roles_address(tmp_path: Path) -> None:
    installation = Installation(tmp_path)
    addresses = Addresses("postgresql://app_rw:a@db.example/area", "postgresql://setup:b@db.example/area")
    assert "TEAMAROUND_OWNER_URL" not in installation.environment(addresses)
    assert installation.environment(addresses, owner=True)["TEAMAROUND_OWNER_URL"] == addresses.owner


def test_demonstration_mode_belongs_to_a_folder_made_for_it(tmp_path: Path) -> None:
    addresses = Addresses("postgresql://app_rw:a@db.example/area", None)
    Installation(tmp_path / "one").prepare("demonstration")
    Installation(tmp_path / "two").prepare("service")
    assert Installation(tmp_path / "one").environment(addresses)["TEAMAROUND_DEMONSTRATION"] == "1"
    assert "TEAMAROUND_DEMONSTRATION" not in Installation(tmp_path / "two").environment(addresses)
