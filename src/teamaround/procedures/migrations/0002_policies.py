"""Episodes, allocations and clocks under row-level security."""

from django.db import migrations

from teamaround.database.operations import Open, Protect, ProtectHistory, mine


class Migration(migrations.Migration):
    dependencies = [("procedures", "0001_initial"), ("access", "0002_policies")]
    operations = [
        Open("procedure_version", reason="what a partnership does and by when; names no subject", rights="select, insert"),
        migrations.RunSQL(
            "create trigger a_append_only before update or delete on procedure_version "
            "for each row execute function app.refuse_change()",
            "drop trigger a_append_only on procedure_version",
        ),
        Protect("episode", touched=True),
        ProtectHistory("episode_history"),
        Protect("allocation", touched=True),
        ProtectHistory("allocation_history"),
        Protect("clock", delete=mine("clock", "author_team_id")),
    ]
