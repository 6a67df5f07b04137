"""The ways around row-level security that policies alone do not close: each is one attempt, "" where it is closed."""

from __future__ import annotations

from collections.abc import Callable

import psycopg

from teamaround.database.stamp import sign

from .attack import INSIDER, MARKER, OUTSIDER, Attack


def the_marker_is_there(attack: Attack) -> str:
    """No channel: the team that wrote it reads it, so that silence means something."""
    return (
        "" if attack.silent("select given from person", actor=INSIDER) else "the owner's team reads nothing"
    )


def plain_reads(attack: Attack) -> str:
    """Every column of every protected table and its history."""
    return attack.silent(*(f"select t::text from {table} t" for table in attack.protected))


def no_stamp(attack: Attack) -> str:
    """A transaction in which nobody acts."""
    return attack.refused(
        *(f"select * from {table}" for table in ("person", "event", "access_grant")), actor=None
    )


def forged_stamp(attack: Attack) -> str:
    """Settings written by hand; a stamp with another key, of another session, changed, or out of date."""
    with psycopg.connect(attack.application) as other:
        elsewhere = attack.stamp(INSIDER, other)
        for make in (
            lambda c: attack.stamp(INSIDER, c, key=b"guessed"),
            lambda c: elsewhere,
            lambda c: attack.stamp(OUTSIDER, c).replace("|4,2|", "|3,1|"),
            lambda c: sign(INSIDER, backend_pid=c.info.backend_pid, key=attack.key, now=0),
            lambda c: "practitioner|3|1|3,1|9999999999|1|",
        ):
            with attack.session(None) as connection:
                connection.execute("select set_config('app.principals', '3,1', true)")
                connection.execute("select set_config('app.stamp', %s, true)", [make(connection)])
                try:
                    rows = connection.execute("select given from person").fetchall()
                except psycopg.Error:
                    continue
                return f"a forged stamp was believed: {rows}"
    return attack.refused("select * from app.stamp_key")


def views(attack: Attack) -> str:
    """A view reads with its owner's rights unless it says otherwise; a materialised one keeps what it read."""
    with psycopg.connect(attack.superuser) as connection:
        found = connection.execute(
            "select c.oid::regclass::text from pg_class c join pg_namespace n on n.oid = c.relnamespace "
            "where n.nspname in ('public', 'app') and c.relkind in ('v', 'm') "
            "and has_table_privilege('app_rw', c.oid, 'select') "
            "and (c.relkind = 'm' or not coalesce('security_invoker=true' = any (c.reloptions), false))"
        ).fetchall()
    return attack.silent(*(f"select t::text from {name} t" for (name,) in found)) or attack.refused(
        "create view public.mine as select * from person",
        "create materialized view public.kept as select * from person",
    )


def partitions(attack: Attack) -> str:
    """A partition addressed by its own name is another table."""
    with psycopg.connect(attack.superuser) as connection:
        names = attack._column(
            connection,
            "select c.relname::text from pg_class c where c.relispartition and c.relkind = 'r' order by 1",
        )
    return attack.refused(
        *(f"select * from {name}" for name in names), *(f"delete from {name}" for name in names)
    )


def unique_keys(attack: Attack) -> str:
    """A number that a hidden child bears is taken like one that nobody bears."""
    answers = []
    for number in (MARKER, "Unborne"):
        statement = (
            "insert into person_identifier (subject_id, category, author_team_id, source_id, scheme, value, version, traced, "
            f"void_reason) select 2, 'identity', 2, 2, s.scheme, '{number}', 1, false, '' from (values ('nhs')) s(scheme)"
        )
        answers.append(attack.told(statement).replace(number, "it"))
    return "" if answers[0] == answers[1] else f"the answers differ: {answers}"


def foreign_keys(attack: Attack) -> str:
    """A row that points at a hidden row is refused like one that points at nothing."""
    for table, columns, values in (
        ("event_note", "event_id, subject_id, category, author_team_id, text", "{id}, 1, 'notes', 2, ''"),
        (
            "sharing_line",
            "basis_id, subject_id, category, shared_category, holder_id, answer, author_team_id, version",
            "{id}, 2, 'identity', 'notes', 2, 'share', 2, 1",
        ),
    ):
        answers = {
            attack.told(f"insert into {table} ({columns}) values ({values.format(id=number)})").replace(
                str(number), "N"
            )
            for number in (1, 987654)
        }
        if len(answers) != 1 or not next(iter(answers)).startswith("refused:"):
            return f"{table}: {sorted(answers)}"
    return ""


