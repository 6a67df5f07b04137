"""A search says of a surname typed alone that it is the same, and tells the area somebody lives in now."""

from importlib import import_module

from django.db import migrations

_before = import_module("teamaround.index.migrations.0006_shields_in_search")
_tools = import_module("teamaround.index.migrations.0005_voided_are_not_found")

# The keys of the search hold every postcode that somebody ever had: a former one finds them, and tells no place.
AREA = """coalesce((select regexp_replace(upper(replace(a.postcode, ' ', '')), '[0-9][A-Z]{2}$', '') from person_address a
            where a.subject_id = s.subject_id and a.voided_at is null and a.postcode <> ''
            order by (a.until is null) desc, a.until desc, a.since desc nulls last, a.id desc limit 1), '')"""
DIFFERENTLY = "when s.name_near >= 0.3 then 'name spelt differently' end,"

SEARCH = _tools.changed(
    _before.SEARCH,
    (_before.AREA, AREA),
    (
        DIFFERENTLY,
        "when exists (select from search_entry e where e.subject_id = s.subject_id and e.surname = plain_name)\n"
        "                     then 'same surname'\n"
        "                 when exists (select from search_entry e where e.subject_id = s.subject_id\n"
        "                              and starts_with(e.name, plain_name || ' ')) then 'same first name'\n"
        f"                 {DIFFERENTLY}",
    ),
)


class Migration(migrations.Migration):
    dependencies = [("index", "0006_shields_in_search")]
    operations = [
        migrations.RunSQL(
            _tools.instead(_tools.SIGNATURE, SEARCH), _tools.instead(_tools.SIGNATURE, _before.SEARCH)
        ),
    ]
