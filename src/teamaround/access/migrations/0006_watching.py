"""Who may read the access log, and what it is watched for."""

from django.db import migrations

from teamaround.database.operations import Engine, Open, Protect

GOVERNS = "(select app.governs())"

TABLES = """
create index access_look_principal on access_look (principal, at);

-- Checked at once: a table with checks that wait cannot be altered below.
set constraints all immediate;
insert into access_alert_rule (kind, active, "limit", opens, closes, effective_from) values
    ('no_tie', true, null, null, null, '2020-01-01'), ('many', true, 60, null, null, '2020-01-01'),
    ('own_family', true, null, null, null, '2020-01-01'), ('famous', true, null, null, null, '2020-01-01'),
    ('out_of_hours', true, null, '07:00', '20:00', '2020-01-01');

-- How far the log has been watched: the number of the last seal.
create table access_watch (single boolean primary key default true check (single), seal bigint not null);
insert into access_watch (seal) values (0);

-- Looks that the person they were about is not told of. Kept, since what they rest on may be gone later: a
-- safeguarding basis that was withdrawn must not bring them to light.
create table access_withheld (look uuid not null, subject_id bigint not null, primary key (look, subject_id));
"""
UNTABLES = """
delete from access_alert_rule;
drop table access_withheld;
drop table access_watch;
drop index access_look_principal;
"""

# A look may tip somebody off: police, domestic abuse and other sensitive services, and whoever looks on a
# safeguarding ground. Who is not known to have been in a team is not shown either.
WITHHELD = """
create function app.may_tip_off(reader int, subject bigint, at_time timestamptz, page text, reason text, categories text[])
returns boolean
language plpgsql stable security definer set search_path = public, pg_catalog as $$
declare
    mine int[];
begin
    if 'safeguarding' = any (categories) or page ~ '(safeguarding|break_glass|vital|shield)'
       or reason ~* '(safeguard|child protection|section 47|s\\.? ?47|strategy (meeting|discussion)|police|domestic abuse|MARAC|MASH)' then
        return true;
    end if;
    select array_agg(m.team_id) into mine from membership m
        where m.practitioner_id = reader and m.since <= at_time and (m.until is null or m.until > at_time);
    if mine is null then
        return true;
    end if;
    -- Of now as well as of then: somebody who joined the police since is not told of either.
    if exists (select 1 from membership m join team t on t.id = m.team_id join agency a on a.id = t.agency_id
               where m.practitioner_id = reader and (m.team_id = any (mine) or m.until is null)
                 and (t.sensitivity <> '' or a.sector = 'police')) then
        return true;
    end if;
    return exists (select 1 from access_grant g where g.subject_id = subject and g.principal_id = any (mine || reader)
                   and g.basis_kind in ('safeguarding', 'vital', 'break_glass') and g.valid_during @> at_time);
end $$
"""

# No number, no total, no gap: a look that is withheld leaves nothing behind. Looks that have not been watched
# yet come with the next minute.
LOOKS_ON = """
create function app.looks_on(subject bigint, before timestamptz, before_look uuid, most int)
returns table (look uuid, at timestamptz, role text, agency text, page text, act text, reason text, categories text[])
language plpgsql stable security definer set search_path = public, pg_catalog as $$
#variable_conflict use_column
begin
    if app.actor_kind() <> 'family' or not exists (
        select 1 from portal_account p
        where p.id = app.actor() and p.person_id = looks_on.subject and p.ended_at is null) then
        raise exception 'only the person themselves reads who looked at their record'
            using errcode = 'insufficient_privilege';
    end if;
    return query
        select k.id, k.at, coalesce(nullif(w.job_title, ''), 'Practitioner')::text, a.name::text, k.page::text, k.act::text,
               k.reason::text, l.categories::text[]
        from access_look_line l
        join access_look k on k.id = l.look
        join practitioner w on w.id = k.principal
        cross join lateral (
            select g.name from membership m join team t on t.id = m.team_id join agency g on g.id = t.agency_id
            where m.practitioner_id = w.id and m.since <= k.at and (m.until is null or m.until > k.at)
            order by m.since, m.id limit 1) a
        where l.subject_id = looks_on.subject and l.at <= coalesce(before, 'infinity') + interval '1 day'
          and k.outcome = 'shown' and k.seal <= (select x.seal from access_watch x)
          and (before is null or (k.at, k.id) < (before, before_look))
          and not exists (select 1 from access_withheld h where h.look = k.id and h.subject_id = l.subject_id)
          and not app.may_tip_off(k.principal, l.subject_id, k.at, k.page, k.reason, l.categories)
        order by k.at desc, k.id desc
        limit least(greatest(most, 1), 200);
end $$
"""

