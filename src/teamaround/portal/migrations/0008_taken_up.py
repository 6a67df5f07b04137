"""That an invitation was taken up is an event of the team that sent it."""

from importlib import import_module

from django.db import migrations

from teamaround.database.operations import Engine

_policies = import_module("teamaround.portal.migrations.0002_policies")

AS_BEFORE = _policies.ACCEPT.replace("create function", "create or replace function")
ACCEPT = AS_BEFORE.replace(
    "    return 'accepted';",
    """    insert into event (occurrence, kind, subject_id, category, author_team_id, happened_at, recorded_by, voids)
    values (gen_random_uuid(), 'portal.opened', found.person_id, 'identity', found.author_team_id,
        statement_timestamp(), coalesce(held.id, wanted_principal), false);
    return 'accepted';""",
)
SIGNATURE = "app.portal_accept(text, bigint, int)"


class Migration(migrations.Migration):
    dependencies = [("portal", "0007_over_records"), ("events", "0006_own_pages")]
    operations = [
        migrations.RunSQL(
            tuple(Engine(SIGNATURE, create=ACCEPT, callers="app_rw").statements()),
            tuple(Engine(SIGNATURE, create=AS_BEFORE, callers="app_rw").statements()),
        )
    ]
