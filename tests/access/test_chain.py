"""The access log is sealed in a chain: whatever somebody does to it afterwards is found."""

from __future__ import annotations

import uuid
from typing import Any

import psycopg
import pytest
from django.db import DatabaseError, connection, transaction

from teamaround.access.chain import Verdict, verify
from teamaround.access.log import Looks, write_look
from teamaround.database.actor import acting_as
from teamaround.notices.jobs import seal_access_log


@pytest.fixture(scope="module")
def name(live: Any) -> str:
    from django.db import connections

    found: str = connections.settings["default"]["NAME"]
    return found


@pytest.fixture
def auditor(name: str, server_report: dict[str, str]) -> str:
    return server_report["auditor"].replace("DATABASE", name)


@pytest.fixture
def superuser(name: str, server_report: dict[str, str]) -> Any:
    """Somebody with every right over the database: what the chain is there for."""
    address = server_report["postgres"].replace("DATABASE", name)
    with psycopg.connect(address, autocommit=True) as held:
        yield held


def look(cast: Any, *subjects: int, reason: str = "") -> None:
    actor = cast.yasmin.me.actor()
    with acting_as(actor), transaction.atomic():
        looks = Looks(lines={each: {"index", "plan"} for each in subjects}, reason=reason)
        write_look(actor=actor, page="desk:person", looks=looks)


def seal() -> None:
    seal_access_log(timestamp=0)


@pytest.fixture
def sealed(live: Any, superuser: Any, auditor: str) -> Any:
    """Three seals over some looks; afterwards the log is empty again."""
    for _ in range(3):
        look(live.cast, 41, 42, reason="Family asked for help – “today”")
        look(live.cast, 43)
        seal()
    assert verify(auditor).whole
    yield live
    superuser.execute("set session_replication_role = replica")
    superuser.execute("truncate access_look, access_look_line, access_seal")


def broken(found: Verdict) -> tuple[str, int | None]:
    first = found.as_dict()["first_broken"]
    assert first is not None, "nothing was found"
    return first["kind"], first["seal"]


def test_a_log_that_nobody_touched_is_whole(sealed: Any, auditor: str) -> None:
    found = verify(auditor)
    assert (found.seals, found.looks, found.lines, found.whole) == (3, 6, 9, True)
    assert len(found.head) == 64


def test_an_empty_minute_makes_no_seal(sealed: Any, auditor: str) -> None:
    seal()
    assert verify(auditor).seals == 3


def test_each_row_belongs_to_exactly_one_seal(sealed: Any, superuser: Any) -> None:
    assert superuser.execute("select seal, count(*) from access_look group by 1 order by 1").fetchall() == [
        (1, 2),
        (2, 2),
        (3, 2),
    ]


def test_a_row_of_a_transaction_still_under_way_comes_into_a_later_seal(
    sealed: Any, auditor: str, superuser: Any
) -> None:
    with psycopg.connect(superuser.info.dsn, password=superuser.info.password) as slow:
        slow.execute(
            "insert into access_look (id, principal, page, act, outcome) values (%s, 9, 'desk:person', 'view', 'shown')",
            [uuid.uuid4()],
        )
        look(sealed.cast, 44)
        seal()
        assert verify(auditor).looks == 7
    seal()
    found = verify(auditor)
    assert (found.looks, found.seals, found.whole) == (8, 5, True)


# Every column of every table of the chain, each changed in one row of the second seal.
CHANGES: list[tuple[str, str, str]] = [
    ("changed_row", "access_look", "at = at + interval '1 microsecond'"),
    ("changed_row", "access_look", "id = gen_random_uuid()"),
    ("changed_row", "access_look", "account_id = null"),
    ("changed_row", "access_look", "principal = principal + 1"),
    ("changed_row", "access_look", "page = 'desk:persom'"),
    ("changed_row", "access_look", "act = 'list'"),
    ("changed_row", "access_look", "outcome = ''"),
    ("changed_row", "access_look", "xid = (xid::text::bigint + 1)::text::xid8"),
    ("changed_row", "access_look", "reason_digest = sha256('')"),
    ("changed_row", "access_look", "reason_digest = null"),
    ("changed_reason", "access_look", "reason = 'Family asked for help – “todaY”'"),
    ("changed_reason", "access_look", "reason_salt = gen_random_uuid()"),
    ("changed_reason", "access_look", "reason = '', reason_salt = null"),
    ("changed_reason", "access_look", "reason = '', reason_salt = null, erased_by = gen_random_uuid()"),
    ("changed_reason", "access_look", "erased_by = gen_random_uuid()"),
    ("changed_row", "access_look_line", "subject_id = subject_id + 1"),
    ("changed_row", "access_look_line", "look = gen_random_uuid()"),
    ("changed_row", "access_look_line", "at = at - interval '1 microsecond'"),
    ("changed_row", "access_look_line", "categories = '{index}'"),
    ("changed_row", "access_look_line", "categories = '{index,plam}'"),
    ("changed_row", "access_look_line", "xid = (xid::text::bigint + 1)::text::xid8"),
    ("deleted_row", "access_look", "seal = 3"),
    ("deleted_row", "access_look", "seal = null"),
    ("deleted_row", "access_look_line", "seal = 3"),
    ("changed_seal", "access_seal", "sealed_at = sealed_at - interval '1 microsecond'"),
    ("changed_seal", "access_seal", "first_at = first_at - interval '1 microsecond'"),
    ("changed_seal", "access_seal", "last_at = last_at + interval '1 microsecond'"),
    ("changed_seal", "access_seal", "snapshot_xmin = '3'"),
    ("changed_seal", "access_seal", "snapshot_xmax = '3'"),
    ("changed_seal", "access_seal", "restarted = not restarted"),
    ("changed_seal", "access_seal", "looks = looks - 1"),
    ("changed_seal", "access_seal", "lines = lines + 1"),
    ("changed_seal", "access_seal", "batch = sha256('')"),
    ("changed_seal", "access_seal", "chained = sha256('')"),
]


