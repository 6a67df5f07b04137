"""Events and their notes: append-only, under row-level security."""

from django.db import migrations

from teamaround.database.operations import Protect


class Migration(migrations.Migration):
    dependencies = [("events", "0001_initial"), ("access", "0002_policies")]
    operations = [Protect("event", append_only=True), Protect("event_note", append_only=True)]
