"""Children known as young carers, counted for the whole area: rounded and suppressed before anything is kept.

The rules are those of `teamaround.disclosure`, told a second time in SQL; a test compares the two.
"""

from django.db import migrations

from teamaround.database.operations import Engine

# The class that a total falls into: its highest value, and what is shown of it.
TOTAL_CLASS = """
create function app.total_class(total int, base int, out high int, out known int, out fewer_than int)
language sql immutable parallel safe set search_path = pg_catalog as $$
    select case when total < least then least - 1 else figure + (base - 1) / 2 end,
           case when total < least then null else figure end,
           case when total < least then least end
    from (select greatest(5, (base + 1) / 2) as least, (2 * total + base) / (2 * base) * base as figure) x
$$
"""

# What is shown of a place. For an area none is not told from one to four.
SHOWN = """
create function app.shown_count(kind text, true_count int) returns int
language sql immutable parallel safe set search_path = pg_catalog as $$
    select case when true_count >= 5 then (2 * true_count + 5) / 10 * 5
                when true_count = 0 and kind <> 'area' then 0 end
$$
"""

# Asks of the two tables of parts, areas and schools, what is shown of them and nothing else.
BASE = """
create function app.total_base(of_way text) returns int
language sql stable security definer set search_path = public, pg_catalog as $$
    with part as (
        select p.kind, case when c.known is null then case p.kind when 'area' then 0 else 1 end
                            else greatest(c.known - 2, least(c.known, 5)) end as low,
               case when c.known is null then case p.kind when 'area' then 4 else 3 end else 0 end as width
        from coverage_count c join planning_place p on p.id = c.place_id
        where c.way = of_way and p.kind in ('area', 'school')),
    table_of as (select kind, sum(low) as floor, max(width) as width from part group by kind),
    needs as (select coalesce(max(floor), 0)::int as least, max(floor + width) as needed,
                     coalesce(max(width), 0) = 0 as plain from table_of)
    select min(b.base) from (values (5), (10), (20), (50), (100)) b(base), needs n
    where n.plain or (app.total_class(n.least, b.base)).high >= n.needed
$$
"""

