"""The search looks up whom it shows alone: nobody who stands far behind the first, and by a plan that is kept."""

from importlib import import_module

from django.db import migrations

from teamaround.database.operations import Engine
from teamaround.index import finding

taken_away = import_module("teamaround.index.migrations.0016_search_in_steps").taken_away

SEARCH = "app.search_people(app.features, text, float8, int)"


class Migration(migrations.Migration):
    dependencies = [("index", "0017_indexes_that_answer")]
    operations = [
        taken_away(SEARCH, "SEARCH", "app_rw"),
        Engine(SEARCH, create=finding.SEARCH, callers="app_rw"),
    ]
