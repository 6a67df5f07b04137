"""A merged record is found under the root of its person: by every name, number and place of any of the records."""

from importlib import import_module

from django.db import migrations

from teamaround.database.operations import Engine

_first = import_module("teamaround.index.migrations.0002_policies")
_tools = import_module("teamaround.index.migrations.0005_voided_are_not_found")
_shields = import_module("teamaround.index.migrations.0006_shields_in_search")
_before = import_module("teamaround.index.migrations.0008_shields_asked_last")

REBUILD = """
create function app.rebuild_search(wanted bigint[]) returns void
language plpgsql security definer set search_path = public, pg_catalog set plan_cache_mode = force_custom_plan as $$
begin
    if exists (select 1 from person_merge) then
        wanted := array(select distinct r.id from unnest(wanted) w(id) cross join lateral unnest(app.same_person(w.id)) r(id));
    end if;
    -- Two who write about one person wait for each other: each would miss what the other is writing.
    perform 1 from person p where p.subject_id = any (wanted) order by p.subject_id for no key update;
    delete from search_entry where subject_id = any (wanted);
    delete from search_key where subject_id = any (wanted);
    insert into search_entry (subject_id, name, surname, date_of_birth)
    select distinct app.root_of(n.subject_id), app.plain(n.given || ' ' || n.family_name), app.plain(n.family_name), p.date_of_birth
    from (
        select q.subject_id, q.given, q.family_name from person q where q.subject_id = any (wanted)
        union select x.subject_id, x.given, x.family_name from person_name x
            where x.subject_id = any (wanted) and x.voided_at is null
    ) n join person p on p.subject_id = n.subject_id;
    insert into search_key (subject_id, kind, value)
    select distinct app.root_of(a.subject_id), 'postcode', upper(replace(a.postcode, ' ', '')) from person_address a
        where a.subject_id = any (wanted) and a.voided_at is null and a.postcode <> ''
    union select distinct app.root_of(i.subject_id), i.scheme, upper(replace(i.value, ' ', '')) from person_identifier i
        where i.subject_id = any (wanted) and i.voided_at is null and i.scheme <> 'local';
end $$
"""

ROOT = """
create function app.root_of(wanted bigint) returns bigint
language sql stable security definer set search_path = public, pg_catalog as $$
    select case when exists (select 1 from person_merge m where m.subject_id = wanted and m.undone_at is null)
        then (app.same_person(wanted))[1] else wanted end
$$
"""

KEEP = """
create function app.keep_search_of_merged() returns trigger
language plpgsql security definer set search_path = public, pg_catalog as $$
begin
    perform app.rebuild_search(array[new.subject_id, new.into_id]);
    return null;
end $$
"""

PLACELESS = """
create function app.place_hidden(wanted bigint) returns boolean
language sql stable parallel restricted security definer set search_path = public, pg_catalog as $$
    select exists (select 1 from sharing_shield s where s.subject_id = any ((select app.same_person(wanted))::bigint[]))
        and app.shielded(wanted, false)
$$
"""

NAMELESS = """
create function app.name_hidden(wanted bigint) returns boolean
language sql stable parallel restricted security definer set search_path = public, pg_catalog as $$
    select exists (select 1 from sharing_shield s where s.subject_id = any ((select app.same_person(wanted))::bigint[]) and s.level = 'full')
        and app.shielded(wanted, true)
        and not exists (select 1 from person p where p.subject_id = any ((select app.same_person(wanted))::bigint[])
                        and p.author_team_id = any (app.principals()))
        and not exists (select 1 from access_grant g where g.subject_id = wanted and g.basis_kind <> 'purpose'
                        and g.principal_id = any (app.principals()) and g.valid_during @> statement_timestamp())
$$
"""

# Whom no shield can protect is passed over cheaply; of a person of several records any may have one.
SHIELD = "(exists (select 1 from sharing_shield h where h.subject_id = {row}.subject_id)"
SHIELD_OR_MERGED = (
    "((exists (select 1 from sharing_shield h where h.subject_id = {row}.subject_id)\n"
    "                or exists (select 1 from person_merge h where h.into_id = {row}.subject_id))"
)
SEARCH = _tools.changed(
    _before.SEARCH,
    *((SHIELD.format(row=row), SHIELD_OR_MERGED.format(row=row)) for row in ("c", "s")),
)


def again(signature: str, create: str) -> tuple[str, ...]:
    """The statements that put another text in the place of an engine's function."""
    return tuple(
        Engine(signature, create=create.replace("create function", "create or replace function")).statements()
    )


class Migration(migrations.Migration):
    dependencies = [("index", "0009_caseload_of_now"), ("sharing", "0011_merged")]
    operations = [
        Engine("app.root_of(bigint)", create=ROOT),
        migrations.RunSQL(
            again("app.rebuild_search(bigint[])", REBUILD),
            again("app.rebuild_search(bigint[])", _first.REBUILD),
        ),
        migrations.RunSQL(
            again("app.place_hidden(bigint)", PLACELESS),
            again("app.place_hidden(bigint)", _shields.PLACELESS),
        ),
        migrations.RunSQL(
            again("app.name_hidden(bigint)", NAMELESS), again("app.name_hidden(bigint)", _shields.NAMELESS)
        ),
        migrations.RunSQL(
            _tools.instead(_tools.SIGNATURE, SEARCH), _tools.instead(_tools.SIGNATURE, _before.SEARCH)
        ),
        Engine("app.keep_search_of_merged()", create=KEEP),
        migrations.RunSQL(
            "create trigger keep_search after insert or update on person_merge "
            "for each row execute function app.keep_search_of_merged()",
            "drop trigger keep_search on person_merge",
        ),
    ]
