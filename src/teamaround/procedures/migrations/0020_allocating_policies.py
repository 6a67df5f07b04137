"""What the worker of a case should bring: the team's whose case it is."""

from django.db import migrations

from teamaround.database.operations import PRINCIPALS, Protect, ProtectHistory

OWN_EPISODE = f"""
allocation_wish.author_team_id = any ({PRINCIPALS}) and exists (
    select 1 from episode e where e.id = allocation_wish.episode_id and e.author_team_id = allocation_wish.author_team_id
        and e.subject_id is not distinct from allocation_wish.subject_id)
"""


class Migration(migrations.Migration):
    dependencies = [("procedures", "0019_allocating"), ("access", "0002_policies")]
    operations = [
        Protect("allocation_wish", insert=OWN_EPISODE, touched=True),
        ProtectHistory("allocation_wish_history"),
    ]
