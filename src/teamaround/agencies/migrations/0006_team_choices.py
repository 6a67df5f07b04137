"""A manager says which procedures their own team runs, and who its senior manager is; nothing else of a team."""

from importlib import import_module

from django.db import migrations

from teamaround.database.operations import Engine

_guard = import_module("teamaround.agencies.migrations.0003_guard")

AS_BEFORE = _guard.GUARD.replace("create function", "create or replace function")
_LAST = "    raise exception 'only an administrator changes %'"
_CHOICES = """
    -- Not every guarded table has an id, and the whole condition is planned for each.
    if tg_table_name = 'team' and tg_op = 'UPDATE' and kind = 'practitioner'
            and to_jsonb(new) - array['procedure_slug', 'further_procedures', 'senior_manager_id']
                = to_jsonb(old) - array['procedure_slug', 'further_procedures', 'senior_manager_id']
            and exists (
                select 1 from membership m join practitioner p on p.id = m.practitioner_id
                where m.practitioner_id = app.actor() and m.team_id = (to_jsonb(new) ->> 'id')::int and m.role = 'manager' and p.left_at is null
                    and m.since <= statement_timestamp() and (m.until is null or m.until > statement_timestamp())) then
        return new;
    end if;
"""
GUARD = AS_BEFORE.replace(_LAST, _CHOICES.lstrip("\n") + _LAST)


class Migration(migrations.Migration):
    dependencies = [("agencies", "0005_senior_manager")]
    operations = [
        migrations.RunSQL(
            tuple(Engine("app.guard_set_up()", create=GUARD).statements()),
            tuple(Engine("app.guard_set_up()", create=AS_BEFORE).statements()),
        ),
    ]
