"""Every way around row-level security is tried and closed; and the check finds one that is open."""

from __future__ import annotations

import os
from pathlib import Path

import psycopg
import pytest

from harness.server import copy_database
from teamaround.checks.attack import Attack, build
from teamaround.checks.channels import CHANNELS
from teamaround.checks.leaks import try_all


@pytest.fixture(scope="module")
def built(server_report: dict[str, str]) -> tuple[str, str, bytes]:
    """Addresses of the application's role and of the superuser on a database with the one child, and the key."""
    name = f"leaks_{os.environ.get('PYTEST_XDIST_WORKER', 'main')}"
    copy_database(server_report, name, Path(os.environ["TEAMAROUND_TEST_RUN"]))
    addresses = [server_report[role].replace("DATABASE", name) for role in ("app", "postgres")]
    build(addresses[1])
    return addresses[0], addresses[1], bytes.fromhex(server_report["stamp_key"])


def test_every_channel_is_closed(built: tuple[str, str, bytes]) -> None:
    found = try_all(*built)
    assert len(found) == len(CHANNELS)
    assert [(finding.channel, finding.detail) for finding in found if not finding.closed] == []


@pytest.mark.parametrize(
    ("channel", "hole", "mended"),
    [
        (
            "plain reads of every table and history",
            "create policy hole on person_name_history for select to app_rw using (true);"
            "drop policy person_name_history_select on person_name_history",
            "drop policy hole on person_name_history; create policy person_name_history_select on "
            "person_name_history as restrictive for select to app_rw using (false)",
        ),
        (
            "owner's views and materialised views",
            "create view app.everybody as select * from person; grant select on app.everybody to app_rw",
            "drop view app.everybody",
        ),
        (
            "partitions addressed directly",
            "grant select on access_look_default to app_rw",
            "revoke select on access_look_default from app_rw",
        ),
        (
            "unique-key errors",
            "create unique index hole on person_identifier (value)",
            "drop index hole",
        ),
        (
            "temporary tables",
            "do $$ begin execute format('grant temporary on database %I to app_rw', current_database()); end $$",
            "do $$ begin execute format('revoke temporary on database %I from app_rw', current_database()); end $$",
        ),
        (
            "definer functions",
            "create function app.hole() returns bigint language sql security definer as 'select count(*) from person'",
            "drop function app.hole()",
        ),
        ("SET ROLE", "grant app_engine to app_rw", "revoke app_engine from app_rw"),
        (
            "changes to hidden rows",
            "drop policy person_update on person; drop policy person_select on person",
            "create policy person_select on person as restrictive for select to app_rw using (false)",
        ),
        (
            "sequences",
            "grant select on sequence event_id_seq to app_rw",
            "revoke select on sequence event_id_seq from app_rw",
        ),
    ],
)
def test_an_open_channel_is_found(
    built: tuple[str, str, bytes], channel: str, hole: str, mended: str
) -> None:
    with psycopg.connect(built[1], autocommit=True) as superuser:
        superuser.execute(hole.encode())
        try:
            assert CHANNELS[channel](Attack(*built)) != ""
        finally:
            superuser.execute(mended.encode())
