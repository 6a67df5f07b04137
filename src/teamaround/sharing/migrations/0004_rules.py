"""The rules of docs/sharing-rules.md: consents that contradict, the sixteenth birthday, further bases, shields."""

from importlib import import_module

from django.db import migrations

from teamaround.database.operations import PRINCIPALS, Engine, Open, Protect, ProtectHistory, mine

_first = import_module("teamaround.sharing.migrations.0002_policies")
_access = import_module("teamaround.access.migrations.0002_policies")

# Until when somebody else's decision about this subject can stand: the sixteenth birthday (dates of birth are
# kept as the first day they could be), or the day on which the giver's last place in the family ended.
LAPSE = """
create function app.decision_lapses(subject bigint, giver bigint) returns timestamptz
language sql stable security definer set search_path = public, pg_catalog as $$
    select coalesce(
        (select (p.date_of_birth + interval '16 years')::timestamp at time zone 'Europe/London'
         from person p where p.subject_id = subject),
        (select case when bool_and(m.until is not null) then max(m.until)::timestamp at time zone 'Europe/London' end
         from family_member m where m.subject_id = subject and m.person_id = giver and m.voided_at is null),
        'infinity')
$$
"""

# A period that would end before it begins is empty; an open end stays open (least() and this skip NULL alike).
SPAN = """
create function app.span(starts timestamptz, ends timestamptz) returns tstzrange
language sql immutable parallel safe set search_path = pg_catalog as $$
    select tstzrange(starts, case when ends < starts then starts else ends end)
$$
"""

# One subject's grants by consent, all anew. Every decision becomes pieces of time in which it says share or no;
# one's own no, and another's no that nobody settled, are cut out of what others share.
REBUILD_CONSENTS = """
create function app.rebuild_consents(wanted bigint) returns void
language sql security definer set search_path = public, pg_catalog set plan_cache_mode = force_custom_plan as $$
    delete from access_grant where subject_id = wanted and basis_kind = 'consent';
    insert into access_grant (subject_id, principal_id, category, valid_during, basis_kind, basis_id)
    with decision as (
        select l.holder_id, l.shared_category, l.answer, b.id, b.given_by_id, b.valid_from, b.valid_until,
            b.withdrawn_at, b.given_by_id = l.subject_id as own,
            lead(b.valid_from) over (partition by l.holder_id, l.shared_category, b.given_by_id
                                     order by b.valid_from, b.id) as superseded
        from sharing_line l join sharing_basis b on b.id = l.basis_id
        where l.subject_id = wanted and b.kind = 'consent'
    ), bounded as (
        select d.*, least(d.superseded, case when not d.own then app.decision_lapses(wanted, d.given_by_id) end) as ends
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
        select h.holder_id, h.shared_category, h.given_by_id, s.valid_from,
            tstzrange(s.valid_from, s.valid_until) * h.during as during
        from sharing_settlement s join held h on h.id = s.basis_id and h.says = 'share' and not h.own
        where s.subject_id = wanted
    ), refused as (
        select n.holder_id, n.shared_category,
            tstzmultirange(n.during) - coalesce((
                select range_agg(s.during) from settled s
                where not n.own and s.holder_id = n.holder_id and s.shared_category = n.shared_category
                  and s.given_by_id <> n.given_by_id and lower(n.during) <= s.valid_from), '{}') as during
        from held n where n.says = 'no'
    ), stands as (
        select h.holder_id, h.shared_category, h.id, unnest(
            tstzmultirange(h.during) - case when h.own then '{}' else coalesce((
                select range_agg(r.during) from refused r
                where r.holder_id = h.holder_id and r.shared_category = h.shared_category), '{}') end) as during
        from held h where h.says = 'share'
    )
    select distinct wanted, s.holder_id, c.category, s.during, 'consent', s.id
    from stands s cross join lateral (values (s.shared_category), ('index')) c(category);
$$
"""

