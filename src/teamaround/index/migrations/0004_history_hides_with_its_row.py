"""A row that is hidden hides its history: an earlier version must not tell what the present one may not."""

from django.db import migrations

TABLES = ("involvement",)


class Migration(migrations.Migration):
    dependencies = [
        ("index", "0003_hidden_with_its_team"),
        ("sharing", "0004_rules"),
    ]
    operations = [
        migrations.RunSQL(
            f"create policy {table}_history_as_row on {table}_history as restrictive for select to app_rw "
            f"using (exists (select 1 from {table} x where x.id = {table}_history.id))",
            f"drop policy {table}_history_as_row on {table}_history",
        )
        for table in TABLES
    ]
