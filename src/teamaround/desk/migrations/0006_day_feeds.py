"""Which feeds of my teams wait for somebody's decision, as My day tells it."""

from django.db import migrations

from teamaround.database.operations import Invoker

# What came since the last whole caseload, itself included: what is older it says anew. Rows that may be children who are
# known, columns of which nobody said what they are, and whom the last whole one no longer lists while their involvement
# runs on. Calls and uploads are those of my teams by their own policies.
FEEDS = """
create function app.day_feeds(in_teams int[], most int)
returns json language plpgsql stable as $$
begin
    return (
        with mine as materialized (
            select f.id, f.uuid, f.name, (
                select max(c.id) from feed_call c where c.feed_id = f.id and c.whole and c.state = 'begun') as whole
            from feed f where f.team_id = any (in_teams) and f.ended_at is null
        ), came as materialized (
            select m.id, m.uuid, m.name, c.id = m.whole as is_whole, r.id as run, r.state, r.undecided, r.ending
            from mine m
            join feed_call c on c.feed_id = m.id and c.state = 'begun' and c.id >= coalesce(m.whole, 0)
            join import_run r on r.id = c.run_id and r.state in ('uploaded', 'done')
        ), waiting as (
            select c.id, c.uuid, c.name,
                coalesce(sum(c.undecided) filter (where c.state = 'done'), 0) as rows,
                bool_or(c.state = 'uploaded') as columns,
                bool_or(c.is_whole and c.state = 'done' and c.ending = '' and exists (
                    select from import_ending e join involvement i on i.id = e.involvement_id
                    where e.run_id = c.run and not e.chosen and i.until is null)) as ends
            from came c group by c.id, c.uuid, c.name
        )
        select coalesce(json_agg(json_build_array(w.name, w.uuid, w.rows, w.columns, coalesce(w.ends, false)) order by w.name, w.id), '[]')
        from (select * from waiting where rows > 0 or columns or ends order by name, id limit most) w
    );
end $$
"""


class Migration(migrations.Migration):
    dependencies = [
        ("desk", "0005_day_oversight"),
        ("feeds", "0005_agency_keys_guarded"),
        ("importing", "0012_weighed_among"),
    ]
    operations = [Invoker("app.day_feeds(int[], int)", create=FEEDS)]
