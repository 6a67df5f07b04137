"""Who keeps calendars; everybody at work reads them; every change of one is noted, so that clocks can follow."""

from django.db import migrations

from teamaround.database.operations import Engine, Open, Protect

# Administrators keep all of it, managers the closures of their own team. A null team means more than one team.
KEEPS = """
create function app.keeps_calendar(of_team int) returns boolean
language sql stable security definer set search_path = public, pg_catalog as $$
    select app.actor_kind() = 'practitioner' and exists (
        select 1 from membership m join practitioner p on p.id = m.practitioner_id
        where m.practitioner_id = app.actor() and p.left_at is null
            and m.since <= statement_timestamp() and (m.until is null or m.until > statement_timestamp())
            and (m.role = 'administrator' or (m.role = 'manager' and m.team_id = of_team)))
$$
"""

# Whoever changes a calendar waits for those who reckon with it at this moment, and they for nobody else.
CHANGED = """
create function app.note_calendar_change() returns trigger
language plpgsql security definer set search_path = public, pg_catalog as $$
begin
    perform pg_advisory_xact_lock(hashtext('teamaround.calendar'));
    update calendar_stamp set stamp = gen_random_uuid(), changed_at = statement_timestamp();
    return null;
end $$
"""

STAMP_NOW = """
create function app.calendar_stamp_now(hold boolean) returns uuid
language plpgsql volatile security definer set search_path = public, pg_catalog as $$
begin
    if hold then
        perform pg_advisory_xact_lock_shared(hashtext('teamaround.calendar'));
    end if;
    return (select c.stamp from calendar_stamp c);
end $$
"""

# The same for whoever asks: what a process keeps of it serves everybody. It names no subject.
LOCAL = """
create function app.local_calendar() returns jsonb
language sql stable security definer set search_path = public, pg_catalog as $$
    select jsonb_build_object(
        'stamp', (select c.stamp from calendar_stamp c),
        'closures', coalesce((select jsonb_agg(jsonb_build_array(c.team_id, c.site_id, c.day, c.until, c.reason)
                              order by c.day, c.id) from closure c where c.withdrawn_at is null), '[]'),
        'openings', coalesce((select jsonb_agg(jsonb_build_array(o.site_id, o.weekday, o.opens, o.closes)
                              order by o.site_id, o.weekday, o.opens) from site_opening o), '[]'),
        'terms', coalesce((select jsonb_agg(jsonb_build_array(t.first_day, t.last_day, t.name) order by t.first_day)
                           from school_term t where t.withdrawn_at is null), '[]'),
        'team_sites', coalesce((select jsonb_agg(jsonb_build_array(t.id, t.site_id)) from team t
                                where t.site_id is not null), '[]'))
$$
"""

AT_WORK = "(select app.actor_kind()) in ('practitioner', 'service')"
KEEPER = "(select app.keeps_calendar(null))"


def _followed(table: str, events: str = "insert or update or delete") -> migrations.RunSQL:
    return migrations.RunSQL(
        f"create trigger note_calendar_change after {events} on {table} "
        "for each statement execute function app.note_calendar_change()",
        f"drop trigger note_calendar_change on {table}",
    )


class Migration(migrations.Migration):
    dependencies = [("rota", "0001_initial"), ("access", "0010_governance_at_work")]
    operations = [
        Engine("app.keeps_calendar(int)", create=KEEPS, callers="app_rw"),
        Engine("app.note_calendar_change()", create=CHANGED),
        Protect(
            "closure",
            read=AT_WORK,
            insert="closure.recorded_by_id = (select app.actor()) and app.keeps_calendar(closure.team_id)",
            update="app.keeps_calendar(closure.team_id)",
            update_columns=("withdrawn_at", "withdrawn_by_id"),
        ),
        Protect(
            "school_term",
            read=AT_WORK,
            insert=f"school_term.recorded_by_id = (select app.actor()) and {KEEPER}",
            update=KEEPER,
            update_columns=("withdrawn_at", "withdrawn_by_id"),
        ),
        Protect(
            "site_opening",
            read=AT_WORK,
            insert=KEEPER,
            update=KEEPER,
            update_columns=("closes",),
            delete=KEEPER,
        ),
        Open("calendar_stamp", reason="when calendars last changed; no subject", rights="select"),
        migrations.RunSQL(
            "grant update on calendar_stamp to app_engine;"
            "insert into calendar_stamp (id, stamp, changed_at) values (1, gen_random_uuid(), statement_timestamp())",
            "delete from calendar_stamp",
        ),
        _followed("closure"),
        _followed("school_term"),
        _followed("site_opening"),
        # A team that moves to another site keeps that site's hours and closures.
        _followed("team", "update of site_id"),
        Engine("app.calendar_stamp_now(boolean)", create=STAMP_NOW, callers="app_rw"),
        Engine("app.local_calendar()", create=LOCAL, callers="app_rw"),
    ]
