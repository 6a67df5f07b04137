"""What My day reads of cases, actions, meetings and one's own corner: each a function under the reader's own policies.

A session keeps the plans of a function's statements; put together anew for each page, planning them took longer than
running them.
"""

from django.db import migrations

from teamaround.database.operations import Invoker

# Parts: 1 late, 2 due today, 3 in the next days. `most` says for each part how many lines are told; all are counted.
CLOCKS = """
create function app.day_clocks(who int, managing int[], moment timestamptz, midnight timestamptz, horizon timestamptz, most int[])
returns json language plpgsql stable as $$
begin
    return (
        with owed as materialized (
            select c.*, e.uuid, e.procedure_id, row_number() over (partition by c.part order by c.due_at, c.id) as place
            from (
                select k.id, k.episode_id, k.subject_id, k.author_team_id, k.key, k.title, k.why, k.started_at, k.due_at,
                    case when k.due_at < moment then 1 when k.due_at < midnight then 2 else 3 end as part
                from clock k where k.owner_id = who and k.stopped_at is null and k.due_at < horizon
                union all
                select k.id, k.episode_id, k.subject_id, k.author_team_id, k.key, k.title, k.why, k.started_at, k.due_at,
                    case when k.due_at < moment then 1 when k.due_at < midnight then 2 else 3 end
                from clock k
                where k.owner_id is null and k.author_team_id = any (managing) and k.stopped_at is null and k.due_at < horizon
            ) c join episode e on e.id = c.episode_id
        )
        select json_build_object(
            'counts', (select json_build_array(count(*) filter (where part = 1), count(*) filter (where part = 2),
                count(*) filter (where part = 3)) from owed),
            'rows', (select coalesce(json_agg(json_build_array(o.uuid, o.procedure_id, o.author_team_id, o.subject_id, o.key, o.title,
                o.why, o.started_at, o.due_at, p.given, p.family_name, p.date_of_birth, p.born_precision) order by o.due_at, o.id), '[]')
                from owed o left join person p on p.subject_id = o.subject_id where o.place <= most[o.part]))
    );
end $$
"""

TASKS = """
create function app.day_tasks(who int, in_teams int[], day date, horizon date, most int[])
returns json language plpgsql stable as $$
begin
    return (
        with owed as materialized (
            select t.*, a.name as team, row_number() over (partition by t.part order by t.due_on, t.id) as place
            from (
                select t.id, t.uuid, t.title, t.subject_id, t.author_team_id, t.due_on, false as anyone,
                    case when t.due_on < day then 1 when t.due_on = day then 2 else 3 end as part
                from task t where t.owner_id = who and t.state in ('requested', 'accepted') and t.due_on <= horizon
                union all
                select t.id, t.uuid, t.title, t.subject_id, t.author_team_id, t.due_on, true,
                    case when t.due_on < day then 1 when t.due_on = day then 2 else 3 end
                from task t
                where t.owner_id is null and t.owner_team_id = any (in_teams) and t.state in ('requested', 'accepted')
                    and t.due_on <= horizon
            ) t join team a on a.id = t.author_team_id
        )
        select json_build_object(
            'counts', (select json_build_array(count(*) filter (where part = 1), count(*) filter (where part = 2),
                count(*) filter (where part = 3)) from owed),
            'rows', (select coalesce(json_agg(json_build_array(o.uuid, o.title, o.subject_id, o.due_on, o.anyone, o.team,
                p.given, p.family_name, p.date_of_birth, p.born_precision, p.uuid, f.name, f.uuid,
                (select l.uuid from plan_action a join goal g on g.id = a.goal_id join plan l on l.id = g.plan_id
                    where a.task_id = o.id limit 1),
                (select m.uuid from meeting_action a join meeting m on m.id = a.meeting_id where a.task_id = o.id limit 1))
                order by o.due_on, o.id), '[]')
                from owed o left join person p on p.subject_id = o.subject_id left join family f on f.subject_id = o.subject_id
                where o.place <= most[o.part]))
    );
end $$
"""

# Referrals that wait for an answer, and open cases without a worker: of the teams that somebody manages.
WAITING = """
create function app.day_waiting(managing int[], most int)
returns json language plpgsql stable as $$
begin
    return (
        with found as materialized (
            select e.id, e.uuid, e.subject_id, e.status, e.priority, e.opened_at,
                row_number() over (partition by e.status order by e.opened_at, e.id) as place
            from episode e
            where e.author_team_id = any (managing) and (e.status = 'waiting' or e.status = 'open'
                and not exists (select from allocation a where a.episode_id = e.id and a.until is null))
        )
        select json_build_object(
            'counts', (select json_build_array(count(*) filter (where status = 'waiting'), count(*) filter (where status = 'open'))
                from found),
            'rows', (select coalesce(json_agg(json_build_array(o.uuid, o.subject_id, o.status, o.priority, o.opened_at,
                p.given, p.family_name, p.date_of_birth, p.born_precision) order by o.opened_at, o.id), '[]')
                from found o left join person p on p.subject_id = o.subject_id where o.place <= most))
    );
end $$
"""