ACCESS_LOG = """
create function app.access_log(since timestamptz, until timestamptz, agency bigint, before timestamptz, before_look uuid, most int)
returns table (look uuid, at timestamptz, who text, job_title text, team text, agency_name text, page text, act text, reason text,
               outcome text, subjects bigint[], names text[], categories text[], total int)
language plpgsql stable security definer set search_path = public, pg_catalog as $$
#variable_conflict use_column
begin
    if not app.governs() then
        raise exception 'the access log is read by the information-governance lead'
            using errcode = 'insufficient_privilege';
    end if;
    return query
        with found as materialized (
            select k.* from access_look k
            where k.at >= since and k.at < until
              and (before is null or k.at <= before) and (before is null or (k.at, k.id) < (before, before_look))
              and (access_log.agency is null or exists (
                    select 1 from membership m join team t on t.id = m.team_id
                    where m.practitioner_id = k.principal and t.agency_id = access_log.agency
                      and m.since <= k.at and (m.until is null or m.until > k.at)))
            order by k.at desc, k.id desc
            limit least(greatest(most, 1), 200))
        select k.id, k.at, coalesce(w.name, case when d.id is not null then 'Family member' end, '')::text,
               coalesce(w.job_title, '')::text, coalesce(a.team, '')::text, coalesce(a.agency, '')::text,
               k.page::text, k.act::text, k.reason::text, k.outcome::text, coalesce(s.ids, '{}'), coalesce(s.names, '{}'),
               coalesce(s.categories, '{}'), coalesce(s.total, 0)
        from found k
        left join practitioner w on w.id = k.principal or (k.principal = 0 and w.account_id = k.account_id)
        left join portal_account d on d.id = k.principal
        left join lateral (
            select t.name as team, g.name as agency
            from membership m join team t on t.id = m.team_id join agency g on g.id = t.agency_id
            where m.practitioner_id = w.id and m.since <= k.at and (m.until is null or m.until > k.at)
            order by m.since, m.id limit 1) a on true
        left join lateral (
            select array_agg(x.subject_id order by x.n) filter (where x.n <= 5) as ids,
                   array_agg(x.name order by x.n) filter (where x.n <= 5) as names,
                   (select array_agg(distinct c order by c) from access_look_line y, unnest(y.categories) c
                        where y.look = k.id)::text[] as categories,
                   count(*)::int as total
            from (select l.subject_id, row_number() over (order by l.id) n,
                         coalesce(trim(p.given || ' ' || p.family_name), f.name, '') as name
                  from access_look_line l
                  left join person p on p.subject_id = l.subject_id
                  left join family f on f.subject_id = l.subject_id
                  where l.look = k.id) x) s on true
        order by k.at desc, k.id desc;
end $$
"""

HAD_TIE = """
create function app.had_tie(reader int, subject bigint, at_time timestamptz) returns boolean
language plpgsql stable security definer set search_path = public, pg_catalog as $$
declare
    mine int[];
    day date := (at_time at time zone 'Europe/London')::date;
begin
    select array_agg(m.team_id) into mine from membership m
        where m.practitioner_id = reader and m.since <= at_time and (m.until is null or m.until > at_time);
    mine := coalesce(mine, '{}') || reader || coalesce((select array_agg(s.panel_id) from panel_seat s
        where s.practitioner_id = reader and s.since <= at_time and (s.until is null or s.until > at_time)), '{}');
    return exists (select 1 from access_grant g where g.subject_id = subject and g.principal_id = any (mine)
                     and g.valid_during @> at_time)
        or exists (select 1 from access_purpose u where u.subject_id = subject and u.practitioner_id = reader
                     and u.stated_at <= at_time and u.until > at_time)
        or exists (select 1 from involvement i where i.subject_id = subject and i.author_team_id = any (mine)
                     and i.since <= day and (i.until is null or i.until >= day))
        or exists (select 1 from event e where e.subject_id = subject and e.author_team_id = any (mine))
        or exists (select 1 from person p where p.subject_id = subject and p.author_team_id = any (mine))
        or exists (select 1 from family f where f.subject_id = subject and f.author_team_id = any (mine));
end $$
"""

RULE = """
create function app.alert_rule(wanted text, of_agency bigint, at_time timestamptz) returns access_alert_rule
language sql stable security definer set search_path = public, pg_catalog as $$
    select r from access_alert_rule r
    where r.kind = wanted and (r.agency_id is null or r.agency_id = of_agency) and r.effective_from <= at_time
    order by r.agency_id is null, r.effective_from desc, r.id desc limit 1
$$
"""

