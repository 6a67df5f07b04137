"""Who did not know of whom is noted for a whole caseload in one step: its time grows with the rows, not their square."""

from importlib import import_module

from django.db import migrations

from teamaround.database.operations import Engine

_before = import_module("teamaround.index.migrations.0013_freshness_policies")
_tools = import_module("teamaround.index.migrations.0005_voided_are_not_found")

# As before, but the records of each person are looked up once. Asked for beside each row of `acquainted`, which an
# import fills while it runs so that nobody has counted it, they were looked up a million times for two thousand rows.
AROUND = """
    with around as materialized (
        select n.subject_id, n.author_team_id, n.category, r.id as record
        from written n cross join lateral unnest(app.same_person(n.subject_id)) r(id)
        where n.until is null or n.until > today
    )"""
BEGUN = f"""
create function app.note_begun() returns trigger
language plpgsql security definer set search_path = public, pg_catalog as $$
declare today date := (statement_timestamp() at time zone 'Europe/London')::date;
begin{AROUND}
    insert into acquainted (subject_id, author_team_id, other_team_id, how)
    select distinct i.subject_id, i.author_team_id, a.author_team_id, 'told'
    from around a join involvement i on i.subject_id = a.record and i.author_team_id <> a.author_team_id
        and (i.until is null or i.until > today)
    where a.category = 'index'
    on conflict (subject_id, author_team_id, other_team_id, how) do update set at = statement_timestamp(), mailed_at = null;
    {AROUND.strip()}, here as materialized (
        select distinct a.subject_id, a.author_team_id, i.author_team_id as other_team_id
        from around a join involvement i on i.subject_id = a.record and i.author_team_id <> a.author_team_id
            and i.category = 'index' and (i.until is null or i.until > today)
    )
    insert into acquainted (subject_id, author_team_id, other_team_id, how)
    select h.subject_id, h.author_team_id, h.other_team_id, 'found'
    from here h
    where not exists (select from around a join acquainted k on k.subject_id = a.record and k.author_team_id = a.author_team_id
                      where a.subject_id = h.subject_id and a.author_team_id = h.author_team_id
                          and k.other_team_id = h.other_team_id)
        and not exists (select from around a join episode e on e.subject_id = a.record
                        where a.subject_id = h.subject_id and a.author_team_id = h.author_team_id
                            and (e.author_team_id, e.referring_team_id) in ((h.author_team_id, h.other_team_id),
                                                                            (h.other_team_id, h.author_team_id)))
    on conflict do nothing;
    return null;
end $$
"""


def instead(create: str) -> tuple[str, ...]:
    """Statements that put another text in the place of the trigger's function."""
    again = _tools.changed(create, ("create function", "create or replace function"))
    return tuple(Engine("app.note_begun()", create=again).statements())


class Migration(migrations.Migration):
    dependencies = [("importing", "0010_old_matching_goes"), ("index", "0013_freshness_policies")]
    operations = [migrations.RunSQL(instead(BEGUN), instead(_before.BEGUN))]
