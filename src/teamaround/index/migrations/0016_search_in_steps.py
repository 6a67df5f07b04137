"""The search looks in steps: the wider net is cast only where nobody stands clear, and no row is weighed twice.

A caseload may be weighed among as many as before."""

from importlib import import_module

from django.db import migrations

from teamaround.database.operations import Engine
from teamaround.index import finding
from teamaround.linkage.model import shipped

_before = import_module("teamaround.index.migrations.0011_features")

WEIGHED = (
    "create type app.weighed as"
    " (entry bigint, root_id bigint, two_class float8, apart float8, levels int[], weight float8)"
)
FIND = "app.find_people(app.features, text, float8, int)"
WEIGH = "app.weigh(app.features, bigint[], float8)"
MATCH = "app.match_rows(app.features[], text[], float8)"


def taken_away(signature: str, text: str, callers: str = "") -> migrations.RunSQL:
    """Drops a function, and puts it back as it was on the way back."""
    before = Engine(signature, create=_before.INSTALLED[text], callers=callers)
    return migrations.RunSQL(f"drop function {signature}", tuple(before.statements()))


class Migration(migrations.Migration):
    dependencies = [("index", "0015_old_search_goes")]
    operations = [
        taken_away(MATCH, "MATCH", "app_rw"),
        taken_away(FIND, "FIND"),
        taken_away(WEIGH, "WEIGH"),
        migrations.RunSQL(
            [WEIGHED, "grant usage on type app.weighed to app_engine"], "drop type app.weighed"
        ),
        Engine(WEIGH, create=finding.weigh_function(shipped())),
        Engine(FIND, create=finding.FIND),
        Engine(
            "app.match_rows(app.features[], text[], float8, float8)", create=finding.MATCH, callers="app_rw"
        ),
    ]
