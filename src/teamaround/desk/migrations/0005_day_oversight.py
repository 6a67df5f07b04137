"""What My day tells a manager of cases that wait for a manager's decision, under the reader's own policies."""

from django.db import migrations

from teamaround.database.operations import Invoker

# The day a case was opened counts as the first look at it, as on the page of supervision. A case is overdue from the day
# after the team's measure has passed. Decisions are read once for each team, and not once for each case.
OVERSIGHT = """
create function app.day_oversight(managing int[], today date, ahead int, usual_weeks int)
returns json language plpgsql stable as $$
begin
    return (
        with measured as materialized (
            select t.id, t.slug, t.name, coalesce(s.oversight_weeks::int, usual_weeks) as weeks
            from team t left join supervision_setting s on s.team_id = t.id
            where t.id = any (managing) and t.ended_at is null
        ), decided as materialized (
            select d.episode_id, max(d.decided_on) as last_on from supervision_decision d
            where d.author_team_id = any (managing) group by d.episode_id
        ), seen as materialized (
            select e.author_team_id, coalesce(d.last_on, (e.opened_at at time zone 'Europe/London')::date) as since
            from episode e left join decided d on d.episode_id = e.id
            where e.author_team_id = any (managing) and e.status = 'open'
        ), counted as materialized (
            select m.slug, m.name, m.weeks, count(*) filter (where c.since + 7 * m.weeks < today) as late,
                count(*) filter (where c.since + 7 * m.weeks between today and today + ahead) as soon,
                min(c.since) filter (where c.since + 7 * m.weeks < today) as longest
            from measured m join seen c on c.author_team_id = m.id group by m.id, m.slug, m.name, m.weeks
        )
        select coalesce(json_agg(json_build_array(slug, name, weeks, late, soon, longest) order by longest, name), '[]')
        from counted where late + soon > 0
    );
end $$
"""


class Migration(migrations.Migration):
    dependencies = [
        ("desk", "0004_my_team"),
        ("supervision", "0004_own_words"),
    ]
    operations = [Invoker("app.day_oversight(int[], date, int, int)", create=OVERSIGHT)]
