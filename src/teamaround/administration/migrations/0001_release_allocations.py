"""Cases of somebody who no longer belongs to the team become unallocated, without an administrator seeing one."""

from django.db import migrations

from teamaround.database.operations import Engine

# Ends allocations in teams to which the worker no longer belongs, and nothing else; tells nothing back. The
# team's manager then finds the cases unallocated. The index keeps the team, which others can still reach, and
# no longer names the worker.
RELEASE = """
create function app.release_allocations(worker int) returns void
language plpgsql security definer set search_path = public, pg_catalog as $$
declare released bigint[];
begin
    if not exists (select 1 from membership m where m.practitioner_id = app.actor() and m.role = 'administrator'
            and m.since <= statement_timestamp() and (m.until is null or m.until > statement_timestamp())) then
        raise exception 'cases are released by an administrator' using errcode = 'insufficient_privilege';
    end if;
    with ended as (
        update allocation a set until = statement_timestamp()
        where a.practitioner_id = worker and a.until is null and not exists (
            select 1 from membership m where m.practitioner_id = worker and m.team_id = a.author_team_id
            and m.since <= statement_timestamp() and (m.until is null or m.until > statement_timestamp()))
        returning a.episode_id)
    select array_agg(episode_id) into released from ended;
    update clock c set owner_id = null
    where c.episode_id = any (released) and c.owner_id = worker and c.stopped_at is null;
    update involvement i set practitioner_id = null
    where i.practitioner_id = worker and i.until is null and not exists (
        select 1 from membership m where m.practitioner_id = worker and m.team_id = i.author_team_id
        and m.since <= statement_timestamp() and (m.until is null or m.until > statement_timestamp()));
end $$
"""


class Migration(migrations.Migration):
    initial = True
    dependencies = [
        ("procedures", "0002_policies"),
        ("index", "0002_policies"),
        ("agencies", "0002_policies"),
    ]
    operations = [Engine("app.release_allocations(int)", create=RELEASE, callers="app_rw")]