@pytest.mark.parametrize(("kind", "table", "change"), CHANGES, ids=[f"{t}: {c}" for _, t, c in CHANGES])
def test_any_changed_value_is_found_at_its_seal(
    sealed: Any, auditor: str, superuser: Any, kind: str, table: str, change: str
) -> None:
    superuser.execute("set session_replication_role = replica")
    own = "number" if table == "access_seal" else "seal"
    reasoned = " and reason <> ''" if table == "access_look" else ""
    changed = superuser.execute(
        f"update {table} set {change} where ctid = (select ctid from {table} where {own} = 2{reasoned} limit 1) and {own} = 2"
    )
    assert changed.rowcount == 1
    found = verify(auditor)
    assert not found.whole
    assert kind in {each.kind for each in found.breaks if each.seal == 2}
    assert broken(found)[1] == 2


@pytest.mark.parametrize("table", ["access_look", "access_look_line"])
def test_a_deleted_row_is_found(sealed: Any, auditor: str, superuser: Any, table: str) -> None:
    superuser.execute(
        f"delete from {table} where ctid = (select ctid from {table} where seal = 1 limit 1) and seal = 1"
    )
    assert broken(verify(auditor)) == ("deleted_row", 1)


@pytest.mark.parametrize("number", [1, 2, 3])
def test_a_deleted_seal_is_found(sealed: Any, auditor: str, superuser: Any, number: int) -> None:
    superuser.execute("set session_replication_role = replica")
    superuser.execute("delete from access_seal where number = %s", [number])
    assert broken(verify(auditor)) == ("deleted_seal", number)


def test_a_seal_deleted_together_with_its_rows_is_found(sealed: Any, auditor: str, superuser: Any) -> None:
    superuser.execute("set session_replication_role = replica")
    superuser.execute("delete from access_seal where number = 2")
    superuser.execute("delete from access_look where seal = 2")
    superuser.execute("delete from access_look_line where seal = 2")
    assert broken(verify(auditor)) == ("deleted_seal", 2)


BACK_DATED = "insert into access_look (id, at, principal, page, act, outcome, seal, xid) values (%s, now() - interval '{}', 9, 'desk:person', 'view', 'shown', {}, {})"


def test_a_row_put_into_an_old_seal_is_found(sealed: Any, auditor: str, superuser: Any) -> None:
    superuser.execute(BACK_DATED.format("0 s", "1", "default"), [uuid.uuid4()])
    assert broken(verify(auditor)) == ("inserted_row", 1)


@pytest.mark.parametrize(
    "xid", ["default", "'5'", "(select (min(snapshot_xmin::text::bigint) - 1)::text::xid8 from access_seal)"]
)
def test_a_back_dated_row_is_found_though_the_engine_seals_it(
    sealed: Any, auditor: str, superuser: Any, xid: str
) -> None:
    superuser.execute(BACK_DATED.format("1 day", "null", xid), [uuid.uuid4()])
    seal()
    assert broken(verify(auditor)) == ("back_dated_row", 4)


def test_rows_that_wait_longer_than_five_minutes_for_a_seal_are_found(
    sealed: Any, auditor: str, superuser: Any
) -> None:
    look(sealed.cast, 45)
    assert verify(auditor).whole
    superuser.execute(BACK_DATED.format("6 min", "null", "default"), [uuid.uuid4()])
    assert broken(verify(auditor)) == ("unsealed", None)


def test_a_row_outside_the_months_is_found(sealed: Any, auditor: str, superuser: Any) -> None:
    superuser.execute(BACK_DATED.format("9 years", "null", "default"), [uuid.uuid4()])
    assert "default_partition" in {each.kind for each in verify(auditor).breaks}


