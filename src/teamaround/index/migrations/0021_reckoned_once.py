"""A search reckons a home once: where the searcher works in the area that was typed, the two are one reason. An agreement
on a district weighs by how few live there. And it looks in the searcher's districts for whoever bears one of the names.
"""

from importlib import import_module

from django.db import migrations

from teamaround.database.operations import Engine
from teamaround.index import finding
from teamaround.linkage.model import shipped

before = import_module("teamaround.index.migrations.0019_near_the_searcher")

FIND_PLACED = "app.find_placed(app.features, text, float8, int, text[], text[], float8, float8, float8)"


class Migration(migrations.Migration):
    dependencies = [("index", "0020_forenames_there")]
    operations = [
        # app.find_near stays for what searches at this moment; nothing calls it afterwards.
        Engine(FIND_PLACED, create=finding.FIND_PLACED),
        migrations.RunSQL(
            before.again(before.FIND, finding.FIND), before.again(before.FIND, before.FIND_PEOPLE)
        ),
        migrations.RunSQL(
            before.again(before.SEARCH, finding.search_function(shipped())),
            before.again(before.SEARCH, before.SEARCH_INDEX),
        ),
    ]
