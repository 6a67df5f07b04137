"""Paragraphs of minutes under their policies; when the family is busy; that a part of minutes is withheld."""

from django.db import migrations

from teamaround.database.operations import KEEP_HISTORY_ON, Engine, Protect, ProtectHistory, mine

# A paragraph is the calling team's, of its own meeting, and about the meeting's subject.
OWN_MEETING = (
    "exists (select 1 from meeting m where m.id = minute_line.meeting_id "
    "and m.author_team_id = minute_line.author_team_id and m.subject_id = minute_line.subject_id)"
)

# Minutes that are recorded are amended, with a reason; nobody writes on in their paragraphs.
GUARD = """
create function app.guard_minute_line() returns trigger
language plpgsql security definer set search_path = public, pg_catalog as $$
begin
    if exists (select 1 from meeting m where m.id = new.meeting_id and m.state <> 'booked')
        and (tg_op = 'INSERT' or old.text <> new.text or old.removed_at is distinct from new.removed_at) then
        raise exception 'the minutes of this meeting are recorded' using errcode = 'check_violation';
    end if;
    return new;
end $$
"""

# As for everything else that was said at a meeting: a team that becomes a sensitive service is hidden in it.
HIDE = """
create function app.hide_minute_lines() returns trigger
language plpgsql security definer set search_path = public, pg_catalog as $$
begin
    update minute_line x set category = m.category from meeting m
        where m.id = x.meeting_id and m.author_team_id = new.id;
    return null;
end $$
"""

# When the family has another meeting that the asker may not read: times, and nothing else. Those of sensitive
# services do not count: a time that nothing explains would tell of them.
BUSY = """
create function app.family_busy(wanted bigint, in_family bigint, after timestamptz, until timestamptz)
returns table (starts_at timestamptz)
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
        select distinct m.starts_at from meeting m join team t on t.id = m.author_team_id
        where m.state = 'booked' and m.starts_at >= after and m.starts_at < until
            and (m.subject_id = any (everybody) or m.family_id = any (everybody))
            and t.sensitivity = '' and m.category = 'plan'
            and not (m.author_team_id = any (mine)) and not app.invited_to(m.id)
            and not exists (select 1 from access_grant g where g.subject_id = m.subject_id and g.category = m.category
                            and g.principal_id = any (mine) and g.valid_during @> statement_timestamp())
        order by 1;
end $$
"""

# Whether a reader of the minutes does not get all of them. Never said of what nobody should guess at.
WITHHELD = """
create function app.minutes_withheld(wanted bigint) returns boolean
language plpgsql stable security definer set search_path = public, pg_catalog as $$
declare mine int[] := app.principals();
begin
    return exists (
        select 1 from meeting_minutes h
        join access_grant g on g.subject_id = h.subject_id and g.category = h.category
            and g.principal_id = any (mine) and g.valid_during @> statement_timestamp()
        join minute_line l on l.meeting_id = h.meeting_id and l.removed_at is null
        where h.meeting_id = wanted and not (l.author_team_id = any (mine))
            and l.category not in ('health', 'substance', 'justice', 'safeguarding')
            and not exists (select 1 from access_grant o where o.subject_id = l.subject_id and o.category = l.category
                            and o.principal_id = any (mine) and o.valid_during @> statement_timestamp()));
end $$
"""


class Migration(migrations.Migration):
    dependencies = [
        ("meetings", "0007_lines"),
        ("people", "0005_merge_policies"),
        ("sharing", "0011_merged"),
    ]
    operations = [
        # The triggers of history were made anew, and with them what would let a session switch them off.
        migrations.RunSQL(KEEP_HISTORY_ON, migrations.RunSQL.noop),
        Protect(
            "minute_line",
            insert=f"{mine('minute_line', 'author_team_id')} and {OWN_MEETING}",
            update=mine("minute_line", "author_team_id"),
            update_columns=("text", "removed_at", "beside_id", "version"),
            touched=True,
        ),
        ProtectHistory("minute_line_history"),
        migrations.RunSQL(
            "create policy minute_line_history_as_row on minute_line_history as restrictive for select to app_rw "
            "using (exists (select 1 from minute_line x where x.id = minute_line_history.id))",
            "drop policy minute_line_history_as_row on minute_line_history",
        ),
        Engine("app.guard_minute_line()", create=GUARD),
        migrations.RunSQL(
            "create trigger b_guard before insert or update on minute_line "
            "for each row execute function app.guard_minute_line()",
            "drop trigger b_guard on minute_line",
        ),
        Engine("app.hide_minute_lines()", create=HIDE),
        # By name after hide_meetings: the meetings' own categories are written first.
        migrations.RunSQL(
            "create trigger hide_minute_lines after update of sensitivity on team for each row "
            "when (new.sensitivity <> '' and new.sensitivity is distinct from old.sensitivity) "
            "execute function app.hide_minute_lines()",
            "drop trigger hide_minute_lines on team",
        ),
        Engine("app.family_busy(bigint, bigint, timestamptz, timestamptz)", create=BUSY, callers="app_rw"),
        Engine("app.minutes_withheld(bigint)", create=WITHHELD, callers="app_rw"),
    ]
