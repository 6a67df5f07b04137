"""What is still late, for the service that tells it further: whose it is and how far it was told, and nothing of the case."""

from django.db import migrations

from teamaround.database.operations import Engine

_ONLY = """
    if app.actor_kind() <> 'service' or not exists (
            select from service s where s.id = app.actor() and s.name = 'lateness') then
        raise exception 'only the service that watches clocks' using errcode = 'insufficient_privilege';
    end if;"""

STILL = f"""
create function app.still_late()
returns table (report bigint, team int, owner int, version bigint, key text, due_at timestamptz, step int)
language plpgsql stable security definer set search_path = public, pg_catalog as $$
#variable_conflict use_column
begin{_ONLY}
    return query
        select r.id, r.author_team_id, r.owner_id, e.procedure_id, r.key::text, r.due_at,
            (select max(f.step)::int from clock_report f
             where f.episode_id = r.episode_id and f.key = r.key and f.round = r.round)
        from clock_report r join episode e on e.id = r.episode_id
        where r.step = 0 and exists (
            select from clock c where c.episode_id = r.episode_id and c.key = r.key and c.stopped_at is null
                and c.due_at = r.due_at and c.due_at < statement_timestamp());
end $$
"""

FURTHER = f"""
create function app.tell_further(report bigint, rung int) returns void
language plpgsql security definer set search_path = public, pg_catalog as $$
begin{_ONLY}
    insert into clock_report (episode_id, subject_id, category, author_team_id, owner_id, key, title, round, step, started_at, due_at)
    select r.episode_id, r.subject_id, r.category, r.author_team_id, r.owner_id, r.key, r.title, r.round, rung, r.started_at, r.due_at
    from clock_report r where r.id = report and r.step = 0 and rung > 0
    on conflict do nothing;
end $$
"""


class Migration(migrations.Migration):
    dependencies = [("procedures", "0008_changing_policies")]
    operations = [
        Engine("app.still_late()", create=STILL, callers="app_rw"),
        Engine("app.tell_further(bigint, int)", create=FURTHER, callers="app_rw"),
    ]
