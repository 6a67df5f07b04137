"""The dictionary of readings: written by one function, whose words are kept, and read by the search alone."""

from django.db import migrations

from teamaround.database.operations import Engine, Open

# What the application says of a text stands unless the service that reads anew says otherwise: nobody at a page
# changes how a name is read for everybody.
TEACH = """
create function app.teach_names(read_by text, kinds text[], written text[], words text[], parts text[], sound text[],
                                sounds text[], forms text[], letters text[], share float8[]) returns int
language plpgsql security definer set search_path = public, pg_catalog as $$
#variable_conflict use_column
declare
    renewed boolean := exists (select from service s where s.id = any (app.principals()) and s.name = 'reading');
    many int;
begin
    insert into name_reading as known (kind, written, version, words, parts, sound, sounds, forms, letters, share)
    select n.kind, n.written, read_by, string_to_array(n.words, ' '), string_to_array(n.parts, ' '), n.sound,
           string_to_array(n.sounds, ' '), string_to_array(n.forms, ' '), n.letters, n.share
    from unnest(kinds, written, words, parts, sound, sounds, forms, letters, share)
        as n(kind, written, words, parts, sound, sounds, forms, letters, share)
    on conflict (kind, written) do update
        set version = excluded.version, words = excluded.words, parts = excluded.parts, sound = excluded.sound,
            sounds = excluded.sounds, forms = excluded.forms, letters = excluded.letters, share = excluded.share
        where renewed and known.version <> excluded.version;
    get diagnostics many = row_count;
    return many;
end $$
"""

# Texts alone: who bears them is not told.
TO_READ = """
create function app.names_to_read(read_by text, most int) returns table (kind text, written text, known boolean)
language plpgsql stable security definer set search_path = public, pg_catalog as $$
begin
    if not exists (select from service s where s.id = any (app.principals()) and s.name = 'reading') then
        raise exception 'only the service that reads names is told them' using errcode = 'insufficient_privilege';
    end if;
    return query
    (select r.kind::text, r.written::text, true from name_reading r where r.version <> read_by limit most)
    union
    (select 'given', n.given::text, false from (select p.given from person p union select x.given from person_name x
            union select x.middle from person_name x) n
        where n.given <> '' and not exists (select from name_reading r where r.kind = 'given' and r.written = n.given)
        limit most)
    union
    (select 'family', n.family_name::text, false from (select p.family_name from person p
            union select x.family_name from person_name x) n
        where n.family_name <> ''
            and not exists (select from name_reading r where r.kind = 'family' and r.written = n.family_name)
        limit most);
end $$
"""

# A rare name tells of its bearer: once nobody bears it, its reading goes.
FORGET = """
create function app.forget_readings() returns int
language plpgsql security definer set search_path = public, pg_catalog as $$
declare
    many int;
begin
    if not exists (select from service s where s.id = any (app.principals()) and s.name = 'reading') then
        raise exception 'only the service that reads names forgets them' using errcode = 'insufficient_privilege';
    end if;
    delete from name_reading r
    where (r.kind = 'given' and not exists (select from person p where p.given = r.written)
            and not exists (select from person_name x where x.given = r.written)
            and not exists (select from person_name x where x.middle = r.written))
        or (r.kind = 'family' and not exists (select from person p where p.family_name = r.written)
            and not exists (select from person_name x where x.family_name = r.written));
    get diagnostics many = row_count;
    return many;
end $$
"""


class Migration(migrations.Migration):
    dependencies = [("people", "0006_name_reading"), ("notices", "0004_reading_service")]
    operations = [
        Open(
            "name_reading",
            reason="no right at all for the application: texts without their bearers, read inside the search alone",
            rights="",
        ),
        migrations.RunSQL(
            "grant insert, update, delete on name_reading to app_engine", migrations.RunSQL.noop
        ),
        Engine(
            "app.teach_names(text, text[], text[], text[], text[], text[], text[], text[], text[], float8[])",
            create=TEACH,
            callers="app_rw",
        ),
        Engine("app.names_to_read(text, int)", create=TO_READ, callers="app_rw"),
        Engine("app.forget_readings()", create=FORGET, callers="app_rw"),
    ]
