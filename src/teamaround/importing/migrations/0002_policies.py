"""Uploads under the uploading team's policies; matching and withdrawing as narrow functions of the engine."""

from django.db import migrations

from teamaround.database.operations import Engine, Protect

# Who uploaded, and who asked for the step that is now under way, is the database's own statement; an upload
# never moves to another team.
TOUCH = """
create function app.touch_import() returns trigger language plpgsql set search_path = public, pg_catalog as $$
begin
    if tg_op = 'INSERT' then
        new.uploaded_by_id := app.actor();
        new.asked_by_id := app.actor();
    else
        if new.author_team_id <> old.author_team_id then
            raise exception 'an upload keeps its team' using errcode = 'TA005';
        end if;
        new.uploaded_by_id := old.uploaded_by_id;
        new.asked_by_id := case when new.state in ('mapped', 'queued', 'withdrawing') and new.state <> old.state
            then app.actor() else old.asked_by_id end;
    end if;
    return new;
end $$
"""

# The account a background step acts for. It tells a number and nothing of the upload.
ASKED_BY = """
create function app.import_asked_by(wanted bigint) returns bigint
language sql stable security definer set search_path = public, pg_catalog as $$
    select p.account_id from import_run r join practitioner p on p.id = r.asked_by_id where r.id = wanted
$$
"""

# Candidates for many rows in one statement, one line for each row and person, by the name of theirs that fits
# best. Only what is near enough to be asked about leaves the function, at most eight a row.
MATCH = """
create function app.match_people(numbers int[], names text[], births date[], postcodes text[], nhs text[], upns text[])
returns table (number int, subject_id bigint, uuid uuid, given text, family_name text, known_name text,
               known_surname text, date_of_birth date, born_precision text, sex text, area text,
               same_postcode boolean, same_number boolean, other_number boolean, score real)
language plpgsql stable security definer set search_path = public, pg_catalog
set plan_cache_mode = force_custom_plan as $$
begin
    if app.actor_kind() <> 'practitioner' then
        raise exception 'only practitioners match' using errcode = 'insufficient_privilege';
    end if;
    return query
    with wanted as materialized (
        select w.number, app.plain(w.name) as name, w.born,
            case when extract(day from w.born) <= 12 then
                make_date(extract(year from w.born)::int, extract(day from w.born)::int, extract(month from w.born)::int)
            end as swapped,
            case when w.postcode like '% %' then replace(w.postcode, ' ', '') end as postcode,
            nullif(w.nhs, '') as nhs, nullif(w.upn, '') as upn
        from unnest(numbers, names, births, postcodes, nhs, upns) as w(number, name, born, postcode, nhs, upn)
    ), candidate as materialized (
        select w.number, k.subject_id from wanted w join search_key k on k.kind = 'nhs' and k.value = w.nhs
        union
        select w.number, k.subject_id from wanted w join search_key k on k.kind = 'upn' and k.value = w.upn
        union
        select w.number, e.subject_id from wanted w join search_entry e on e.date_of_birth = w.born
            where similarity(e.name, w.name) >= 0.3 or e.name = w.name
        union
        select w.number, e.subject_id from wanted w join search_entry e on e.date_of_birth = w.born
            join search_key k on k.subject_id = e.subject_id and k.kind = 'postcode' and k.value = w.postcode
        union
        select w.number, e.subject_id from wanted w join search_entry e on e.date_of_birth = w.swapped
            where similarity(e.name, w.name) >= 0.5
        union
        select w.number, k.subject_id from wanted w
            join search_key k on k.kind = 'postcode' and k.value = w.postcode
            join search_entry e on e.subject_id = k.subject_id where similarity(e.name, w.name) >= 0.5
        union
        select w.number, e.subject_id from wanted w join search_entry e on e.name = w.name
            where w.name <> '' and (w.born is null or e.date_of_birth is null
                or (extract(year from e.date_of_birth) = extract(year from w.born))::int
                 + (extract(month from e.date_of_birth) = extract(month from w.born))::int
                 + (extract(day from e.date_of_birth) = extract(day from w.born))::int >= 2)
    ), best as (
        select distinct on (c.number, c.subject_id) c.number, c.subject_id, e.name, e.surname,
            similarity(e.name, w.name) as near, w.born, w.postcode, w.nhs, w.upn
        from candidate c join wanted w on w.number = c.number join search_entry e on e.subject_id = c.subject_id
        order by c.number, c.subject_id, similarity(e.name, w.name) desc, e.id
    ), marked as (
        select b.*, p.uuid, p.given, p.family_name, p.date_of_birth, p.born_precision, p.sex,
            exists (select 1 from search_key k where k.subject_id = b.subject_id and k.kind = 'postcode'
                and k.value = b.postcode) as same_postcode,
            exists (select 1 from search_key k where k.subject_id = b.subject_id
                and ((k.kind = 'nhs' and k.value = b.nhs) or (k.kind = 'upn' and k.value = b.upn))) as same_number,
            (b.nhs is not null and exists (select 1 from search_key k where k.subject_id = b.subject_id
                and k.kind = 'nhs') and not exists (select 1 from search_key k where k.subject_id = b.subject_id
                and k.kind = 'nhs' and k.value = b.nhs))
            or (b.upn is not null and exists (select 1 from search_key k where k.subject_id = b.subject_id
                and k.kind = 'upn') and not exists (select 1 from search_key k where k.subject_id = b.subject_id
                and k.kind = 'upn' and k.value = b.upn)) as other_number
        from best b join person p on p.subject_id = b.subject_id
    ), scored as (
        select m.*, (coalesce(m.near, 0) * 5 + coalesce((m.date_of_birth = m.born)::int, 0) * 3
            + m.same_postcode::int * 2 + m.same_number::int * 10)::real as points
        from marked m
    ), ranked as (
        select s.*, row_number() over (partition by s.number order by s.points desc, s.subject_id) as place from scored s
    )
    select r.number, r.subject_id, r.uuid, r.given::text, r.family_name::text, r.name::text, r.surname::text,
        r.date_of_birth, r.born_precision::text, r.sex::text,
        coalesce((select regexp_replace(k.value, '[0-9][A-Z]{2}$', '') from search_key k
            where k.subject_id = r.subject_id and k.kind = 'postcode' order by k.id desc limit 1), ''),
        r.same_postcode, r.same_number, r.other_number, r.points
    from ranked r where r.place <= 8 order by r.number, r.place;
end $$
"""

