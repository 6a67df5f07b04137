"""Keys that feeds had become their agencies', and go back to where they came from; nothing is lost, and none opens more."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import psycopg
import pytest

from harness.server import copy_database, manage


@pytest.fixture
def own(server_report: dict[str, str]) -> str:
    """The superuser's address of a migrated database of this test's own."""
    name = f"keys_{os.environ.get('PYTEST_XDIST_WORKER', 'main')}"
    copy_database(server_report, name, Path(os.environ["TEAMAROUND_TEST_RUN"]))
    return server_report["postgres"].replace("DATABASE", name)


# Two feeds of one agency, with a key each that was used; written past all triggers, as a backup would be.
BEFORE = """
set session_replication_role = replica;
insert into principal (id, kind) values (900001, 'team'), (900002, 'service'), (900003, 'service');
insert into agency (id, slug, name, sector, phone) values (900001, 'moved', 'Moved', 'school', '');
insert into team (id, agency_id, slug, name, sensitivity, phone, email, takes_referrals, procedure_slug)
    values (900001, 900001, 'moved', 'Moved', '', '', '', true, '');
insert into feed (id, uuid, team_id, principal_id, name, way, whole_files)
    values (71, gen_random_uuid(), 900001, 900002, 'Register', 'push', false), (72, gen_random_uuid(), 900001, 900003, 'Nurses', 'push', false);
insert into feed_key (id, uuid, feed_id, prefix, digest, scopes, expires_at)
    values (81, gen_random_uuid(), 71, 'aaaaaaaa', repeat('0', 64), '{caseload:write}', now() + interval '9 days'),
           (82, gen_random_uuid(), 72, 'bbbbbbbb', repeat('1', 64), '{caseload:read}', now() + interval '9 days');
insert into feed_key_use (key_id, author_team_id, used_at) values (81, 900001, '2026-11-01 09:00Z'), (82, 900001, '2026-11-02 09:00Z');
"""
# Meanwhile: a key of both, used for both, and one of every feed.
MEANWHILE = """
set session_replication_role = replica;
insert into feed_key (id, uuid, agency_id, name, every_feed, replaces_id, prefix, digest, scopes, expires_at)
    values (83, gen_random_uuid(), 900001, 'Both', false, 81, 'cccccccc', repeat('2', 64), '{caseload:write}', now() + interval '9 days'),
           (84, gen_random_uuid(), 900001, 'Every', true, null, 'dddddddd', repeat('3', 64), '{caseload:write}', now() + interval '9 days');
insert into feed_key_feed (key_id, feed_id) values (83, 71), (83, 72);
insert into feed_key_use (key_id, feed_id, author_team_id, used_at)
    values (83, 71, 900001, '2026-11-03 09:00Z'), (83, 72, 900001, '2026-11-04 09:00Z');
"""


@pytest.mark.long
def test_keys_of_feeds_become_keys_of_their_agency_and_go_back(own: str) -> None:
    def migrate(step: str) -> None:
        done = manage(own, "migrate", "feeds", step, "--no-input")
        assert done.returncode == 0, done.stderr[-3000:]

    def run(statement: str) -> None:
        with psycopg.connect(own) as changing:
            changing.execute(statement)

    def rows(statement: str) -> list[Any]:
        with psycopg.connect(own) as asking:
            return asking.execute(statement).fetchall()

    migrate("0003_late")
    run(BEFORE)
    migrate("0005_agency_keys_guarded")
    keys = "select id, agency_id, name, every_feed, prefix, scopes from feed_key order by id"
    assert rows(keys) == [
        (81, 900001, "Register", False, "aaaaaaaa", ["caseload:write"]),
        (82, 900001, "Nurses", False, "bbbbbbbb", ["caseload:read"]),
    ]
    assert rows("select key_id, feed_id from feed_key_feed order by 1") == [(81, 71), (82, 72)]
    used = "select key_id, feed_id, used_at::date::text from feed_key_use order by 1, 2"
    assert rows(used) == [(81, 71, "2026-11-01"), (82, 72, "2026-11-02")]
    run(MEANWHILE)
    migrate("0003_late")
    assert rows("select id, feed_id from feed_key order by id") == [(81, 71), (82, 72), (83, 71), (84, 71)]
    assert rows("select key_id, used_at::date::text from feed_key_use order by 1") == [
        (81, "2026-11-01"),
        (82, "2026-11-02"),
        (83, "2026-11-04"),
    ]
