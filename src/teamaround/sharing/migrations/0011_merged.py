"""What merged records share: grants that follow, consents taken together, shields that cover each of them."""

from importlib import import_module

from django.db import migrations

from teamaround.database.operations import Engine

_rules = import_module("teamaround.sharing.migrations.0004_rules")
_birthday = import_module("teamaround.sharing.migrations.0008_earliest_birthday")

LAPSE = """
create function app.decision_lapses(subject bigint, giver bigint) returns timestamptz
language plpgsql stable security definer set search_path = public, pg_catalog as $$
declare records bigint[] := app.same_person(subject); givers bigint[] := app.same_person(giver);
begin
    return coalesce(
        (select min((date_trunc(p.born_precision, p.date_of_birth::timestamp) + interval '16 years')
             at time zone 'Europe/London')
         from person p where p.subject_id = any (records)),
        (select case when bool_and(m.until is not null) then max(m.until)::timestamp at time zone 'Europe/London' end
         from family_member m where m.subject_id = subject and m.person_id = any (givers) and m.voided_at is null),
        'infinity');
end $$
"""

# As in 0004_rules, over all records of the person. Where nothing is merged there is one record, `merged_at` is
# null, and a decision rules until the next of the same giver. What was decided before the records became one
# rules in its own record, side by side with the other's: there the more restrictive stands, and what it shares
# opens its own record alone; and where one's own answer says share, a parent's opens no further record. Else whoever joins a stranger's record to one they may read would read both.
REBUILD_CONSENTS = """
create function app.rebuild_consents(wanted bigint) returns void
language plpgsql security definer set search_path = public, pg_catalog set plan_cache_mode = force_custom_plan as $$
declare records bigint[] := app.same_person(wanted); became_one timestamptz;
begin
    became_one := case when cardinality(records) > 1 then app.merged_at(records) end;
    delete from access_grant where subject_id = any (records) and basis_kind = 'consent';
    insert into access_grant (subject_id, principal_id, category, valid_during, basis_kind, basis_id)
    with line as (
        select l.holder_id, l.shared_category, l.answer, l.subject_id as record, b.id, b.given_by_id, b.valid_from,
            b.valid_until, b.withdrawn_at, b.given_by_id = any (records) as own
        from sharing_line l join sharing_basis b on b.id = l.basis_id
        where l.subject_id = any (records) and b.kind = 'consent'
    ), giver as (
        select g.id, r.records[1] as root, app.merged_at(r.records) as joined
        from (select distinct given_by_id as id from line) g
        cross join lateral (select app.same_person(g.id) as records) r
    ), decision as (
        select l.*, g.root, greatest(became_one, g.joined) as one_since,
            lead(l.valid_from) over (partition by l.holder_id, l.shared_category, l.record, l.given_by_id
                                     order by l.valid_from, l.id) as superseded
        from line l join giver g on g.id = l.given_by_id
    ), bounded as (
        select d.*, least(d.superseded, case when d.one_since is not null then (
                select min(n.valid_from) from decision n
                where n.holder_id = d.holder_id and n.shared_category = d.shared_category and n.root = d.root
                  and n.valid_from >= d.one_since and (n.valid_from, n.id) > (d.valid_from, d.id)) end,
            case when not d.own then app.decision_lapses(d.record, d.given_by_id) end) as ends
        from decision d
    ), piece as (
        select b.*, 'share' as says, app.span(b.valid_from, least(b.ends, b.valid_until, b.withdrawn_at)) as during
        from bounded b where b.answer = 'share'
        union all
        select b.*, 'no', app.span(greatest(b.valid_from, b.withdrawn_at), b.ends)
        from bounded b where b.answer = 'share' and b.withdrawn_at is not null
        union all
        select b.*, 'no', app.span(b.valid_from, b.ends) from bounded b where b.answer <> 'share'
    ), held as (
        select * from piece where not isempty(during)
    ), settled as (
        select h.holder_id, h.shared_category, h.given_by_id, h.record, s.valid_from,
            tstzrange(s.valid_from, s.valid_until) * h.during as during
        from sharing_settlement s join held h on h.id = s.basis_id and h.says = 'share' and not h.own
        where s.subject_id = any (records)
    ), refused as (
        select n.holder_id, n.shared_category, n.own,
            tstzmultirange(n.during) - coalesce((
                select range_agg(s.during) from settled s
                where not n.own and s.holder_id = n.holder_id and s.shared_category = n.shared_category
                  and (s.given_by_id, s.record) <> (n.given_by_id, n.record)
                  and lower(n.during) <= s.valid_from), '{}') as during
        from held n where n.says = 'no'
    ), stands as (
        select h.holder_id, h.shared_category, h.id, h.record, h.valid_from, unnest(tstzmultirange(h.during) - coalesce((
                select range_agg(r.during) from refused r
                where r.holder_id = h.holder_id and r.shared_category = h.shared_category
                  and (r.own or not h.own)), '{}') - case when h.own or cardinality(records) = 1 then '{}' else coalesce((
                select range_agg(o.during) from held o
                where o.own and o.says = 'share' and o.holder_id = h.holder_id
                  and o.shared_category = h.shared_category), '{}') end) as during
        from held h where h.says = 'share'
    )
    select distinct one.id, s.holder_id, c.category, s.during, 'consent', s.id
    from stands s join unnest(records) one(id) on one.id = s.record or s.valid_from >= became_one
    cross join lateral (values (s.shared_category), ('index')) c(category);
end $$
"""

