"""What was kept long enough, and the one function that erases. It runs as a role that signs in nowhere."""

from typing import Any

from django.db import migrations

from teamaround.database.operations import Engine, disposal_rights

TABLES = """
select c.relname from pg_class c where c.relnamespace = 'public'::regnamespace and c.relkind = 'r'
    and c.relrowsecurity and not c.relispartition and c.relname <> 'access_seal'
    and not exists (select 1 from pg_policy p where p.polrelid = c.oid and p.polname = c.relname || '_disposal')
order by 1
"""


def reach_tables(apps: Any, schema_editor: Any) -> None:
    """Tables that were protected before there was a role that erases."""
    with schema_editor.connection.cursor() as cursor:
        cursor.execute(TABLES)
        for (table,) in cursor.fetchall():
            for statement in disposal_rights(table):
                cursor.execute(statement)


REACH = """
grant select on access_look, access_look_line to app_disposal;
create policy access_look_disposal on access_look for select to app_disposal using (true);
create policy access_look_line_disposal on access_look_line for select to app_disposal using (true);
grant select, update (email, password, is_active) on account to app_disposal;
grant select, delete on account_emailaddress, search_entry, search_key to app_disposal;
grant select on subject, team, agency, principal, practitioner, membership, panel to app_disposal;
grant insert on disposal_count to app_disposal;
grant usage on sequence disposal_count_id_seq to app_disposal;
grant execute on function app.erase_reasons(uuid[], text), app.governs() to app_disposal;
"""
UNREACH = """
drop policy access_look_disposal on access_look;
drop policy access_look_line_disposal on access_look_line;
revoke all on access_look, access_look_line, account, account_emailaddress, search_entry, search_key, subject, team, agency, principal,
    practitioner, membership, panel from app_disposal;
revoke execute on function app.erase_reasons(uuid[], text), app.governs() from app_disposal;
"""

# Rows that are never changed give way to the role that erases, and to nobody else.
REFUSE = """
create or replace function app.refuse_change() returns trigger language plpgsql as $$
begin
    if current_user = 'app_disposal' then
        return case when tg_op = 'DELETE' then old else new end;
    end if;
    raise exception '% is append-only', tg_table_name using errcode = 'TA004';
end $$
"""
REFUSED = """
create or replace function app.refuse_change() returns trigger language plpgsql as $$
begin
    raise exception '% is append-only', tg_table_name using errcode = 'TA004';
end $$
"""

IS_HELD = """
create function app.is_held(wanted bigint) returns boolean
language sql stable security definer set search_path = public, pg_catalog as $$
    select exists (
        select 1 from legal_hold h
        where h.lifted_at is null and h.since <= (statement_timestamp() at time zone 'Europe/London')::date
          and (h.until is null or h.until > (statement_timestamp() at time zone 'Europe/London')::date)
          and (h.subject_id = wanted
               or exists (select 1 from family_member m where m.subject_id = wanted and m.person_id = h.subject_id)
               or exists (select 1 from family_member m where m.subject_id = h.subject_id and m.person_id = wanted)
               or (h.with_family and exists (
                   select 1 from family_member a join family_member b on b.subject_id = a.subject_id
                   where a.person_id = h.subject_id and b.person_id = wanted))))
$$
"""

# The day until which a rule keeps a subject; infinity while there is work, or where no date of birth is known. A
# family, and a grown-up in one, are kept as long as the youngest whose date is known: their records are about the child
# too. A date known to the month or the year counts from its last day.
KEPT_UNTIL = """
create function app.kept_until(wanted bigint, by_rule bigint) returns date
language plpgsql stable security definer set search_path = public, pg_catalog as $$
declare
    r retention_rule;
    people bigint[];
    last_entry timestamptz;
    youngest date;
    anchor date;
begin
    select * into r from retention_rule where id = by_rule;
    select array_agg(distinct x) into people from (
        select wanted as x union all
        select m.person_id from family_member m where m.voided_at is null and (m.subject_id = wanted or m.subject_id in (
            select o.subject_id from family_member o where o.person_id = wanted and o.voided_at is null))) e;
    if exists (select 1 from episode e where (e.subject_id = any (people) or e.family_id = wanted) and e.status in ('waiting', 'open'))
       or exists (select 1 from involvement i where i.subject_id = any (people)
                  and (i.until is null or i.until > (statement_timestamp() at time zone 'Europe/London')::date)) then
        return 'infinity';
    end if;
    select max(e.recorded_at) into last_entry from event e where e.subject_id = wanted;
    last_entry := coalesce(last_entry, (select p.recorded_at from person p where p.subject_id = wanted),
                           (select f.recorded_at from family f where f.subject_id = wanted));
    if r.measure in ('birthday', 'after_18') then
        select max(case p.born_precision when 'year' then make_date(extract(year from p.date_of_birth)::int, 12, 31)
                   when 'month' then (date_trunc('month', p.date_of_birth) + interval '1 month - 1 day')::date
                   else p.date_of_birth end) into youngest
        from person p where p.subject_id = any (people) and p.voided_at is null and p.date_of_birth is not null;
        anchor := youngest + make_interval(years => r.length + case r.measure when 'after_18' then 18 else 0 end);
    elsif r.measure = 'closed' then
        anchor := coalesce((select max(e.closed_at) from episode e where e.subject_id = any (people) or e.family_id = wanted),
                           last_entry) + make_interval(months => r.length);
    else
        anchor := last_entry + make_interval(months => r.length);
    end if;
    if anchor is null or last_entry is null then
        return 'infinity';
    end if;
    return greatest(anchor, (last_entry + make_interval(months => r.at_least_months))::date);
end $$
"""

