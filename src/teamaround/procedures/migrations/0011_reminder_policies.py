"""Reminders before something is due: kept with the clocks, and told once by the service that watches clocks."""

from importlib import import_module

from django.db import migrations

from teamaround.database.operations import Engine, Protect

_policies = import_module("teamaround.procedures.migrations.0002_policies")
_ladder = import_module("teamaround.procedures.migrations.0009_ladder")
_reckoning = import_module("teamaround.procedures.migrations.0004_reckoning_policies")

AS_BEFORE = _policies.PUT_CLOCKS.replace("create function", "create or replace function")

# What was told stays, so that a clock reckoned anew never tells twice; what is still to come is written anew.
_REMIND = """
    delete from clock_reminder where episode_id = wanted and told_at is null;
    insert into clock_reminder (episode_id, subject_id, category, author_team_id, key, started_at, step, at, who)
    select e.id, e.subject_id, e.category, e.author_team_id, d.key, d.started_at, r.step, r.at, r.who
    from jsonb_to_recordset(derived) as d(key text, started_at timestamptz, stopped_at timestamptz, remind jsonb)
        cross join lateral jsonb_to_recordset(d.remind) as r(step int, at timestamptz, who text)
    where d.stopped_at is null
    on conflict do nothing;
end $$
"""
PUT_CLOCKS = AS_BEFORE.rstrip().removesuffix("end $$").rstrip() + _REMIND

# One whose clock is late already is not told any more: that it is late was told.
DUE = f"""
create function app.reminders_due()
returns table (reminder bigint, version bigint, team int, worker int, key text, step int, who text, due_at timestamptz)
language plpgsql security definer set search_path = public, pg_catalog as $$
#variable_conflict use_column
begin{_ladder._ONLY}
    delete from clock_reminder r using clock c
    where r.told_at is null and r.at <= statement_timestamp() and c.episode_id = r.episode_id and c.key = r.key
        and c.started_at = r.started_at and c.stopped_at is null and c.due_at <= statement_timestamp();
    return query
        select r.id, e.procedure_id, e.author_team_id, a.practitioner_id, r.key::text, r.step::int, r.who::text, c.due_at
        from clock_reminder r
            join clock c on c.episode_id = r.episode_id and c.key = r.key and c.started_at = r.started_at and c.stopped_at is null
            join episode e on e.id = r.episode_id
            left join allocation a on a.episode_id = e.id and a.until is null
        where r.told_at is null and r.at <= statement_timestamp()
        order by r.id for no key update of r skip locked;
end $$
"""

TOLD = f"""
create function app.reminded(told bigint[], later bigint[], moments timestamptz[]) returns void
language plpgsql security definer set search_path = public, pg_catalog as $$
begin{_ladder._ONLY}
    update clock_reminder r set told_at = statement_timestamp() where r.id = any (told) and r.told_at is null;
    update clock_reminder r set at = n.at from unnest(later, moments) as n(id, at)
    where r.id = n.id and r.told_at is null;
end $$
"""

# As the moment due moves, so does what is told before it; to the minute it is reckoned as it is told.
SHIFT = f"""
create function app.shift_reminders(ids bigint[], dues timestamptz[]) returns void
language plpgsql security definer set search_path = public, pg_catalog as $$
begin
    {_reckoning.MUST_BE_CLOCKS}
    update clock_reminder r set at = r.at + (n.due - c.due_at)
    from unnest(ids, dues) as n(id, due) join clock c on c.id = n.id
    where r.episode_id = c.episode_id and r.key = c.key and r.started_at = c.started_at and r.told_at is null;
end $$
"""


class Migration(migrations.Migration):
    dependencies = [("procedures", "0010_reminders")]
    operations = [
        Protect("clock_reminder"),
        migrations.RunSQL(
            "revoke insert, update on clock_reminder from app_rw",
            "grant insert, update on clock_reminder to app_rw",
        ),
        migrations.RunSQL(
            tuple(Engine("app.put_clocks(bigint, jsonb)", create=PUT_CLOCKS, callers="app_rw").statements()),
            tuple(Engine("app.put_clocks(bigint, jsonb)", create=AS_BEFORE, callers="app_rw").statements()),
        ),
        Engine("app.reminders_due()", create=DUE, callers="app_rw"),
        Engine("app.reminded(bigint[], bigint[], timestamptz[])", create=TOLD, callers="app_rw"),
        Engine("app.shift_reminders(bigint[], timestamptz[])", create=SHIFT, callers="app_rw"),
    ]
