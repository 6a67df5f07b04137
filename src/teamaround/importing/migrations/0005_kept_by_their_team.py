"""What was read from a caseload's file stays with the team that brought it."""

from django.db import migrations

TABLES = ("import_run", "import_column", "import_row", "import_progress")

KEEPS = """
create function app.import_keeps_its_team() returns trigger
language plpgsql set search_path = public, pg_catalog, pg_temp as $$
begin
    raise exception 'a row keeps its author' using errcode = 'TA005';
end $$
"""


class Migration(migrations.Migration):
    dependencies = [("importing", "0004_shields_in_matching")]
    operations = [
        migrations.RunSQL(KEEPS, "drop function app.import_keeps_its_team()"),
        *[
            migrations.RunSQL(
                f"create trigger a_keeps_its_team before update on {table} for each row "
                "when (new.author_team_id is distinct from old.author_team_id) "
                "execute function app.import_keeps_its_team()",
                f"drop trigger a_keeps_its_team on {table}",
            )
            for table in TABLES
        ],
    ]
