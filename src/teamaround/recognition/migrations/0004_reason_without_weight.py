"""A joining by the search is told without its weight: that tells of addresses, and a shield may hide them from a reader."""

from importlib import import_module

from django.db import migrations

_first = import_module("teamaround.recognition.migrations.0002_policies")
_functions = import_module("teamaround.sharing.migrations.0012_functions_over_records")

JOIN = _functions.changed(
    _first.JOIN,
    (
        "            format('Recognised as one child by the nightly search: model %s, weight %s bits, probability %s',\n"
        "                pair.model_version, round(pair.weight::numeric, 1), round(pair.probability::numeric, 4)), 1);\n",
        "            format('Recognised as one child by the nightly search: model %s', pair.model_version), 1);\n",
    ),
)


class Migration(migrations.Migration):
    dependencies = [("recognition", "0003_search"), ("sharing", "0012_functions_over_records")]
    operations = [
        _functions.instead("app.join_recognised(uuid)", JOIN, _first.JOIN, callers="app_rw"),
    ]
