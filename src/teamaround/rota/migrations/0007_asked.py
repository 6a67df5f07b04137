"""What My day says of shifts that somebody is asked to take over, read under the reader's own policies."""

from django.db import migrations

from teamaround.database.operations import Invoker

ASKED = """
create function app.day_swaps(who int, most int) returns json
language plpgsql stable security invoker set search_path = public, pg_catalog as $$
begin
    return (select coalesce(json_agg(json_build_array(s.name, s.team, s.slug, s.starts_at, s.ends_at) order by s.starts_at, s.id), '[]')
        from (
            select w.id, p.name, t.name as team, t.slug, d.starts_at, d.ends_at
            from duty_swap w join duty_shift d on d.id = w.shift_id join practitioner p on p.id = d.practitioner_id
            join team t on t.id = d.team_id
            where w.asked_id = who and w.answer = '' and d.withdrawn_at is null and d.starts_at > statement_timestamp()
            order by d.starts_at, w.id limit most
        ) s);
end $$
"""


class Migration(migrations.Migration):
    dependencies = [("rota", "0006_duty_policies")]
    operations = [Invoker("app.day_swaps(int, int)", create=ASKED)]
