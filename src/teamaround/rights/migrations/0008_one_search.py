"""Gathering and disposal know one copy of what is searched, since there is no other any more."""

from importlib import import_module

from django.db import migrations

_features = import_module("teamaround.rights.migrations.0007_search_features")
_functions = import_module("teamaround.sharing.migrations.0012_functions_over_records")

HELD_TABLES = _functions.changed(
    _features.HELD_TABLES, ("search_entry,search_key,search_feature,", "search_feature,")
)
DISPOSE = _functions.changed(
    _features.DISPOSE,
    (
        "            delete from search_entry where subject_id = one;\n"
        "            delete from search_key where subject_id = one;\n",
        "",
    ),
)


class Migration(migrations.Migration):
    dependencies = [("rights", "0007_search_features"), ("index", "0015_old_search_goes")]
    operations = [
        _functions.instead(
            "app.held_tables()", HELD_TABLES, _features.HELD_TABLES, callers="app_rw, app_disposal"
        ),
        migrations.RunSQL(_features.dispose(DISPOSE), _features.dispose(_features.DISPOSE)),
    ]
