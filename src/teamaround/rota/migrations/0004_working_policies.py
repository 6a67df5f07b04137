"""Who says when somebody works, who reads why they are away, and whether somebody is at work at a moment."""

from django.db import migrations

from teamaround.database.operations import Engine, Protect

# Oneself, a manager of a team in which they work now, and an administrator.
KEEPS = """
create function app.keeps_rota_of(who int) returns boolean
language sql stable security definer set search_path = public, pg_catalog as $$
    select app.actor_kind() = 'practitioner' and exists (
        select from membership m join practitioner p on p.id = m.practitioner_id
        where m.practitioner_id = app.actor() and p.left_at is null
            and m.since <= statement_timestamp() and (m.until is null or m.until > statement_timestamp())
            and (m.practitioner_id = who or m.role = 'administrator' or (m.role = 'manager' and exists (
                select from membership o where o.practitioner_id = who and o.team_id = m.team_id
                    and o.since <= statement_timestamp() and (o.until is null or o.until > statement_timestamp())))))
$$
"""

# For everybody at work: on which days somebody is away, or at which other site. Why they are away is not told.
DAYS = """
create function app.rota_away(first date, last date)
returns table (practitioner int, day date, until date, site bigint)
language plpgsql stable security definer set search_path = public, pg_catalog as $$
#variable_conflict use_column
begin
    if app.actor_kind() not in ('practitioner', 'service') then
        raise exception 'for those at work' using errcode = 'insufficient_privilege';
    end if;
    return query select x.practitioner_id, x.day, x.until, x.site_id from rota_exception x
        where x.withdrawn_at is null and x.day <= last and x.until >= first;
end $$
"""

# As their pattern says; who has none keeps the hours of their team's site, or nine to five from Monday to Friday.
# Closures, holidays of the calendar that the asker names, and days on which they are away count as not at work. The
# end of the hours counts as within them: what is due at the end of the day is the worker's own.
AT_WORK_THEN = """
create function app.at_work(who int, of_team int, moment timestamptz, holidays date[]) returns boolean
language plpgsql stable security definer set search_path = public, pg_catalog as $$
declare
    on_day date := (moment at time zone 'Europe/London')::date;
    clock time := (moment at time zone 'Europe/London')::time;
    place bigint := (select t.site_id from team t where t.id = of_team);
begin
    if app.actor_kind() not in ('practitioner', 'service') then
        raise exception 'for those at work' using errcode = 'insufficient_privilege';
    end if;
    if on_day = any (holidays) or exists (
            select from closure c where c.withdrawn_at is null and on_day between c.day and c.until
                and (c.team_id = of_team or c.site_id = place or (c.team_id is null and c.site_id is null)))
        or exists (
            select from rota_exception x where x.practitioner_id = who and x.withdrawn_at is null
                and x.kind <> 'elsewhere' and on_day between x.day and x.until) then
        return false;
    end if;
    if exists (select from working_pattern w where w.practitioner_id = who and w.withdrawn_at is null
               and w.first_day <= on_day and (w.last_day is null or w.last_day >= on_day)) then
        return exists (
            select from working_pattern w where w.practitioner_id = who and w.withdrawn_at is null
                and w.first_day <= on_day and (w.last_day is null or w.last_day >= on_day)
                and w.weekday = extract(isodow from on_day)::int - 1 and clock between w.opens and w.closes);
    end if;
    if exists (select from site_opening o where o.site_id = place) then
        return exists (
            select from site_opening o where o.site_id = place and o.weekday = extract(isodow from on_day)::int - 1
                and clock >= o.opens and (clock <= o.closes or o.closes = '00:00'));
    end if;
    return extract(isodow from on_day) < 6 and clock between '09:00' and '17:00';
end $$
"""

AT_WORK = "(select app.actor_kind()) in ('practitioner', 'service')"


class Migration(migrations.Migration):
    dependencies = [("rota", "0003_working_hours")]
    operations = [
        Engine("app.keeps_rota_of(int)", create=KEEPS, callers="app_rw"),
        Protect(
            "working_pattern",
            read=AT_WORK,
            insert="working_pattern.recorded_by_id = (select app.actor()) and app.keeps_rota_of(working_pattern.practitioner_id)",
            update="app.keeps_rota_of(working_pattern.practitioner_id)",
            update_columns=("last_day", "withdrawn_at", "withdrawn_by_id"),
        ),
        Protect(
            "rota_exception",
            read="app.keeps_rota_of(rota_exception.practitioner_id)",
            insert="rota_exception.recorded_by_id = (select app.actor()) and app.keeps_rota_of(rota_exception.practitioner_id)",
            update="app.keeps_rota_of(rota_exception.practitioner_id)",
            update_columns=("withdrawn_at", "withdrawn_by_id"),
        ),
        Engine("app.rota_away(date, date)", create=DAYS, callers="app_rw"),
        Engine("app.at_work(int, int, timestamptz, date[])", create=AT_WORK_THEN, callers="app_rw"),
    ]
