"""The access log is sealed: each row belongs to one seal, each seal to the one before it."""

from django.db import migrations, models

from teamaround.database.operations import Engine, Open

COLUMNS = """
-- Which transaction wrote a row says which seal it can belong to. The salt keeps a reason that was erased from
-- being guessed back out of its digest.
alter table access_look
    add column xid xid8 not null default pg_current_xact_id(),
    add column seal bigint,
    add column reason_salt uuid default gen_random_uuid(),
    add column reason_digest bytea,
    add column erased_by uuid;
alter table access_look_line
    add column xid xid8 not null default pg_current_xact_id(),
    add column seal bigint;
create index access_look_unsealed on access_look (xid) where seal is null;
create index access_look_line_unsealed on access_look_line (xid) where seal is null;

create table access_seal (
    number bigint primary key,
    sealed_at timestamptz not null,
    first_at timestamptz not null,
    last_at timestamptz not null,
    looks bigint not null,
    lines bigint not null,
    snapshot_xmin xid8 not null,
    snapshot_xmax xid8 not null,
    restarted boolean not null,
    batch bytea not null,
    chained bytea not null
);

-- Of the log, the engine adds rows, seals them and takes a reason out. It neither removes nor rewrites.
revoke all on access_look, access_look_line from app_engine;
grant select, insert on access_look, access_look_line to app_engine;
grant update (seal, reason, reason_salt, reason_digest, erased_by) on access_look to app_engine;
grant update (seal) on access_look_line to app_engine;
"""

UNCOLUMNS = """
grant all on access_look, access_look_line to app_engine;
drop table access_seal;
drop index access_look_unsealed;
drop index access_look_line_unsealed;
alter table access_look drop column xid, drop column seal, drop column reason_salt, drop column reason_digest,
    drop column erased_by;
alter table access_look_line drop column xid, drop column seal;
"""

SEAL_RIGHTS = """
grant insert on access_seal to app_engine;
grant select on access_seal to auditor;
create trigger a_append_only before update or delete on access_seal
    for each row execute function app.refuse_change();
"""
UNSEAL_RIGHTS = """
drop trigger a_append_only on access_seal;
revoke all on access_seal from auditor, app_engine;
"""

# What a row's digest covers stands here and in `access/chain.py`, which checks it without any function of this
# database. Both updates are one statement, so one snapshot: whatever it sees is committed, and what it does not
# see comes into the next seal. The stored snapshot is taken before: a transaction that had ended by then
# (below snapshot_xmin) can have no row in a later seal, and one that had not begun (from snapshot_xmax on) can
# have no row from before `sealed_at`.
SEAL = """
create function app.seal_log() returns table (seal bigint, looks bigint, lines bigint, chained text)
language plpgsql security definer set search_path = public, pg_catalog as $$
#variable_conflict use_column
declare
    before access_seal;
    made access_seal;
    shot pg_snapshot;
begin
    if app.actor_kind() <> 'service' then
        raise exception 'only a service seals the log' using errcode = 'insufficient_privilege';
    end if;
    if not pg_try_advisory_xact_lock(hashtextextended('access_seal', 0)) then
        return;
    end if;
    select * into before from access_seal s order by s.number desc limit 1;
    made.number := coalesce(before.number, 0) + 1;
    made.sealed_at := clock_timestamp();
    shot := pg_current_snapshot();
    made.snapshot_xmin := pg_snapshot_xmin(shot);
    made.snapshot_xmax := pg_snapshot_xmax(shot);
    -- A restored database counts its transactions from the beginning.
    made.restarted := before.number is not null and made.snapshot_xmax < before.snapshot_xmax;
    with l as (
        update access_look k set seal = made.number,
            reason_digest = sha256(uuid_send(k.reason_salt) || convert_to(k.reason, 'UTF8'))
        where k.seal is null
        returning k.at, k.id, sha256(convert_to(json_build_array(
            k.id, (extract(epoch from k.at) * 1000000)::bigint, k.account_id, k.principal, k.page, k.act,
            encode(k.reason_digest, 'hex'), k.outcome, k.xid::text, k.seal)::text, 'UTF8')) as digest
    ), m as (
        update access_look_line k set seal = made.number
        where k.seal is null
        returning k.at, k.id, sha256(convert_to(json_build_array(
            k.id, k.look, (extract(epoch from k.at) * 1000000)::bigint, k.subject_id, k.categories,
            k.xid::text, k.seal)::text, 'UTF8')) as digest
    ), a as (
        select count(*) n, min(at) f, max(at) t, coalesce(string_agg(digest, '' order by at, id), '') d from l
    ), b as (
        select count(*) n, min(at) f, max(at) t, coalesce(string_agg(digest, '' order by at, id), '') d from m
    )
    select a.n, b.n, least(a.f, b.f), greatest(a.t, b.t), sha256(a.d || b.d)
    into made.looks, made.lines, made.first_at, made.last_at, made.batch from a, b;
    if made.looks + made.lines = 0 then
        return;
    end if;
    made.chained := sha256(coalesce(before.chained, '') || convert_to(json_build_array(
        made.number, (extract(epoch from made.sealed_at) * 1000000)::bigint,
        (extract(epoch from made.first_at) * 1000000)::bigint, (extract(epoch from made.last_at) * 1000000)::bigint,
        made.looks, made.lines, made.snapshot_xmin::text, made.snapshot_xmax::text, made.restarted,
        encode(made.batch, 'hex'))::text, 'UTF8'));
    insert into access_seal select made.*;
    return query select made.number, made.looks, made.lines, encode(made.chained, 'hex');
end $$
"""

