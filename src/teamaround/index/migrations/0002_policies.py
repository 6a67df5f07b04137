"""Involvements under their policies; the search function, which alone reads what is searched."""

from django.db import migrations

from teamaround.database.operations import Engine, Open, Protect, ProtectHistory

# A sensitive service's involvement is written under the category of its work, whatever the application says.
CATEGORY = """
create function app.involvement_category() returns trigger
language plpgsql security definer set search_path = public, pg_catalog as $$
begin
    select case t.sensitivity when '' then 'index' when 'substance' then 'substance' when 'justice' then 'justice'
           when 'domestic_abuse' then 'safeguarding' else 'health' end
    into new.category from team t where t.id = new.author_team_id;
    return new;
end $$
"""

# Access through an involvement ends with it: an involvement that ends today gives nothing from today's start.
DERIVE = """
create function app.derive_involvement() returns trigger
language plpgsql security definer set search_path = public, pg_catalog as $$
begin
    delete from access_grant where basis_kind = 'involvement' and basis_id = new.id;
    if new.until is null or new.until > new.since then
        insert into access_grant (subject_id, principal_id, category, valid_during, basis_kind, basis_id)
        values (new.subject_id, new.author_team_id, 'index',
                tstzrange(new.since::timestamp at time zone 'Europe/London',
                          new.until::timestamp at time zone 'Europe/London'), 'involvement', new.id);
    end if;
    return null;
end $$
"""

PLAIN = """
create function app.plain(words text) returns text
language sql immutable parallel safe strict set search_path = public, pg_catalog as $$
    select trim(regexp_replace(regexp_replace(lower(unaccent('unaccent', words)), '[''’`.]', '', 'g'),
                               '[^[:alnum:]]+', ' ', 'g'))
$$;
grant execute on function app.plain(text) to app_rw, app_engine;
create index search_entry_name on search_entry using gin (name public.gin_trgm_ops);
create index search_entry_exact on search_entry (name);
create index search_entry_born on search_entry (date_of_birth, surname);
create index search_entry_subject on search_entry (subject_id);
create index search_key_value on search_key (kind, value);
create index search_key_subject on search_key (subject_id);
"""

UNPLAIN = """
drop index search_key_subject; drop index search_key_value;
drop index search_entry_subject; drop index search_entry_born; drop index search_entry_exact; drop index search_entry_name;
drop function app.plain(text);
"""

# Planned anew each time: a plan kept from when a table was small would crawl through a caseload that has since
# filled it within the same transaction.
REBUILD = """
create function app.rebuild_search(wanted bigint[]) returns void
language sql security definer set search_path = public, pg_catalog set plan_cache_mode = force_custom_plan as $$
    -- Two who write about one person wait for each other: each would miss what the other is writing.
    select 1 from person p where p.subject_id = any (wanted) order by p.subject_id for no key update;
    delete from search_entry where subject_id = any (wanted);
    delete from search_key where subject_id = any (wanted);
    insert into search_entry (subject_id, name, surname, date_of_birth)
    select distinct n.subject_id, app.plain(n.given || ' ' || n.family_name), app.plain(n.family_name), p.date_of_birth
    from (
        select q.subject_id, q.given, q.family_name from person q where q.subject_id = any (wanted)
        union select x.subject_id, x.given, x.family_name from person_name x
            where x.subject_id = any (wanted) and x.voided_at is null
    ) n join person p on p.subject_id = n.subject_id;
    insert into search_key (subject_id, kind, value)
    select distinct a.subject_id, 'postcode', upper(replace(a.postcode, ' ', '')) from person_address a
        where a.subject_id = any (wanted) and a.voided_at is null and a.postcode <> ''
    union select distinct i.subject_id, i.scheme, upper(replace(i.value, ' ', '')) from person_identifier i
        where i.subject_id = any (wanted) and i.voided_at is null and i.scheme <> 'local';
$$
"""

# Once a statement, for all its rows together: a caseload of thousands arrives in few statements.
KEEP = """
create function app.keep_search() returns trigger
language plpgsql security definer set search_path = public, pg_catalog as $$
begin
    perform app.rebuild_search(array(select distinct subject_id from written));
    return null;
end $$
"""