def held_cursors(attack: Attack) -> str:
    """A cursor WITH HOLD and a prepared statement outlive the transaction; the next actor of the session meets them."""
    from teamaround.database.backend.base import CLEAN

    with psycopg.connect(attack.application) as connection:
        connection.execute("select set_config('app.stamp', %s, true)", [attack.stamp(INSIDER, connection)])
        connection.execute("declare kept cursor with hold for select given from person")
        connection.execute("prepare again as select given from person")
        connection.commit()
        connection.execute("select set_config('app.stamp', %s, true)", [attack.stamp(OUTSIDER, connection)])
        prepared = connection.execute("execute again").fetchall()
        connection.commit()
        connection.autocommit = True
        connection.execute(CLEAN.encode())  # as the pool does when a request gives its connection back
        try:
            return f"fetched {connection.execute('fetch all from kept').fetchall()}"
        except psycopg.Error:
            return f"a prepared statement gave {prepared}" if prepared else ""


def temporary_tables(attack: Attack) -> str:
    """They would survive on a pooled connection, and could stand in front of the product's own."""
    return attack.refused(
        "create temporary table person (given text)", "create table public.mine (given text)"
    )


def copying(attack: Attack) -> str:
    """COPY has a way of its own through the planner."""
    with attack.session() as connection:
        for query in ("copy person to stdout", "copy (select * from person) to stdout"):
            try:
                with connection.cursor().copy(query.encode()) as rows:
                    text = b"".join(bytes(block) for block in rows).decode()
            except psycopg.Error as refused:
                connection.rollback()
                connection.execute(
                    "select set_config('app.stamp', %s, true)", [attack.stamp(OUTSIDER, connection)]
                )
                text = str(refused)
            if MARKER in text:
                return query
    return attack.refused(
        "copy person to '/tmp/leaks'",
        "copy person to program 'cat'",
        "select pg_read_file('postgresql.conf')",
    )


def errors_that_tell(attack: Attack) -> str:
    """A function that fails on a value puts it into its message, where it runs before the policy."""
    return attack.silent(
        *(f"select 1 from {table} where ({column} || 'x')::int = 1" for table, column in attack.texts),
        *(
            f"select 1 from {table} where 1 / (length({column}) - length({column})) = 1 and {column} like '{MARKER}%'"
            for table, column in attack.texts
            if table == "person"
        ),
    ) or _divided(attack)


def _divided(attack: Attack) -> str:
    told = attack.told("select 1 from person where 1 / (case when given like 'Zz%' then 0 else 1 end) = 1")
    return "" if "division by zero" not in told else "a division tells which names there are"


def own_functions(attack: Attack) -> str:
    """A cheap function of one's own would be run first."""
    return attack.refused(
        "create function public.peek(text) returns boolean language sql cost 0.0001 as 'select true'",
        "create function app.peek(text) returns boolean language sql as 'select true'",
        "do language plpythonu 'pass'",
    )


def definer_functions(attack: Attack) -> str:
    """What runs with another's rights belongs to the engine, fixes its search path, and is not everybody's."""
    with psycopg.connect(attack.superuser) as connection:
        wrong = attack._column(
            connection,
            "select p.oid::regprocedure::text from pg_proc p join pg_namespace n on n.oid = p.pronamespace "
            "where n.nspname in ('public', 'app') and p.prosecdef and ((p.proowner::regrole::text <> 'app_engine' "
            # What the engine may not: make the log's next tables, and erase.
            "and (p.proname, p.proowner::regrole::text) not in (('make_log_partitions', 'app_owner'), "
            "('dispose', 'app_disposal'))) "
            "or not exists (select 1 from unnest(p.proconfig) c where c like 'search_path=%') "
            "or exists (select 1 from aclexplode(p.proacl) a where a.grantee = 0)) "
            "and p.proname <> 'stamp'",
        )
    return ", ".join(wrong)


def row_security_off(attack: Attack) -> str:
    return attack.silent("select given from person", before="set row_security = off")