REBUILD_PURPOSES = """
create function app.rebuild_purposes(wanted bigint) returns void
language plpgsql security definer set search_path = public, pg_catalog as $$
declare records bigint[] := app.same_person(wanted);
begin
    delete from access_grant where subject_id = any (records) and basis_kind = 'purpose';
    insert into access_grant (subject_id, principal_id, category, valid_during, basis_kind, basis_id)
    select p.subject_id, p.practitioner_id, 'index', part.during, 'purpose', p.id
    from access_purpose p cross join lateral unnest(
        tstzmultirange(tstzrange(p.stated_at, p.until)) - coalesce((
            select range_agg(app.span(s.valid_from, least(s.valid_until, s.lifted_at))) from sharing_shield s
            where s.subject_id = any (records) and s.level = 'full' and s.author_team_id <> p.team_id
              and not exists (select 1 from sharing_shield_holder h where h.shield_id = s.id
                              and h.holder_id in (p.team_id, p.practitioner_id))), '{}')) part(during)
    where p.subject_id = any (records);
end $$
"""

# Two decisions about one person wait for each other under whichever record they were taken.
LOCK = """
create function app.lock_sharing(wanted bigint[]) returns void
language sql security definer set search_path = public, pg_catalog as $$
    select pg_advisory_xact_lock(hashtextextended('sharing', r.root))
    from (select distinct (app.same_person(w.id))[1] as root from unnest(wanted) w(id) order by 1) r
$$
"""

DERIVE = """
create function app.derive_sharing() returns trigger
language plpgsql security definer set search_path = public, pg_catalog as $$
declare wanted bigint[]; one bigint;
begin
    if tg_table_name = 'sharing_line' then
        wanted := array(select distinct w.basis_id from written w);
    else
        wanted := array[new.id];
    end if;
    perform 1 from sharing_basis where id = any (wanted) order by id for update;
    perform app.lock_sharing(array(select distinct l.subject_id from sharing_line l where l.basis_id = any (wanted)));
    for one in
        select distinct l.subject_id from sharing_line l join sharing_basis b on b.id = l.basis_id
        where b.id = any (wanted) and b.kind = 'consent' order by 1
    loop
        perform app.rebuild_consents(one);
    end loop;
    for one in select b.id from sharing_basis b where b.id = any (wanted) and b.kind <> 'consent' order by 1 loop
        perform app.rebuild_others(one);
    end loop;
    return null;
end $$
"""

DERIVE_AGAIN = """
create function app.derive_sharing_again() returns trigger
language plpgsql security definer set search_path = public, pg_catalog as $$
begin
    if exists (select 1 from sharing_line l where l.subject_id = any ((select app.same_person(new.subject_id))::bigint[])) then
        perform app.lock_sharing(array[new.subject_id]);
        perform app.rebuild_consents(new.subject_id);
    end if;
    return null;
end $$
"""

SHIELDED = """
create function app.shielded(wanted bigint, fully boolean) returns boolean
language plpgsql stable parallel restricted security definer set search_path = public, pg_catalog as $$
begin
    return exists (
        select 1 from sharing_shield s
        where s.subject_id = any ((select app.same_person(wanted))::bigint[]) and (s.level = 'full' or not fully)
            and app.span(s.valid_from, least(s.valid_until, s.lifted_at)) @> statement_timestamp()
            and not (s.author_team_id = any (app.principals()))
            and not exists (select 1 from sharing_shield_holder h
                            where h.shield_id = s.id and h.holder_id = any (app.principals())));
end $$
"""

# A grant by anything but a consent is one on each record of the person. The copies name the record that the
# basis is about, and go with the grant they copy.
SPREAD = """
create function app.spread_grants() returns trigger
language plpgsql security definer set search_path = public, pg_catalog as $$
begin
    if not exists (select 1 from person_merge where undone_at is null)
        or not exists (select 1 from written w where w.merged_from_id is null and w.basis_kind <> 'consent') then
        return null;
    end if;
    insert into access_grant (subject_id, principal_id, category, valid_during, basis_kind, basis_id, merged_from_id)
    select other.id, w.principal_id, w.category, w.valid_during, w.basis_kind, w.basis_id, w.subject_id
    from written w cross join lateral unnest(app.same_person(w.subject_id)) other(id)
    where w.merged_from_id is null and w.basis_kind <> 'consent' and other.id <> w.subject_id;
    return null;
end $$
"""

