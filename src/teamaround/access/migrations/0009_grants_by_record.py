"""A grant is found by its record and category in the index alone.

Policies ask for the actor's principals as a list that is not known when the query is planned, so an index that
begins with the principal looked dear to the planner, and it read the grants of the record from the table instead.
"""

from django.contrib.postgres.operations import AddIndexConcurrently, RemoveIndexConcurrently
from django.db import migrations, models


class Migration(migrations.Migration):
    atomic = False  # a live table is not locked
    dependencies = [("access", "0008_merged_grants")]
    operations = [
        AddIndexConcurrently(
            model_name="grant",
            index=models.Index(
                fields=["subject", "category"],
                include=("principal", "valid_during"),
                name="access_grant_held",
            ),
        ),
        # The first column of the new one serves whoever asks by the record alone.
        RemoveIndexConcurrently(model_name="grant", name="access_grant_subject"),
    ]