# Candidates that nobody asked for never leave the function: at most `most` rows, best first.
SEARCH = """
create function app.search_people(wanted_name text, born date, postcode text, identifier text, most int)
returns table (subject_id bigint, uuid uuid, given text, family_name text, date_of_birth date, born_precision text,
               sex text, area text, score real, why text[])
language plpgsql stable security definer set search_path = public, pg_catalog as $$
declare
    plain_name text := nullif(app.plain(coalesce(wanted_name, '')), '');
    code text := nullif(upper(replace(coalesce(postcode, ''), ' ', '')), '');
    number text := nullif(upper(replace(coalesce(identifier, ''), ' ', '')), '');
    many boolean;
begin
    if app.actor_kind() <> 'practitioner' then
        raise exception 'only practitioners search' using errcode = 'insufficient_privilege';
    end if;
    -- Where more people bear exactly this name than can be shown, other spellings help nobody to choose: one
    -- more fact does.
    select count(*) >= most into many from (select from search_entry e where e.name = plain_name limit most) bearers;
    -- Two stages: the costly look at all spellings only where nobody of that birthday bears a name so near.
    many := many or exists (select from search_entry e where e.date_of_birth = born
                            and similarity(e.name, plain_name) >= 0.5);
    return query
    with candidate as (
        (select e.subject_id from search_entry e where e.name = plain_name limit 200)
        union
        (select e.subject_id from search_entry e where plain_name is not null and born is not null
            and e.date_of_birth = born limit 500)
        union
        (select e.subject_id from search_entry e where plain_name is not null and not many and e.name % plain_name
            order by similarity(e.name, plain_name) desc limit 100)
        union
        (select k.subject_id from search_key k where number is not null and k.kind in ('nhs', 'upn') and k.value = number
            limit 50)
        union
        (select k.subject_id from search_key k where code is not null and k.kind = 'postcode' and k.value = code limit 500)
        union
        (select e.subject_id from search_entry e where plain_name is null and born is not null
            and e.date_of_birth = born limit 200)
    ), marked as (
        select c.subject_id,
            (select max(similarity(e.name, plain_name)) from search_entry e where e.subject_id = c.subject_id) as name_near,
            (select max(similarity(e.name, plain_name)) from search_entry e
                where e.subject_id = c.subject_id and e.name <> app.plain(p.given || ' ' || p.family_name)) as alias_near,
            (p.date_of_birth = born) as same_birthday,
            (p.date_of_birth is not null and born is not null and p.date_of_birth <> born
                and extract(day from p.date_of_birth) = extract(month from born)
                and extract(month from p.date_of_birth) = extract(day from born)) as swapped,
            exists (select 1 from search_key k where k.subject_id = c.subject_id and k.kind = 'postcode' and k.value = code)
                as same_postcode,
            exists (select 1 from search_key k where k.subject_id = c.subject_id and k.kind in ('nhs', 'upn')
                and k.value = number) as same_number
        from candidate c join person p on p.subject_id = c.subject_id
    ), scored as (
        select m.*, (coalesce(m.name_near, 0) * 5 + (coalesce(m.same_birthday, false))::int * 3
            + m.swapped::int * 1.5 + m.same_postcode::int * 2 + m.same_number::int * 10)::real as points
        from marked m
    )
    select s.subject_id, p.uuid, p.given::text, p.family_name::text, p.date_of_birth, p.born_precision::text, p.sex::text,
        coalesce((select regexp_replace(k.value, '[0-9][A-Z]{2}$', '') from search_key k
            where k.subject_id = s.subject_id and k.kind = 'postcode' order by k.id desc limit 1), ''),
        s.points,
        array_remove(array[
            case when s.same_number then 'same number' end,
            case when s.name_near >= 0.99 then case when s.alias_near >= 0.99 then 'same name (another name of theirs)'
                                                    else 'same name' end
                 when s.name_near >= 0.3 then 'name spelt differently' end,
            case when s.same_birthday then 'same birthday' when s.swapped then 'day and month swapped' end,
            case when s.same_postcode then 'same postcode' end], null)
    from scored s join person p on p.subject_id = s.subject_id
    where s.points >= 1.5
    order by s.points desc, s.subject_id limit least(most, 50);
end $$
"""

SEARCHED = ("person", "person_name", "person_address", "person_identifier")


class Migration(migrations.Migration):
    dependencies = [("index", "0001_initial"), ("people", "0002_policies")]
    operations = [
        Protect("involvement", touched=True),
        ProtectHistory("involvement_history"),
        Engine("app.involvement_category()", create=CATEGORY),
        Engine("app.derive_involvement()", create=DERIVE),
        migrations.RunSQL(
            "create trigger b_category before insert or update on involvement "
            "for each row execute function app.involvement_category();"
            "create trigger derive_grants after insert or update on involvement "
            "for each row execute function app.derive_involvement()",
            "drop trigger b_category on involvement; drop trigger derive_grants on involvement",
        ),
        Open(
            "search_entry",
            reason="no right at all for the application: read inside the search function alone",
            rights="",
        ),
        Open(
            "search_key",
            reason="no right at all for the application: read inside the search function alone",
            rights="",
        ),
        migrations.RunSQL("grant all on search_entry, search_key to app_engine", migrations.RunSQL.noop),
        migrations.RunSQL(PLAIN, UNPLAIN),
        Engine("app.rebuild_search(bigint[])", create=REBUILD),
        Engine("app.keep_search()", create=KEEP),
        *[
            migrations.RunSQL(
                f"create trigger keep_search_{event} after {event} on {table} referencing new table as written "
                "for each statement execute function app.keep_search()",
                f"drop trigger keep_search_{event} on {table}",
            )
            for table in SEARCHED
            for event in ("insert", "update")
        ],
        Engine("app.search_people(text, date, text, text, int)", create=SEARCH, callers="app_rw"),
    ]
