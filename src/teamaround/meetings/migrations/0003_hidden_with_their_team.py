"""A team that becomes a sensitive service is hidden in meetings and invitations written before as well."""

from django.db import migrations

from teamaround.database.operations import Engine

# Meetings, invitations and replies say their category anew when they are written (see meeting_category); what
# was said at a meeting stands under the meeting's, and who came under the invitation's.
HIDE = """
create function app.hide_meetings() returns trigger
language plpgsql security definer set search_path = public, pg_catalog as $$
declare said text;
begin
    update meeting set category = category where author_team_id = new.id;
    update meeting_invitation set category = category where new.id in (author_team_id, invited_team_id);
    update meeting_reply set category = category where author_team_id = new.id;
    foreach said in array array['meeting_minutes', 'meeting_view', 'meeting_attendance', 'meeting_decision',
                                'meeting_action'] loop
        execute format('update %I x set category = m.category from meeting m
            where m.id = x.meeting_id and m.author_team_id = $1', said) using new.id;
    end loop;
    update meeting_attendance a set category = i.category from meeting_invitation i
        where i.id = a.invitation_id and new.id in (i.author_team_id, i.invited_team_id);
    return null;
end $$
"""


class Migration(migrations.Migration):
    dependencies = [("meetings", "0002_policies"), ("agencies", "0003_guard")]
    operations = [
        Engine("app.hide_meetings()", create=HIDE),
        migrations.RunSQL(
            "create trigger hide_meetings after update of sensitivity on team for each row "
            "when (new.sensitivity <> '' and new.sensitivity is distinct from old.sensitivity) "
            "execute function app.hide_meetings()",
            "drop trigger hide_meetings on team",
        ),
    ]
