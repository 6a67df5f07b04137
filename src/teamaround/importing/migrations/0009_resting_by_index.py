"""Who rests on what a run added is asked by the index of what runs made: a large run is planned in moments."""

from importlib import import_module

from django.db import migrations

_before = import_module("teamaround.importing.migrations.0008_rules")
_tools = import_module("teamaround.index.migrations.0005_voided_are_not_found")

SIGNATURE = "app.rests_on(bigint)"
RESTS_ON = _tools.changed(
    _before.RESTS_ON,
    ("    filter text;\n", "    filter text;\n    taken_back bigint[];\n"),
    (
        "    for place in\n        select c.conrelid",
        "    taken_back := array(select r.id from import_run r where r.id = run.id or r.state = 'withdrawn');\n"
        "    for place in\n        select c.conrelid",
    ),
    (
        "from import_made m join import_run r on r.id = m.run_id\n"
        "                    where m.kind = %L and m.row = x.id and (r.id = $1 or r.state = ''withdrawn''))'",
        "from import_made m\n                    where m.run_id = any ($1) and m.kind = %L and m.row = x.id)'",
    ),
    ("using run.id, theirs, run.author_team_id", "using taken_back, theirs, run.author_team_id"),
)


class Migration(migrations.Migration):
    dependencies = [("importing", "0008_rules")]
    operations = [
        migrations.RunSQL(_tools.instead(SIGNATURE, RESTS_ON), _tools.instead(SIGNATURE, _before.RESTS_ON))
    ]
