"""What a worker can do: for themselves and the managers of their teams. Whether they tell their sex is theirs alone."""

from django.db import migrations

from teamaround.database.operations import PRINCIPALS, Engine, Protect

# A membership's practitioner is one person; of a list of principals only one's own can be that.
MANAGED = f"""
exists (
    select 1 from membership mine join membership theirs on theirs.team_id = mine.team_id join team t on t.id = mine.team_id
    where mine.practitioner_id = any ({PRINCIPALS}) and mine.role = 'manager' and t.ended_at is null
        and mine.since <= statement_timestamp() and (mine.until is null or mine.until > statement_timestamp())
        and theirs.practitioner_id = worker_profile.practitioner_id
        and theirs.since <= statement_timestamp() and (theirs.until is null or theirs.until > statement_timestamp()))
"""
OWN = f"worker_profile.practitioner_id = any ({PRINCIPALS})"
EITHER = f"({OWN} or {MANAGED})"

GUARD = """
create function app.guard_worker_profile() returns trigger
language plpgsql security definer set search_path = public, pg_catalog as $$
declare
    before text := case when tg_op = 'UPDATE' then old.sex else '' end;
begin
    if app.actor_kind() <> 'service' and new.practitioner_id is distinct from app.actor() and new.sex is distinct from before then
        raise exception 'whether to tell their sex is for the worker' using errcode = 'insufficient_privilege';
    end if;
    if tg_op = 'UPDATE' and new.practitioner_id <> old.practitioner_id then
        raise exception 'what is said of one worker is not said of another' using errcode = 'insufficient_privilege';
    end if;
    new.changed_by_id := case when app.actor_kind() = 'practitioner' then app.actor() end;
    new.changed_at := statement_timestamp();
    return new;
end $$
"""


class Migration(migrations.Migration):
    dependencies = [("agencies", "0007_allocating"), ("access", "0002_policies")]
    operations = [
        Protect("worker_profile", author=None, grants=False, read=EITHER, insert=EITHER, update=EITHER),
        Engine("app.guard_worker_profile()", create=GUARD),
        migrations.RunSQL(
            "create trigger a_guard before insert or update on worker_profile "
            "for each row execute function app.guard_worker_profile()",
            "drop trigger a_guard on worker_profile",
        ),
    ]