def other_roles(attack: Attack) -> str:
    """Every role of the server but one's own."""
    with psycopg.connect(attack.superuser) as connection:
        roles = attack._column(
            connection, "select rolname::text from pg_roles where rolname <> 'app_rw' order by 1"
        )
    return attack.refused(
        *(f'set role "{role}"' for role in roles), *(f'set session authorization "{role}"' for role in roles)
    )


def switches(attack: Attack) -> str:
    """Triggers and policies cannot be put to sleep."""
    return attack.refused(
        "set session_replication_role = replica",
        "alter table person disable trigger all",
        "alter table person disable row level security",
        "alter table person no force row level security",
        "drop policy person_select on person",
        "create policy mine on person using (true)",
        "truncate person",
    )


def statistics_of_columns(attack: Attack) -> str:
    """The planner keeps the commonest values of each column."""
    return attack.silent(
        "select tablename, most_common_vals::text, histogram_bounds::text from pg_stats",
        "select stavalues1::text from pg_statistic",
        "select stxdmcv::text from pg_statistic_ext_data",
    )


def other_sessions(attack: Attack) -> str:
    """What other sessions of the same role are running, values and all."""
    with attack.session(INSIDER) as busy:
        busy.execute(f"select 1 where '{MARKER}' = ''".encode())
        return attack.silent(
            f"select pid from pg_stat_activity where pid <> pg_backend_pid() and query like '%{MARKER[:2]}' || '{MARKER[2:]}%'",
            "select query from pg_stat_activity where pid <> pg_backend_pid()",
        )


def sequences(attack: Attack) -> str:
    """A sequence tells how many there are."""
    with psycopg.connect(attack.superuser) as connection:
        names = attack._column(
            connection,
            "select seqrelid::regclass::text from pg_sequence "
            "where seqrelid::regclass::text not like 'procrastinate%' "
            "and has_sequence_privilege('app_rw', seqrelid, 'select') order by 1",
        )
    return ", ".join(names)


def changes(attack: Attack) -> str:
    """Changing, locking, merging or colliding with a hidden row gives it away or changes it."""
    return attack.silent(
        "update person set given = given returning given",
        "delete from person returning given",
        "select given from person for update",
        "merge into person p using (values (1)) v(id) on p.subject_id = v.id when matched then update set given = 'x'",
        "insert into person (subject_id, uuid, category, author_team_id, version, given, family_name, born_precision, sex) "
        "values (1, gen_random_uuid(), 'index', 2, 1, 'x', 'x', 'day', 'U') "
        "on conflict (subject_id) do update set version = person.version + 1 returning person.given",
    ) or _unchanged(attack)


def _unchanged(attack: Attack) -> str:
    for statement in ("update person set given = 'taken' where true", "delete from person"):
        with attack.session() as connection:
            try:
                touched = connection.execute(statement.encode()).rowcount
            except psycopg.Error:
                continue
            if touched:
                return f"{touched} rows by: {statement}"
    return ""


def outside_the_database(attack: Attack) -> str:
    """Extensions, foreign servers, large objects and the file system."""
    return attack.refused(
        "create extension dblink",
        "create extension file_fdw",
        "create foreign data wrapper mine",
        "select lo_import('/etc/hostname')",
        "select pg_ls_dir('.')",
        "alter system set log_statement = 'all'",
        "create event trigger mine on ddl_command_end execute function app.touch()",
    )


CHANNELS: dict[str, Callable[[Attack], str]] = {
    "control: the owner's team reads it": the_marker_is_there,
    "plain reads of every table and history": plain_reads,
    "no stamp": no_stamp,
    "forged stamp": forged_stamp,
    "owner's views and materialised views": views,
    "partitions addressed directly": partitions,
    "unique-key errors": unique_keys,
    "foreign-key probes": foreign_keys,
    "held cursors and prepared statements": held_cursors,
    "temporary tables": temporary_tables,
    "COPY": copying,
    "errors that tell": errors_that_tell,
    "functions of one's own": own_functions,
    "definer functions": definer_functions,
    "row_security = off": row_security_off,
    "SET ROLE": other_roles,
    "switching off triggers and policies": switches,
    "column statistics": statistics_of_columns,
    "other sessions' statements": other_sessions,
    "sequences": sequences,
    "changes to hidden rows": changes,
    "outside the database": outside_the_database,
}
