"""A row that is hidden hides its history: an earlier version must not tell what the present one may not."""

from django.db import migrations

TABLES = (
    "meeting",
    "meeting_invitation",
    "meeting_reply",
    "meeting_minutes",
    "meeting_view",
    "meeting_attendance",
    "meeting_decision",
    "meeting_action",
)


class Migration(migrations.Migration):
    dependencies = [
        ("meetings", "0003_hidden_with_their_team"),
    ]
    operations = [
        migrations.RunSQL(
            f"create policy {table}_history_as_row on {table}_history as restrictive for select to app_rw "
            f"using (exists (select 1 from {table} x where x.id = {table}_history.id))",
            f"drop policy {table}_history_as_row on {table}_history",
        )
        for table in TABLES
    ]
