"""Meetings under row-level security. Those invited see when, where, why and who; never what was said there."""

from django.db import migrations

from teamaround.database.operations import PRINCIPALS, Engine, Protect, ProtectHistory, granted, mine

# That a sensitive service calls or is invited tells something by itself, whatever the application says.
CATEGORY = """
create function app.meeting_category() returns trigger
language plpgsql security definer set search_path = public, pg_catalog as $$
declare found text; invited int;
begin
    if tg_table_name = 'meeting_invitation' then
        invited := new.invited_team_id;
    end if;
    select case t.sensitivity when 'substance' then 'substance' when 'justice' then 'justice'
           when 'domestic_abuse' then 'safeguarding' else 'health' end
    into found from team t
    where t.id in (invited, new.author_team_id) and t.sensitivity <> ''
    order by (t.id = invited) desc nulls last limit 1;
    new.category := coalesce(found, 'plan');
    return new;
end $$
"""

# Asked inside the policy of the invitations themselves, where a plain subquery would ask that policy again.
INVITED = """
create function app.invited_to(wanted bigint) returns boolean
language plpgsql stable security definer set search_path = public, pg_catalog as $$
begin
    return exists (select 1 from meeting_invitation i where i.meeting_id = wanted and i.withdrawn_at is null
                   and i.invited_team_id = any (app.principals()));
end $$
"""

# The invited team answers; everything else of an invitation is the calling team's.
GUARD = """
create function app.guard_invitation() returns trigger language plpgsql as $$
begin
    if not (old.author_team_id = any (app.principals())) and new.withdrawn_at is distinct from old.withdrawn_at then
        raise exception 'only the team that calls a meeting withdraws an invitation'
            using errcode = 'insufficient_privilege';
    end if;
    return new;
end $$
"""


INVITATION = (
    "exists (select 1 from meeting_invitation i where i.meeting_id = {meeting} and i.withdrawn_at is null "
    "and i.invited_team_id = any ({principals}))"
)


def read_meeting(table: str, key: str) -> str:
    standing = INVITATION.format(meeting=f"{table}.{key}", principals=PRINCIPALS)
    return f"{mine(table, 'author_team_id')} or {granted(table)} or {standing}"


def read_invitation(table: str) -> str:
    return (
        f"{mine(table, 'author_team_id')} or ({mine(table, 'invited_team_id')} and {table}.withdrawn_at is null) "
        f"or {granted(table)} or ({table}.category = 'plan' and app.invited_to({table}.meeting_id))"
    )


SAID = ("meeting_minutes", "meeting_view", "meeting_attendance", "meeting_decision", "meeting_action")


class Migration(migrations.Migration):
    dependencies = [
        ("meetings", "0001_initial"),
        ("access", "0002_policies"),
        ("tasks", "0002_policies"),
        ("procedures", "0002_policies"),
    ]
    operations = [
        Engine("app.meeting_category()", create=CATEGORY),
        Engine("app.invited_to(bigint)", create=INVITED, callers="app_rw"),
        Protect(
            "meeting_invitation",
            read=read_invitation("meeting_invitation"),
            insert=mine("meeting_invitation", "author_team_id"),
            update=f"{mine('meeting_invitation', 'author_team_id')} or {mine('meeting_invitation', 'invited_team_id')}",
            update_columns=("answer", "answered_at", "withdrawn_at", "version"),
            touched=True,
        ),
        ProtectHistory("meeting_invitation_history", readers=("invited_team_id",)),
        Protect(
            "meeting",
            read=read_meeting("meeting", "id"),
            insert=mine("meeting", "author_team_id"),
            update=mine("meeting", "author_team_id"),
            touched=True,
        ),
        ProtectHistory("meeting_history", read=read_meeting("meeting_history", "pgh_obj_id")),
        Protect(
            "meeting_reply",
            readers=("calling_team_id",),
            insert=f"{mine('meeting_reply', 'author_team_id')} and app.invited_to(meeting_reply.meeting_id)",
            update=mine("meeting_reply", "author_team_id"),
            touched=True,
        ),
        ProtectHistory("meeting_reply_history", readers=("calling_team_id",)),
        *[Protect(table, touched=True) for table in SAID],
        *[ProtectHistory(f"{table}_history") for table in SAID],
        migrations.RunSQL(
            """
            create trigger b_category before insert or update on meeting
                for each row execute function app.meeting_category();
            create trigger b_category before insert or update on meeting_invitation
                for each row execute function app.meeting_category();
            create trigger b_category before insert or update on meeting_reply
                for each row execute function app.meeting_category();
            """,
            """
            drop trigger b_category on meeting;
            drop trigger b_category on meeting_invitation;
            drop trigger b_category on meeting_reply;
            """,
        ),
        migrations.RunSQL(
            GUARD
            + ";create trigger c_guard before update on meeting_invitation for each row "
            + "execute function app.guard_invitation()",
            "drop trigger c_guard on meeting_invitation; drop function app.guard_invitation()",
        ),
    ]