# Bases that stand without consent: each as it was recorded, until it ends, is withdrawn, or its review is due
# and nobody reviewed it. The duty to share opens only while the law's duty is switched on.
REBUILD_OTHERS = """
create function app.rebuild_others(wanted bigint) returns void
language sql security definer set search_path = public, pg_catalog set plan_cache_mode = force_custom_plan as $$
    delete from access_grant where basis_id = wanted
        and basis_kind in ('safeguarding', 'duty', 'vital', 'panel', 'break_glass');
    insert into access_grant (subject_id, principal_id, category, valid_during, basis_kind, basis_id)
    select distinct l.subject_id, l.holder_id, c.category, part.during, b.kind, b.id
    from sharing_basis b
    join sharing_line l on l.basis_id = b.id and l.answer = 'share'
    cross join lateral (values (l.shared_category), ('index')) c(category)
    cross join lateral unnest(
        tstzmultirange(app.span(b.valid_from, least(b.valid_until, b.withdrawn_at,
            case when b.kind in ('safeguarding', 'duty', 'vital')
                 then (b.review_on + 1)::timestamp at time zone 'Europe/London' end)))
        * case when b.kind = 'duty' then coalesce((
              select range_agg(tstzrange(d.effective_from, d.effective_until)) from sharing_duty_period d), '{}')
          else tstzmultirange(tstzrange(null, null)) end) part(during)
    where b.id = wanted and b.kind <> 'consent';
$$
"""

# The advisory locks let two decisions about one subject wait for each other: each would miss the other.
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
    perform pg_advisory_xact_lock(hashtextextended('sharing', s.subject_id))
    from (select distinct l.subject_id from sharing_line l where l.basis_id = any (wanted) order by 1) s;
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

# A date of birth corrected, a place in a family that ends, a disagreement settled: the subject's consents anew.
DERIVE_AGAIN = """
create function app.derive_sharing_again() returns trigger
language plpgsql security definer set search_path = public, pg_catalog as $$
begin
    if exists (select 1 from sharing_line l where l.subject_id = new.subject_id) then
        perform pg_advisory_xact_lock(hashtextextended('sharing', new.subject_id));
        perform app.rebuild_consents(new.subject_id);
    end if;
    return null;
end $$
"""

DERIVE_DUTIES = """
create function app.derive_duties() returns trigger
language plpgsql security definer set search_path = public, pg_catalog as $$
declare one bigint;
begin
    for one in select id from sharing_basis where kind = 'duty' order by id for update loop
        perform app.rebuild_others(one);
    end loop;
    return null;
end $$
"""

# A line belongs to its own team's basis: in another's, it would share under a reason that nobody gave. A
# practitioner in person holds by break-glass alone, their own; a panel by its agenda alone. A trigger, since the
# two tables' policies would need each other.
OF_OWN_BASIS = """
create or replace function app.line_of_own_basis() returns trigger
language plpgsql set search_path = public, pg_catalog, pg_temp as $$
declare kind text; holder text;
begin
    select b.kind into kind from sharing_basis b where b.id = new.basis_id and b.author_team_id = new.author_team_id;
    select p.kind into holder from principal p where p.id = new.holder_id;
    if kind is null then
        raise exception 'a team answers in its own basis' using errcode = 'insufficient_privilege';
    end if;
    if (kind = 'break_glass') <> (holder = 'practitioner') or (kind = 'break_glass' and new.holder_id <> app.actor())
       or (kind = 'panel') <> (holder = 'panel') then
        raise exception 'this basis has another kind of holder' using errcode = 'insufficient_privilege';
    end if;
    return new;
end $$
"""

# What is opened in an emergency begins now, never before or later.
STARTS_NOW = """
create function app.break_glass_starts_now() returns trigger
language plpgsql set search_path = public, pg_catalog, pg_temp as $$
begin
    if tg_op = 'INSERT' then
        new.valid_from := statement_timestamp();
        new.valid_until := least(new.valid_until, new.valid_from + interval '24 hours');
    elsif (new.valid_from, new.kind) is distinct from (old.valid_from, old.kind) or new.valid_until > old.valid_until
        or (old.withdrawn_at is not null and new.withdrawn_at is distinct from old.withdrawn_at) then
        raise exception 'break-glass is not extended' using errcode = 'insufficient_privilege';
    end if;
    return new;
end $$;
create trigger b_starts_now before insert on sharing_basis for each row when (new.kind = 'break_glass')
    execute function app.break_glass_starts_now();
create trigger b_not_extended before update on sharing_basis for each row
    when (old.kind = 'break_glass' or new.kind = 'break_glass') execute function app.break_glass_starts_now();
"""

