"""The earlier matching of a caseload, which nothing asks any more, goes."""

from importlib import import_module

from django.db import migrations

from teamaround.database.operations import Engine

_before = import_module("teamaround.importing.migrations.0008_rules")


class Migration(migrations.Migration):
    dependencies = [("importing", "0009_resting_by_index"), ("index", "0013_freshness_policies")]
    operations = [
        migrations.RunSQL(
            f"drop function {_before.SIGNATURE}",
            tuple(Engine(_before.SIGNATURE, create=_before.MATCH, callers="app_rw").statements()),
        )
    ]
