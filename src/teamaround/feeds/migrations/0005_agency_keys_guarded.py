"""Who says which feeds a key opens, and when: administrators, as they make it. What comes by a feed names a key that
opens it."""

from importlib import import_module

from django.db import migrations

from teamaround.database.operations import Engine, Open, sequence_rights

_before = import_module("teamaround.feeds.migrations.0002_policies")


def _again(words: str) -> str:
    return words.replace("create function", "create or replace function")


_KEPT = "(new.id, new.uuid, new.feed_id, new.prefix,"
_KEEPS = "(new.id, new.uuid, new.agency_id, new.name, new.every_feed, new.replaces_id, new.prefix,"
GUARD_KEY = (
    _again(_before.GUARD_KEY)
    .replace(_KEPT, _KEEPS)
    .replace(_KEPT.replace("new.", "old."), _KEEPS.replace("new.", "old."))
)

# Said as the key is made: one that stands since before this transaction is never given more.
GUARD_NAMED = """
create function app.guard_feed_key_feed() returns trigger
language plpgsql security definer set search_path = public, pg_catalog, pg_temp as $$
begin
    if app.actor_kind() = 'service' and tg_op = 'INSERT' then
        return new;
    elsif tg_op = 'UPDATE' or not exists (select from feed_key k where k.id = new.key_id and k.made_at >= transaction_timestamp()) then
        raise exception 'what a key opens is said when it is made' using errcode = 'TA005';
    elsif not exists (
            select from feed_key k join feed f on f.id = new.feed_id join team t on t.id = f.team_id
            where k.id = new.key_id and not k.every_feed and f.way = 'push' and t.agency_id = k.agency_id) then
        raise exception 'a key opens feeds of its own agency' using errcode = 'check_violation';
    end if;
    return new;
end $$
"""

# Whether a key opens a feed, whoever asks: by numbers alone.
OPENS = """
create function app.key_opens(wanted bigint, opened bigint) returns boolean
language sql stable security definer set search_path = public, pg_catalog as $$
    select exists (
        select from feed_key k join feed f on f.id = opened join team t on t.id = f.team_id
        where k.id = wanted and f.way = 'push' and t.agency_id = k.agency_id
            and (k.every_feed or exists (select from feed_key_feed n where n.key_id = k.id and n.feed_id = f.id)))
$$
"""

_BY_ITS_KEY = """
            raise exception 'the key does not open this feed' using errcode = 'insufficient_privilege';
        end if;
    elsif old.state = 'stopped' then"""
GUARD_CALL = _again(_before.GUARD_CALL).replace(
    """
        end if;
    elsif old.state = 'stopped' then""",
    """
        end if;
        if new.key_id is not null and not app.key_opens(new.key_id, new.feed_id) then"""
    + _BY_ITS_KEY,
)

KEYS_USED = """
create or replace function app.feed_keys_used(wanted bigint) returns table (key bigint, used_at timestamptz)
language sql stable security definer set search_path = public, pg_catalog, pg_temp as $$
    select u.key_id, u.used_at from feed_key_use u join feed f on f.id = u.feed_id
    where f.id = wanted and (f.team_id = any (app.principals()) or app.administers())
$$
"""

# For the page of an agency's keys: administrators alone.
AGENCY_KEYS_USED = """
create function app.agency_keys_used(wanted bigint) returns table (key bigint, used_at timestamptz)
language sql stable security definer set search_path = public, pg_catalog, pg_temp as $$
    select u.key_id, max(u.used_at) from feed_key_use u join feed_key k on k.id = u.key_id
    where k.agency_id = wanted and app.administers() group by u.key_id
$$
"""


def _replaced(signature: str, create: str, before: str, *, callers: str = "") -> migrations.RunSQL:
    # Going back, the bodies name columns that come back only in the step before.
    unchecked, checked = (f"set local check_function_bodies = {state}" for state in ("off", "on"))
    back = Engine(signature, create=_again(before), callers=callers).statements()
    return migrations.RunSQL(
        tuple(Engine(signature, create=create, callers=callers).statements()), (unchecked, *back, checked)
    )


class Migration(migrations.Migration):
    dependencies = [("feeds", "0004_agency_keys")]
    operations = [
        migrations.RunSQL(tuple(sequence_rights("feed_key_use")), migrations.RunSQL.noop),
        Open(
            "feed_key_feed",
            reason="which feeds a caller's key opens, looked up before anybody is known; names no subject",
            rights="select, insert",
        ),
        Engine("app.guard_feed_key_feed()", create=GUARD_NAMED),
        migrations.RunSQL(
            "create trigger a_guard before insert or update on feed_key_feed "
            "for each row execute function app.guard_set_up();"
            "create trigger b_guard before insert or update on feed_key_feed "
            "for each row execute function app.guard_feed_key_feed()",
            "drop trigger b_guard on feed_key_feed; drop trigger a_guard on feed_key_feed",
        ),
        Engine("app.key_opens(bigint, bigint)", create=OPENS, callers="app_rw"),
        _replaced("app.guard_feed_key()", GUARD_KEY, _before.GUARD_KEY),
        _replaced("app.guard_feed_call()", GUARD_CALL, _before.GUARD_CALL),
        _replaced("app.feed_keys_used(bigint)", KEYS_USED, _before.KEYS_USED, callers="app_rw"),
        Engine("app.agency_keys_used(bigint)", create=AGENCY_KEYS_USED, callers="app_rw"),
    ]
