"""What the search compares is a copy: no part of anybody's pack, and gone with the record."""

from importlib import import_module

from django.db import migrations

_gathering = import_module("teamaround.rights.migrations.0003_gathering")
_disposal = import_module("teamaround.rights.migrations.0004_disposal")
_functions = import_module("teamaround.sharing.migrations.0012_functions_over_records")

HELD_TABLES = _functions.changed(
    _gathering.HELD_TABLES, ("search_entry,search_key,", "search_entry,search_key,search_feature,")
)
DISPOSE = _functions.changed(
    _disposal.DISPOSE,
    (
        "            delete from search_key where subject_id = one;\n",
        "            delete from search_key where subject_id = one;\n"
        "            delete from search_feature where subject_id = one or root_id = one;\n",
    ),
)


def dispose(create: str) -> tuple[str, ...]:
    """The statements that put another text in the place of the disposal."""
    again = _functions.changed(create, ("create function", "create or replace function"))
    return tuple(_disposal.Disposer("app.dispose(uuid)", create=again, callers="app_rw").statements())


class Migration(migrations.Migration):
    dependencies = [("rights", "0006_rehome"), ("index", "0011_features")]
    operations = [
        migrations.RunSQL(
            "grant select, delete on search_feature to app_disposal",
            "revoke all on search_feature from app_disposal",
        ),
        _functions.instead(
            "app.held_tables()", HELD_TABLES, _gathering.HELD_TABLES, callers="app_rw, app_disposal"
        ),
        migrations.RunSQL(dispose(DISPOSE), dispose(_disposal.DISPOSE)),
    ]
