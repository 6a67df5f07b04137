"""A team's choices carry a version, so that of two who change them at once the second is told."""

from importlib import import_module

from django.db import migrations, models

from teamaround.database.operations import Engine

_choices = import_module("teamaround.agencies.migrations.0006_team_choices")

AS_BEFORE = _choices.GUARD.replace("create function", "create or replace function")
GUARD = AS_BEFORE.replace("'senior_manager_id']", "'senior_manager_id', 'team_version']")


class Migration(migrations.Migration):
    dependencies = [("agencies", "0008_worker_profiles_protected")]
    operations = [
        migrations.AddField(
            "team", "version", models.PositiveIntegerField(db_column="team_version", db_default=1, default=1)
        ),
        migrations.RunSQL(
            tuple(Engine("app.guard_set_up()", create=GUARD).statements()),
            tuple(Engine("app.guard_set_up()", create=AS_BEFORE).statements()),
        ),
    ]