# `binds(subject, true)`: a full shield. Those whom a shield names, and the team that recorded it, are not bound.
SHIELDED = """
create function app.shielded(wanted bigint, fully boolean) returns boolean
language plpgsql stable parallel restricted security definer set search_path = public, pg_catalog as $$
begin
    return exists (
        select 1 from sharing_shield s where s.subject_id = wanted and (s.level = 'full' or not fully)
            and app.span(s.valid_from, least(s.valid_until, s.lifted_at)) @> statement_timestamp()
            and not (s.author_team_id = any (app.principals()))
            and not exists (select 1 from sharing_shield_holder h
                            where h.shield_id = s.id and h.holder_id = any (app.principals())));
end $$
"""

ONLY_PURPOSE = """
create function app.shielded_from_passers_by(wanted bigint) returns boolean
language plpgsql stable parallel restricted security definer set search_path = public, pg_catalog as $$
begin
    return app.shielded(wanted, false) and not exists (
        select 1 from access_grant g where g.subject_id = wanted and g.basis_kind <> 'purpose'
            and g.principal_id = any (app.principals()) and g.valid_during @> statement_timestamp());
end $$
"""

# While a full shield binds the practitioner in person and the team they stated it for, a purpose opens nothing.
REBUILD_PURPOSES = """
create function app.rebuild_purposes(wanted bigint) returns void
language sql security definer set search_path = public, pg_catalog as $$
    delete from access_grant where subject_id = wanted and basis_kind = 'purpose';
    insert into access_grant (subject_id, principal_id, category, valid_during, basis_kind, basis_id)
    select p.subject_id, p.practitioner_id, 'index', part.during, 'purpose', p.id
    from access_purpose p cross join lateral unnest(
        tstzmultirange(tstzrange(p.stated_at, p.until)) - coalesce((
            select range_agg(app.span(s.valid_from, least(s.valid_until, s.lifted_at))) from sharing_shield s
            where s.subject_id = p.subject_id and s.level = 'full' and s.author_team_id <> p.team_id
              and not exists (select 1 from sharing_shield_holder h where h.shield_id = s.id
                              and h.holder_id in (p.team_id, p.practitioner_id))), '{}')) part(during)
    where p.subject_id = wanted;
$$
"""

DERIVE_PURPOSES = """
create function app.derive_purposes() returns trigger
language plpgsql security definer set search_path = public, pg_catalog as $$
begin
    perform app.rebuild_purposes(new.subject_id);
    return null;
end $$
"""

# A team records a basis about somebody it works with: it wrote their record, or holds a grant of its own by an
# involvement or a case. A purpose that one practitioner stated is not enough to open anything to a team; what a
# practitioner opens in person, in an emergency, says so and ends within a day.
WORKS_WITH = f"({_first.WORKS_WITH}) or (sharing_line.holder_id = (select app.actor()) " + (
    f"and sharing_line.author_team_id = any ({PRINCIPALS}))"
)
GOVERNED = "sharing_basis.kind = 'break_glass' and (select app.governs())"
READ_BASIS = (
    f"{mine('sharing_basis', 'author_team_id')} or {_first.HELD.format(t='sharing_basis', column='id')} "
    f"or ({GOVERNED})"
)
OLD_READ = (
    f"{mine('sharing_basis', 'author_team_id')} or {_first.HELD.format(t='sharing_basis', column='id')}"
)
READ_LINE = (
    f"{mine('sharing_line', 'author_team_id')} or {mine('sharing_line', 'holder_id')} "
    "or ((select app.governs()) and app.is_break_glass(sharing_line.basis_id))"
)
OLD_READ_LINE = f"{mine('sharing_line', 'author_team_id')} or {mine('sharing_line', 'holder_id')}"
IS_BREAK_GLASS = """
create function app.is_break_glass(wanted bigint) returns boolean
language sql stable security definer set search_path = public, pg_catalog as $$
    select exists (select 1 from sharing_basis b where b.id = wanted and b.kind = 'break_glass')
$$
"""

