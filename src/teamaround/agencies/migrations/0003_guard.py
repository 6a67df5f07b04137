"""Who belongs to which team decides what they may see: only administrators, the set-up, and an answered
invitation write it, whatever SQL runs on the application's connection."""

from django.db import migrations

from teamaround.database.operations import Engine

# A stamp's kind is signed, so `service` cannot be claimed in SQL. A visitor who answers an invitation becomes
# exactly what it says; a practitioner may change their own name, title and telephone.
GUARD = """
create function app.guard_set_up() returns trigger
language plpgsql security definer set search_path = public, pg_catalog, pg_temp as $$
declare
    kind text := app.actor_kind();
begin
    if kind = 'service' then
        return new;
    end if;
    if kind = 'practitioner' and exists (
        select 1 from membership m join practitioner p on p.id = m.practitioner_id
        where m.practitioner_id = app.actor() and m.role = 'administrator' and p.left_at is null
            and m.since <= statement_timestamp() and (m.until is null or m.until > statement_timestamp())
    ) then
        return new;
    end if;
    if tg_table_name = 'practitioner' and tg_op = 'UPDATE' and kind = 'practitioner' then
        if new.id = app.actor() and (new.account_id, new.uuid, new.left_at) is not distinct from
                (old.account_id, old.uuid, old.left_at) then
            return new;
        end if;
    end if;
    if app.answers_invitation(tg_table_name, tg_op, to_jsonb(new), case when tg_op = 'UPDATE' then to_jsonb(old) end) then
        return new;
    end if;
    raise exception 'only an administrator changes %', tg_table_name using errcode = 'insufficient_privilege';
end $$
"""

ANSWERS = """
create function app.answers_invitation(relation text, act text, new_row jsonb, old_row jsonb) returns boolean
language sql stable security definer set search_path = public, pg_catalog, pg_temp as $$
    select case
        when relation = 'invitation' and act = 'UPDATE' then
            old_row ->> 'accepted_at' is null and old_row ->> 'withdrawn_at' is null
            and (old_row ->> 'expires_at')::timestamptz > statement_timestamp()
            and new_row - 'accepted_at' = old_row - 'accepted_at'
        when relation = 'practitioner' and (act = 'INSERT' or new_row -> 'account_id' = old_row -> 'account_id') then exists (
            select 1 from account a join invitation i on lower(i.email) = lower(a.email)
            where a.id = (new_row ->> 'account_id')::bigint and i.withdrawn_at is null and i.accepted_at is null
                and i.expires_at > statement_timestamp())
        when relation = 'membership' and act = 'INSERT' then exists (
            select 1 from practitioner p join account a on a.id = p.account_id
                join invitation i on lower(i.email) = lower(a.email)
            where p.id = (new_row ->> 'practitioner_id')::int and i.team_id = (new_row ->> 'team_id')::int
                and i.role = new_row ->> 'role' and i.withdrawn_at is null and i.accepted_at is null
                and i.expires_at > statement_timestamp())
        else false end
$$
"""

TABLES = ("agency", "site", "team", "panel", "practitioner", "membership", "panel_seat", "invitation")


class Migration(migrations.Migration):
    dependencies = [("agencies", "0002_policies")]
    operations = [
        Engine("app.answers_invitation(text, text, jsonb, jsonb)", create=ANSWERS),
        Engine("app.guard_set_up()", create=GUARD),
        *[
            migrations.RunSQL(
                f"create trigger a_guard before insert or update on {table} "
                "for each row execute function app.guard_set_up()",
                f"drop trigger a_guard on {table}",
            )
            for table in TABLES
        ],
    ]
