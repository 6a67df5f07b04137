"""Episodes, allocations and clocks under row-level security; receiving a referral; deriving clocks."""

from django.db import migrations

from teamaround.database.operations import PRINCIPALS, Engine, Open, Protect, ProtectHistory

# A team in whose hands a referral or case is sees the child's index entry, until it declines or closes.
DERIVE = """
create function app.derive_episode() returns trigger
language plpgsql security definer set search_path = public, pg_catalog as $$
begin
    delete from access_grant where basis_kind = 'episode' and basis_id = new.id;
    if new.status in ('waiting', 'open') then
        insert into access_grant (subject_id, principal_id, category, valid_during, basis_kind, basis_id)
        select s, new.author_team_id, 'index', tstzrange(least(new.opened_at, statement_timestamp()), null), 'episode', new.id
        from unnest(array[new.subject_id, new.family_id]) s where s is not null;
    end if;
    return null;
end $$
"""

# A referrer cannot write another team's rows; this opens the waiting episode at the receiving team, and
# nothing else, in the referrer's own transaction, so that the clock runs from that moment.
RECEIVE = """
create function app.receive_episode(child bigint, receiver int, referrer int, version bigint, how_soon text)
returns bigint language plpgsql security definer set search_path = public, pg_catalog as $$
declare made bigint;
begin
    if not (referrer = any (app.principals())) then
        raise exception 'a referral is sent by one''s own team' using errcode = 'insufficient_privilege';
    end if;
    if not exists (select 1 from team t where t.id = receiver and t.takes_referrals and t.ended_at is null) then
        raise exception 'this team takes no referrals' using errcode = 'TA007';
    end if;
    if not exists (select 1 from team t join procedure_version v on v.slug = t.procedure_slug
                   where t.id = receiver and v.id = version) then
        raise exception 'the receiving team does not follow this procedure' using errcode = 'TA007';
    end if;
    insert into episode (subject_id, category, author_team_id, referring_team_id, procedure_id, status, priority,
                         stage, uuid, version)
    values (child, 'referral', receiver, referrer, version, 'waiting', how_soon, '', gen_random_uuid(), 1)
    returning id into made;
    if child is not null then
        insert into event (occurrence, kind, subject_id, category, author_team_id, episode, happened_at, voids)
        values (gen_random_uuid(), 'referral.received', child, 'referral', receiver, made, statement_timestamp(), false);
    end if;
    return made;
end $$
"""

# Clocks are derived: the application hands over what the engine reckoned, and has no other right to write.
# The referrer starts them, once; from then on they are the receiving team's.
PUT_CLOCKS = """
create function app.put_clocks(wanted bigint, derived jsonb) returns void
language plpgsql security definer set search_path = public, pg_catalog as $$
declare e episode;
begin
    select * into e from episode where id = wanted for update;
    if e.id is null or not (e.author_team_id = any (app.principals())
            or (e.status = 'waiting' and e.referring_team_id = any (app.principals())
                and not exists (select 1 from clock c where c.episode_id = wanted))) then
        raise exception 'no such episode' using errcode = 'insufficient_privilege';
    end if;
    delete from clock where episode_id = wanted;
    insert into clock (episode_id, subject_id, category, author_team_id, owner_id, key, title, started_at, due_at,
                       stopped_at, why, link)
    select e.id, e.subject_id, e.category, e.author_team_id, d.owner, d.key, d.title, d.started_at, d.due_at,
           d.stopped_at, d.why, d.link
    from jsonb_to_recordset(derived) as d(owner int, key text, title text, started_at timestamptz, due_at timestamptz,
                                          stopped_at timestamptz, why text, link text);
end $$
"""


# A worker is allocated by the team whose case it is: another team's row would take the case's one place.
OWN_EPISODE = f"""
allocation.author_team_id = any ({PRINCIPALS}) and exists (
    select 1 from episode e where e.id = allocation.episode_id and e.author_team_id = allocation.author_team_id
        and e.subject_id is not distinct from allocation.subject_id)
"""


class Migration(migrations.Migration):
    dependencies = [("procedures", "0001_initial"), ("events", "0002_policies")]
    operations = [
        Open(
            "procedure_version",
            reason="what a partnership does and by when; names no subject",
            rights="select, insert",
        ),
        migrations.RunSQL(
            "create trigger a_append_only before update or delete on procedure_version "
            "for each row execute function app.refuse_change()",
            "drop trigger a_append_only on procedure_version",
        ),
        Protect(
            "episode",
            readers=("referring_team_id",),
            touched=True,
            update="episode.author_team_id = any ((select app.principals())::int[])",
            insert="episode.author_team_id = any ((select app.principals())::int[])",
        ),
        ProtectHistory("episode_history", readers=("referring_team_id",)),
        Engine("app.derive_episode()", create=DERIVE),
        migrations.RunSQL(
            "create trigger derive_grants after insert or update on episode "
            "for each row execute function app.derive_episode()",
            "drop trigger derive_grants on episode",
        ),
        Engine("app.receive_episode(bigint, int, int, bigint, text)", create=RECEIVE, callers="app_rw"),
        Protect(
            "allocation", insert=OWN_EPISODE, update_columns=("until", "version", "subject_id"), touched=True
        ),
        ProtectHistory("allocation_history"),
        Protect("clock", append_only=False),
        migrations.RunSQL(
            "revoke insert, update on clock from app_rw", "grant insert, update on clock to app_rw"
        ),
        Engine("app.put_clocks(bigint, jsonb)", create=PUT_CLOCKS, callers="app_rw"),
    ]