# Numbers alone: who they are is not told. `wanted` asks for one person whose erasure was granted.
DUE = """
create function app.retention_due(tables text[], classes text[], wanted bigint)
returns table (rule bigint, subject bigint, tbl text, category text, n bigint, held boolean)
language plpgsql stable security definer set search_path = public, pg_catalog as $$
#variable_conflict use_variable
declare
    r record;
    t record;
    due bigint[];
    other text[];
    today date := (statement_timestamp() at time zone 'Europe/London')::date;
begin
    if not app.governs() and (app.actor_kind() <> 'service' or wanted is not null) then
        raise exception 'only the information-governance lead does this' using errcode = 'insufficient_privilege';
    end if;
    if wanted is not null and not exists (select 1 from rights_request q where q.subject_id = wanted and q.kind = 'erasure'
                                          and q.outcome = 'granted') then
        raise exception 'no erasure of this person was granted' using errcode = 'insufficient_privilege';
    end if;
    for r in
        select distinct on (x.retention, x.category) x.* from retention_rule x
        where x.effective_from <= statement_timestamp() and wanted is null order by x.retention, x.category, x.effective_from desc, x.id desc
    loop
        if r.retention = 'log' then
            return query select r.id, null::bigint, 'access_look'::text, ''::text, count(*), false from access_look k
                where k.reason <> '' and k.seal is not null and k.at < today - make_interval(months => r.length)
                having count(*) > 0;
            continue;
        end if;
        select array_agg(s.id) into due from subject s where app.kept_until(s.id, r.id) <= today;
        select coalesce(array_agg(distinct x.category), '{}') into other from retention_rule x
            where r.category = '' and x.retention = r.retention and x.category <> '' and x.effective_from <= statement_timestamp();
        for t in
            select h.tbl, exists (select 1 from pg_attribute a where a.attrelid = h.tbl::regclass and a.attname = 'category') as has
            from app.held_tables() h join unnest(tables, classes) c(tbl, class) on c.tbl = h.tbl
            where c.class = r.retention and 'subject_id' = any (h.columns)
        loop
            return query execute format(
                'select $1, x.subject_id, %L::text, %s, count(*), app.is_held(x.subject_id) from %I x '
                || 'where x.subject_id = any ($2) and ($3 = '''' or %s = $3) and not (%s = any ($4)) group by 2, 4',
                t.tbl, case when t.has then 'x.category::text' else '''''::text' end, t.tbl,
                case when t.has then 'x.category::text' else '''''::text' end,
                case when t.has then 'x.category::text' else '''''::text' end) using r.id, due, r.category, other;
        end loop;
    end loop;
    if wanted is not null then
        for t in
            select h.tbl from app.held_tables() h join unnest(tables, classes) c(tbl, class) on c.tbl = h.tbl
            where c.class in ('record', 'index', 'short') and 'subject_id' = any (h.columns)
        loop
            return query execute format('select null::bigint, x.subject_id, %L::text, ''''::text, count(*), app.is_held(x.subject_id) '
                || 'from %I x where x.subject_id = $1 group by 2', t.tbl, t.tbl) using wanted;
        end loop;
    end if;
end $$
"""

