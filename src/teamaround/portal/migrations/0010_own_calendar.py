"""What stands in a family member's own calendar: their appointments, and meetings to which they are invited."""

from django.db import migrations

from teamaround.database.operations import Engine

# The person's own alone, under each of their records. Not of sensitive services: a telephone is seen by others.
OWN_CALENDAR = """
create function app.own_calendar(after timestamptz, until timestamptz)
returns table (key uuid, what text, title text, starts_at timestamptz, ends_at timestamptz, changed_at timestamptz,
               place text, whom text)
language plpgsql stable security definer set search_path = public, pg_catalog as $$
#variable_conflict use_column
declare me bigint[];
begin
    if app.actor_kind() <> 'family' or app.own_person() is null then
        return;
    end if;
    me := app.records_of(app.own_person());
    return query
        select distinct on (a.occurrence, a.author_team_id) a.uuid, 'appointment', a.title::text, a.starts_at, a.ends_at,
            a.changed_at, a.place::text,
            coalesce(nullif(a.with_words, ''), concat_ws(', ', p.name, h.name, g.name))::text
        from appointment a join team t on t.id = a.author_team_id join agency o on o.id = t.agency_id
            left join team h on h.id = a.with_team_id left join agency g on g.id = h.agency_id
            left join practitioner p on p.id = a.practitioner_id
        where a.subject_id = any (me) and a.cancelled_at is null and a.ends_at > after and a.starts_at < until
            and a.category = 'plan' and t.sensitivity = '' and o.sector <> 'police'
            and coalesce(h.sensitivity, '') = '' and coalesce(g.sector, '') <> 'police'
        union all
        select distinct on (m.id) m.uuid, 'meeting', 'Meeting', m.starts_at, m.starts_at + interval '1 hour', m.changed_at,
            m.place::text, concat_ws(', ', t.name, o.name)
        from meeting_invitation i join meeting m on m.id = i.meeting_id join team t on t.id = m.author_team_id
            join agency o on o.id = t.agency_id
        where i.person_id = any (me) and i.withdrawn_at is null and m.state in ('booked', 'fulfilled')
            and m.starts_at > after - interval '1 hour' and m.starts_at < until
            and m.category = 'plan' and t.sensitivity = '' and o.sector <> 'police'
        order by 4, 1;
end $$
"""


class Migration(migrations.Migration):
    dependencies = [
        ("portal", "0009_waiting"),
        ("tasks", "0006_appointments_protected"),
        ("meetings", "0010_panels_protected"),
    ]
    operations = [Engine("app.own_calendar(timestamptz, timestamptz)", create=OWN_CALENDAR, callers="app_rw")]
