"""Actions under row-level security. The team that owes one reads it, and may say that it is done."""

from django.db import migrations

from teamaround.database.operations import Protect, ProtectHistory, mine


class Migration(migrations.Migration):
    dependencies = [("tasks", "0001_initial"), ("access", "0002_policies")]
    operations = [
        Protect(
            "task",
            readers=("owner_team_id",),
            writers=("owner_team_id",),
            insert=mine("task", "author_team_id"),
            touched=True,
        ),
        ProtectHistory("task_history", readers=("owner_team_id",)),
        # What is tied to an action, such as a goal's action, is about the same subject: others refer to this.
        migrations.RunSQL(
            "alter table task add constraint task_with_its_subject unique (id, subject_id)",
            "alter table task drop constraint task_with_its_subject",
        ),
    ]
