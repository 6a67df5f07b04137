"""The service that asks about quiet involvements, ends those that nobody confirmed, and tells who began."""

from django.db import migrations

SERVICE = """
with made as (insert into principal (kind) values ('service') returning id)
    insert into service (id, name, purpose)
    select id, 'involvements', 'asks about quiet involvements, ends what nobody confirms, tells who began' from made
"""


class Migration(migrations.Migration):
    dependencies = [("notices", "0004_reading_service")]
    operations = [migrations.RunSQL(SERVICE, "delete from service where name = 'involvements'")]
