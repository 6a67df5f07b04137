"""Involvements kept fresh by a service of the product; who knows of whom, under its policy."""

from django.db import migrations

from teamaround.database.operations import KEEP_HISTORY_ON, Engine, Open, Protect, mine

# Schools, surgeries and registers hold for years: a question a quarter would be noise there.
RULES = """
insert into involvement_freshness (role, quiet_after_days, remind_after_days, end_after_days) values
    ('lead', 90, 14, 30), ('worker', 90, 14, 30), ('waiting', 90, 14, 30),
    ('school', 365, 14, 30), ('gp', 365, 14, 30), ('registered', 365, 14, 30)
"""

# The last day on which anybody said that the team works with them, and the days of its role.
QUIET_FROM = """
create function app.quiet_from(i involvement) returns date
language sql stable security definer set search_path = public, pg_catalog as $$
    select greatest(i.since, i.last_contact_on, i.confirmed_on, (i.recorded_at at time zone 'Europe/London')::date)
        + coalesce((select f.quiet_after_days from involvement_freshness f where f.role = i.role), 90)::int
$$
"""

# An open case, or a referral in hand, says better than any question that a team works with somebody.
CARRIES_CASE = """
create function app.carries_case(i involvement) returns boolean
language sql stable security definer set search_path = public, pg_catalog as $$
    select exists (select from access_grant g where g.subject_id = i.subject_id and g.principal_id = i.author_team_id
                   and g.basis_kind = 'episode' and g.valid_during @> statement_timestamp())
$$
"""

MUST_BE_KEEPING = """
    if app.actor_kind() <> 'service' or not exists (
            select from service s where s.id = app.actor() and s.name = 'involvements') then
        raise exception 'only the service that keeps involvements' using errcode = 'insufficient_privilege';
    end if;
"""

# Asked, reminded, ended: each once, in this order over the weeks, whenever the job runs and however often. Nobody is
# ended who was not reminded as long before as the rule says. Told are: the teams asked and reminded, the team whose
# involvement ended, and, where they may know of it, whoever leads. Nothing of whom it is about is returned.
KEEP_FRESH = f"""
create function app.keep_involvements(today date) returns table (step text, team int, practitioner int)
language plpgsql security definer set search_path = public, pg_catalog as $$
#variable_conflict use_column
begin
    {MUST_BE_KEEPING}
    update involvement i set asked_on = null, reminded_on = null, version = version + 1
    where i.until is null and i.asked_on is not null and (app.quiet_from(i) > today or app.carries_case(i));
    return query
        with ended as (
            update involvement i set until = greatest(today, i.since), end_reason = 'unconfirmed', version = version + 1
            from involvement_freshness f
            where f.role = i.role and i.until is null and i.asked_on is not null and i.reminded_on is not null
              and i.asked_on + f.end_after_days::int <= today
              and i.reminded_on + (f.end_after_days - f.remind_after_days)::int <= today
            returning i.subject_id, i.author_team_id, i.category)
        select distinct 'ended', e.author_team_id, null::int from ended e
        union
        select distinct 'ended_for_lead', l.author_team_id, l.practitioner_id
        from ended e cross join lateral unnest(app.same_person(e.subject_id)) r(id)
        join involvement l on l.subject_id = r.id and l.until is null and l.role = 'lead'
        where e.category = 'index' and l.author_team_id <> e.author_team_id;
    return query
        with reminded as (
            update involvement i set reminded_on = today, version = version + 1
            from involvement_freshness f
            where f.role = i.role and i.until is null and i.reminded_on is null
              and i.asked_on + f.remind_after_days::int <= today
            returning i.author_team_id)
        select distinct 'reminded', r.author_team_id, null::int from reminded r;
    return query
        with asked as (
            update involvement i set asked_on = today, version = version + 1
            where i.until is null and i.asked_on is null and app.quiet_from(i) <= today and not app.carries_case(i)
            returning i.author_team_id)
        select distinct 'asked', a.author_team_id, null::int from asked a;
end $$
"""

