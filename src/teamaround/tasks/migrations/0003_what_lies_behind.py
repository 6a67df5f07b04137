"""Whoever leads is asked to find out what lies behind a withdrawal, whoever recorded it."""

from django.db import migrations

from teamaround.database.operations import Engine

# Owed by whoever leads: the lead practitioner, else the worker of an open case, else the team that recorded the
# withdrawal. It is that team's own row: the team that recorded the withdrawal learns nothing of who leads. One a
# day about one person, while the first is open.
ASK = """
create function app.ask_what_lies_behind(wanted bigint, recorded int, words text, due date) returns void
language plpgsql security definer set search_path = public, pg_catalog as $$
declare owner int; owner_team int;
begin
    if not (app.actor_kind() = 'practitioner' and recorded = any (app.principals()) and app.works_with(recorded, wanted))
       and not (app.actor_kind() = 'family' and exists (
            select 1 from sharing_basis b join portal_account h on h.person_id = b.given_by_id
            where h.id = app.actor() and h.ended_at is null and b.kind = 'consent' and b.recorded_by = app.actor()
                and b.subject_id = wanted)) then
        raise exception 'nobody took anything back' using errcode = 'insufficient_privilege';
    end if;
    select i.practitioner_id, i.author_team_id into owner, owner_team from involvement i
    where i.subject_id = wanted and i.role = 'lead' and (i.until is null or i.until > current_date)
    order by i.category = 'index' desc, i.id limit 1;
    if owner_team is null then
        select a.practitioner_id, e.author_team_id into owner, owner_team
        from episode e join allocation a on a.episode_id = e.id and a.until is null
        where e.subject_id = wanted and e.status = 'open' order by e.id limit 1;
    end if;
    if owner_team is null then
        select coalesce(recorded, b.author_team_id) into owner_team from sharing_basis b
        where b.subject_id = wanted and b.kind = 'consent' order by b.id desc limit 1;
        owner_team := coalesce(owner_team, recorded);
    end if;
    if owner_team is null or exists (select 1 from task t where t.subject_id = wanted and t.title = words
            and t.owner_team_id = owner_team and t.state in ('requested', 'accepted')) then
        return;
    end if;
    insert into task (uuid, subject_id, category, author_team_id, title, owner_id, owner_team_id, owner_words, due_on,
        state, version)
    values (gen_random_uuid(), wanted, 'plan', owner_team, words, owner, owner_team, '', due,
        case when owner is null then 'requested' else 'accepted' end, 1);
end $$
"""


class Migration(migrations.Migration):
    dependencies = [
        ("tasks", "0002_policies"),
        ("sharing", "0005_withdrawals"),
        ("index", "0002_policies"),
        ("procedures", "0002_policies"),
    ]
    operations = [
        Engine(
            "app.ask_what_lies_behind(bigint, int, text, date)",
            create=ASK,
            callers="app_rw",
        ),
    ]
