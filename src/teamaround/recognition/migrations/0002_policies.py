"""Pairs and what people said of them under their policies; decisions that nobody overturns in silence."""

from django.db import migrations

from teamaround.database.operations import Engine, Open, Protect, mine

SERVICE = """
with made as (insert into principal (kind) values ('service') returning id)
    insert into service (id, name, purpose)
    select id, 'recognising', 'finds records that are one child, joins the certain and puts the others to people' from made;
"""

RECOGNISES = """
create function app.recognises() returns boolean
language plpgsql stable parallel restricted security definer set search_path = public, pg_catalog as $$
begin
    return app.actor_kind() = 'service'
        and exists (select 1 from service s where s.id = app.actor() and s.name = 'recognising');
end $$
"""

# Whether the actor may read what others said of a pair: once they have said what they think, or it is settled.
SAID = """
create function app.may_hear(wanted bigint, asking int) returns boolean
language plpgsql stable parallel restricted security definer set search_path = public, pg_catalog as $$
begin
    return exists (select 1 from recognition_pair p where p.id = wanted
                   and (p.asked > asking or p.state not in ('waiting', 'second')))
        or exists (select 1 from recognition_opinion o where o.pair_id = wanted and o.asked = asking
                   and o.recorded_by = app.actor());
end $$
"""

# What the application itself may write of a pair: the search finds it and scores it again while nobody has said
# anything of it. All else follows from opinions and merges.
GUARD_PAIR = """
create function app.guard_pair() returns trigger
language plpgsql set search_path = public, pg_catalog, pg_temp as $$
begin
    if tg_op = 'INSERT' then
        if new.state <> 'waiting' or new.asked <> 1 or new.merge_id is not null or new.settled_at is not null then
            raise exception 'a pair begins by waiting' using errcode = 'TA012';
        end if;
        new.found_at := statement_timestamp();
        return new;
    end if;
    if (new.subject_id, new.other_id, new.uuid, new.found_at) is distinct from (old.subject_id, old.other_id, old.uuid, old.found_at) then
        raise exception 'a pair keeps its records' using errcode = 'TA012';
    end if;
    if current_user = 'app_rw' and ((new.state, new.asked, new.merge_id, new.settled_at)
            is distinct from (old.state, old.asked, old.merge_id, old.settled_at) or old.state <> 'waiting' or old.asked <> 1) then
        raise exception 'a pair is decided by opinions and merges alone' using errcode = 'TA012';
    end if;
    if new.state is distinct from old.state or new.asked is distinct from old.asked then
        perform app.guard_decision(old, new);
    end if;
    return new;
end $$
"""

# A decision falls in one of two ways: somebody asks again, with a reason that is kept; or the merge that stood for
# it is undone. Neither is the search's to do.
GUARD_DECISION = """
create function app.guard_decision(before recognition_pair, after recognition_pair) returns void
language plpgsql stable security definer set search_path = public, pg_catalog as $$
begin
    if after.asked <> before.asked then
        if app.recognises() or after.asked <> before.asked + 1 or before.state in ('waiting', 'second') or after.state <> 'waiting'
            or not exists (select 1 from recognition_asked_again a where a.pair_id = after.id and a.asked = after.asked) then
            raise exception 'a decided pair is put again by a person, with a reason' using errcode = 'TA012';
        end if;
    elsif before.state in ('same', 'joined') then
        if after.state <> 'different' or not exists (
                select 1 from person_merge m where m.id = before.merge_id and m.undone_at is not null) then
            raise exception 'a decision is not overturned' using errcode = 'TA012';
        end if;
    elsif before.state = 'different' then
        raise exception 'a decision is not overturned' using errcode = 'TA012';
    elsif after.state = 'joined' and (not app.recognises() or after.asked <> 1 or before.state <> 'waiting') then
        raise exception 'what people look at is not joined by the search' using errcode = 'TA012';
    end if;
end $$
"""

# Whether somebody decided that two persons are not one: of a pair of any of their records, or by undoing a merge.
HELD_APART = """
create function app.held_apart(one bigint, other bigint) returns boolean
language plpgsql stable security definer set search_path = public, pg_catalog as $$
declare mine bigint[] := app.same_person(one); theirs bigint[] := app.same_person(other);
begin
    return exists (select 1 from recognition_pair p where p.state = 'different'
            and ((p.subject_id = any (mine) and p.other_id = any (theirs)) or (p.subject_id = any (theirs) and p.other_id = any (mine))))
        or exists (select 1 from person_merge m where m.undone_at is not null
            and ((m.subject_id = any (mine) and m.into_id = any (theirs)) or (m.subject_id = any (theirs) and m.into_id = any (mine))));
end $$
"""

