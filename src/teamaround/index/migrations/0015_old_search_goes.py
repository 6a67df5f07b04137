"""The tables of the earlier search, which nothing reads any more, go: keys worked out from what stands elsewhere.

The way back makes them anew and fills them from the records.
"""

from importlib import import_module

from django.db import migrations

from teamaround.database.operations import Open

_first = import_module("teamaround.index.migrations.0002_policies")
_merged = import_module("teamaround.index.migrations.0010_merged_in_search")
_features = import_module("teamaround.index.migrations.0011_features")

REASON = "no right at all for the application: read inside the search function alone"
TABLES = ("search_entry", "search_key")

# From the first statement about the earlier tables to the first about what is compared now.
OLD, NOW = (
    f"    delete from {table} where subject_id = any (wanted);\n"
    for table in ("search_entry", "search_feature")
)
REBUILD = _features.REBUILD.partition(OLD)[0] + NOW + _features.REBUILD.partition(NOW)[2]

INDEXES = _first.PLAIN.partition("app_engine;\n")[2]
RIGHTS = (
    *(line for table in TABLES for line in Open(table, reason=REASON, rights="").statements()),
    "grant all on search_entry, search_key to app_engine",
    "grant select, delete on search_entry, search_key to app_disposal",
)


class Migration(migrations.Migration):
    # After all that names the tables: their matching, and the rights of the role that erases.
    dependencies = [
        ("index", "0014_freshness_set"),
        ("importing", "0010_old_matching_goes"),
        ("rights", "0007_search_features"),
    ]
    operations = [
        migrations.RunSQL(
            _merged.again("app.rebuild_search(bigint[])", REBUILD),
            (*_merged.again("app.rebuild_search(bigint[])", _features.REBUILD), _features.FILL),
        ),
        migrations.RunSQL(migrations.RunSQL.noop, (INDEXES, *RIGHTS)),
        migrations.DeleteModel(name="SearchKey"),
        migrations.DeleteModel(name="SearchEntry"),
    ]