# The version of the team's procedure in force, and how many open cases the team has and how many of them are one's own.
PLACES = """
create function app.day_places(who int, in_team int, procedure_slug text)
returns json language plpgsql stable as $$
declare in_force bigint;
begin
    select v.id into in_force from procedure_version v
    where v.slug = day_places.procedure_slug and v.effective_from <= statement_timestamp()
    order by v.effective_from desc, v.number desc limit 1;
    if in_force is null then return null; end if;
    return (
        select json_build_array(in_force, count(*), count(*) filter (where exists (select from allocation a
            where a.episode_id = e.id and a.practitioner_id = who and a.until is null)))
        from episode e where e.author_team_id = in_team and e.status = 'open'
    );
end $$
"""

# Cases that somebody else allocated to me and nobody has begun: by a contact or visit since, whoever made it, or by
# whatever I record on it myself. The last one allocated comes first.
NEW_CASES = """
create function app.day_new_cases(who int, most int)
returns json language plpgsql stable as $$
begin
    return (
        select coalesce(json_agg(json_build_array(n.uuid, n.subject_id, n.since, q.name, p.given, p.family_name, p.date_of_birth,
            p.born_precision) order by n.since desc, n.id desc), '[]')
        from (
            select a.id, e.uuid, e.subject_id, a.since, a.recorded_by
            from allocation a join episode e on e.id = a.episode_id
            where a.practitioner_id = who and a.until is null and a.recorded_by <> who and e.status in ('waiting', 'open')
                and not exists (select from event v where v.episode = a.episode_id and v.recorded_at > a.recorded_at
                    and (v.kind in ('contact.recorded', 'visit.made') or v.recorded_by = who))
            order by a.since desc, a.id desc limit most
        ) n left join person p on p.subject_id = n.subject_id left join practitioner q on q.id = n.recorded_by
    );
end $$
"""

# Today's meetings that my teams call or are invited to, and those to come that wait for my answer.
MEETINGS = """
create function app.day_meetings(who int, in_teams int[], morning timestamptz, midnight timestamptz, most int)
returns json language plpgsql stable as $$
begin
    return (
        select coalesce(json_agg(json_build_array(m.uuid, m.subject_id, m.kind, m.called_as, m.state, m.about, m.starts_at, m.place,
            t.name, m.key, m.invited is not null) order by m.starts_at, m.id), '[]')
        from (
            select m.*, w.uuid as key, w.practitioner_id as invited
            from meeting m
            left join lateral (
                select i.uuid, i.practitioner_id from meeting_invitation i
                where i.meeting_id = m.id and i.invited_team_id = any (in_teams) and i.withdrawn_at is null
                    and i.answer = 'needs-action' and (i.practitioner_id = who or i.practitioner_id is null)
                order by i.practitioner_id, i.id limit 1
            ) w on true
            where m.id in (
                    select c.id from meeting c where c.author_team_id = any (in_teams) and c.starts_at >= morning
                    union
                    select i.meeting_id from meeting_invitation i where i.invited_team_id = any (in_teams) and i.withdrawn_at is null)
                and m.starts_at >= morning and m.state <> 'cancelled'
                and (m.starts_at < midnight or m.state = 'booked' and w.uuid is not null)
            order by m.starts_at, m.id limit most
        ) m join team t on t.id = m.author_team_id
    );
end $$
"""

