"""Whoever was voided is found by nobody, but by a team that works with them."""

from importlib import import_module

from django.db import migrations

from teamaround.database.operations import Engine

_first = import_module("teamaround.index.migrations.0002_policies")

# A sensitive service keeps finding whom it works with, and for others nothing changes by it: that somebody
# stays to be found would tell them of the service.
FOUND = """(p.voided_at is null or exists (select 1 from involvement i where i.subject_id = p.subject_id
            and i.until is null and (i.category = 'index' or i.author_team_id = any ((select app.principals())::int[]))))"""

CANDIDATES = "from candidate c join person p on p.subject_id = c.subject_id"
NEAR = "and similarity(e.name, plain_name) >= 0.5);"


def changed(text: str, *changes: tuple[str, str]) -> str:
    """The text with each part, which stands in it once, in other words."""
    for before, after in changes:
        first, found, rest = text.partition(before)
        if not found or before in rest:
            raise ValueError(f"{before!r} does not stand there once")
        text = first + after + rest
    return text


def instead(signature: str, create: str) -> tuple[str, ...]:
    """Statements that put another text in the place of a function that the application calls."""
    again = changed(create, ("create function", "create or replace function"))
    return tuple(Engine(signature, create=again, callers="app_rw").statements())


SEARCH = changed(
    _first.SEARCH,
    (CANDIDATES, f"{CANDIDATES}\n        where {FOUND}"),
    (
        NEAR,
        "and similarity(e.name, plain_name) >= 0.5 and not exists (select from person v\n"
        "                                where v.subject_id = e.subject_id and v.voided_at is not null));",
    ),
)
SIGNATURE = "app.search_people(text, date, text, text, int)"


class Migration(migrations.Migration):
    dependencies = [("index", "0004_history_hides_with_its_row"), ("people", "0003_person_voided")]
    operations = [migrations.RunSQL(instead(SIGNATURE, SEARCH), instead(SIGNATURE, _first.SEARCH))]
