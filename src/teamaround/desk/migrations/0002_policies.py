"""A saved view is its practitioner's alone; a team's measure is its own."""

from django.db import migrations

from teamaround.database.operations import Protect, mine


class Migration(migrations.Migration):
    dependencies = [("desk", "0001_initial"), ("access", "0002_policies")]
    operations = [
        Protect(
            "saved_view",
            author="practitioner_id",
            grants=False,
            delete=mine("saved_view", "practitioner_id"),
        ),
        Protect("team_pace", author="team_id", grants=False),
    ]
