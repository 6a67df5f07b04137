"""Events and their notes: append-only, under row-level security."""

from django.db import migrations

from teamaround.database.operations import PRINCIPALS, Protect

# Who recorded an event, and when, is the database's own statement. A team corrects or voids its own events
# alone: another's would stop or restart another team's clocks.
STATE = """
create function app.state_event() returns trigger
language plpgsql set search_path = public, pg_catalog, pg_temp as $$
begin
    new.recorded_by := app.actor();
    new.recorded_at := statement_timestamp();
    if new.corrects_id is not null and not exists (
        select 1 from event e where e.id = new.corrects_id and e.author_team_id = new.author_team_id
            and e.subject_id = new.subject_id and e.occurrence = new.occurrence) then
        raise exception 'a team corrects its own events' using errcode = 'insufficient_privilege';
    end if;
    return new;
end $$;
create trigger a_state before insert on event for each row execute function app.state_event();
"""

# A note belongs to an event of its own team and says the same of whom and under what it stands: otherwise
# words could be put under another team's event.
OWN_NOTE = f"""
event_note.author_team_id = any ({PRINCIPALS}) and exists (
    select 1 from event e where e.id = event_note.event_id and e.author_team_id = event_note.author_team_id
        and e.subject_id = event_note.subject_id and e.category = event_note.category)
"""


class Migration(migrations.Migration):
    dependencies = [("events", "0001_initial"), ("access", "0002_policies")]
    operations = [
        Protect("event", append_only=True),
        Protect("event_note", append_only=True, insert=OWN_NOTE),
        migrations.RunSQL(STATE, "drop trigger a_state on event; drop function app.state_event()"),
    ]
