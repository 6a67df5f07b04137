"""Panels' sittings and items under their rules; how long cases stood still; gaps in provision counted."""

from django.db import migrations

from teamaround.database.operations import KEEP_HISTORY_ON, Engine, Open, Protect, ProtectHistory, mine

GUARD = """
create function app.guard_sitting() returns trigger
language plpgsql security definer set search_path = public, pg_catalog, pg_temp as $$
begin
    if app.actor_kind() <> 'practitioner' or not exists (
        select 1 from panel p where p.id = new.panel_id and p.ended_at is null
            and (p.id = any (app.principals()) or p.chair_team_id = any (app.principals()))) then
        raise exception 'only a panel and the team that chairs it set its sittings'
            using errcode = 'insufficient_privilege';
    end if;
    if tg_op = 'UPDATE' and new.panel_id <> old.panel_id then
        raise exception 'a sitting stays its panel''s' using errcode = 'check_violation';
    end if;
    new.set_by_id := app.actor();
    return new;
end $$
"""

# What is put before a sitting stands on the agenda of its panel, is open, and keeps its author and subject.
ON_AGENDA = (
    "exists (select 1 from sharing_agenda_item a join panel_sitting s on s.id = panel_item.sitting_id "
    "where a.id = panel_item.agenda_item_id and a.closed_at is null and a.panel_id = panel_item.panel_id "
    "and s.panel_id = panel_item.panel_id and a.author_team_id = panel_item.author_team_id "
    "and a.subject_id = panel_item.subject_id)"
)

# How long the cases on a panel's agenda stood still, and how long they are open: numbers alone, for its members.
STANDING = """
create function app.agenda_standing(wanted int)
returns table (agenda_item bigint, quiet_days int, open_days int, immediate boolean)
language plpgsql stable security definer set search_path = public, pg_catalog as $$
#variable_conflict use_column
begin
    if app.actor_kind() <> 'practitioner' or not (wanted = any (app.principals())) then
        return;
    end if;
    return query
        select a.id,
            extract(day from statement_timestamp() - greatest(e.opened_at, (
                select max(v.happened_at) from event v where v.episode = e.id
                    and v.kind not in ('panel.listed', 'panel.closed'))))::int,
            extract(day from statement_timestamp() - e.opened_at)::int,
            e.priority = 'immediate'
        from sharing_agenda_item a
        cross join lateral (
            select * from episode x where x.author_team_id = a.author_team_id and x.subject_id = a.subject_id
                and x.status = 'open' order by x.id desc limit 1) e
        where a.panel_id = wanted and a.closed_at is null;
end $$
"""

# Children for whom something was missing, by need and area: counted once each, rounded, and fewer than five told as
# none is. An area with fewer than five in all is not named. Left out, as in every count of the area: whoever a shield
# protects, and what a sensitive service wrote.
GAPS = """
create function app.provision_gaps(after date, until date) returns table (need text, area text, children int)
language plpgsql stable security definer set search_path = public, pg_catalog as $$
#variable_conflict use_column
begin
    if app.actor_kind() <> 'practitioner' or not exists (
        select 1 from membership m join practitioner p on p.id = m.practitioner_id join team t on t.id = m.team_id
        where m.practitioner_id = app.actor() and m.role in ('manager', 'governance', 'partnership')
            and p.left_at is null and t.ended_at is null and m.since <= statement_timestamp()
            and (m.until is null or m.until > statement_timestamp())) then
        raise exception 'counts of the whole area are for those who plan for it' using errcode = 'insufficient_privilege';
    end if;
    return query
        with found as (
            select distinct i.gap_need as need, i.subject_id as child,
                coalesce(nullif(initcap(btrim(i.gap_area)), ''), '') as area
            from panel_item i join team t on t.id = i.author_team_id and t.sensitivity = ''
            where i.gap_need <> '' and i.decided_at >= after::timestamp at time zone 'Europe/London'
                and i.decided_at < until::timestamp at time zone 'Europe/London'
                and not exists (
                    select 1 from sharing_shield s where s.subject_id = any (app.same_person(i.subject_id))
                    and app.span(s.valid_from, least(s.valid_until, s.lifted_at)) @> statement_timestamp())),
        named as (
            select f.need, f.child, case when count(*) over (partition by f.area, f.need) >= 5 then f.area else '' end as area
            from found f)
        select n.need::text, n.area::text,
            case when count(distinct n.child) < 5 then 0 else (2 * count(distinct n.child)::int + 5) / 10 * 5 end
        from named n group by 1, 2 order by 3 desc, 1, 2;
end $$
"""

# A core group that was held is what its own cycle waits for.
CORE_GROUP = """
alter table meeting_type disable trigger a_guard;
update meeting_type set event = '{event}' where key = 'core-group' and set_at is null;
alter table meeting_type enable trigger a_guard
"""

READ = f"{mine('panel_item', 'author_team_id')} or {mine('panel_item', 'panel_id')}"


class Migration(migrations.Migration):
    dependencies = [
        ("meetings", "0009_panels"),
        ("sharing", "0011_merged"),
    ]
    operations = [
        # The triggers of history were made anew, and with them what would let a session switch them off.
        migrations.RunSQL(KEEP_HISTORY_ON, migrations.RunSQL.noop),
        Open(
            "panel_sitting",
            reason="when and where a panel sits; names no subject",
            rights="select, insert, update (starts_at, place, lasts, closed_at, version)",
        ),
        Engine("app.guard_sitting()", create=GUARD),
        migrations.RunSQL(
            "create trigger a_guard before insert or update on panel_sitting "
            "for each row execute function app.guard_sitting()",
            "drop trigger a_guard on panel_sitting",
        ),
        Protect(
            "panel_item",
            read=READ,
            insert=f"{mine('panel_item', 'panel_id')} and {ON_AGENDA}",
            update=mine("panel_item", "panel_id"),
            update_columns=(
                "reason",
                "urgency",
                "rank",
                "minutes",
                "outcome",
                "decision",
                "decided_at",
                "escalated_at",
                "gap_need",
                "gap_area",
                "gap_note",
                "version",
            ),
            touched=True,
        ),
        ProtectHistory("panel_item_history", read=READ.replace("panel_item.", "panel_item_history.")),
        migrations.RunSQL(CORE_GROUP.format(event="coregroup.met"), CORE_GROUP.format(event="meeting.held")),
        Engine("app.agenda_standing(int)", create=STANDING, callers="app_rw"),
        Engine("app.provision_gaps(date, date)", create=GAPS, callers="app_rw"),
    ]
