"""A caseload matches nobody who was voided, but whom a team that may be known works with."""

from importlib import import_module

from django.db import migrations

_first = import_module("teamaround.importing.migrations.0002_policies")
_index = import_module("teamaround.index.migrations.0005_voided_are_not_found")

CANDIDATES = "from best b join person p on p.subject_id = b.subject_id"
MATCH = _index.changed(_first.MATCH, (CANDIDATES, f"{CANDIDATES}\n        where {_index.FOUND}"))
SIGNATURE = "app.match_people(int[], text[], date[], text[], text[], text[])"


class Migration(migrations.Migration):
    dependencies = [("importing", "0002_policies"), ("index", "0005_voided_are_not_found")]
    operations = [
        migrations.RunSQL(_index.instead(SIGNATURE, MATCH), _index.instead(SIGNATURE, _first.MATCH))
    ]
