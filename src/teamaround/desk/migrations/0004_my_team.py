"""What the page of a team reads, under the reader's own policies: every case is counted, those asked for are told."""

from django.db import migrations

from teamaround.database.operations import Invoker

# `of_worker`, `of_kind` and `in_stage` are filters, empty where all are asked for. `most` lines are told after the first `skip`;
# with `a_stage`, so many of each stage instead. A case that is near six months or stands still is so by the hour.
CASES = """
create function app.team_cases(teams int[], moment timestamptz, still_days int, near_days int, renewal_days int,
    of_worker text, of_kind text, in_stage text, skip int, most int, a_stage int)
returns json language plpgsql stable as $$
declare days int := coalesce((select p.still_days from team_pace p where p.team_id = any (teams) order by p.team_id limit 1), still_days);
begin
    return (
        with late as materialized (
            select k.episode_id, count(*) filter (where k.due_at < moment) as late, min(k.due_at) as due_at,
                (array_agg(k.title order by k.due_at, k.id))[1] as title
            from clock k where k.author_team_id = any (teams) and k.stopped_at is null group by k.episode_id
        ), happened as materialized (
            select e.id, e.uuid, e.subject_id, e.status, e.priority, e.stage, e.procedure_id, e.author_team_id, e.opened_at,
                a.practitioner_id as worker, coalesce(c.late, 0) as late, c.due_at, c.title,
                -- Not by the index of teams: it would read all that ever happened in the team, once a case.
                (select max(v.happened_at) from event v where v.episode = e.id and v.author_team_id + 0 = e.author_team_id) as last
            from episode e left join allocation a on a.episode_id = e.id and a.until is null left join late c on c.episode_id = e.id
            where e.author_team_id = any (teams) and e.status in ('waiting', 'open')
        ), every as materialized (
            select h.*, h.status = 'open' and h.worker is null as unallocated,
                h.status = 'open' and moment - coalesce(h.last, h.opened_at) > make_interval(hours => 24 * days) as still,
                h.status = 'open' and moment - h.opened_at >= make_interval(hours => 24 * near_days) as six_months,
                exists (select from sharing_basis b where b.subject_id = h.subject_id and b.author_team_id = any (teams)
                    and b.kind = 'consent' and b.withdrawn_at is null
                    and b.valid_until between moment - interval '28 days' and moment + make_interval(days => renewal_days)
                    and not exists (select from sharing_basis n where n.subject_id = b.subject_id and n.given_by_id = b.given_by_id
                        and n.kind = 'consent' and n.id > b.id)) as renewal
            from happened h
        ), workers as materialized (
            select p.id, p.uuid, p.name from practitioner p
            where p.left_at is null and exists (select from membership m where m.practitioner_id = p.id and m.team_id = any (teams)
                and m.since <= statement_timestamp() and (m.until is null or m.until > statement_timestamp()))
        ), chosen as materialized (
            select c.*, row_number() over urgent as place, row_number() over (partition by c.stage order by c.priority <> 'immediate',
                    c.worker is not null, c.due_at nulls last, c.id) as place_in_stage
            from every c
            where (of_worker = '' or c.worker = (select w.id from workers w where w.uuid::text = of_worker))
                and (in_stage = '' or c.stage = in_stage)
                and case of_kind when 'late' then c.late > 0 when 'unallocated' then c.unallocated
                    when 'waiting' then c.status = 'waiting' when 'still' then c.still when 'six_months' then c.six_months
                    when 'renewal' then c.renewal else true end
            window urgent as (order by c.priority <> 'immediate', c.worker is not null, c.due_at nulls last, c.id)
        )
        select json_build_object(
            'days', days,
            'counts', (select json_build_object('', count(*), 'late', count(*) filter (where c.late > 0),
                'unallocated', count(*) filter (where unallocated), 'waiting', count(*) filter (where status = 'waiting'),
                'still', count(*) filter (where still), 'six_months', count(*) filter (where six_months),
                'renewal', count(*) filter (where renewal), 'open', count(*) filter (where status = 'open')) from every c),
            'versions', (select coalesce(json_agg(distinct procedure_id), '[]') from every),
            'loads', (select coalesce(json_agg(json_build_array(w.uuid, w.name, coalesce(c.cases, 0), coalesce(c.late, 0),
                    coalesce(c.still, 0)) order by w.name, w.id), '[]')
                from workers w left join (
                    select worker, count(*) as cases, sum(late) as late, count(*) filter (where still) as still
                    from every where status = 'open' group by worker) c on c.worker = w.id),
            'chosen', (select count(*) from chosen),
            'chosen_versions', (select coalesce(json_agg(distinct procedure_id), '[]') from chosen),
            'stages', (select coalesce(json_object_agg(stage, n), '{}') from (select stage, count(*) as n from chosen group by stage) s),
            'lines', (select coalesce(json_agg(json_build_array(c.uuid, c.subject_id, c.priority, c.stage, c.procedure_id,
                    c.author_team_id, c.opened_at, c.last, c.due_at, c.title, w.name, p.given, p.family_name, p.date_of_birth,
                    p.born_precision) order by c.place), '[]')
                from chosen c left join person p on p.subject_id = c.subject_id left join workers w on w.id = c.worker
                where case when a_stage > 0 then c.place_in_stage <= a_stage else c.place > skip and c.place <= skip + most end)
        )
    );
end $$
"""

VIEWS = """
create function app.my_views(who int)
returns json language plpgsql stable as $$
begin
    return (select coalesce(json_agg(json_build_array(v.name, v.query, v.uuid) order by v.name), '[]')
        from saved_view v where v.practitioner_id = who);
end $$
"""


class Migration(migrations.Migration):
    dependencies = [("desk", "0003_my_day")]
    operations = [
        Invoker(
            "app.team_cases(int[], timestamptz, int, int, int, text, text, text, int, int, int)", create=CASES
        ),
        Invoker("app.my_views(int)", create=VIEWS),
    ]
