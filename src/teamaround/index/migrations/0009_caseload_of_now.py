"""The team's present caseload, the latest first, without sorting all of it."""

from django.contrib.postgres.operations import AddIndexConcurrently
from django.db import migrations, models


class Migration(migrations.Migration):
    atomic = False  # a live table is not locked
    dependencies = [("index", "0008_shields_asked_last")]
    operations = [
        AddIndexConcurrently(
            model_name="involvement",
            index=models.Index(
                fields=["author_team", "-id"],
                condition=models.Q(("until", None)),
                name="involvement_caseload_now",
            ),
        )
    ]
