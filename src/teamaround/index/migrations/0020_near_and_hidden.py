"""Where somebody works decides who comes first and not who is an answer; nobody whom a shield protects is counted where
they live, and nobody voided or hidden ends a search."""

from importlib import import_module

from django.db import migrations

from teamaround.database.operations import Engine
from teamaround.index import finding

again = import_module("teamaround.index.migrations.0010_merged_in_search").again
before = import_module("teamaround.index.migrations.0019_near_the_searcher")

COUNT = "app.count_search_areas()"
COUNTED_BEFORE = finding.COUNT_AREAS.replace(
    "perform app.count_areas_anew()", f"delete from search_area; {finding.COUNTED}"
)


class Migration(migrations.Migration):
    dependencies = [("index", "0019_near_the_searcher")]
    operations = [
        migrations.RunSQL(migrations.RunSQL.noop, again(COUNT, COUNTED_BEFORE)),
        Engine("app.count_areas_anew()", create=finding.COUNT_ANEW),
        migrations.RunSQL(again(COUNT, finding.COUNT_AREAS), migrations.RunSQL.noop),
        migrations.RunSQL(again(before.FIND_NEAR, finding.FIND_NEAR), migrations.RunSQL.noop),
        migrations.RunSQL(again(before.SEARCH, finding.SEARCH), migrations.RunSQL.noop),
        migrations.RunSQL("select app.count_areas_anew()", migrations.RunSQL.noop),
    ]
