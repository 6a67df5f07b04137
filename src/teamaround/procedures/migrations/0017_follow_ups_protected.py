"""Days agreed for asking how a family is after closing: the team's whose case it is."""

from django.db import migrations

from teamaround.database.operations import PRINCIPALS, Protect, ProtectHistory

OWN_EPISODE = f"""
follow_up.author_team_id = any ({PRINCIPALS}) and exists (
    select 1 from episode e where e.id = follow_up.episode_id and e.author_team_id = follow_up.author_team_id
        and e.subject_id = follow_up.subject_id)
"""


class Migration(migrations.Migration):
    dependencies = [("procedures", "0016_follow_ups"), ("access", "0002_policies")]
    operations = [
        Protect(
            "follow_up",
            insert=OWN_EPISODE,
            update_columns=("practitioner_id", "dropped", "version"),
            touched=True,
        ),
        ProtectHistory("follow_up_history"),
    ]
