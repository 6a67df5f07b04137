"""Links of cases, whose the lead is while one goes on in another, and a referral that is taken back."""

from django.db import migrations

from teamaround.database.operations import PRINCIPALS, Engine, Protect

# Whoever does not see both cases is told nothing: neither that there is a link, nor that there is another case.
BOTH = """
exists (select 1 from episode e where e.id = episode_link.episode_id)
and exists (select 1 from episode f where f.id = episode_link.from_episode_id)
"""

# From a case of one's own, to one that waits for an answer to a referral of one's own about the same child. Only a
# case of one's own that was closed is re-opened.
OWN_CASE = f"""
episode_link.author_team_id = any ({PRINCIPALS}) and exists (
    select 1 from episode f join episode e on e.id = episode_link.episode_id
    where f.id = episode_link.from_episode_id and f.author_team_id = episode_link.author_team_id
        and f.subject_id = episode_link.subject_id and e.subject_id = f.subject_id
        and e.referring_team_id = f.author_team_id and e.status = 'waiting'
        and case when episode_link.kind = 'reopen' then f.status = 'closed' and e.author_team_id = f.author_team_id
                 else f.status = 'open' end)
"""

# A team writes no involvement but its own. The lead that a link passes on goes from the one team to the other in one
# step: when the team that was asked to lead has accepted, and back when it had accepted by mistake.
LEAD_PASSES = """
create function app.pass_lead(wanted bigint, forward boolean) returns boolean
language plpgsql security definer set search_path = public, pg_catalog as $$
declare
    e episode; l episode_link; records bigint[];
begin
    select * into e from episode where id = wanted;
    if e.id is null or not (e.author_team_id = any (app.principals())) then
        raise exception 'no such episode' using errcode = 'insufficient_privilege';
    end if;
    select * into l from episode_link where episode_id = wanted and lead and author_team_id <> e.author_team_id;
    if l.id is null then
        return false;
    end if;
    if e.status <> (case when forward then 'open' else 'waiting' end) then
        raise exception 'the lead passes with the answer to the referral' using errcode = 'check_violation';
    end if;
    records := app.same_person(l.subject_id);
    if forward then
        update involvement set role = 'worker', version = version + 1
        where author_team_id = l.author_team_id and subject_id = any (records) and until is null and role = 'lead';
    else
        update involvement i set role = 'lead', version = i.version + 1
        where i.author_team_id = l.author_team_id and i.subject_id = any (records) and i.until is null and i.role = 'worker'
            and exists (select 1 from involvement_history h where h.id = i.id and h.role = 'lead')
            and not exists (select 1 from involvement o where o.subject_id = any (records) and o.role = 'lead'
                            and o.until is null and o.category = 'index');
    end if;
    return true;
end $$
"""

# The waiting episode is the receiving team's: whoever sent the referral may take it back while nobody has answered.
WITHDRAW = """
create function app.withdraw_referral(wanted bigint, why text) returns boolean
language plpgsql security definer set search_path = public, pg_catalog as $$
declare
    e episode; made bigint;
begin
    select * into e from episode where id = wanted for update;
    if e.id is null or app.actor_kind() is distinct from 'practitioner' or e.referring_team_id is null
            or not (e.referring_team_id = any (app.principals())) then
        raise exception 'a referral is taken back by the team that sent it' using errcode = 'insufficient_privilege';
    end if;
    if trim(why) = '' then
        raise exception 'say why' using errcode = 'check_violation';
    end if;
    if e.status <> 'waiting' then
        return false;
    end if;
    if e.subject_id is not null then
        insert into event (occurrence, kind, subject_id, category, author_team_id, episode, happened_at, voids)
        values (gen_random_uuid(), 'referral.withdrawn', e.subject_id, 'referral', e.author_team_id, e.id,
                statement_timestamp(), false)
        returning id into made;
        insert into event_note (event_id, subject_id, category, author_team_id, text)
        values (made, e.subject_id, 'referral', e.author_team_id, why);
    end if;
    update episode set status = 'reversed', version = version + 1 where id = wanted;
    delete from clock where episode_id = wanted and stopped_at is null;
    return true;
end $$
"""


class Migration(migrations.Migration):
    dependencies = [
        ("procedures", "0014_moving_on"),
        ("index", "0002_policies"),
        ("people", "0005_merge_policies"),
        ("events", "0010_moving_on"),
    ]
    operations = [
        Protect("episode_link", read=BOTH, insert=OWN_CASE, append_only=True, touched=True),
        Engine("app.pass_lead(bigint, boolean)", create=LEAD_PASSES, callers="app_rw"),
        Engine("app.withdraw_referral(bigint, text)", create=WITHDRAW, callers="app_rw"),
    ]