# Whether anybody relies on what an upload brought in. Children it added: anything recorded since, by anybody.
# Children it recognised: what the same team recorded since. The work of sensitive services never counts:
# a refusal to withdraw would tell that they are involved.
BUILT_ON = """
create function app.built_on(wanted bigint) returns boolean
language plpgsql stable security definer set search_path = public, pg_catalog as $$
declare
    run import_run%rowtype;
    place record;
    found_one boolean;
begin
    select * into run from import_run r where r.id = wanted and r.author_team_id = any ((select app.principals())::int[]);
    if run.id is null or run.finished_at is null then
        return false;
    end if;
    for place in
        select c.table_name as name,
            bool_or(c.column_name = 'changed_at') as changes
        from information_schema.columns c join information_schema.tables t
            on t.table_schema = c.table_schema and t.table_name = c.table_name and t.table_type = 'BASE TABLE'
        where c.table_schema = 'public' and c.table_name not like '%\\_history' and c.table_name not like 'import\\_%'
        group by c.table_name
        having bool_or(c.column_name = 'subject_id') and bool_or(c.column_name = 'author_team_id')
           and bool_or(c.column_name = 'recorded_at')
    loop
        execute format(
            'select exists (select 1 from %I x join team t on t.id = x.author_team_id
                where t.sensitivity = '''' and %s > $2
                  and (x.subject_id in (select m.row from import_made m where m.run_id = $1 and m.kind = ''person'')
                       or (x.author_team_id = $3 and x.subject_id in
                           (select l.subject_id from import_row l where l.run_id = $1))))',
            place.name, case when place.changes then 'greatest(x.recorded_at, x.changed_at)' else 'x.recorded_at' end)
        into found_one using wanted, run.finished_at, run.author_team_id;
        if found_one then
            return true;
        end if;
    end loop;
    return false;
end $$
"""

TABLES = ("import_run", "import_column", "import_row", "import_progress")


class Migration(migrations.Migration):
    dependencies = [("importing", "0001_initial"), ("access", "0002_policies"), ("index", "0002_policies")]
    operations = [
        *[Protect(table, grants=False) for table in TABLES],
        Protect("import_file", grants=False, append_only=True),
        Protect("import_made", grants=False, append_only=True),
        Engine("app.touch_import()", create=TOUCH),
        migrations.RunSQL(
            "create trigger a_touch before insert or update on import_run "
            "for each row execute function app.touch_import();"
            "create index search_entry_whole_name on search_entry (name)",
            "drop index search_entry_whole_name; drop trigger a_touch on import_run",
        ),
        Engine("app.import_asked_by(bigint)", create=ASKED_BY, callers="app_rw"),
        Engine(
            "app.match_people(int[], text[], date[], text[], text[], text[])", create=MATCH, callers="app_rw"
        ),
        Engine("app.built_on(bigint)", create=BUILT_ON, callers="app_rw"),
    ]