# One pass over what makes a child known; then age, home and school of those alone. Records of one person are one
# child. Left out: whoever a shield protects, whoever died or was voided, and whatever a sensitive service wrote.
COUNT = """
create function app.count_coverage() returns timestamptz
language plpgsql security definer set search_path = public, pg_catalog, pg_temp
set plan_cache_mode = force_custom_plan as $$
declare
    today date := (statement_timestamp() at time zone 'Europe/London')::date;
    counted record;
    totals jsonb := '{}';
begin
    if app.actor_kind() <> 'service' then
        raise exception 'only a service counts the whole area' using errcode = 'insufficient_privilege';
    end if;
    perform pg_advisory_xact_lock(hashtextextended('count_coverage', 0));
    delete from coverage_total;
    delete from coverage_count;
    insert into coverage_count (place_id, way, known)
    select p.id, w.way, app.shown_count(p.kind, 0)
    from planning_place p cross join (values ('registered'), ('census'), ('caring')) w(way)
    where p.ended_at is null and (p.kind <> 'area' or (
        select f.children from planning_figure f where f.place_id = p.id and f.as_of <= today order by f.as_of desc, f.id desc limit 1) >= 100);
    for counted in
        with recursive up(id, root) as (
            select m.subject_id, m.into_id from person_merge m where m.undone_at is null
            union all select u.id, m.into_id from up u join person_merge m on m.subject_id = u.root and m.undone_at is null),
        record_of as materialized (
            select u.id, u.root as child from up u
            where not exists (select 1 from person_merge m where m.subject_id = u.root and m.undone_at is null)),
        open_team as materialized (select t.id, t.agency_id from team t where t.sensitivity = ''),
        said as (
            select i.subject_id, 'registered' as way from involvement i
                join planning_service s on s.team_id = i.author_team_id and s.ended_at is null
                join open_team t on t.id = i.author_team_id
            where i.category = 'index' and i.role <> 'waiting' and i.since <= today and (i.until is null or i.until > today)
            union all
            select s.subject_id, 'census' from person_school_place s join open_team t on t.id = s.author_team_id
            where s.young_carer_indicator in ('P', 'S') and s.voided_at is null and (s.until is null or s.until > today)
            union all
            select c.subject_id, 'caring' from person_caring c join open_team t on t.id = c.author_team_id
            where c.voided_at is null and (c.until is null or c.until > today)),
        child_said as materialized (
            select distinct coalesce(r.child, s.subject_id) as child, s.way from said s left join record_of r on r.id = s.subject_id),
        -- Every record of each of them.
        of_child as materialized (
            select c.child, c.child as record from (select distinct child from child_said) c
            union all select r.child, r.id from record_of r where r.child in (select child from child_said)),
        shielded as materialized (
            select s.subject_id from sharing_shield s
            where app.span(s.valid_from, least(s.valid_until, s.lifted_at)) @> statement_timestamp()),
        young as materialized (
            select o.child from of_child o join person p on p.subject_id = o.record
            group by o.child
            having bool_and(p.died_on is null) and bool_or(p.voided_at is null)
               and bool_and(o.record not in (select subject_id from shielded))
               -- What the record that is shown says, where it says anything.
               and coalesce(max(p.date_of_birth) filter (where o.record = o.child), max(p.date_of_birth))
                   between today - interval '18 years' + interval '1 day' and today - interval '5 years'),
        known as materialized (select c.child, c.way from child_said c join young y on y.child = c.child),
        mine as materialized (select o.child, o.record from of_child o join young y on y.child = o.child),
        home as (
            select distinct on (m.child) m.child, upper(replace(d.postcode, ' ', '')) as postcode
            from mine m join person_address d on d.subject_id = m.record join open_team t on t.id = d.author_team_id
            where d.voided_at is null and d.postcode <> '' and (d.until is null or d.until > today)
            order by m.child, d.kind = 'home' desc, d.recorded_at desc, d.id desc),
        parts as (
            select h.child, case when whole then left(h.postcode, -3) else h.postcode end as district,
                   case when whole then left(h.postcode, -3) || ' ' || left(right(h.postcode, 3), 1) end as sector
            from (select home.*, postcode ~ '^.{2,4}[0-9][A-Z]{2}$' as whole from home) h),
        code as materialized (
            select c.code, min(p.id) as place from planning_place p cross join lateral unnest(p.postcodes) c(code)
            where p.kind = 'area' and p.ended_at is null group by c.code),
        in_area as (
            select w.child, coalesce(s.place, d.place) as place from parts w
            left join code s on s.code = w.sector left join code d on d.code = w.district),
        school_name as materialized (
            select n.name, min(n.id) as place from (
                select p.id, app.plain(p.name) as name from planning_place p where p.kind = 'school' and p.ended_at is null
                union select p.id, app.plain(a.name) from planning_place p join agency a on a.id = p.agency_id
                where p.kind = 'school' and p.ended_at is null) n group by n.name),
        at_school as (
            select distinct on (s.child) s.child, s.place from (
                select m.child, n.place, 1 as rank, d.recorded_at
                from mine m join person_school_place d on d.subject_id = m.record join open_team t on t.id = d.author_team_id
                    left join school_name n on n.name = app.plain(d.school_name)
                where d.voided_at is null and (d.until is null or d.until > today)
                union all
                select m.child, p.id, 2, i.recorded_at
                from mine m join involvement i on i.subject_id = m.record join open_team t on t.id = i.author_team_id
                    join planning_place p on p.kind = 'school' and p.ended_at is null and p.agency_id = t.agency_id
                where i.category = 'index' and i.since <= today and (i.until is null or i.until > today)) s
            order by s.child, s.rank, s.recorded_at desc, s.place),
        at_surgery as (
            select distinct m.child, p.id as place
            from mine m join involvement i on i.subject_id = m.record join open_team t on t.id = i.author_team_id
                join planning_place p on p.kind = 'surgery' and p.ended_at is null and p.agency_id = t.agency_id
            where i.category = 'index' and i.since <= today and (i.until is null or i.until > today)),
        somewhere as (
            select child, place from in_area union all select child, place from at_school
            union all select child, place from at_surgery)
        select k.way, s.place, count(*)::int as children from known k join somewhere s on s.child = k.child
        where s.place is not null group by 1, 2
        union all select k.way, null, count(*)::int from known k group by 1
    loop
        if counted.place is null then
            totals := totals || jsonb_build_object(counted.way, counted.children);
        else
            update coverage_count c set known = app.shown_count(p.kind, counted.children)
            from planning_place p where p.id = counted.place and c.place_id = p.id and c.way = counted.way;
        end if;
    end loop;
    insert into coverage_total (way, known, fewer_than, base, made_at)
    select w.way, c.known, c.fewer_than, b.base, statement_timestamp()
    from (values ('registered'), ('census'), ('caring')) w(way)
    cross join lateral (select app.total_base(w.way) as base) b
    left join lateral app.total_class(coalesce((totals ->> w.way)::int, 0), b.base) c on b.base is not null;
    return statement_timestamp();
end $$
"""

REFUSED = """    if not app.sees_reports() then
        raise exception 'counts of the whole area are for those who plan for it' using errcode = 'insufficient_privilege';
    end if;"""

COVERAGE = f"""
create function app.coverage(of_way text, of_kind text) returns table (place_id bigint, known int)
language plpgsql stable security definer set search_path = public, pg_catalog as $$
#variable_conflict use_column
begin
{REFUSED}
    return query select c.place_id, c.known from coverage_count c join planning_place p on p.id = c.place_id
        where c.way = of_way and p.kind = of_kind;
end $$
"""

TOTALS = f"""
create function app.coverage_total(of_way text) returns table (known int, fewer_than int, made_at timestamptz)
language plpgsql stable security definer set search_path = public, pg_catalog as $$
#variable_conflict use_column
begin
{REFUSED}
    return query select t.known, t.fewer_than::int, t.made_at from coverage_total t where t.way = of_way;
end $$
"""


class Migration(migrations.Migration):
    dependencies = [
        ("reports", "0002_policies"),
        ("people", "0005_merge_policies"),
        ("sharing", "0013_taken_back_by_its_giver"),
        ("index", "0010_merged_in_search"),
    ]
    operations = [
        Engine("app.total_class(int, int)", create=TOTAL_CLASS),
        Engine("app.shown_count(text, int)", create=SHOWN),
        Engine("app.total_base(text)", create=BASE),
        Engine("app.count_coverage()", create=COUNT, callers="app_rw"),
        Engine("app.coverage(text, text)", create=COVERAGE, callers="app_rw"),
        Engine("app.coverage_total(text)", create=TOTALS, callers="app_rw"),
    ]
