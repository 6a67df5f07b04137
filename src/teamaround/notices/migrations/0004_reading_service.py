"""The service that reads written names anew."""

from django.db import migrations

SERVICE = """
with made as (insert into principal (kind) values ('service') returning id)
    insert into service (id, name, purpose) select id, 'reading', 'reads written names for the search' from made
"""


class Migration(migrations.Migration):
    dependencies = [("notices", "0003_log_services")]
    operations = [migrations.RunSQL(SERVICE, "delete from service where name = 'reading'")]
