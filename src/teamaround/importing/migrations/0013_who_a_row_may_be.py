"""Which earlier rows of its file an uncertain row may be is kept as the check found it; middle names are kept for the same
comparison. What was checked before, and waits for decisions, is checked anew by itself."""

import django.contrib.postgres.fields
from django.db import migrations, models

CHECKED_ANEW = """
alter table import_run disable trigger user;
do $$ begin
    set local role app_engine;
    update import_run r set state = 'mapped' where r.state = 'checked' and r.undecided > 0 and not r.unattended;
    set local role app_owner;
end $$;
set constraints all immediate;
set constraints all deferred;
alter table import_run enable trigger user;
"""


class Migration(migrations.Migration):
    dependencies = [("importing", "0012_weighed_among")]
    operations = [
        migrations.AddField(
            "importrow",
            "like_rows",
            django.contrib.postgres.fields.ArrayField(
                base_field=models.PositiveIntegerField(), db_default=[], size=None
            ),
        ),
        migrations.AddField(
            "importrow", "middle", models.CharField(blank=True, db_default="", default="", max_length=200)
        ),
        migrations.RunSQL(CHECKED_ANEW, migrations.RunSQL.noop),
    ]
