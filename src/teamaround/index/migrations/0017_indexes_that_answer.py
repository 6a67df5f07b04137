"""Indexes that answer the search's blocks by themselves. Built beside the service's work, one after the other."""

from django.db import migrations

BETTER = (
    ("search_feature_born_names", "(born, family_sound) include (id, given, family)",
     "search_feature_born_family", "(born, family_sound)"),
    ("search_feature_written_born", "(family, given, born) include (id)",
     "search_feature_written", "(family, given)"),
    ("search_feature_postcode_family", "(postcode, family_sound)",
     "search_feature_postcode", "(postcode)"),
)  # fmt: skip


def made(name: str, columns: str) -> str:
    """An index made while others write; what an interrupted try left goes first."""
    return f"create index concurrently {name} on search_feature {columns}"


class Migration(migrations.Migration):
    atomic = False
    dependencies = [("index", "0016_search_in_steps")]
    operations = [
        migrations.RunSQL(
            [f"drop index concurrently if exists {better}", made(better, columns),
             f"drop index concurrently if exists {worse}"],
            [f"drop index concurrently if exists {worse}", made(worse, before),
             f"drop index concurrently if exists {better}"],
        )
        for better, columns, worse, before in BETTER
    ]  # fmt: skip
