"""Who may make a feed or a key, who reads what came by it, and what a feed's own actor may ask of the database."""

from django.db import migrations

from teamaround.database.operations import Engine, Open, Protect

ADMINISTERS = """
create function app.administers() returns boolean
language plpgsql stable parallel restricted security definer set search_path = public, pg_catalog as $$
begin
    return app.actor_kind() = 'practitioner' and exists (
        select 1 from membership m join practitioner p on p.id = m.practitioner_id join team t on t.id = m.team_id
        where m.practitioner_id = app.actor() and m.role = 'administrator' and p.left_at is null and t.ended_at is null
            and m.since <= statement_timestamp() and (m.until is null or m.until > statement_timestamp()));
end $$
"""

# A key is made and revoked by an administrator alone, never changed otherwise, and lives for a year at most. (A
# service is of no team: the policies let it write no call, and only the set-up of an area writes as one.)
GUARD_KEY = """
create function app.guard_feed_key() returns trigger
language plpgsql set search_path = public, pg_catalog, pg_temp as $$
begin
    if app.actor_kind() = 'service' then
        return new;
    elsif tg_op = 'INSERT' then
        new.made_at := statement_timestamp();
        if new.expires_at > new.made_at + interval '1 year 1 day' then
            raise exception 'a key lives for a year at most' using errcode = 'check_violation';
        end if;
    elsif (new.id, new.uuid, new.feed_id, new.prefix, new.digest, new.scopes, new.made_by_id, new.made_at)
            is distinct from
          (old.id, old.uuid, old.feed_id, old.prefix, old.digest, old.scopes, old.made_by_id, old.made_at)
          or new.expires_at > old.expires_at or (old.revoked_at is not null and new.revoked_at is distinct from old.revoked_at) then
        raise exception 'a key is revoked or ends earlier, and is never changed otherwise' using errcode = 'TA005';
    end if;
    return new;
end $$
"""

# A caseload that came stays with its feed as it came; only where it stands moves on.
GUARD_CALL = """
create function app.guard_feed_call() returns trigger
language plpgsql set search_path = public, pg_catalog, pg_temp as $$
begin
    if app.actor_kind() = 'service' then
        return new;
    elsif tg_op = 'INSERT' then
        new.received_at := statement_timestamp();
        if not exists (select 1 from feed f where f.id = new.feed_id and f.team_id = new.author_team_id
                and f.principal_id = app.actor() and f.ended_at is null) then
            raise exception 'only the feed itself says what came by it' using errcode = 'insufficient_privilege';
        end if;
    elsif old.state = 'stopped' then
        raise exception 'what was stopped stays so' using errcode = 'TA004';
    end if;
    return new;
end $$
"""

# Feeds of which something waits, by number alone: taken up again where a machine stopped in the middle.
WAITING = """
create function app.feeds_waiting() returns table (feed bigint)
language sql stable security definer set search_path = public, pg_catalog, pg_temp as $$
    select distinct c.feed_id from feed_call c join import_run r on r.id = c.run_id
    where app.actor_kind() in ('service', 'anonymous')
      and (c.state = 'waiting' or (c.state = 'begun' and r.state in ('mapped', 'queued', 'running')))
$$
"""

# A feed whose key has ended can write nothing more: what it sent before is stopped in its stead.
STOP = """
create function app.stop_feed_calls(wanted bigint) returns int
language plpgsql security definer set search_path = public, pg_catalog, pg_temp as $$
declare
    done int;
begin
    update feed_call c set state = 'stopped'
    from feed f, team t
    where c.feed_id = wanted and f.id = c.feed_id and t.id = f.team_id and c.state = 'waiting'
      and (f.ended_at is not null or t.ended_at is not null or exists (
        select 1 from feed_key k where k.id = c.key_id
          and (k.revoked_at is not null or k.expires_at <= statement_timestamp())));
    get diagnostics done = row_count;
    return done;
end $$
"""

# What a feed's latest caseload came to: counts, for its team and for administrators, who see no child.
FIGURES = """
create function app.feed_figures(wanted bigint[])
returns table (feed bigint, heard_at timestamptz, received_at timestamptz, rows int, refused int, undecided int, run_state text,
               call_state text, run uuid, calls bigint)
language sql stable security definer set search_path = public, pg_catalog, pg_temp as $$
    select f.id, greatest(h.heard_at, c.received_at), c.received_at, c.rows, r.refused, r.undecided, r.state::text, c.state::text, r.uuid,
        (select count(*) from feed_call n where n.feed_id = f.id)
    from feed f
    join lateral (select * from feed_call l where l.feed_id = f.id order by l.id desc limit 1) c on true
    join import_run r on r.id = c.run_id
    left join feed_heard h on h.feed_id = f.id
    where f.id = any (wanted) and (f.team_id = any (app.principals()) or app.administers())
$$
"""

# When a feed's keys were last used: for its team and for administrators.
KEYS_USED = """
create function app.feed_keys_used(wanted bigint) returns table (key bigint, used_at timestamptz)
language sql stable security definer set search_path = public, pg_catalog, pg_temp as $$
    select u.key_id, u.used_at from feed_key_use u join feed_key k on k.id = u.key_id join feed f on f.id = k.feed_id
    where f.id = wanted and (f.team_id = any (app.principals()) or app.administers())
$$
"""


class Migration(migrations.Migration):
    dependencies = [("feeds", "0001_initial"), ("access", "0003_bases"), ("importing", "0002_policies")]
    operations = [
        Engine("app.administers()", create=ADMINISTERS, callers="app_rw"),
        Open("feed", reason="names a team and its system, never a subject; read before a caller is known"),
        Open(
            "feed_key",
            reason="a caller's key is looked up before anybody is known; holds a digest of the key alone",
        ),
        Protect("feed_key_use", grants=False, update_columns=("used_at",)),
        Protect("feed_heard", grants=False, update_columns=("heard_at",)),
        Protect("feed_call", grants=False, update_columns=("state",)),
        *[
            migrations.RunSQL(
                f"create trigger a_guard before insert or update on {table} "
                "for each row execute function app.guard_set_up()",
                f"drop trigger a_guard on {table}",
            )
            for table in ("feed", "feed_key")
        ],
        Engine("app.guard_feed_key()", create=GUARD_KEY),
        Engine("app.guard_feed_call()", create=GUARD_CALL),
        migrations.RunSQL(
            "create trigger b_guard before insert or update on feed_key "
            "for each row execute function app.guard_feed_key();"
            "create trigger b_guard before insert or update on feed_call "
            "for each row execute function app.guard_feed_call()",
            "drop trigger b_guard on feed_call; drop trigger b_guard on feed_key",
        ),
        Engine("app.feeds_waiting()", create=WAITING, callers="app_rw"),
        Engine("app.stop_feed_calls(bigint)", create=STOP, callers="app_rw"),
        Engine("app.feed_keys_used(bigint)", create=KEYS_USED, callers="app_rw"),
        Engine("app.feed_figures(bigint[])", create=FIGURES, callers="app_rw"),
    ]
