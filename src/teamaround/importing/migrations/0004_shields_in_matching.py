"""A caseload learns nothing that a shield hides: neither place nor, where the shield is full, that there is an entry."""

from importlib import import_module

from django.db import migrations

_index = import_module("teamaround.index.migrations.0005_voided_are_not_found")
_before = import_module("teamaround.importing.migrations.0003_voided_are_not_matched")

AREA = """coalesce((select regexp_replace(k.value, '[0-9][A-Z]{2}$', '') from search_key k
            where k.subject_id = r.subject_id and k.kind = 'postcode' order by k.id desc limit 1), '')"""
BORN_AND_POSTCODE = "join search_key k on k.subject_id = e.subject_id and k.kind = 'postcode' and k.value = w.postcode\n        union"
NAME_AND_POSTCODE = "join search_entry e on e.subject_id = k.subject_id where similarity(e.name, w.name) >= 0.5\n        union"
SAME_POSTCODE = """exists (select 1 from search_key k where k.subject_id = b.subject_id and k.kind = 'postcode'
                and k.value = b.postcode) as same_postcode"""

MATCH = _index.changed(
    _before.MATCH,
    (
        BORN_AND_POSTCODE,
        "join search_key k on k.subject_id = e.subject_id and k.kind = 'postcode' and k.value = w.postcode\n"
        "                and not app.place_hidden(e.subject_id)\n        union",
    ),
    (
        NAME_AND_POSTCODE,
        "join search_entry e on e.subject_id = k.subject_id where similarity(e.name, w.name) >= 0.5\n"
        "                and not app.place_hidden(e.subject_id)\n        union",
    ),
    (
        SAME_POSTCODE,
        "(exists (select 1 from search_key k where k.subject_id = b.subject_id and k.kind = 'postcode'\n"
        "                and k.value = b.postcode) and not app.place_hidden(b.subject_id)) as same_postcode",
    ),
    (
        f"where {_index.FOUND}",
        f"where {_index.FOUND} and not app.name_hidden(b.subject_id)",
    ),
    (AREA, f"case when app.place_hidden(r.subject_id) then '' else {AREA} end"),
)


class Migration(migrations.Migration):
    dependencies = [("importing", "0003_voided_are_not_matched"), ("index", "0006_shields_in_search")]
    operations = [
        migrations.RunSQL(
            _index.instead(_before.SIGNATURE, MATCH), _index.instead(_before.SIGNATURE, _before.MATCH)
        )
    ]
