"""The services that seal the access log and watch it."""

from django.db import migrations

SERVICES = """
with made as (insert into principal (kind) values ('service') returning id)
    insert into service (id, name, purpose) select id, 'sealing', 'seals the access log each minute' from made;
with made as (insert into principal (kind) values ('service') returning id)
    insert into service (id, name, purpose)
    select id, 'watching', 'raises alerts about what the access log holds' from made;
"""


class Migration(migrations.Migration):
    dependencies = [("notices", "0002_policies")]
    operations = [
        migrations.RunSQL(SERVICES, "delete from service where name in ('sealing', 'watching')"),
    ]
