"""A team that becomes a sensitive service is hidden in what was written before as well."""

from django.db import migrations

from teamaround.database.operations import Engine

# Each involvement says its category anew (see involvement_category) when it is written. Where a team is no
# longer sensitive nothing is uncovered here: what was hidden stays so until the row is written again.
HIDE = """
create function app.hide_involvements() returns trigger
language plpgsql security definer set search_path = public, pg_catalog as $$
begin
    update involvement set category = category where author_team_id = new.id;
    return null;
end $$
"""


class Migration(migrations.Migration):
    dependencies = [("index", "0002_policies"), ("agencies", "0003_guard")]
    operations = [
        Engine("app.hide_involvements()", create=HIDE),
        migrations.RunSQL(
            "create trigger hide_involvements after update of sensitivity on team for each row "
            "when (new.sensitivity <> '' and new.sensitivity is distinct from old.sensitivity) "
            "execute function app.hide_involvements()",
            "drop trigger hide_involvements on team",
        ),
    ]