# What waits of my teams' involvements, and news of others'. Every line rests on rows that I may read: on an involvement of
# mine, and for news on the other's, as it is now. Who began is told until somebody of my team has opened the list; who ended
# by itself, to the worker who leads.
AROUND = """
create function app.day_around(who int, in_teams int[], lately date, most int)
returns json language plpgsql stable as $$
begin
    return (
        with quiet as materialized (
            select count(*) filter (where until is null)::int as asked, count(*) filter (where until is not null)::int as over,
                min(asked_on) filter (where until is null) as first
            from involvement
            where author_team_id = any (in_teams)
                and (until is null and asked_on is not null or end_reason = 'unconfirmed' and until > lately)
        )
        select coalesce(json_agg(told), '[]') from (
            select 'asked' as what, asked as n, first as day, null::bigint as subject, null::uuid as key, null as given,
                null as family_name, null::date as born, null as precision, null as team
            from quiet where asked > 0
            union all
            select 'over', over, null, null, null, null, null, null, null, null from quiet where over > 0
            union all
            (select 'begun', 0, (max(a.at) at time zone 'Europe/London')::date, a.subject_id, p.uuid, p.given, p.family_name,
                p.date_of_birth, p.born_precision, null
             from acquainted a join person p on p.subject_id = a.subject_id
             where a.author_team_id = any (in_teams) and a.how = 'told' and a.at > lately and not a.other_team_id = any (in_teams)
                and exists (select from involvement i where i.subject_id = a.subject_id and i.author_team_id = a.author_team_id
                            and i.until is null)
                and exists (select from involvement i where i.subject_id = any (app.records_of(a.subject_id))
                            and i.author_team_id = a.other_team_id and i.category = 'index' and i.until is null)
                and not exists (select from acquainted l where l.subject_id = any (app.records_of(a.subject_id)) and l.how = 'looked'
                                and l.author_team_id = a.author_team_id and l.other_team_id = a.other_team_id and l.at >= a.at)
             group by a.subject_id, p.uuid, p.given, p.family_name, p.date_of_birth, p.born_precision
             order by max(a.at) desc, a.subject_id limit most)
            union all
            (select 'ended', 0, i.until, i.subject_id, p.uuid, p.given, p.family_name, p.date_of_birth, p.born_precision, t.name
             from involvement i join person p on p.subject_id = i.subject_id join team t on t.id = i.author_team_id
             where i.subject_id in (select unnest(app.records_of(l.subject_id)) from involvement l
                                    where l.practitioner_id = who and l.role = 'lead' and l.until is null)
                and i.end_reason = 'unconfirmed' and i.until > lately and i.category = 'index'
                and not i.author_team_id = any (in_teams)
             order by i.until desc, i.id desc limit most)
        ) told
    );
end $$
"""

# As the review desk counts its list “Open”: both records readable to me and not voided, no opinion of mine yet. Late are
# the feeds of my teams, and for an administrator every one; the database says which.
KEPT = """
create function app.day_kept(who int, decides boolean, keeps boolean, most int)
returns json language plpgsql stable as $$
declare pairs bigint; late json;
begin
    if decides then
        select count(*) into pairs from (
            select from recognition_pair p
            where p.state in ('waiting', 'second')
                and exists (select from person a where a.subject_id = p.subject_id and a.voided_at is null)
                and exists (select from person a where a.subject_id = p.other_id and a.voided_at is null)
                and not exists (select from recognition_opinion o
                                where o.pair_id = p.id and o.asked = p.asked and o.recorded_by = who)
            limit most) waiting;
    end if;
    if keeps then
        select json_agg(json_build_object('name', f.name, 'uuid', f.uuid) order by l.due, f.id) into late
        from app.late_feeds() l join feed f on f.id = l.feed;
    end if;
    return json_build_object('pairs', pairs, 'late', late);
end $$
"""

DRAFTS = """
create function app.day_drafts(who int, most int)
returns json language plpgsql stable as $$
begin
    return (select coalesce(json_agg(kept), '[]') from (
        select d.form, d.about, d.saved_at from draft d where d.practitioner_id = who order by d.saved_at desc limit most) kept);
end $$
"""


class Migration(migrations.Migration):
    dependencies = [
        ("desk", "0002_policies"),
        ("feeds", "0003_late"),
        ("index", "0017_indexes_that_answer"),
        ("meetings", "0010_panels_protected"),
        ("plans", "0002_policies"),
        ("procedures", "0009_ladder"),
        ("recognition", "0005_near"),
        ("tasks", "0004_emergencies"),
    ]
    operations = [
        Invoker(
            "app.day_clocks(int, int[], timestamptz, timestamptz, timestamptz, int[])",
            create=CLOCKS,
        ),
        Invoker("app.day_tasks(int, int[], date, date, int[])", create=TASKS),
        Invoker("app.day_waiting(int[], int)", create=WAITING),
        Invoker("app.day_places(int, int, text)", create=PLACES),
        Invoker("app.day_new_cases(int, int)", create=NEW_CASES),
        Invoker("app.day_meetings(int, int[], timestamptz, timestamptz, int)", create=MEETINGS),
        Invoker("app.day_around(int, int[], date, int)", create=AROUND),
        Invoker("app.day_kept(int, boolean, boolean, int)", create=KEPT),
        Invoker("app.day_drafts(int, int)", create=DRAFTS),
    ]
