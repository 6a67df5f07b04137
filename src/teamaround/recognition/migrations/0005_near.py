"""The nightly search follows the rules of blocking for a surname and part of the birthday that changed together, and
for who is known by a name alone."""

from importlib import import_module

from django.db import migrations

_before = import_module("teamaround.recognition.migrations.0003_search")
_tools = import_module("teamaround.index.migrations.0005_voided_are_not_found")

SIGNATURE = "app.entries_near(bigint[])"


def bare(row: str) -> str:
    """That a row says a name and nothing more, by columns of `linkage.blocking.BESIDE_A_NAME`."""
    return " and ".join(f"{row}.{column} = ''" for column in ("born", "outward", "nhs", "upn"))


# The birthdays that share two of three parts are counted up, so that each is an equality for the index; a year that is
# wrong is within ten of the right one.
ALMOST = """
            array(select left(f.born, 4) || lpad(m::text, 2, '0') || substr(f.born, 7, 2) from generate_series(1, 12) m
                  where f.born <> '')
            || array(select (left(f.born, 4)::int + y)::text || substr(f.born, 5, 4) from generate_series(-10, 10) y
                  where f.born <> '') as almost,"""
RULES = (
    ("o.born <> '' and o.given_sound <> '' and o.outward <> ''",
        "r.born = any (o.almost) and r.given_sound = o.given_sound and r.outward = o.outward"),
    (f"o.given_sound <> '' and o.family_sound <> '' and {bare('o')}",
        "r.family_sound = o.family_sound and r.given_sound = o.given_sound"),
    ("o.given_sound <> '' and o.family_sound <> ''",
        f"r.family_sound = o.family_sound and r.given_sound = o.given_sound and {bare('r')}"),
)  # fmt: skip
_FOUND = "\n    union ".join(
    f"select r.root_id from own o join search_feature r on {given} and {found}" for given, found in RULES
)
NEAR = _tools.changed(
    _before.NEAR,
    ("        select f.*, case", f"        select f.*,{ALMOST} case"),
    (";\nend $$", f"\n    union {_FOUND};\nend $$"),
)


class Migration(migrations.Migration):
    dependencies = [("recognition", "0004_reason_without_weight")]
    operations = [migrations.RunSQL(_tools.instead(SIGNATURE, NEAR), _tools.instead(SIGNATURE, _before.NEAR))]
