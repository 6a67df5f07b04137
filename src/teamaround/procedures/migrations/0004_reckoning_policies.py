"""The service that reckons running clocks anew when calendars change: what it reads, and the one thing it writes."""

from django.db import migrations

from teamaround.database.operations import Engine, Open

SERVICE = """
with made as (insert into principal (kind) values ('service') returning id)
    insert into service (id, name, purpose)
    select id, 'clocks', 'reckons running clocks anew when opening hours, closures or terms change' from made
"""

MUST_BE_CLOCKS = """
    if app.actor_kind() <> 'service' or not exists (
            select from service s where s.id = app.actor() and s.name = 'clocks') then
        raise exception 'only the service that reckons clocks' using errcode = 'insufficient_privilege';
    end if;
"""

# One at a time: where another is at it, no row comes back.
TAKE_UP = f"""
create function app.take_up_reckoning(wanted uuid) returns table (reached bigint, finished boolean)
language plpgsql security definer set search_path = public, pg_catalog as $$
#variable_conflict use_column
begin
    {MUST_BE_CLOCKS}
    insert into clock_reckoning (stamp) values (wanted) on conflict do nothing;
    return query select r.reached, r.finished_at is not null from clock_reckoning r where r.stamp = wanted
        for no key update skip locked;
end $$
"""

# Of whom a clock is, the service does not learn. Clocks of cases that ended are left as they ended.
TO_RECKON = f"""
create function app.clocks_to_reckon(after bigint, many int)
returns table (id bigint, episode bigint, version bigint, team int, key text, started_at timestamptz, due_at timestamptz)
language plpgsql security definer set search_path = public, pg_catalog as $$
#variable_conflict use_column
begin
    {MUST_BE_CLOCKS}
    return query
        select c.id, e.id, e.procedure_id, e.author_team_id, c.key::text, c.started_at, c.due_at
        from clock c join episode e on e.id = c.episode_id
        where c.id > after and (c.stopped_at is null or e.status in ('waiting', 'open'))
        order by c.id limit many;
end $$
"""

# When things happened, not what was written about them.
EVENTS = f"""
create function app.events_to_reckon(episodes bigint[])
returns table (episode bigint, id bigint, kind text, happened_at timestamptz, recorded_at timestamptz, corrects bigint,
               voids boolean, priority text, opened_at timestamptz)
language plpgsql security definer set search_path = public, pg_catalog as $$
#variable_conflict use_column
begin
    {MUST_BE_CLOCKS}
    return query
        select e.id, v.id, v.kind::text, v.happened_at, v.recorded_at, v.corrects_id, v.voids, e.priority::text, e.opened_at
        from episode e left join event v on v.episode = e.id
        where e.id = any (episodes) order by e.id, v.id;
end $$
"""

# A clock that somebody is writing at this moment is left to them: they reckon with what stands now.
MOVE = f"""
create function app.move_clocks(wanted uuid, upto bigint, looked_at int, done boolean, ids bigint[], dues timestamptz[],
                                whys text[]) returns int
language plpgsql security definer set search_path = public, pg_catalog as $$
declare written int := 0;
begin
    {MUST_BE_CLOCKS}
    if cardinality(ids) > 0 then
        with free as (select c.id from clock c where c.id = any (ids) for no key update skip locked)
        update clock c set due_at = n.due, why = n.why
        from unnest(ids, dues, whys) as n(id, due, why) join free f on f.id = n.id
        where c.id = n.id;
        get diagnostics written = row_count;
    end if;
    update clock_reckoning r set reached = upto, seen = r.seen + looked_at, moved = r.moved + written,
        finished_at = case when done then statement_timestamp() end
    where r.stamp = wanted;
    return written;
end $$
"""


class Migration(migrations.Migration):
    dependencies = [
        ("procedures", "0003_reckoning"),
        ("notices", "0006_feeds_service"),
        ("rota", "0002_policies"),
    ]
    operations = [
        Open(
            "clock_reckoning",
            reason="how far clocks follow a change of calendars; no subject",
            rights="select",
        ),
        migrations.RunSQL(
            "grant insert, update on clock_reckoning to app_engine",
            "revoke insert, update on clock_reckoning from app_engine",
        ),
        migrations.RunSQL(SERVICE, "delete from service where name = 'clocks'"),
        Engine("app.take_up_reckoning(uuid)", create=TAKE_UP, callers="app_rw"),
        Engine("app.clocks_to_reckon(bigint, int)", create=TO_RECKON, callers="app_rw"),
        Engine("app.events_to_reckon(bigint[])", create=EVENTS, callers="app_rw"),
        Engine(
            "app.move_clocks(uuid, bigint, int, boolean, bigint[], timestamptz[], text[])",
            create=MOVE,
            callers="app_rw",
        ),
    ]