GATHER = """
create function app.gather_grants() returns trigger
language plpgsql security definer set search_path = public, pg_catalog as $$
begin
    if not exists (select 1 from person_merge where undone_at is null)
        or not exists (select 1 from gone d where d.merged_from_id is null and d.basis_kind <> 'consent') then
        return null;
    end if;
    delete from access_grant g using gone d
    where d.merged_from_id is null and d.basis_kind <> 'consent' and g.merged_from_id = d.subject_id
        and g.basis_kind = d.basis_kind and g.basis_id = d.basis_id;
    return null;
end $$
"""

# Both sides anew: of an undone merge two persons, else one. Whoever gives consent may be the one that was merged.
DERIVE_MERGE = """
create function app.derive_merge() returns trigger
language plpgsql security definer set search_path = public, pg_catalog as $$
declare records bigint[] := app.same_person(new.subject_id) || app.same_person(new.into_id); one bigint;
begin
    perform app.lock_sharing(records || array(
        select distinct l.subject_id from sharing_basis b join sharing_line l on l.basis_id = b.id
        where b.kind = 'consent' and b.given_by_id = any (records)));
    delete from access_grant where subject_id = any (records) and merged_from_id is not null;
    insert into access_grant (subject_id, principal_id, category, valid_during, basis_kind, basis_id, merged_from_id)
    select distinct other.id, g.principal_id, g.category, g.valid_during, g.basis_kind, g.basis_id, g.subject_id
    from access_grant g cross join lateral unnest(app.same_person(g.subject_id)) other(id)
    where g.subject_id = any (records) and g.basis_kind not in ('consent', 'purpose') and other.id <> g.subject_id;
    for one in select distinct (app.same_person(r.id))[1] from unnest(records) r(id) loop
        perform app.rebuild_purposes(one);
    end loop;
    for one in
        select distinct (app.same_person(x.id))[1]
        from (select unnest(records) as id
              union select l.subject_id from sharing_basis b join sharing_line l on l.basis_id = b.id
                    where b.kind = 'consent' and b.given_by_id = any (records)) x
        order by 1
    loop
        perform app.rebuild_consents(one);
    end loop;
    return null;
end $$
"""

TRIGGERS = """
create trigger derive_grants after insert or update on person_merge
    for each row execute function app.derive_merge();
create trigger spread_grants after insert on access_grant referencing new table as written
    for each statement execute function app.spread_grants();
create trigger gather_grants after delete on access_grant referencing old table as gone
    for each statement execute function app.gather_grants();
"""
NO_TRIGGERS = """
drop trigger derive_grants on person_merge;
drop trigger spread_grants on access_grant;
drop trigger gather_grants on access_grant;
"""
# Going back leaves each record with what is its own.
AS_BEFORE = """
do $$ declare one bigint; begin
    set local role app_engine;
    delete from access_grant where merged_from_id is not null;
    for one in select distinct subject_id from sharing_line order by 1 loop perform app.rebuild_consents(one); end loop;
    for one in select distinct subject_id from access_purpose order by 1 loop perform app.rebuild_purposes(one); end loop;
    set local role app_owner;
end $$
"""


def instead(signature: str, create: str, before: str, *, callers: str = "") -> migrations.RunSQL:
    """Put another text in the place of a function that exists, and back."""

    def again(text: str) -> tuple[str, ...]:
        text = text.replace("create function", "create or replace function")
        return tuple(Engine(signature, create=text, callers=callers).statements())

    return migrations.RunSQL(again(create), again(before))


class Migration(migrations.Migration):
    dependencies = [("sharing", "0010_decision_policies"), ("people", "0005_merge_policies")]
    operations = [
        migrations.RunSQL(migrations.RunSQL.noop, AS_BEFORE),
        Engine("app.lock_sharing(bigint[])", create=LOCK),
        instead(
            "app.decision_lapses(bigint, bigint)",
            LAPSE,
            _birthday.LAPSE.replace("create or replace function", "create function"),
        ),
        instead("app.rebuild_consents(bigint)", REBUILD_CONSENTS, _rules.REBUILD_CONSENTS),
        instead("app.rebuild_purposes(bigint)", REBUILD_PURPOSES, _rules.REBUILD_PURPOSES),
        instead("app.derive_sharing()", DERIVE, _rules.DERIVE),
        instead("app.derive_sharing_again()", DERIVE_AGAIN, _rules.DERIVE_AGAIN),
        instead("app.shielded(bigint, boolean)", SHIELDED, _rules.SHIELDED, callers="app_rw"),
        Engine("app.spread_grants()", create=SPREAD),
        Engine("app.gather_grants()", create=GATHER),
        Engine("app.derive_merge()", create=DERIVE_MERGE),
        migrations.RunSQL(TRIGGERS, NO_TRIGGERS),
    ]
