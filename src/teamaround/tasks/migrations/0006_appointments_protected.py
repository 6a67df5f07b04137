"""Appointments under row-level security; the kinds that come with the product; when the family is taken."""

from django.db import migrations

from teamaround.database.operations import KEEP_HISTORY_ON, Engine, Open, Protect, ProtectHistory, mine

# Who set it and when is the database's own statement. A key never changes: appointments name it.
GUARD_KIND = """
create function app.guard_appointment_kind() returns trigger
language plpgsql security definer set search_path = public, pg_catalog, pg_temp as $$
begin
    if app.actor_kind() <> 'practitioner' or not exists (
        select 1 from membership m join practitioner p on p.id = m.practitioner_id join team t on t.id = m.team_id
        where m.practitioner_id = app.actor() and m.role in ('administrator', 'partnership') and p.left_at is null
            and t.ended_at is null and m.since <= statement_timestamp()
            and (m.until is null or m.until > statement_timestamp())) then
        raise exception 'only a partnership officer or an administrator changes kinds of appointment'
            using errcode = 'insufficient_privilege';
    end if;
    new.set_by_id := app.actor();
    new.set_at := statement_timestamp();
    return new;
end $$
"""

GUARDED_KIND = """
create trigger a_guard before insert or update on appointment_kind
    for each row execute function app.guard_appointment_kind()
"""

SEED = """
insert into appointment_kind (key, title, called, assessment, lasts, position, version) values
    ('visit', 'Visit', 'Visit', false, 60, 1, 1),
    ('assessment', 'Assessment', 'Appointment', true, 60, 2, 1),
    ('session', 'One-to-one session', 'Appointment', false, 60, 3, 1),
    ('group', 'Group or activity', 'Activity', false, 120, 4, 1),
    ('health', 'Health appointment', 'Appointment', false, 30, 5, 1),
    ('school', 'Appointment at school', 'Appointment', false, 30, 6, 1),
    ('call', 'Telephone or video call', 'Call', false, 30, 7, 1),
    ('other', 'Another appointment', 'Appointment', false, 60, 8, 1)
"""

# That a sensitive service sees somebody tells something by itself, whatever the application says.
CATEGORY = """
create function app.appointment_category() returns trigger
language plpgsql security definer set search_path = public, pg_catalog as $$
declare found text;
begin
    select case t.sensitivity when 'substance' then 'substance' when 'justice' then 'justice'
           when 'domestic_abuse' then 'safeguarding' else 'health' end
    into found from team t
    where t.id in (new.with_team_id, new.author_team_id) and t.sensitivity <> ''
    order by (t.id = new.with_team_id) desc nulls last limit 1;
    new.category := coalesce(found, 'plan');
    return new;
end $$
"""

# A team that becomes a sensitive service is hidden in what was arranged before as well.
HIDE = """
create function app.hide_appointments() returns trigger
language plpgsql security definer set search_path = public, pg_catalog as $$
begin
    update appointment set category = category where new.id in (author_team_id, with_team_id);
    return null;
end $$
"""

# Whom a team may make an appointment for: those it works with, and the members of a family that it works with.
# Without this anybody could write into a stranger's own calendar.
MAY_BOOK = """
create function app.may_book(team int, wanted bigint) returns boolean
language plpgsql stable security definer set search_path = public, pg_catalog as $$
begin
    return team = any (app.principals()) and (
        exists (select 1 from unnest(app.records_of(wanted)) r where app.works_with(team, r))
        or exists (select 1 from family_member f where f.person_id = any (app.records_of(wanted)) and f.until is null
                   and f.voided_at is null and app.works_with(team, f.subject_id)));
end $$
"""