# The one door. Who asked may not confirm; what is held, or not due any more, is passed over. A row that somebody
# else's record stands on cannot go: it stays without its words, and so does a person's row (“Erased”).
DISPOSE = """
create function app.dispose(wanted uuid) returns void
language plpgsql security definer set search_path = public, pg_catalog as $$
#variable_conflict use_variable
declare
    d disposal;
    one bigint;
    i record;
    p record;
    part text;
    word text;
    gone text[];
    row_key text;
    moved boolean;
    whole boolean;
    going bigint[] := '{}';
    passed_over int := 0;
    tally jsonb := '{}';
    looks uuid[];
    today date := (statement_timestamp() at time zone 'Europe/London')::date;
begin
    if not app.governs() then
        raise exception 'only the information-governance lead does this' using errcode = 'insufficient_privilege';
    end if;
    select * into d from disposal x where x.uuid = wanted for update;
    if d.id is null or d.done_at is not null or d.cancelled_at is not null then
        raise exception 'there is nothing to confirm' using errcode = 'TA006';
    end if;
    if d.asked_by_id = app.actor() then
        raise exception 'somebody else has to confirm' using errcode = 'TA007';
    end if;
    if d.kind = 'erasure' and not exists (select 1 from rights_request r where r.id = d.request_id and r.kind = 'erasure'
                                          and r.outcome = 'granted') then
        raise exception 'the erasure was not granted' using errcode = 'TA006';
    end if;
    if exists (select 1 from disposal_item x where x.disposal_id = d.id and x.subject_id is not null and not exists (
            select 1 from app.held_tables() h where h.tbl = x.table_name and 'subject_id' = any (h.columns)))
       or (d.kind = 'erasure' and exists (select 1 from disposal_item x join rights_request r on r.id = d.request_id
            where x.disposal_id = d.id and x.subject_id is distinct from r.subject_id))
       or (d.kind = 'retention' and exists (select 1 from disposal_item x where x.disposal_id = d.id and x.rule_id is null)) then
        raise exception 'the disposal names what it may not' using errcode = 'TA006';
    end if;
    set constraints all immediate;
    for one in select distinct x.subject_id from disposal_item x where x.disposal_id = d.id and x.subject_id is not null order by 1 loop
        if app.is_held(one) or (d.kind = 'retention' and exists (
                select 1 from disposal_item x where x.disposal_id = d.id and x.subject_id = one and app.kept_until(one, x.rule_id) > today)) then
            passed_over := passed_over + 1;
            continue;
        end if;
        going := going || one;
    end loop;
    foreach one in array going loop
        if exists (select 1 from disposal_item x where x.disposal_id = d.id and x.subject_id = one and x.table_name = 'person') then
            delete from account_emailaddress e using portal_account h where h.person_id = one and e.user_id = h.account_id;
            update account a set email = 'erased-' || a.id || '@erased.invalid', password = '!', is_active = false
                from portal_account h where h.person_id = one and h.account_id = a.id;
            -- Rows of others that name the person: the name goes; where a row is nothing without it, the row.
            for p in select h.tbl, h.key, c from app.held_tables() h, unnest(h.columns) c where c <> 'subject_id' loop
                begin
                    execute format('update %I set %I = null where %I = $1', p.tbl, p.c, p.c) using one;
                exception when not_null_violation then
                    begin
                        execute format('with x as (delete from %I x where x.%I = $1 returning x.%I::text as k) '
                            || 'select coalesce(array_agg(k), ''{}'') from x', p.tbl, p.c, p.key) into gone using one;
                        tally := app.tallied(tally, d.id, one, p.tbl, gone, 0);
                    exception when foreign_key_violation then null;
                    end;
                when others then null;
                end;
            end loop;
        end if;
    end loop;
    -- Whatever order the rows stand on each other in: again, until nothing more goes.
    loop
        moved := false;
        for i in select x.table_name, x.category, x.subject_id, h.key from disposal_item x join app.held_tables() h on h.tbl = x.table_name
                 where x.disposal_id = d.id and x.subject_id = any (going) order by x.table_name, x.id loop
            one := i.subject_id;
            part := format('x.subject_id = %s', one) || case when i.category <> '' then format(' and x.category = %L', i.category) else '' end;
            begin
                execute format('with x as (delete from %I x where %s returning x.%I::text as k) '
                    || 'select coalesce(array_agg(k), ''{}'') from x', i.table_name, part, i.key) into gone;
            exception when foreign_key_violation then
                gone := '{}';
                for row_key in execute format('select x.%I::text from %I x where %s', i.key, i.table_name, part) loop
                    begin
                        execute format('delete from %I x where x.%I::text = $1', i.table_name, i.key) using row_key;
                        gone := gone || row_key;
                    exception when foreign_key_violation then null;
                    end;
                end loop;
            end;
            if cardinality(gone) > 0 then
                moved := true;
                tally := app.tallied(tally, d.id, one, i.table_name, gone, 0);
            end if;
        end loop;
        exit when not moved;
    end loop;
    foreach one in array going loop
        whole := exists (select 1 from disposal_item x where x.disposal_id = d.id and x.subject_id = one and x.table_name = 'person');
        for i in select x.table_name, x.category, x.texts from disposal_item x where x.disposal_id = d.id and x.subject_id = one loop
            part := format('subject_id = %s', one) || case when i.category <> '' then format(' and category = %L', i.category) else '' end;
            execute format('select count(*)::text from %I where %s', i.table_name, part) into word;
            if word <> '0' then
                tally := app.tallied(tally, d.id, one, i.table_name, '{}', word::int);
                if i.table_name = 'person' then
                    update person set given = 'Erased', family_name = '', date_of_birth = null, born_precision = 'day', sex = 'U',
                        died_on = null, void_reason = '' where subject_id = one;
                elsif i.table_name = 'family' then
                    update family set name = 'Erased' where subject_id = one;
                else
                    foreach word in array i.texts loop
                        begin
                            execute format('update %I set %I = '''' where %s and %I <> ''''', i.table_name, word, part, word);
                        exception when check_violation or insufficient_privilege or raise_exception then null;
                        end;
                    end loop;
                end if;
            end if;
            if to_regclass(i.table_name || '_history') is not null then
                execute format('delete from %I where %s', i.table_name || '_history', part);
            end if;
            if i.table_name like 'sharing_%' then
                delete from access_grant g where g.subject_id = one and g.basis_kind in
                    ('consent', 'safeguarding', 'duty', 'vital', 'panel', 'break_glass');
            end if;
        end loop;
        if whole then
            delete from search_entry where subject_id = one;
            delete from search_key where subject_id = one;
            select array_agg(distinct k.id) into looks from access_look_line l join access_look k on k.id = l.look
                where l.subject_id = one and k.reason <> '' and k.seal is not null;
            if looks is not null then
                perform app.erase_reasons(looks, 'Disposal ' || wanted);
                tally := app.tallied(tally, d.id, one, 'access_look', looks::text[], 0);
            end if;
        end if;
    end loop;
    for i in select x.before, x.rule_id from disposal_item x where x.disposal_id = d.id and x.subject_id is null and x.table_name = 'access_look' loop
        select array_agg(k.id) into looks from access_look k join retention_rule r on r.id = i.rule_id and r.retention = 'log'
            where k.reason <> '' and k.seal is not null and k.at < least(i.before, today - make_interval(months => r.length));
        if looks is not null then
            perform app.erase_reasons(looks, 'Disposal ' || wanted);
            tally := app.tallied(tally, d.id, null, 'access_look', looks::text[], 0);
        end if;
    end loop;
    insert into disposal_count (disposal_id, rule_id, table_name, rows, emptied, digest)
    select d.id, nullif(e.value ->> 'rule', '')::bigint, e.value ->> 'table', jsonb_array_length(e.value -> 'ids'), (e.value ->> 'emptied')::int,
        encode(sha256(convert_to((select coalesce(string_agg(v, ',' order by v), '') from jsonb_array_elements_text(e.value -> 'ids') v), 'UTF8')), 'hex')
    from jsonb_each(tally) e order by e.key;
    delete from disposal_item where disposal_id = d.id;
    update disposal set confirmed_by_id = app.actor(), done_at = statement_timestamp(), left_out = passed_over where id = d.id;
    set constraints all deferred;
end $$
"""