def test_a_restored_database_goes_on_with_the_chain(sealed: Any, auditor: str, superuser: Any) -> None:
    superuser.execute("set session_replication_role = replica")
    for table in ("access_look", "access_look_line"):
        superuser.execute(f"update {table} set seal = null, xid = '900000000000' where seal = 3")
    superuser.execute("delete from access_seal where number = 3")
    superuser.execute(
        "update access_seal set snapshot_xmin = '900000000000', snapshot_xmax = '900000000000', chained = "
        "sha256((select chained from access_seal where number = 1) || convert_to(json_build_array(number, "
        "(extract(epoch from sealed_at) * 1000000)::bigint, (extract(epoch from first_at) * 1000000)::bigint, "
        "(extract(epoch from last_at) * 1000000)::bigint, looks, lines, '900000000000', '900000000000', restarted, "
        "encode(batch, 'hex'))::text, 'UTF8')) where number = 2"
    )
    look(sealed.cast, 46)
    seal()
    look(sealed.cast, 47)
    seal()
    found = verify(auditor)
    assert (found.breaks, found.restarts, found.seals) == ([], 1, 4)


def test_an_erased_reason_leaves_the_chain_whole_and_its_erasure_in_it(
    sealed: Any, auditor: str, superuser: Any
) -> None:
    ids = [row[0] for row in superuser.execute("select id from access_look where seal < 3")]
    # Nobody may call it; the disposal of records will, through a function of its own.
    superuser.execute("grant execute on function app.erase_reasons(uuid[], text) to app_rw")
    try:
        with sealed.cast.as_(sealed.cast.greta), connection.cursor() as cursor:
            cursor.execute("select app.erase_reasons(%s, 'Erasure asked for')", [ids])
    finally:
        superuser.execute("revoke execute on function app.erase_reasons(uuid[], text) from app_rw")
    seal()
    found = verify(auditor)
    assert (found.whole, found.erased) == (True, 4)
    assert superuser.execute(
        "select count(*) from access_look where reason = '' and seal < 3"
    ).fetchone() == (4,)
    superuser.execute(
        "update access_look set reason = '', reason_salt = null, erased_by = (select erased_by from access_look "
        "where erased_by is not null limit 1) where seal = 3 and reason <> ''"
    )
    assert broken(verify(auditor))[0] == "changed_reason"


@pytest.mark.parametrize(
    "statement",
    [
        "select * from access_look",
        "select * from access_look_line",
        "select * from access_seal",
        "select reason from access_look limit 1",
        "update access_look set page = ''",
        "update access_look_line set subject_id = 1",
        "update access_seal set looks = 0",
        "delete from access_look",
        "delete from access_look_line",
        "delete from access_seal",
        "truncate access_look",
        "insert into access_look (id, at, principal, page, act, outcome) values (gen_random_uuid(), now() - interval '1 day', app.actor(), 'x', 'view', 'shown')",
        "insert into access_look (id, seal, principal, page, act, outcome) values (gen_random_uuid(), 1, app.actor(), 'x', 'view', 'shown')",
        "insert into access_look (id, xid, principal, page, act, outcome) values (gen_random_uuid(), '5', app.actor(), 'x', 'view', 'shown')",
        "insert into access_look (id, principal, page, act, outcome) values (gen_random_uuid(), app.actor(), 'x', 'view', 'shown') returning at",
        "insert into access_look (id, principal, page, act, outcome) values (gen_random_uuid(), app.actor() + 1, 'x', 'view', 'shown')",
        "insert into access_look_line (look, at, subject_id, categories) values (gen_random_uuid(), now() - interval '1 day', 1, '{}')",
        "insert into access_look_line (look, seal, subject_id, categories) values (gen_random_uuid(), 1, 1, '{}')",
        "insert into access_seal (number) values (99)",
        "select * from access_look_default",
        "select app.erase_reasons('{}', 'no')",
        "select app.seal_log()",
        "copy access_look to stdout",
        "lock table access_look",
        "alter table access_look disable row level security",
    ],
)
def test_a_practitioner_can_neither_read_change_back_date_nor_remove_the_log(
    cast: Any, statement: str
) -> None:
    with (
        cast.as_(cast.greta),
        pytest.raises(DatabaseError),
        transaction.atomic(),
        connection.cursor() as cursor,
    ):
        cursor.execute(statement)


def test_the_service_that_seals_can_do_nothing_else_to_the_log(cast: Any) -> None:
    from teamaround.notices.services import service_actor

    for statement in (
        "select * from access_look",
        "delete from access_seal",
        "update access_look set seal = 1",
    ):
        with (
            acting_as(service_actor("sealing")),
            pytest.raises(DatabaseError),
            transaction.atomic(),
            connection.cursor() as cursor,
        ):
            cursor.execute(statement)


def test_the_auditor_changes_nothing(sealed: Any, auditor: str) -> None:
    for statement in ("delete from access_look", "update access_seal set looks = 0", "select app.seal_log()"):
        with psycopg.connect(auditor) as held, pytest.raises(psycopg.Error):
            held.execute(statement)
