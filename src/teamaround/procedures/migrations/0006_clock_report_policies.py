"""That a clock was late is a fact that stays: who reads it, and the service that writes it."""

from django.db import migrations

from teamaround.database.operations import Engine, Protect

SERVICE = """
with made as (insert into principal (kind) values ('service') returning id)
    insert into service (id, name, purpose) select id, 'lateness', 'reports clocks that are late, and tells who owes them' from made
"""

# Each round of a clock once, however often the job runs. What it gives back tells whom to tell, and nothing of the case.
TAKE = """
create function app.take_late_clocks() returns table (team int, owner int)
language plpgsql security definer set search_path = public, pg_catalog as $$
#variable_conflict use_column
begin
    if app.actor_kind() <> 'service' or not exists (
            select from service s where s.id = app.actor() and s.name = 'lateness') then
        raise exception 'only the service that watches clocks' using errcode = 'insufficient_privilege';
    end if;
    return query
        with told as (
            insert into clock_report (episode_id, subject_id, category, author_team_id, owner_id, key, title, round, started_at, due_at)
            select c.episode_id, c.subject_id, c.category, c.author_team_id, c.owner_id, c.key, c.title, n.round, c.started_at, c.due_at
            from clock c cross join lateral (
                select count(*)::int from clock b where b.episode_id = c.episode_id and b.key = c.key and b.started_at <= c.started_at) n(round)
            where c.stopped_at is null and c.due_at < statement_timestamp()
            on conflict do nothing
            returning author_team_id, owner_id)
        select distinct t.author_team_id, t.owner_id from told t;
end $$
"""


class Migration(migrations.Migration):
    dependencies = [("procedures", "0005_clock_reports"), ("notices", "0006_feeds_service")]
    operations = [
        Protect("clock_report", insert="false", append_only=True),
        migrations.RunSQL(
            "revoke insert on clock_report from app_rw", "grant insert on clock_report to app_rw"
        ),
        migrations.RunSQL(SERVICE, "delete from service where name = 'lateness'"),
        Engine("app.take_late_clocks()", create=TAKE, callers="app_rw"),
    ]