# Looks of newly sealed batches, each once: the cursor moves in the same transaction. Raising again raises
# nothing, since an alert is one for its kind, practitioner, subject and time.
RAISE = """
create function app.raise_alerts(closed date[]) returns int
language plpgsql security definer set search_path = public, pg_catalog as $$
declare
    upto bigint;
    last bigint;
    f timestamptz;
    t timestamptz;

    raised int := 0;
    n int;
begin
    if app.actor_kind() <> 'service' then
        raise exception 'only a service watches the log' using errcode = 'insufficient_privilege';
    end if;
    if not pg_try_advisory_xact_lock(hashtextextended('access_watch', 0)) then
        return 0;
    end if;
    select w.seal into upto from access_watch w;
    select max(s.number), min(s.first_at), max(s.last_at) into last, f, t from access_seal s where s.number > upto;
    if last is null then
        return 0;
    end if;

    insert into access_withheld (look, subject_id)
    select k.id, l.subject_id
    from access_look k join access_look_line l on l.look = k.id and l.at between f and t
    where k.at between f and t and k.seal > upto and k.outcome = 'shown'
      and app.may_tip_off(k.principal, l.subject_id, k.at, k.page, k.reason, l.categories)
    on conflict do nothing;

    insert into access_alert (uuid, kind, practitioner_id, subject_id, look, at, bucket, subjects, outcome, reason)
    select distinct on (p.id, l.subject_id) gen_random_uuid(), 'no_tie', p.id, l.subject_id, k.id, k.at,
        date_trunc('day', k.at, 'Europe/London'), 1, '', ''
    from access_look k join practitioner p on p.id = k.principal
        join access_look_line l on l.look = k.id and l.at between f and t
    where k.at between f and t and k.seal > upto and k.outcome = 'shown' and k.reason = '' and k.page not like 'oversight:%'
      and (app.alert_rule('no_tie', null, k.at)).active and not app.had_tie(p.id, l.subject_id, k.at)
    order by p.id, l.subject_id, k.at
    on conflict do nothing;
    get diagnostics n = row_count; raised := raised + n;

    insert into access_alert (uuid, kind, practitioner_id, look, at, bucket, subjects, outcome, reason)
    select distinct on (w.principal, date_trunc('hour', w.until)) gen_random_uuid(), 'many', w.principal, c.look, c.at,
        date_trunc('hour', w.until), c.people, '', ''
    from (select distinct k.principal, date_bin('5 minutes', k.at, '2000-01-01') + interval '5 minutes' as until
          from access_look k join practitioner p on p.id = k.principal
          where k.at between f and t and k.seal > upto and k.outcome = 'shown' and k.act not in ('list', 'search')) w
    cross join lateral (
        select count(distinct l.subject_id)::int as people, max(k.at) as at, (array_agg(k.id order by k.at desc))[1] as look
        from access_look k join access_look_line l on l.look = k.id and l.at > w.until - interval '65 minutes'
        where k.principal = w.principal and k.at > w.until - interval '1 hour' and k.at <= w.until
          and k.outcome = 'shown' and k.act not in ('list', 'search') and k.page not like 'oversight:%') c
    where (app.alert_rule('many', null, c.at)).active and c.people > (app.alert_rule('many', null, c.at))."limit"
    order by w.principal, date_trunc('hour', w.until), w.until
    on conflict do nothing;
    get diagnostics n = row_count; raised := raised + n;

    -- The same family name as the practitioner's; where they said where their family lives, that address too.
    insert into access_alert (uuid, kind, practitioner_id, subject_id, look, at, bucket, subjects, outcome, reason)
    select distinct on (p.id, l.subject_id) gen_random_uuid(), 'own_family', p.id, l.subject_id, k.id, k.at,
        date_trunc('month', k.at, 'Europe/London'), 1, '', ''
    from access_look k join practitioner p on p.id = k.principal
        join access_look_line l on l.look = k.id and l.at between f and t
        join person q on q.subject_id = l.subject_id
    where k.at between f and t and k.seal > upto and k.outcome = 'shown' and k.act not in ('list', 'search')
      and k.page not like 'oversight:%' and (app.alert_rule('own_family', null, k.at)).active
      and (exists (
              select 1 from access_family_link d
              where d.practitioner_id = p.id and d.ended_at is null and app.plain(d.family_name) = app.plain(q.family_name)
                and (d.given = '' or app.plain(d.given) = app.plain(q.given))
                and (d.postcode = '' or exists (
                    select 1 from person_address a where a.subject_id = q.subject_id and a.voided_at is null
                      and upper(replace(a.postcode, ' ', '')) = upper(replace(d.postcode, ' ', '')))))
           or (app.plain(q.family_name) = app.plain(substring(p.name from '[^ ]+$')) and not exists (
              select 1 from access_family_link d
              where d.practitioner_id = p.id and d.ended_at is null and d.postcode <> '')))
    order by p.id, l.subject_id, k.at
    on conflict do nothing;
    get diagnostics n = row_count; raised := raised + n;

    insert into access_alert (uuid, kind, practitioner_id, subject_id, look, at, bucket, subjects, outcome, reason)
    select distinct on (p.id, l.subject_id) gen_random_uuid(), 'famous', p.id, l.subject_id, k.id, k.at,
        date_trunc('day', k.at, 'Europe/London'), 1, '', ''
    from access_look k join practitioner p on p.id = k.principal
        join access_look_line l on l.look = k.id and l.at between f and t
        join person q on q.subject_id = l.subject_id
    where k.at between f and t and k.seal > upto and k.outcome = 'shown' and k.page not like 'oversight:%'
      and (app.alert_rule('famous', null, k.at)).active and exists (
          select 1 from access_famous_name n where n.ended_at is null
            and app.plain(n.family_name) = app.plain(q.family_name) and app.plain(n.given) = app.plain(q.given))
    order by p.id, l.subject_id, k.at
    on conflict do nothing;
    get diagnostics n = row_count; raised := raised + n;

    insert into access_alert (uuid, kind, practitioner_id, look, at, bucket, subjects, outcome, reason)
    select distinct on (p.id, h.day) gen_random_uuid(), 'out_of_hours', p.id, k.id, k.at,
        h.day::timestamp at time zone 'Europe/London', 1, '', ''
    from access_look k join practitioner p on p.id = k.principal
        cross join lateral (select (k.at at time zone 'Europe/London')::date as day,
                                   (k.at at time zone 'Europe/London')::time as clock) h
        cross join lateral app.alert_rule('out_of_hours', (
            select t.agency_id from membership m join team t on t.id = m.team_id
            where m.practitioner_id = p.id and m.since <= k.at and (m.until is null or m.until > k.at)
            order by m.since, m.id limit 1), k.at) r
    where k.at between f and t and k.seal > upto and k.outcome = 'shown' and r.active
      and (h.clock < r.opens or h.clock >= r.closes or extract(isodow from h.day) > 5 or h.day = any (closed))
    order by p.id, h.day, k.at
    on conflict do nothing;
    get diagnostics n = row_count; raised := raised + n;

    update access_watch set seal = last;
    return raised;
end $$
"""