# Bound by a shield, one sees of the address and the school what one's own team wrote, and nothing else.
HIDDEN = {
    table: f"{mine(table, 'author_team_id')} or not app.shielded({table}.subject_id, false)"
    for table in (
        "person_address",
        "person_address_history",
        "person_school_place",
        "person_school_place_history",
    )
} | {
    table: f"{mine(table, 'author_team_id')} or not app.shielded_from_passers_by({table}.subject_id)"
    for table in ("involvement", "involvement_history")
}
SHIELD_READ = (
    f"{mine('sharing_shield', 'author_team_id')} or (select app.governs()) "
    "or app.shield_names_me(sharing_shield.id)"
)
SHIELD_NAMES_ME = """
create function app.shield_names_me(wanted bigint) returns boolean
language plpgsql stable parallel restricted security definer set search_path = public, pg_catalog as $$
begin
    return exists (select 1 from sharing_shield_holder h where h.shield_id = wanted
                   and h.holder_id = any (app.principals()));
end $$
"""
ABOUT_OURS = _first.WORKS_WITH

NOW_DERIVED_ELSEWHERE = """
drop trigger derive_grants on sharing_basis;
drop trigger derive_grants on sharing_line;
drop function app.derive_basis();
drop trigger derive_grant on access_purpose;
drop function app.derive_purpose();
create trigger derive_grants after insert or update on sharing_basis
    for each row execute function app.derive_sharing();
create trigger derive_grants after insert on sharing_line referencing new table as written
    for each statement execute function app.derive_sharing();
create trigger derive_grants after insert or update on sharing_settlement
    for each row execute function app.derive_sharing_again();
create trigger derive_grants after update of date_of_birth, born_precision on person
    for each row execute function app.derive_sharing_again();
create trigger derive_grants after insert or update on family_member
    for each row execute function app.derive_sharing_again();
create trigger derive_grants after insert or update on sharing_duty_period
    for each row execute function app.derive_duties();
create trigger derive_grant after insert on access_purpose for each row execute function app.derive_purposes();
create trigger derive_grants after insert or update on sharing_shield
    for each row execute function app.derive_purposes();
create trigger derive_grants after insert on sharing_shield_holder
    for each row execute function app.derive_purposes();
"""
DERIVED_AS_BEFORE = [
    """
drop trigger derive_grants on sharing_basis;
drop trigger derive_grants on sharing_line;
drop trigger derive_grants on sharing_settlement;
drop trigger derive_grants on person;
drop trigger derive_grants on family_member;
drop trigger derive_grants on sharing_duty_period;
drop trigger derive_grant on access_purpose;
drop trigger derive_grants on sharing_shield;
drop trigger derive_grants on sharing_shield_holder;
""",
    *Engine("app.derive_basis()", create=_first.DERIVE).statements(),
    *Engine("app.derive_purpose()", create=_access.DERIVE_PURPOSE).statements(),
    """
create trigger derive_grants after insert or update on sharing_basis
    for each row execute function app.derive_basis();
create trigger derive_grants after insert on sharing_line referencing new table as written
    for each statement execute function app.derive_basis();
create trigger derive_grant after insert on access_purpose for each row execute function app.derive_purpose();
""",
]

# What was recorded before these rules is derived by them as well.
DERIVE_ALL = """
do $$ declare one bigint; begin
    set local role app_engine;
    for one in select distinct subject_id from sharing_line order by 1 loop perform app.rebuild_consents(one); end loop;
    for one in select id from sharing_basis where kind <> 'consent' order by 1 loop perform app.rebuild_others(one); end loop;
    set local role app_owner;
end $$
"""


def alter(table: str, command: str, clause: str, rule: str, before: str) -> migrations.RunSQL:
    """Change the restrictive policy of a table for one command; back to what it was."""
    words = f"alter policy {table}_{command} on {table} {clause}"
    return migrations.RunSQL(f"{words} ({rule})", f"{words} ({before})")