# Whether any record of the person is under a full shield, or was written by a sensitive service.
SEARCH_SPARES = """
create function app.search_spares(wanted bigint) returns boolean
language plpgsql stable security definer set search_path = public, pg_catalog as $$
declare records bigint[] := app.same_person(wanted);
begin
    return exists (select 1 from sharing_shield s where s.subject_id = any (records) and s.level = 'full'
            and app.span(s.valid_from, least(s.valid_until, s.lifted_at)) @> statement_timestamp())
        or exists (select 1 from person p join team t on t.id = p.author_team_id
            where p.subject_id = any (records) and t.sensitivity <> '');
end $$
"""

OFFERED = """
create function app.offer_pair() returns trigger
language plpgsql security definer set search_path = public, pg_catalog as $$
begin
    if app.held_apart(new.subject_id, new.other_id) then
        raise exception 'two children that somebody told apart are not put again' using errcode = 'TA012';
    end if;
    return new;
end $$
"""

# Whatever its function does, the search joins nobody whom somebody told apart, nor anybody whom a shield or a
# sensitive service protects, and undoes nothing. No other service may write a merge at all: the policy asks for a manager.
GUARD_MERGE = """
create function app.guard_merge_by_search() returns trigger
language plpgsql security definer set search_path = public, pg_catalog as $$
begin
    if app.recognises() and (tg_op = 'UPDATE' or app.held_apart(new.subject_id, new.into_id)
            or app.search_spares(new.subject_id) or app.search_spares(new.into_id)) then
        raise exception 'the search may not join these records' using errcode = 'TA012';
    end if;
    return new;
end $$
"""

# The certain: the younger record is merged into the older. The merge is of the team that keeps the older record, and
# each record's own team has the event in its chronology. False where it may not be.
JOIN = """
create function app.join_recognised(wanted uuid) returns boolean
language plpgsql security definer set search_path = public, pg_catalog as $$
declare
    pair recognition_pair;
    into_one person;
    merged person;
    occurrence uuid := gen_random_uuid();
begin
    if not app.recognises() then
        raise exception 'the nightly search alone does this' using errcode = 'insufficient_privilege';
    end if;
    select * into pair from recognition_pair p where p.uuid = wanted for update;
    if pair.id is null or pair.state <> 'waiting' or pair.asked <> 1
        or exists (select 1 from recognition_opinion o where o.pair_id = pair.id) then
        return false;
    end if;
    select * into into_one from person p where p.subject_id in (app.root_of(pair.subject_id), app.root_of(pair.other_id))
        order by p.recorded_at, p.subject_id limit 1;
    select * into merged from person p where p.subject_id in (app.root_of(pair.subject_id), app.root_of(pair.other_id))
        and p.subject_id <> into_one.subject_id;
    if merged.subject_id is null or into_one.voided_at is not null or merged.voided_at is not null
        or app.held_apart(into_one.subject_id, merged.subject_id)
        or app.search_spares(into_one.subject_id) or app.search_spares(merged.subject_id) then
        return false;
    end if;
    insert into person_merge (uuid, category, subject_id, into_id, author_team_id, reason, version)
        values (gen_random_uuid(), 'index', merged.subject_id, into_one.subject_id, into_one.author_team_id,
            format('Recognised as one child by the nightly search: model %s, weight %s bits, probability %s',
                pair.model_version, round(pair.weight::numeric, 1), round(pair.probability::numeric, 4)), 1);
    insert into event (occurrence, kind, subject_id, category, author_team_id, happened_at, voids)
        select occurrence, 'records.joined', x.subject_id, 'index', x.author_team_id, statement_timestamp(), false
        from person x where x.subject_id in (into_one.subject_id, merged.subject_id);
    return true;
end $$
"""

