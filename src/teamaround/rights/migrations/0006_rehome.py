"""A row goes to the other record when the joining of two records is undone: the one case in which it changes its subject.

It stands in this room, since it asks the catalogue which tables hold anything on a person, as gathering and
disposal do: a table that a later release adds can be moved from its first day.
"""

from importlib import import_module

from django.db import migrations

from teamaround.database.operations import Engine

_disposal = import_module("teamaround.rights.migrations.0004_disposal")

# Rows that never change, and subjects that stay, give way inside that one function of the engine and nowhere
# else: the setting alone opens nothing, since the application is never the engine.
MOVING = "current_user = 'app_engine' and current_setting('app.rehoming', true) = 'yes'"
REFUSE_CHANGE = f"""
create or replace function app.refuse_change() returns trigger language plpgsql as $$
begin
    if current_user = 'app_disposal' then
        return case when tg_op = 'DELETE' then old else new end;
    end if;
    if {MOVING} and tg_op = 'UPDATE' then
        return new;
    end if;
    raise exception '% is append-only', tg_table_name using errcode = 'TA004';
end $$
"""
TOUCH = f"""
create or replace function app.touch() returns trigger language plpgsql as $$
begin
    if tg_op = 'INSERT' then
        new.recorded_by := app.actor();
        new.recorded_at := statement_timestamp();
    else
        if (new.author_team_id is distinct from old.author_team_id
            or (old.subject_id is not null and new.subject_id is distinct from old.subject_id))
           and not ({MOVING}) then
            raise exception 'a row keeps its author and its subject' using errcode = 'TA005';
        end if;
        new.recorded_by := old.recorded_by;
        new.recorded_at := old.recorded_at;
    end if;
    new.changed_by := app.actor();
    new.changed_at := statement_timestamp();
    return new;
end $$
"""
TOUCHED = """
create or replace function app.touch() returns trigger language plpgsql as $$
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
end $$
"""

# What a row stands on: rows of the same subject, of tables that hold something on a person. An event and an
# action name their case by its number. A line of a decision to share belongs to the decision, not to the consent.
STANDS_ON = """
create function app.stands_on() returns table (child text, col text, parent text)
language sql stable security definer set search_path = public, pg_catalog as $$
    select f.conrelid::regclass::text, a.attname::text, f.confrelid::regclass::text
    from pg_constraint f
    join pg_attribute a on a.attrelid = f.conrelid and a.attnum = f.conkey[1]
    join app.held_tables() c on c.tbl = f.conrelid::regclass::text and 'subject_id' = any (c.columns)
    join app.held_tables() p on p.tbl = f.confrelid::regclass::text and 'subject_id' = any (p.columns)
    where f.contype = 'f' and cardinality(f.conkey) = 1
        and f.confrelid not in ('person'::regclass, 'family'::regclass)
        and (f.conrelid::regclass::text, a.attname) <> ('sharing_decision_line', 'basis_id')
    union
    select a.attrelid::regclass::text, 'episode', 'episode'
    from pg_attribute a join app.held_tables() c on c.tbl = a.attrelid::regclass::text and 'subject_id' = any (c.columns)
    where a.attname = 'episode' and a.atttypid = 'bigint'::regtype
$$
"""

# One row and, through it, whatever stands on it: whoever is named in it as the one record is the other from now on.
MOVE = """
create function app.rehome_row(wanted text, row_key text, source bigint, target bigint) returns int
language plpgsql security definer set search_path = public, pg_catalog as $$
declare
    t record; below record; one text; changes text; n int; moved int := 0;
begin
    select h.tbl, h.key, h.columns,
        exists (select 1 from pg_attribute a where a.attrelid = h.tbl::regclass and a.attname = 'version') as counts
    into t from app.held_tables() h where h.tbl = wanted;
    select string_agg(format('%1$I = case when %1$I = $2 then $3 else %1$I end', c), ', ') into changes from unnest(t.columns) c;
    execute format('update %I x set %s%s where x.%I::text = $1 and $2 in (select unnest(array[%s]))', t.tbl, changes,
        case when t.counts then ', version = version + 1' else '' end, t.key,
        (select string_agg(format('x.%I', c), ', ') from unnest(t.columns) c)) using row_key, source, target;
    get diagnostics n = row_count;
    if n = 0 then
        return 0;
    end if;
    moved := 1;
    for below in select s.child, s.col, h.key from app.stands_on() s join app.held_tables() h on h.tbl = s.child
                 where s.parent = wanted order by 1 loop
        for one in execute format('select x.%I::text from %I x where x.%I::text = $1 and x.subject_id = $2',
                                  below.key, below.child, below.col) using row_key, source loop
            moved := moved + app.rehome_row(below.child, one, source, target);
        end loop;
    end loop;
    if wanted = 'sharing_basis' then
        perform app.rebuild_others(row_key::bigint);
    end if;
    return moved;
end $$
"""

