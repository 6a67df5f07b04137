"""What families wrote and nobody has answered, read under the reader's own policies."""

from django.db import migrations

from teamaround.database.operations import Invoker

WAITING = """
create function app.family_messages_waiting(in_teams int[], governs boolean, most int)
returns json language plpgsql stable as $$
begin
    return (
        select coalesce(json_agg(json_build_array(m.uuid, m.kind, m.state, m.sent_at, m.acknowledge_by) order by m.sent_at, m.id), '[]')
        from (
            select m.id, m.uuid, m.kind, m.state, m.sent_at, m.acknowledge_by from family_message m
            where (m.receiving_team_id = any (in_teams) or governs and m.kind = 'complaint') and m.state <> 'answered'
            order by m.sent_at, m.id limit most
        ) m
    );
end $$
"""


class Migration(migrations.Migration):
    dependencies = [("portal", "0008_taken_up")]
    operations = [Invoker("app.family_messages_waiting(int[], boolean, int)", create=WAITING)]