# What a team held until it lapsed by itself, told by name for a while: it could not begin again with somebody it cannot
# tell apart. Not while a full shield binds it.
ENDED = """
create function app.ended_unconfirmed()
returns table (uuid uuid, subject_id bigint, name text, born date, born_precision text, since date, until date)
language plpgsql stable security definer set search_path = public, pg_catalog as $$
#variable_conflict use_column
declare mine int[] := app.principals();
begin
    if app.actor_kind() <> 'practitioner' then
        return;
    end if;
    return query
        select i.uuid, i.subject_id, coalesce(trim(p.given || ' ' || p.family_name), f.name)::text, p.date_of_birth,
            coalesce(p.born_precision, 'day')::text, i.since, i.until
        from involvement i left join person p on p.subject_id = i.subject_id left join family f on f.subject_id = i.subject_id
        where i.author_team_id = any (mine) and i.end_reason = 'unconfirmed'
            and i.until > (statement_timestamp() at time zone 'Europe/London')::date - 90
            and p.voided_at is null and not app.shielded(i.subject_id, true)
            and not exists (select from involvement o where o.subject_id = any (app.same_person(i.subject_id))
                            and o.author_team_id = i.author_team_id and o.until is null)
        order by i.until desc, i.id desc limit 200;
end $$
"""

# A service began: those there already are told, and what it did not know of is noted, once a statement, for a whole
# caseload together. Who referred the child to the other knew of it. Of a sensitive service nobody is told; it is told
# itself, in rows that nobody else reads.
BEGUN = """
create function app.note_begun() returns trigger
language plpgsql security definer set search_path = public, pg_catalog as $$
declare today date := (statement_timestamp() at time zone 'Europe/London')::date;
begin
    insert into acquainted (subject_id, author_team_id, other_team_id, how)
    select distinct i.subject_id, i.author_team_id, n.author_team_id, 'told'
    from written n cross join lateral unnest(app.same_person(n.subject_id)) r(id)
    join involvement i on i.subject_id = r.id and i.author_team_id <> n.author_team_id
        and (i.until is null or i.until > today)
    where n.category = 'index' and (n.until is null or n.until > today)
    on conflict (subject_id, author_team_id, other_team_id, how) do update set at = statement_timestamp(), mailed_at = null;
    insert into acquainted (subject_id, author_team_id, other_team_id, how)
    select distinct n.subject_id, n.author_team_id, i.author_team_id, 'found'
    from written n cross join lateral unnest(app.same_person(n.subject_id)) r(id)
    join involvement i on i.subject_id = r.id and i.author_team_id <> n.author_team_id and i.category = 'index'
        and (i.until is null or i.until > today)
    where (n.until is null or n.until > today)
        and not exists (select from acquainted a where a.subject_id = any (app.same_person(n.subject_id))
                        and a.author_team_id = n.author_team_id and a.other_team_id = i.author_team_id)
        and not exists (select from episode e where e.subject_id = any (app.same_person(n.subject_id))
                        and (e.author_team_id, e.referring_team_id) in ((n.author_team_id, i.author_team_id),
                                                                        (i.author_team_id, n.author_team_id)))
    on conflict do nothing;
    return null;
end $$
"""

# Whoever opens the list of those involved knows them from then on, as far as they may see them. Who was told of a service
# that began again has looked anew.
LOOKED = """
create function app.look_at_involved(wanted bigint) returns int
language plpgsql security definer set search_path = public, pg_catalog as $$
declare mine int[] := app.principals(); written int;
begin
    if app.actor_kind() <> 'practitioner' then
        return 0;
    end if;
    insert into acquainted (subject_id, author_team_id, other_team_id, how)
    select distinct i.subject_id, t.id, i.author_team_id, 'looked'
    from unnest(app.records_of(wanted)) r(id)
    join involvement i on i.subject_id = r.id and i.category = 'index' and not i.author_team_id = any (mine)
        and (i.until is null or i.until > (statement_timestamp() at time zone 'Europe/London')::date)
    join team t on t.id = any (mine)
    where exists (select from access_grant g where g.subject_id = i.subject_id and g.category = 'index'
                  and g.principal_id = any (mine) and g.valid_during @> statement_timestamp())
        and not app.shielded_from_passers_by(i.subject_id)
        and not exists (select from acquainted a where a.subject_id = i.subject_id and a.author_team_id = t.id
                        and a.other_team_id = i.author_team_id and a.how = 'looked'
                        and not exists (select from acquainted b where b.author_team_id = t.id and b.how = 'told'
                                        and b.subject_id = any (app.same_person(i.subject_id))
                                        and b.other_team_id = i.author_team_id and b.at > a.at))
    on conflict (subject_id, author_team_id, other_team_id, how) do update set at = statement_timestamp();
    get diagnostics written = row_count;
    return written;
end $$
"""