TALLIED = """
create function app.tallied(tally jsonb, disposal bigint, subject bigint, tbl text, ids text[], emptied int) returns jsonb
language sql stable set search_path = public, pg_catalog, pg_temp as $$
    with k as (
        select coalesce((select x.rule_id::text from disposal_item x where x.disposal_id = tallied.disposal
            and x.subject_id is not distinct from tallied.subject order by x.table_name <> tbl, x.id limit 1), '') as rule),
    n as (select k.rule, k.rule || '|' || tbl as key, tally -> (k.rule || '|' || tbl) as had from k)
    select tally || jsonb_build_object(n.key, jsonb_build_object('rule', n.rule, 'table', tbl,
        'ids', coalesce(n.had -> 'ids', '[]') || to_jsonb(ids),
        'emptied', coalesce((n.had ->> 'emptied')::int, 0) + emptied)) from n
$$
"""


class Disposer(Engine):
    """A definer function of the role that erases."""

    def statements(self) -> list[str]:
        return [line.replace("owner to app_engine", "owner to app_disposal") for line in super().statements()]


class Migration(migrations.Migration):
    dependencies = [
        ("rights", "0003_gathering"),
        ("index", "0002_policies"),
        ("procedures", "0002_policies"),
        ("access", "0004_sealing"),
    ]
    operations = [
        migrations.RunPython(reach_tables, migrations.RunPython.noop),
        migrations.RunSQL(REACH, UNREACH),
        migrations.RunSQL(REFUSE, REFUSED),
        Engine("app.is_held(bigint)", create=IS_HELD, callers="app_rw, app_disposal"),
        Engine("app.kept_until(bigint, bigint)", create=KEPT_UNTIL, callers="app_disposal"),
        Engine("app.retention_due(text[], text[], bigint)", create=DUE, callers="app_rw"),
        Disposer("app.tallied(jsonb, bigint, bigint, text, text[], int)", create=TALLIED),
        Disposer("app.dispose(uuid)", create=DISPOSE, callers="app_rw"),
    ]