# When the family has an appointment that the asker may not read: times, and nothing else. Those of sensitive
# services do not count: a time that nothing explains would tell of them.
BOOKED = """
create function app.family_booked(wanted bigint, in_family bigint, after timestamptz, until timestamptz)
returns table (starts_at timestamptz, ends_at timestamptz)
language plpgsql stable security definer set search_path = public, pg_catalog as $$
#variable_conflict use_column
declare mine int[] := app.principals(); everybody bigint[];
begin
    if not app.works_with(wanted) or app.shielded(wanted, false) or until > after + interval '100 days' then
        return;
    end if;
    everybody := app.records_of(wanted);
    if in_family is not null and app.works_with(in_family) and exists (
            select 1 from family_member f where f.subject_id = in_family and f.person_id = any (everybody)
            and f.until is null and f.voided_at is null) then
        select everybody || in_family || coalesce(array_agg(f.person_id), '{}') into everybody from family_member f
        where f.subject_id = in_family and f.until is null and f.voided_at is null
            and not app.shielded(f.person_id, false);
    end if;
    return query
        select distinct a.starts_at, a.ends_at from appointment a join team t on t.id = a.author_team_id
        where a.cancelled_at is null and a.ends_at > after and a.starts_at < until
            and a.subject_id = any (everybody) and t.sensitivity = '' and a.category = 'plan'
            and not (a.author_team_id = any (mine)) and (a.with_team_id is null or not (a.with_team_id = any (mine)))
            and not exists (select 1 from access_grant g where g.subject_id = a.subject_id and g.category = a.category
                            and g.principal_id = any (mine) and g.valid_during @> statement_timestamp())
        order by 1, 2;
end $$
"""


class Migration(migrations.Migration):
    dependencies = [
        ("tasks", "0005_appointments"),
        ("access", "0002_policies"),
        ("people", "0005_merge_policies"),
        ("sharing", "0011_merged"),
        ("agencies", "0004_partnership_role"),
    ]
    operations = [
        # The triggers of history were made anew, and with them what would let a session switch them off.
        migrations.RunSQL(KEEP_HISTORY_ON, migrations.RunSQL.noop),
        Open(
            "appointment_kind",
            reason="what appointments are called here; names no subject",
            rights="select, insert, update (title, called, assessment, lasts, position, ended_at, version)",
        ),
        migrations.RunSQL(SEED, "delete from appointment_kind"),
        Engine("app.guard_appointment_kind()", create=GUARD_KIND),
        migrations.RunSQL(GUARDED_KIND, "drop trigger a_guard on appointment_kind"),
        Engine("app.appointment_category()", create=CATEGORY),
        Engine("app.may_book(int, bigint)", create=MAY_BOOK, callers="app_rw"),
        Protect(
            "appointment",
            readers=("with_team_id",),
            insert=f"{mine('appointment', 'author_team_id')} "
            "and app.may_book(appointment.author_team_id, appointment.subject_id)",
            update=mine("appointment", "author_team_id"),
            update_columns=(
                "starts_at",
                "ends_at",
                "title",
                "place",
                "cancelled_at",
                "cancelled_reason",
                "version",
            ),
            touched=True,
        ),
        ProtectHistory("appointment_history", readers=("with_team_id",)),
        migrations.RunSQL(
            "create policy appointment_history_as_row on appointment_history as restrictive for select to app_rw "
            "using (exists (select 1 from appointment x where x.id = appointment_history.id))",
            "drop policy appointment_history_as_row on appointment_history",
        ),
        migrations.RunSQL(
            "create trigger b_category before insert or update on appointment "
            "for each row execute function app.appointment_category()",
            "drop trigger b_category on appointment",
        ),
        Engine("app.hide_appointments()", create=HIDE),
        migrations.RunSQL(
            "create trigger hide_appointments after update of sensitivity on team for each row "
            "when (new.sensitivity <> '' and new.sensitivity is distinct from old.sensitivity) "
            "execute function app.hide_appointments()",
            "drop trigger hide_appointments on team",
        ),
        Engine(
            "app.family_booked(bigint, bigint, timestamptz, timestamptz)", create=BOOKED, callers="app_rw"
        ),
    ]
