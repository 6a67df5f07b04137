"""One index of the whole names that are searched: the index's own does for the matching of a caseload too."""

from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("importing", "0005_kept_by_their_team"), ("index", "0002_policies")]
    operations = [
        migrations.RunSQL(
            "drop index search_entry_whole_name",
            "create index search_entry_whole_name on search_entry (name)",
        ),
    ]
