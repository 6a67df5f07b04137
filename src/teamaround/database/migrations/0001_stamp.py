"""The functions that every policy calls, and the key they verify stamps with."""

from django.db import migrations

FORWARD = """
create table app.stamp_key (
    single boolean primary key default true check (single),
    inner_key bytea not null, outer_key bytea not null
);
alter table app.stamp_key owner to app_engine;
comment on table app.stamp_key is 'open: readable by the engine role alone; holds the key that stamps are verified with';

create function app.stamp() returns text[]
language plpgsql stable parallel restricted security definer set search_path = pg_catalog as $$
declare
    value text := current_setting('app.stamp', true);
    body text;
    part text[];
    digest bytea;
begin
    if value is null or value = '' then
        raise exception 'this transaction names no actor'
            using errcode = 'TA001', hint = 'begin it inside acting_as(...)';
    end if;
    body := left(value, length(value) - 65);
    part := string_to_array(value, '|');
    select sha256(k.outer_key || sha256(k.inner_key || convert_to(body, 'UTF8'))) into digest from app.stamp_key k;
    if digest is null or array_length(part, 1) <> 7 or encode(digest, 'hex') <> part[7] then
        raise exception 'the stamp of this transaction is not genuine' using errcode = 'TA002';
    end if;
    if part[6]::int <> pg_backend_pid() or part[5]::bigint < extract(epoch from clock_timestamp()) then
        raise exception 'the stamp of this transaction belongs to another session or has expired'
            using errcode = 'TA003';
    end if;
    return part;
end $$;
alter function app.stamp() owner to app_engine;

create function app.principals() returns int[]
language plpgsql stable parallel restricted as $$
begin
    return string_to_array((app.stamp())[4], ',')::int[];
end $$;

create function app.actor() returns int
language plpgsql stable parallel restricted as $$
begin
    return (app.stamp())[2]::int;
end $$;

create function app.actor_kind() returns text
language plpgsql stable parallel restricted as $$
begin
    return (app.stamp())[1];
end $$;

-- Deny changes to rows that must stay as they were written.
create function app.refuse_change() returns trigger language plpgsql as $$
begin
    raise exception '% is append-only', tg_table_name using errcode = 'TA004';
end $$;

-- Who wrote a row and who changed it last is the database's own statement, and a row never moves to another
-- author or another subject.
create function app.touch() returns trigger language plpgsql as $$
begin
    if tg_op = 'INSERT' then
        new.recorded_by := app.actor();
        new.recorded_at := statement_timestamp();
    else
        if new.author_team_id is distinct from old.author_team_id
           or (old.subject_id is not null and new.subject_id is distinct from old.subject_id) then
            raise exception 'a row keeps its author and its subject' using errcode = 'TA005';
        end if;
        new.recorded_by := old.recorded_by;
        new.recorded_at := old.recorded_at;
    end if;
    new.changed_by := app.actor();
    new.changed_at := statement_timestamp();
    return new;
end $$;
grant execute on all functions in schema app to app_rw, app_report, app_engine, auditor;
"""

REVERSE = """
drop function app.touch();
drop function app.refuse_change();
drop function app.actor_kind();
drop function app.actor();
drop function app.principals();
drop function app.stamp();
drop table app.stamp_key;
"""


class Migration(migrations.Migration):
    initial = True
    operations = [migrations.RunSQL(FORWARD, REVERSE)]