# They met at a meeting, or shared a plan: said by one of them that works with the child. Of a sensitive service
# nothing is noted about it, so that nobody can be shown to know of it.
ACQUAINT = """
create function app.acquaint(wanted bigint, teams int[], manner text) returns int
language plpgsql security definer set search_path = public, pg_catalog as $$
declare written int;
begin
    if manner not in ('met', 'plan') then
        raise exception 'services meet, or share a plan' using errcode = 'insufficient_privilege';
    end if;
    if not teams && app.principals() or not app.works_with(wanted) then
        return 0;
    end if;
    insert into acquainted (subject_id, author_team_id, other_team_id, how)
    select distinct wanted, a.id, b.id, manner
    from team a cross join team b
    where a.id = any (teams) and b.id = any (teams) and a.id <> b.id and b.sensitivity = ''
    on conflict do nothing;
    get diagnostics written = row_count;
    return written;
end $$
"""

# Pairs of services of which the later did not know of the earlier when it began, and whether they have still to be
# introduced: neither met nor shared a plan, nor did each look at the list. Told to those who work with the child, of
# services whose involvement they may read. `found` is there exactly for what a service did not know.
STRANGERS = """
create function app.strangers(wanted bigint) returns table (team int, other int, apart boolean)
language plpgsql stable security definer set search_path = public, pg_catalog as $$
#variable_conflict use_column
declare mine int[] := app.principals(); records bigint[] := app.records_of(wanted);
begin
    if not exists (select from unnest(records) r(id) where app.works_with(r.id)) then
        return;
    end if;
    return query
        with here as (
            select distinct i.author_team_id as id from involvement i
            where i.subject_id = any (records) and i.category = 'index'
                and (i.until is null or i.until > (statement_timestamp() at time zone 'Europe/London')::date)
                and (i.author_team_id = any (mine) or exists (
                    select from access_grant g where g.subject_id = i.subject_id and g.category = 'index'
                        and g.principal_id = any (mine) and g.valid_during @> statement_timestamp())
                    and not app.shielded_from_passers_by(i.subject_id))
        ), known as (
            select a.author_team_id as one, a.other_team_id as two, a.how from acquainted a
            join here x on x.id = a.author_team_id join here y on y.id = a.other_team_id
            where a.subject_id = any (records)
        )
        select k.one, k.two, not exists (
                select from known m where m.how in ('met', 'plan') and (m.one, m.two) in ((k.one, k.two), (k.two, k.one)))
            and not (exists (select from known m where m.how = 'looked' and (m.one, m.two) = (k.one, k.two))
                 and exists (select from known m where m.how = 'looked' and (m.one, m.two) = (k.two, k.one)))
        from known k where k.how = 'found';
end $$
"""

# Who is told by e-mail that another service began: the workers named, each once, however many children. What is told
# once is not told again; what stands no more is passed over.
TAKE_TOLD = f"""
create function app.take_told() returns table (practitioner int)
language plpgsql security definer set search_path = public, pg_catalog as $$
begin
    {MUST_BE_KEEPING}
    return query
        with taken as (
            update acquainted a set mailed_at = statement_timestamp() where a.how = 'told' and a.mailed_at is null
            returning a.subject_id, a.author_team_id, a.other_team_id, a.at)
        select distinct i.practitioner_id
        from taken t join involvement i on i.subject_id = t.subject_id and i.author_team_id = t.author_team_id
            and i.until is null and i.practitioner_id is not null
        where t.at > statement_timestamp() - interval '7 days'
            and exists (select from involvement o where o.subject_id = any (app.same_person(t.subject_id))
                        and o.author_team_id = t.other_team_id and o.category = 'index' and o.until is null);
end $$
"""

