"""A feed that is late: told once to those who keep it, and seen as late by its team and by administrators."""

from django.db import migrations, models

from teamaround.database.operations import Engine

# The moment by which something should have come: none where nothing is expected, or the feed has ended.
DUE = """
create function app.feed_due(f feed) returns timestamptz
language sql stable security definer set search_path = public, pg_catalog as $$
    select greatest(f.added_at, (select h.heard_at from feed_heard h where h.feed_id = f.id)) + f.silent_hours * interval '1 hour'
    from team t join agency a on a.id = t.agency_id
    where t.id = f.team_id and f.ended_at is null and t.ended_at is null and a.ended_at is null
$$
"""

# Feeds that are late, by number: for their team and for administrators. Tells nothing of what came.
LATE = """
create function app.late_feeds() returns table (feed bigint, due timestamptz)
language sql stable security definer set search_path = public, pg_catalog as $$
    select f.id, d.due from feed f cross join lateral (select app.feed_due(f)) d(due)
    where f.silent_hours is not null and d.due < statement_timestamp() and (f.team_id = any (app.principals()) or app.administers())
$$
"""

# Each silence once: a feed that was told of is told of again after it was heard and fell silent anew.
TAKE = """
create function app.take_late_feeds() returns table (team int)
language plpgsql security definer set search_path = public, pg_catalog as $$
#variable_conflict use_column
begin
    if app.actor_kind() <> 'service' or not exists (
            select from service s where s.id = app.actor() and s.name = 'feeds') then
        raise exception 'only the service that watches feeds' using errcode = 'insufficient_privilege';
    end if;
    return query
        with told as (
            update feed f set late_told_at = statement_timestamp()
            where f.silent_hours is not null and app.feed_due(f) < statement_timestamp()
                and (f.late_told_at is null or f.late_told_at + f.silent_hours * interval '1 hour' < app.feed_due(f))
            returning f.team_id)
        select distinct t.team_id from told t;
end $$
"""


class Migration(migrations.Migration):
    dependencies = [("feeds", "0002_policies")]
    operations = [
        migrations.AddField(
            "feed", "late_told_at", models.DateTimeField(null=True, blank=True, editable=False)
        ),
        migrations.RunSQL(
            "grant update (late_told_at) on feed to app_engine",
            "revoke update (late_told_at) on feed from app_engine",
        ),
        Engine("app.feed_due(feed)", create=DUE),
        Engine("app.late_feeds()", create=LATE, callers="app_rw"),
        Engine("app.take_late_feeds()", create=TAKE, callers="app_rw"),
    ]