# Pairs whose two records a merge made one person are decided by it; undoing it decides the other way. Where a person
# joins what was told apart, they asked again, and their reason is kept.
FOLLOW_MERGE = """
create function app.decide_by_merge() returns trigger
language plpgsql security definer set search_path = public, pg_catalog as $$
declare
    records bigint[];
    told recognition_pair;
begin
    if tg_op = 'UPDATE' then
        if old.undone_at is null and new.undone_at is not null then
            update recognition_pair p set state = 'different', settled_at = statement_timestamp()
                where p.merge_id = new.id and p.state in ('same', 'joined');
        end if;
        return null;
    end if;
    records := app.same_person(new.into_id);
    for told in select * from recognition_pair p where p.subject_id = any (records) and p.other_id = any (records)
            and p.state = 'different' loop
        insert into recognition_asked_again (pair_id, subject_id, other_id, asked, reason, team_id)
            values (told.id, told.subject_id, told.other_id, told.asked + 1, new.reason, new.author_team_id);
    end loop;
    update recognition_pair p
        set state = case when p.state = 'same' then 'same' when app.recognises() and p.state = 'waiting' and p.asked = 1
                and not exists (select 1 from recognition_opinion o where o.pair_id = p.id) then 'joined' else 'same' end,
            settled_at = statement_timestamp(), merge_id = new.id
        where p.subject_id = any (records) and p.other_id = any (records)
            and (p.state in ('waiting', 'second') or (p.state = 'same' and p.merge_id is null));
    return null;
end $$
"""

# An opinion is about the question that is open; the database says whose it is and when.
STATE_OPINION = """
create function app.state_opinion() returns trigger
language plpgsql security definer set search_path = public, pg_catalog as $$
declare pair recognition_pair;
begin
    select * into pair from recognition_pair p where p.id = new.pair_id for update;
    if pair.state not in ('waiting', 'second') then
        raise exception 'this pair was decided' using errcode = 'TA013';
    end if;
    new.subject_id := pair.subject_id;
    new.other_id := pair.other_id;
    new.asked := pair.asked;
    new.recorded_by := app.actor();
    new.recorded_at := statement_timestamp();
    return new;
end $$
"""

# One opinion decides. Two that agree are asked for where the weight is near the middle, or where people differ; somebody
# who cannot tell leaves it to another.
WEIGH = """
create function app.weigh_opinions() returns trigger
language plpgsql security definer set search_path = public, pg_catalog as $$
declare
    pair recognition_pair;
    same int;
    different int;
    needed int;
    mine bigint[];
    theirs bigint[];
    found text := 'second';
begin
    select * into pair from recognition_pair p where p.id = new.pair_id;
    select count(*) filter (where o.answer = 'same'), count(*) filter (where o.answer = 'different') into same, different
        from recognition_opinion o where o.pair_id = pair.id and o.asked = pair.asked;
    needed := case when pair.hard or (same > 0 and different > 0) then 2 else 1 end;
    if greatest(same, different) >= needed and same <> different then
        found := case when same > different then 'same' else 'different' end;
    end if;
    update recognition_pair p set state = found,
        settled_at = case when found = 'second' then null else statement_timestamp() end where p.id = pair.id;
    if found = 'different' then
        -- Of other records of the same two persons it is the same question.
        mine := app.same_person(pair.subject_id);
        theirs := app.same_person(pair.other_id);
        update recognition_pair p set state = found, settled_at = statement_timestamp()
            where p.state in ('waiting', 'second') and ((p.subject_id = any (mine) and p.other_id = any (theirs))
                or (p.subject_id = any (theirs) and p.other_id = any (mine)));
    end if;
    return null;
end $$
"""

ASK_AGAIN = """
create function app.state_asked_again() returns trigger
language plpgsql security definer set search_path = public, pg_catalog as $$
declare pair recognition_pair;
begin
    select * into pair from recognition_pair p where p.id = new.pair_id for update;
    if pair.state <> 'different' then
        raise exception 'only what was decided is asked again' using errcode = 'TA013';
    end if;
    new.subject_id := pair.subject_id;
    new.other_id := pair.other_id;
    new.asked := pair.asked + 1;
    new.recorded_by := app.actor();
    new.recorded_at := statement_timestamp();
    return new;
end $$
"""
PUT_AGAIN = """
create function app.put_again() returns trigger
language plpgsql security definer set search_path = public, pg_catalog as $$
begin
    update recognition_pair p set asked = new.asked, state = 'waiting', settled_at = null, merge_id = null where p.id = new.pair_id;
    return null;
end $$
"""