# Only who undid the joining, in the same step; only what was written while the records were one, under one of
# the two sides; only what they could read then; and nothing that stands on a row which stays.
REHOME = """
create function app.rehome(wanted uuid, tbl text, row_id bigint) returns int
language plpgsql security definer set search_path = public, pg_catalog as $$
#variable_conflict use_variable
declare
    m person_merge; t record; above record;
    one bigint[]; other bigint[]; sides bigint[];
    about bigint[]; source bigint; target bigint;
    author int; kind text; written timestamptz; stays boolean; moved int;
begin
    select * into m from person_merge x where x.uuid = wanted;
    if app.actor_kind() <> 'practitioner' or m.id is null or m.undone_at is null or m.changed_by <> app.actor()
       or m.undone_at < transaction_timestamp() then
        raise exception 'only who undoes a joining, and with it' using errcode = 'insufficient_privilege';
    end if;
    one := app.same_person(m.subject_id);
    other := app.same_person(m.into_id);
    sides := one || other;
    select h.tbl, h.key, h.columns into t from app.held_tables() h
    where h.tbl = tbl and h.tbl not in ('person', 'person_merge', 'family') and not exists (
        select 1 from unnest(array['recorded_at', 'author_team_id', 'category']) c(name)
        where not exists (select 1 from pg_attribute a where a.attrelid = h.tbl::regclass and a.attname = c.name));
    if t.tbl is null then
        raise exception 'no such row' using errcode = 'insufficient_privilege';
    end if;
    execute format('select array[%s], x.author_team_id, x.category, x.recorded_at from %I x where x.%I = $1 for update',
        (select string_agg(format('x.%I', c), ', ' order by c <> 'subject_id', c) from unnest(t.columns) c), t.tbl, t.key)
        into about, author, kind, written using row_id;
    select a.id into source from unnest(about) with ordinality a(id, place) where a.id = any (sides) order by a.place limit 1;
    if source is null or written < m.merged_at or written > m.undone_at or not (author = any (app.principals()) or exists (
            select 1 from access_grant g where g.subject_id = any (sides) and g.category = kind
                and g.principal_id = any (app.principals()) and g.valid_during @> statement_timestamp())) then
        raise exception 'no such row' using errcode = 'insufficient_privilege';
    end if;
    target := case when source = any (one) then m.into_id else m.subject_id end;
    for above in select s.col, s.parent, h.key from app.stands_on() s join app.held_tables() h on h.tbl = s.parent
                 where s.child = tbl loop
        execute format('select exists (select 1 from %I x join %I p on p.%I = x.%I where x.%I = $1 and p.subject_id = $2)',
            tbl, above.parent, above.key, above.col, t.key) into stays using row_id, source;
        if stays then
            raise exception 'it stands on a row that stays' using errcode = 'insufficient_privilege';
        end if;
    end loop;
    perform app.lock_sharing(array[source, target]);
    perform set_config('app.rehoming', 'yes', true);
    moved := app.rehome_row(tbl, row_id::text, source, target);
    perform set_config('app.rehoming', 'no', true);
    perform app.rebuild_consents(source), app.rebuild_consents(target);
    perform app.rebuild_search(array[source, target]);
    return moved;
end $$
"""


class Migration(migrations.Migration):
    dependencies = [
        ("rights", "0005_over_records"),
        ("people", "0005_merge_policies"),
        ("sharing", "0012_functions_over_records"),
        ("index", "0002_policies"),
        ("database", "0001_stamp"),
    ]
    operations = [
        migrations.RunSQL(REFUSE_CHANGE, _disposal.REFUSE),
        migrations.RunSQL(TOUCH, TOUCHED),
        Engine("app.stands_on()", create=STANDS_ON),
        Engine("app.rehome_row(text, text, bigint, bigint)", create=MOVE),
        Engine("app.rehome(uuid, text, bigint)", create=REHOME, callers="app_rw"),
    ]
