"""The search looks first for whoever bears the name and the birthday or the postcode, and for others where nobody agrees
in nearly all that was typed. Whoever works somewhere mostly looks for children who live there: it knows how many do.
"""

from pathlib import Path

import django.contrib.postgres.fields
from django.db import migrations, models

from teamaround.database.operations import Engine, Open
from teamaround.index import finding, nearness
from teamaround.linkage.model import shipped

#: app.find_near, app.find_people and app.search_index as this step installs them.
NEARER, FIND_PEOPLE, SEARCH_INDEX = (
    f"create function {text}"
    for text in Path(__file__).with_suffix(".sql").read_text(encoding="utf-8").split("create function ")[1:]
)

WEIGH = "app.weigh(app.features, bigint[], float8)"
FIND = "app.find_people(app.features, text, float8, int)"
FIND_NEAR = "app.find_near(app.features, text, float8, int, text[], text[], float8, float8)"
SEARCH = "app.search_index(app.features, text, float8, int)"

# The type keeps it on the way back: what an earlier release asks for has names, and stands before it.
AREA = """
do $$ begin
    if not exists (select from pg_attribute where attrelid = 'app.weighed'::regclass and attname = 'area') then
        alter type app.weighed add attribute area text;
    end if;
end $$
"""
# On the way back its functions stand without those that came.
FIND_ALONE = NEARER.replace("app.find_near", "app.find_people").replace(
    """most int, near text[], districts text[],
    closer float8, farther float8)""",
    "most int)",
).replace(
    "declare",
    "declare near text[] := '{}'; districts text[] := '{}'; closer float8 := 0; farther float8 := 0;",
    1,
)  # fmt: skip


def again(signature: str, text: str) -> tuple[str, ...]:
    """The statements that put another text in the place of a function: it keeps what it answers."""
    return tuple(
        Engine(
            signature, create=text.replace("create function", "create or replace function", 1)
        ).statements()
    )


class Migration(migrations.Migration):
    dependencies = [
        ("index", "0018_search_looks_up_answers_alone"),
        ("agencies", "0009_team_version"),
    ]
    operations = [
        migrations.CreateModel(
            name="SearchArea",
            fields=[
                ("area", models.TextField(db_collation="C", primary_key=True, serialize=False)),
                ("entries", models.BigIntegerField()),
                ("among", models.BigIntegerField()),
                (
                    "districts",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.TextField(db_collation="C"), size=None
                    ),
                ),
            ],
            options={"db_table": "search_area"},
        ),
        Open(
            "search_area",
            reason="no right at all for the application: how many entries of the index live where, for the search",
            rights="",
        ),
        migrations.RunSQL("grant all on search_area to app_engine", migrations.RunSQL.noop),
        Engine("app.count_areas_anew()", create=nearness.COUNT_ANEW),
        Engine("app.count_search_areas()", create=nearness.COUNT_AREAS, callers="app_rw"),
        migrations.RunSQL("select app.count_areas_anew()", migrations.RunSQL.noop),
        # Processes of the earlier release go on meanwhile: they search by app.search_people, which stays as it was.
        migrations.RunSQL(AREA, migrations.RunSQL.noop),
        migrations.RunSQL(again(WEIGH, finding.weigh_function(shipped())), migrations.RunSQL.noop),
        Engine(FIND_NEAR, create=NEARER),
        migrations.RunSQL(again(FIND, FIND_PEOPLE), again(FIND, FIND_ALONE)),
        Engine(SEARCH, create=SEARCH_INDEX, callers="app_rw"),
    ]