TRIGGERS = """
create trigger a_guard before insert or update on recognition_pair for each row execute function app.guard_pair();
create trigger b_offered before insert on recognition_pair for each row execute function app.offer_pair();
create trigger a_state before insert on recognition_opinion for each row execute function app.state_opinion();
create trigger b_weigh after insert on recognition_opinion for each row execute function app.weigh_opinions();
create trigger a_state before insert on recognition_asked_again for each row execute function app.state_asked_again();
create trigger b_again after insert on recognition_asked_again for each row execute function app.put_again();
create trigger c_by_search before insert or update on person_merge for each row execute function app.guard_merge_by_search();
create trigger decide_pairs after insert or update on person_merge for each row execute function app.decide_by_merge();
"""
NO_TRIGGERS = """
drop trigger decide_pairs on person_merge;
drop trigger c_by_search on person_merge;
drop trigger b_again on recognition_asked_again;
drop trigger a_state on recognition_asked_again;
drop trigger b_weigh on recognition_opinion;
drop trigger a_state on recognition_opinion;
drop trigger b_offered on recognition_pair;
drop trigger a_guard on recognition_pair;
"""


def both_read(table: str) -> str:
    """A manager who reads both records, and whom no shield on either binds: the score tells of addresses."""
    return "(select app.manages()) and " + " and ".join(
        f"exists (select 1 from person p where p.subject_id = {table}.{column}) "
        f"and not app.shielded({table}.{column}, false)"
        for column in ("subject_id", "other_id")
    )


def said(table: str) -> str:
    """Their own team's word about a pair of which they read both records."""
    return f"{mine(table, 'team_id')} and {both_read(table)} and " + (
        f"exists (select 1 from recognition_pair q where q.id = {table}.pair_id "
        f"and q.subject_id = {table}.subject_id and q.other_id = {table}.other_id)"
    )


SEARCH = "(select app.recognises())"


class Migration(migrations.Migration):
    dependencies = [
        ("recognition", "0001_initial"),
        ("people", "0005_merge_policies"),
        ("sharing", "0011_merged"),
        ("index", "0010_merged_in_search"),
        ("events", "0005_records_joined"),
        ("notices", "0002_policies"),
        ("rights", "0006_rehome"),
    ]
    operations = [
        migrations.RunSQL(SERVICE, "delete from service where name = 'recognising'"),
        Engine("app.recognises()", create=RECOGNISES, callers="app_rw"),
        Protect(
            "recognition_pair",
            read=f"{SEARCH} or ({both_read('recognition_pair')})",
            insert=SEARCH,
            update=SEARCH,
        ),
        Engine("app.may_hear(bigint, integer)", create=SAID, callers="app_rw"),
        Protect(
            "recognition_opinion",
            read=f"{both_read('recognition_opinion')} and (recognition_opinion.recorded_by = (select app.actor()) "
            "or app.may_hear(recognition_opinion.pair_id, recognition_opinion.asked))",
            insert=said("recognition_opinion"),
            append_only=True,
        ),
        Protect(
            "recognition_asked_again",
            read=both_read("recognition_asked_again"),
            insert=said("recognition_asked_again"),
            append_only=True,
        ),
        Open(
            "recognition_run",
            reason="how many entries a search read and how many pairs it found; no subject",
            rights="select",
        ),
        migrations.RunSQL(
            "grant insert on recognition_run to app_engine",
            "revoke insert on recognition_run from app_engine",
        ),
        Engine("app.held_apart(bigint, bigint)", create=HELD_APART),
        Engine("app.search_spares(bigint)", create=SEARCH_SPARES),
        Engine(
            "app.guard_decision(recognition_pair, recognition_pair)",
            create=GUARD_DECISION,
            callers="app_disposal",
        ),
        Engine("app.guard_pair()", create=GUARD_PAIR),
        Engine("app.offer_pair()", create=OFFERED),
        Engine("app.state_opinion()", create=STATE_OPINION),
        Engine("app.weigh_opinions()", create=WEIGH),
        Engine("app.state_asked_again()", create=ASK_AGAIN),
        Engine("app.put_again()", create=PUT_AGAIN),
        Engine("app.guard_merge_by_search()", create=GUARD_MERGE),
        Engine("app.decide_by_merge()", create=FOLLOW_MERGE),
        Engine("app.join_recognised(uuid)", create=JOIN, callers="app_rw"),
        migrations.RunSQL(TRIGGERS, NO_TRIGGERS),
    ]
