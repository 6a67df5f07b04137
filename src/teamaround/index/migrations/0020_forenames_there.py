"""An index of who bears a forename in a district, by how their surname begins. Built beside the service's work."""

from importlib import import_module

from django.db import migrations

made = import_module("teamaround.index.migrations.0017_indexes_that_answer").made

NAME, COLUMNS = "search_feature_forename_there", "(outward, left(family_sound, 1), given_sound)"
AWAY = f"drop index concurrently if exists {NAME}"


class Migration(migrations.Migration):
    atomic = False
    dependencies = [("index", "0019_near_the_searcher")]
    operations = [migrations.RunSQL([AWAY, made(NAME, COLUMNS)], AWAY)]
