"""A search calls no function for the candidates that no shield protects: nearly all of them."""

from importlib import import_module

from django.db import migrations

_before = import_module("teamaround.index.migrations.0007_surname_and_where_they_live_now")
_tools = import_module("teamaround.index.migrations.0005_voided_are_not_found")

SEARCH = _tools.changed(
    _before.SEARCH,
    (
        "app.name_hidden(c.subject_id) as hidden",
        "(exists (select 1 from sharing_shield h where h.subject_id = c.subject_id)\n"
        "                and app.name_hidden(c.subject_id)) as hidden",
    ),
    (
        "case when s.hidden or app.place_hidden(s.subject_id) then",
        "case when s.hidden or (exists (select 1 from sharing_shield h where h.subject_id = s.subject_id)\n"
        "                                and app.place_hidden(s.subject_id)) then",
    ),
)


class Migration(migrations.Migration):
    dependencies = [("index", "0007_surname_and_where_they_live_now")]
    operations = [
        migrations.RunSQL(
            _tools.instead(_tools.SIGNATURE, SEARCH), _tools.instead(_tools.SIGNATURE, _before.SEARCH)
        ),
    ]
