"""The service that tells who keeps a feed when it is late."""

from django.db import migrations

SERVICE = """
with made as (insert into principal (kind) values ('service') returning id)
    insert into service (id, name, purpose) select id, 'feeds', 'tells who keeps a feed when it is late' from made
"""


class Migration(migrations.Migration):
    dependencies = [("notices", "0005_involvements_service")]
    operations = [migrations.RunSQL(SERVICE, "delete from service where name = 'feeds'")]