class Migration(migrations.Migration):
    dependencies = [
        ("sharing", "0003_trust"),
        ("access", "0003_bases"),
        ("agencies", "0003_guard"),
        ("index", "0002_policies"),
    ]
    operations = [
        Protect(
            "sharing_settlement",
            grants=False,
            insert=ABOUT_OURS.replace("sharing_line.", "sharing_settlement."),
            touched=True,
        ),
        ProtectHistory("sharing_settlement_history", grants=False),
        Protect(
            "sharing_shield_holder",
            grants=False,
            read=f"{mine('sharing_shield_holder', 'author_team_id')} or {mine('sharing_shield_holder', 'holder_id')} "
            "or (select app.governs())",
            insert=f"{mine('sharing_shield_holder', 'author_team_id')} and exists (select 1 from sharing_shield s "
            "where s.id = sharing_shield_holder.shield_id and s.subject_id = sharing_shield_holder.subject_id "
            "and s.author_team_id = sharing_shield_holder.author_team_id)",
            append_only=True,
            touched=True,
        ),
        ProtectHistory("sharing_shield_holder_history", grants=False),
        Engine("app.shield_names_me(bigint)", create=SHIELD_NAMES_ME, callers="app_rw"),
        Protect(
            "sharing_shield",
            grants=False,
            read=SHIELD_READ,
            insert=ABOUT_OURS.replace("sharing_line.", "sharing_shield."),
            touched=True,
        ),
        ProtectHistory("sharing_shield_history", grants=False),
        Open(
            "sharing_duty_period",
            reason="when a law was in force; names no subject",
            rights="select, insert, update",
        ),
        migrations.RunSQL(
            "create trigger a_guard before insert or update on sharing_duty_period "
            "for each row execute function app.guard_set_up()",
            "drop trigger a_guard on sharing_duty_period",
        ),
        Engine("app.span(timestamptz, timestamptz)", create=SPAN, callers="app_rw"),
        Engine("app.decision_lapses(bigint, bigint)", create=LAPSE),
        Engine("app.rebuild_consents(bigint)", create=REBUILD_CONSENTS),
        Engine("app.rebuild_others(bigint)", create=REBUILD_OTHERS),
        Engine("app.rebuild_purposes(bigint)", create=REBUILD_PURPOSES),
        Engine("app.derive_sharing()", create=DERIVE),
        Engine("app.derive_sharing_again()", create=DERIVE_AGAIN),
        Engine("app.derive_duties()", create=DERIVE_DUTIES),
        Engine("app.derive_purposes()", create=DERIVE_PURPOSES),
        Engine("app.is_break_glass(bigint)", create=IS_BREAK_GLASS, callers="app_rw"),
        Engine("app.shielded(bigint, boolean)", create=SHIELDED, callers="app_rw"),
        Engine("app.shielded_from_passers_by(bigint)", create=ONLY_PURPOSE, callers="app_rw"),
        migrations.RunSQL(
            OF_OWN_BASIS,
            _first.OF_OWN_BASIS.partition("create trigger")[0].replace(
                "create function", "create or replace function"
            ),
        ),
        migrations.RunSQL(
            STARTS_NOW,
            "drop trigger b_starts_now on sharing_basis; drop trigger b_not_extended on sharing_basis;"
            "drop function app.break_glass_starts_now()",
        ),
        alter("sharing_line", "insert", "with check", WORKS_WITH, _first.WORKS_WITH),
        alter("sharing_line", "select", "using", READ_LINE, OLD_READ_LINE),
        alter("sharing_basis", "select", "using", READ_BASIS, OLD_READ),
        *[
            migrations.RunSQL(
                f"create policy {table}_shield on {table} as restrictive for select to app_rw using ({rule})",
                f"drop policy {table}_shield on {table}",
            )
            for table, rule in HIDDEN.items()
        ],
        migrations.RunSQL(NOW_DERIVED_ELSEWHERE, tuple(DERIVED_AS_BEFORE)),
        migrations.RunSQL(DERIVE_ALL, migrations.RunSQL.noop),
    ]
