"""Planning numbers, who sets them, and the rates that come with the product."""

from django.db import migrations

from teamaround.database.operations import Engine, Open

HOLDS_NOBODY = "planning numbers: how many children a place has, and rates of surveys; names no child"
COUNTED = (
    "counts of the whole area, rounded and suppressed before they are written; read inside app.coverage alone"
)

# A partnership officer or an administrator, or the set-up of an area. Who set it and when is the database's own
# statement.
GUARD = """
create function app.guard_planning() returns trigger
language plpgsql security definer set search_path = public, pg_catalog, pg_temp as $$
declare
    kind text := app.actor_kind();
begin
    if kind = 'practitioner' and exists (
        select 1 from membership m join practitioner p on p.id = m.practitioner_id join team t on t.id = m.team_id
        where m.practitioner_id = app.actor() and m.role in ('administrator', 'partnership') and p.left_at is null
            and t.ended_at is null and m.since <= statement_timestamp()
            and (m.until is null or m.until > statement_timestamp())) then
        new.set_by_id := app.actor();
    elsif kind = 'service' then
        new.set_by_id := nullif(app.actor(), 0);
    else
        raise exception 'only a partnership officer or an administrator changes %', tg_table_name
            using errcode = 'insufficient_privilege';
    end if;
    if tg_table_name = 'planning_service' and tg_op = 'INSERT' and exists (
        select 1 from team t where t.id = (to_jsonb(new) ->> 'team_id')::int and t.sensitivity <> '') then
        raise exception 'a sensitive service is not counted' using errcode = 'check_violation';
    end if;
    return new;
end $$
"""

SEES = """
create function app.sees_reports() returns boolean
language plpgsql stable parallel restricted security definer set search_path = public, pg_catalog as $$
begin
    return app.actor_kind() = 'practitioner' and exists (
        select 1 from membership m join practitioner p on p.id = m.practitioner_id join team t on t.id = m.team_id
        where m.practitioner_id = app.actor() and m.role in ('manager', 'governance', 'partnership')
            and p.left_at is null and t.ended_at is null
            and m.since <= statement_timestamp() and (m.until is null or m.until > statement_timestamp()));
end $$
"""

RATES = """
-- Checked at once: a table with checks that wait cannot be altered below.
set constraints all immediate;
insert into planning_rate (uuid, name, percent, from_age, to_age, source, meaning) values
    (gen_random_uuid(), 'Census 2021', 1.40, 5, 17, 'Office for National Statistics, Census 2021, ages 5 to 17, England',
     'Children whose household said that they give unpaid care.'),
    (gen_random_uuid(), 'School census 2024', 0.60, 5, 17, 'Department for Education, school census 2024, England',
     'Pupils whom their school or parents told of. 72 in 100 schools told of none.'),
    (gen_random_uuid(), 'BBC and University of Nottingham 2018', 20.00, 11, 15, 'BBC News and University of Nottingham, 2018, ages 11 to 15',
     'Children who said themselves, at school, that they care for somebody at home.');
insert into planning_choice (low_id, high_id, effective_from)
select l.id, h.id, '2020-01-01' from planning_rate l, planning_rate h
where l.name = 'Census 2021' and h.name like 'BBC%';
"""

SERVICE = """
with made as (insert into principal (kind) values ('service') returning id)
    insert into service (id, name, purpose)
    select id, 'counting', 'counts young carers by area, school and surgery each night' from made;
"""

PLANNING = ("planning_place", "planning_figure", "planning_rate", "planning_choice", "planning_service")
APPEND_ONLY = ("planning_figure", "planning_rate", "planning_choice")


class Migration(migrations.Migration):
    dependencies = [
        ("reports", "0001_initial"),
        ("agencies", "0004_partnership_role"),
        ("notices", "0003_log_services"),
    ]
    operations = [
        migrations.RunSQL(RATES, "delete from planning_choice; delete from planning_rate"),
        migrations.RunSQL(SERVICE, "delete from service where name = 'counting'"),
        *[
            Open(
                table,
                reason=HOLDS_NOBODY,
                rights="select, insert" if table in APPEND_ONLY else "select, insert, update",
            )
            for table in PLANNING
        ],
        *[Open(table, reason=COUNTED, rights="") for table in ("coverage_count", "coverage_total")],
        migrations.RunSQL(
            "grant insert, update, delete on coverage_count, coverage_total to app_engine",
            migrations.RunSQL.noop,
        ),
        Engine("app.guard_planning()", create=GUARD),
        Engine("app.sees_reports()", create=SEES, callers="app_rw"),
        *[
            migrations.RunSQL(
                f"create trigger a_guard before insert or update on {table} "
                "for each row execute function app.guard_planning()",
                f"drop trigger a_guard on {table}",
            )
            for table in PLANNING
        ],
        *[
            migrations.RunSQL(
                f"create trigger a_append_only before update or delete on {table} "
                "for each row execute function app.refuse_change()",
                f"drop trigger a_append_only on {table}",
            )
            for table in APPEND_ONLY
        ],
    ]