# How many assessments, agreed plans and meetings to come: numbers alone, for those who work with the child.
COUNTED = """
create function app.counted(wanted bigint) returns table (kind text, n int)
language plpgsql stable security definer set search_path = public, pg_catalog as $$
#variable_conflict use_column
declare mine int[] := app.principals(); records bigint[] := app.records_of(wanted); told text[];
begin
    if not exists (select from unnest(records) r(id) where app.works_with(r.id)) then
        return;
    end if;
    select coalesce(array_agg(c.name), '{}') into told from unnest(array['assessment', 'plan']) c(name)
    where not app.shielded(wanted, false) and (
        exists (select from access_grant g where g.subject_id = any (records) and g.category = c.name
                and g.principal_id = any (mine) and g.valid_during @> statement_timestamp())
        or not exists (select from sharing_line l join sharing_basis b on b.id = l.basis_id
                       where b.kind = 'consent' and l.subject_id = any (records) and l.holder_id = any (mine)
                           and l.shared_category = c.name and (l.answer <> 'share' or b.withdrawn_at is not null)));
    return query
        select 'assessment', count(*)::int from assessment a join team t on t.id = a.author_team_id
        where a.subject_id = any (records) and a.status <> 'entered-in-error'
            and (t.id = any (mine) or t.sensitivity = '' and a.category = 'assessment' and 'assessment' = any (told))
        union all
        select 'plan', count(*)::int from plan p join episode e on e.id = p.episode_id join team t on t.id = p.author_team_id
        where e.subject_id = any (records) and p.state = 'active'
            and (t.id = any (mine) or t.sensitivity = '' and p.category = 'plan' and 'plan' = any (told))
        union all
        select 'meeting', count(*)::int from meeting m join team t on t.id = m.author_team_id
        where m.subject_id = any (records) and m.state = 'booked' and m.starts_at > statement_timestamp()
            and (t.id = any (mine) or t.sensitivity = '' and m.category = 'plan' and 'plan' = any (told));
end $$
"""

READ = (
    f"{mine('acquainted', 'author_team_id')} and exists "
    "(select from team t where t.id = acquainted.other_team_id and t.sensitivity = '')"
)


class Migration(migrations.Migration):
    dependencies = [
        ("index", "0012_freshness"),
        ("people", "0005_merge_policies"),
        ("sharing", "0011_merged"),
    ]
    operations = [
        # The triggers of history were made anew, and with them what would let a session switch them off.
        migrations.RunSQL(KEEP_HISTORY_ON, migrations.RunSQL.noop),
        Open(
            "involvement_freshness",
            reason="how many days an involvement of each role may be quiet; no subject",
            rights="select",
        ),
        migrations.RunSQL(RULES, "delete from involvement_freshness"),
        Protect("acquainted", read=READ, insert="false", update="false"),
        Engine("app.quiet_from(involvement)", create=QUIET_FROM),
        Engine("app.carries_case(involvement)", create=CARRIES_CASE),
        Engine("app.keep_involvements(date)", create=KEEP_FRESH, callers="app_rw"),
        Engine("app.ended_unconfirmed()", create=ENDED, callers="app_rw"),
        Engine("app.note_begun()", create=BEGUN),
        migrations.RunSQL(
            "create trigger note_begun after insert on involvement referencing new table as written "
            "for each statement execute function app.note_begun()",
            "drop trigger note_begun on involvement",
        ),
        Engine("app.look_at_involved(bigint)", create=LOOKED, callers="app_rw"),
        Engine("app.acquaint(bigint, int[], text)", create=ACQUAINT, callers="app_rw"),
        Engine("app.strangers(bigint)", create=STRANGERS, callers="app_rw"),
        Engine("app.take_told()", create=TAKE_TOLD, callers="app_rw"),
        Engine("app.counted(bigint)", create=COUNTED, callers="app_rw"),
    ]
