"""A calendar link is its owner's alone; whoever holds its secret is told whose it is, and nobody else."""

from django.db import migrations

from teamaround.database.operations import Engine, Protect

OWN = "calendar_link.owner_id = (select app.actor()) and (select app.actor_kind()) in ('practitioner', 'family')"

# Asked before anybody is known: who holds the secret proves it by a digest of 256 random bits.
OWNER = """
create function app.calendar_owner(wanted text) returns table (owner int, account bigint)
language sql stable security definer set search_path = public, pg_catalog as $$
    select l.owner_id, coalesce(p.account_id, h.account_id)::bigint
    from calendar_link l left join practitioner p on p.id = l.owner_id and p.left_at is null
        left join portal_account h on h.id = l.owner_id and h.ended_at is null
    where l.digest = wanted and l.ended_at is null and coalesce(p.account_id, h.account_id) is not null
$$
"""

# What it was made for never changes, and what ended stays ended: a link that got into wrong hands must not come back.
GUARD = """
create function app.guard_calendar_link() returns trigger language plpgsql as $$
begin
    if old.ended_at is not null then
        raise exception 'this link has ended' using errcode = 'insufficient_privilege';
    end if;
    return new;
end $$
"""


class Migration(migrations.Migration):
    dependencies = [("notices", "0009_calendar_links"), ("people", "0002_policies")]
    operations = [
        Protect(
            "calendar_link",
            author=None,
            grants=False,
            read=OWN,
            insert=OWN,
            update=OWN,
            update_columns=("ended_at",),
        ),
        migrations.RunSQL(
            GUARD + ";create trigger a_guard before update on calendar_link for each row "
            "execute function app.guard_calendar_link()",
            "drop trigger a_guard on calendar_link; drop function app.guard_calendar_link()",
        ),
        Engine("app.calendar_owner(text)", create=OWNER, callers="app_rw"),
    ]