class Migration(migrations.Migration):
    dependencies = [("access", "0005_alerts")]
    operations = [
        migrations.RunSQL(TABLES, UNTABLES),
        Open("access_watch", reason="how far the log was watched; one number", rights=""),
        migrations.RunSQL("grant update on access_watch to app_engine", migrations.RunSQL.noop),
        Protect("access_withheld", author=None, grants=False, read="false", insert="false", append_only=True),
        Protect(
            "access_alert",
            author=None,
            grants=False,
            read=GOVERNS,
            insert="false",
            update=f"{GOVERNS} and (access_alert.settled_by_id is null or access_alert.settled_by_id = (select app.actor()))",
            update_columns=("settled_at", "settled_by_id", "outcome", "reason"),
        ),
        migrations.RunSQL(
            "create trigger a_settled_once before update on access_alert for each row "
            "when (old.settled_at is not null) execute function app.refuse_change()",
            "drop trigger a_settled_once on access_alert",
        ),
        Protect(
            "access_alert_rule",
            author=None,
            grants=False,
            read=GOVERNS,
            insert=f"{GOVERNS} and access_alert_rule.set_by_id = (select app.actor()) "
            "and access_alert_rule.effective_from >= statement_timestamp() - interval '1 minute'",
            append_only=True,
        ),
        Protect(
            "access_famous_name",
            author=None,
            grants=False,
            read=GOVERNS,
            insert=f"{GOVERNS} and access_famous_name.added_by_id = (select app.actor())",
            update=GOVERNS,
            update_columns=("ended_at",),
        ),
        Protect(
            "access_family_link",
            author=None,
            grants=False,
            read=f"access_family_link.practitioner_id = (select app.actor()) or {GOVERNS}",
            insert="access_family_link.practitioner_id = (select app.actor())",
            update="access_family_link.practitioner_id = (select app.actor())",
            update_columns=("ended_at",),
        ),
        Engine("app.may_tip_off(int, bigint, timestamptz, text, text, text[])", create=WITHHELD, callers=""),
        Engine("app.looks_on(bigint, timestamptz, uuid, int)", create=LOOKS_ON, callers="app_rw"),
        Engine(
            "app.access_log(timestamptz, timestamptz, bigint, timestamptz, uuid, int)",
            create=ACCESS_LOG,
            callers="app_rw",
        ),
        Engine("app.had_tie(int, bigint, timestamptz)", create=HAD_TIE),
        Engine("app.alert_rule(text, bigint, timestamptz)", create=RULE),
        Engine("app.raise_alerts(date[])", create=RAISE, callers="app_rw"),
    ]
