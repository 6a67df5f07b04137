"""Notices wait for working hours: who reads a choice, and the functions through which notices wait and are sent."""

from django.db import migrations

from teamaround.database.operations import Engine, Protect

SERVICE = """
with made as (insert into principal (kind) values ('service') returning id)
    insert into service (id, name, purpose) select id, 'digests', 'sends what waited for working hours' from made
"""

# Whoever tells somebody learns nothing of their choice, but which addresses to write to now.
TELL = """
create function app.tell_or_wait(whom int[], awake int[], what text, page text)
returns table (practitioner int, address text, text_to text)
language plpgsql security definer set search_path = public, pg_catalog as $$
#variable_conflict use_column
begin
    insert into notice_waiting (practitioner_id, kind, link)
        select p.id, what, page from practitioner p join account a on a.id = p.account_id
            left join notice_choice c on c.practitioner_id = p.id
        where p.id = any (whom) and p.left_at is null and a.is_active and coalesce(c.how, 'at_once') <> 'none'
            and (c.how = 'daily' or not p.id = any (awake))
        order by p.id;
    return query
        select p.id, a.email::text, coalesce(c.text_to, '')::text from practitioner p join account a on a.id = p.account_id
            left join notice_choice c on c.practitioner_id = p.id
        where p.id = any (whom) and p.left_at is null and a.is_active and coalesce(c.how, 'at_once') = 'at_once'
            and p.id = any (awake)
        order by p.id;
end $$
"""

_ONLY = """
    if app.actor_kind() <> 'service' or not exists (
            select from service s where s.id = app.actor() and s.name = 'digests') then
        raise exception 'only the service that sends digests' using errcode = 'insufficient_privilege';
    end if;"""

WANTED = f"""
create function app.digests_wanted(today date) returns table (practitioner int)
language plpgsql stable security definer set search_path = public, pg_catalog as $$
#variable_conflict use_column
begin{_ONLY}
    return query
        select distinct w.practitioner_id from notice_waiting w left join notice_choice c on c.practitioner_id = w.practitioner_id
        where coalesce(c.how, 'at_once') <> 'daily' or c.digest_on is null or c.digest_on < today;
end $$
"""

TAKE = f"""
create function app.take_notices(whom int[], today date)
returns table (practitioner int, address text, text_to text, kind text, link text)
language plpgsql security definer set search_path = public, pg_catalog as $$
#variable_conflict use_column
begin{_ONLY}
    update notice_choice set digest_on = today where practitioner_id = any (whom);
    return query
        with taken as (delete from notice_waiting w where w.practitioner_id = any (whom)
                       returning w.id, w.practitioner_id, w.kind, w.link)
        select t.practitioner_id, a.email::text, coalesce(c.text_to, '')::text, t.kind::text, t.link::text
        from taken t join practitioner p on p.id = t.practitioner_id join account a on a.id = p.account_id
            left join notice_choice c on c.practitioner_id = p.id
        where p.left_at is null and a.is_active and coalesce(c.how, 'at_once') <> 'none'
        order by t.practitioner_id, t.id;
end $$
"""


class Migration(migrations.Migration):
    dependencies = [("notices", "0007_waiting"), ("access", "0002_policies")]
    operations = [
        Protect(
            "notice_choice",
            author="practitioner_id",
            grants=False,
        ),
        Protect(
            "notice_waiting",
            author="practitioner_id",
            grants=False,
            insert="false",
            append_only=False,
            update="false",
        ),
        migrations.RunSQL(
            "revoke insert, update on notice_waiting from app_rw",
            "grant insert, update on notice_waiting to app_rw",
        ),
        migrations.RunSQL(SERVICE, "delete from service where name = 'digests'"),
        Engine("app.tell_or_wait(int[], int[], text, text)", create=TELL, callers="app_rw"),
        Engine("app.digests_wanted(date)", create=WANTED, callers="app_rw"),
        Engine("app.take_notices(int[], date)", create=TAKE, callers="app_rw"),
    ]
