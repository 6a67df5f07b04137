"""Assessments under row-level security. Who may read an assessment never may write it unless it is their own."""

from django.db import migrations

from teamaround.database.operations import Protect, ProtectHistory, mine

TABLES = ("assessment", "assessment_answer", "assessment_risk")


def on_own(table: str, parent: str, column: str) -> str:
    """The row is my team's, about the same child as the parent row, and the parent row is that team's too."""
    same = f"p.author_team_id = {table}.author_team_id and p.subject_id = {table}.subject_id"
    row = f"select 1 from {parent} p where p.id = {table}.{column} and {same}"  # names of this file
    return f"{mine(table, 'author_team_id')} and exists ({row})"


class Migration(migrations.Migration):
    dependencies = [
        ("assessments", "0001_initial"),
        ("procedures", "0002_policies"),
        ("access", "0002_policies"),
    ]
    operations = [
        Protect("assessment", insert=on_own("assessment", "episode", "episode_id"), touched=True),
        Protect(
            "assessment_answer",
            insert=on_own("assessment_answer", "assessment", "assessment_id"),
            touched=True,
        ),
        Protect(
            "assessment_risk", insert=on_own("assessment_risk", "assessment", "assessment_id"), touched=True
        ),
        *[ProtectHistory(f"{table}_history") for table in TABLES],
    ]
