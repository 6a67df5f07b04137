"""The kinds of meeting that come with the product; the partnership's officers and administrators change them."""

from django.db import migrations

from teamaround.database.operations import KEEP_HISTORY_ON, Engine, Open

# Who set it and when is the database's own statement. A key never changes: meetings name it.
GUARD = """
create function app.guard_meeting_type() returns trigger
language plpgsql security definer set search_path = public, pg_catalog, pg_temp as $$
begin
    if app.actor_kind() <> 'practitioner' or not exists (
        select 1 from membership m join practitioner p on p.id = m.practitioner_id join team t on t.id = m.team_id
        where m.practitioner_id = app.actor() and m.role in ('administrator', 'partnership') and p.left_at is null
            and t.ended_at is null and m.since <= statement_timestamp()
            and (m.until is null or m.until > statement_timestamp())) then
        raise exception 'only a partnership officer or an administrator changes %', tg_table_name
            using errcode = 'insufficient_privilege';
    end if;
    new.set_by_id := app.actor();
    new.set_at := statement_timestamp();
    return new;
end $$
"""

GUARDED = """
create trigger a_guard before insert or update on meeting_type
    for each row execute function app.guard_meeting_type()
"""


SEED = """
insert into meeting_type (key, title, usually, event, position, version) values
    ('team-around', 'Team around the child and family',
     'The child, the family, and everybody who works with them, services for adults included.',
     'meeting.held', 1, 1),
    ('eligibility', 'Eligibility meeting',
     'The team that was asked, the referrer, and those who know the family.',
     'meeting.held', 2, 1),
    ('family-group-conference', 'Family group conference',
     'The wider family and friends, chosen by the family. Practitioners give information, then leave.',
     'meeting.held', 3, 1),
    ('families-first-panel', 'Families First panel',
     'The members of the panel, and whoever brings the case. A team manager chairs.',
     'meeting.held', 4, 1),
    ('yes-panel', 'YES panel',
     'The members of the panel, the young person, and whoever brings the case.',
     'meeting.held', 5, 1),
    ('core-group', 'Core group',
     'The child and the parents, the social worker, and those named in the protection plan.',
     'meeting.held', 6, 1),
    ('review', 'Review',
     'The child, the family, and everybody who has an action in the plan.',
     'meeting.held', 7, 1),
    ('closure', 'Closure meeting',
     'The child, the family, who stays with them, and who leads after stepping down.',
     'meeting.held', 8, 1)
"""


class Migration(migrations.Migration):
    dependencies = [("meetings", "0005_types"), ("agencies", "0004_partnership_role")]
    operations = [
        # The triggers of history were made anew, and with them what would let a session switch them off.
        migrations.RunSQL(KEEP_HISTORY_ON, migrations.RunSQL.noop),
        Open(
            "meeting_type",
            reason="what meetings are called here and who is usually invited; names no subject",
            rights="select, insert, update (title, usually, event, position, ended_at, version)",
        ),
        migrations.RunSQL(SEED, "delete from meeting_type"),
        Engine("app.guard_meeting_type()", create=GUARD),
        migrations.RunSQL(GUARDED, "drop trigger a_guard on meeting_type"),
    ]