# A stated reason is free text and can be erased; its digest stays, so the chain still holds. What erased it is
# an access of its own, sealed like any other, whose page names the digest of all the rows it erased.
ERASE = """
create function app.erase_reasons(erased uuid[], why text) returns uuid
language plpgsql security definer set search_path = public, pg_catalog as $$
declare
    erasure uuid := gen_random_uuid();
    taken text[];
begin
    if coalesce(trim(why), '') = '' then
        raise exception 'say why the reasons are erased' using errcode = 'invalid_parameter_value';
    end if;
    with gone as (
        update access_look k set reason = '', reason_salt = null, erased_by = erasure
        where k.id = any (erased) and k.seal is not null and k.reason_salt is not null
        returning k.id
    ) select coalesce(array_agg(id::text order by id), '{}') into taken from gone;
    insert into access_look (id, principal, page, act, reason, outcome) values (erasure, app.actor(),
        'erased:' || encode(sha256(convert_to(array_to_string(taken, ','), 'UTF8')), 'hex'), 'erase', left(why, 200), 'erased');
    return erasure;
end $$
"""


class Migration(migrations.Migration):
    dependencies = [("access", "0003_bases")]
    operations = [
        migrations.CreateModel(
            name="Seal",
            fields=[
                ("number", models.BigIntegerField(primary_key=True, serialize=False)),
                ("sealed_at", models.DateTimeField()),
                ("first_at", models.DateTimeField()),
                ("last_at", models.DateTimeField()),
                ("looks", models.BigIntegerField()),
                ("lines", models.BigIntegerField()),
                ("snapshot_xmin", models.BigIntegerField()),
                ("snapshot_xmax", models.BigIntegerField()),
                ("restarted", models.BooleanField()),
                ("batch", models.BinaryField()),
                ("chained", models.BinaryField()),
            ],
            options={"db_table": "access_seal", "managed": False},
        ),
        migrations.RunSQL(COLUMNS, UNCOLUMNS),
        Open(
            "access_seal",
            reason="the engine role adds to it and the auditor reads it; the application has no right to it",
            rights="",
        ),
        migrations.RunSQL(SEAL_RIGHTS, UNSEAL_RIGHTS),
        Engine("app.seal_log()", create=SEAL, callers="app_rw"),
        Engine("app.erase_reasons(uuid[], text)", create=ERASE),
    ]
