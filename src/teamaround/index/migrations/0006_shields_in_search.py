"""A search tells nothing that a shield hides: neither place nor, where the shield is full, name."""

from importlib import import_module

from django.db import migrations

from teamaround.database.operations import Engine

_before = import_module("teamaround.index.migrations.0005_voided_are_not_found")

# The look at the table comes first: hardly anybody has a shield, and the function costs more.
PLACELESS = """
create function app.place_hidden(wanted bigint) returns boolean
language sql stable parallel restricted security definer set search_path = public, pg_catalog as $$
    select exists (select 1 from sharing_shield s where s.subject_id = wanted) and app.shielded(wanted, false)
$$
"""

# Hidden altogether from whoever has nothing but a stated purpose, or nothing at all.
NAMELESS = """
create function app.name_hidden(wanted bigint) returns boolean
language sql stable parallel restricted security definer set search_path = public, pg_catalog as $$
    select exists (select 1 from sharing_shield s where s.subject_id = wanted and s.level = 'full')
        and app.shielded(wanted, true)
        and not exists (select 1 from person p where p.subject_id = wanted
                        and p.author_team_id = any (app.principals()))
        and not exists (select 1 from access_grant g where g.subject_id = wanted and g.basis_kind <> 'purpose'
                        and g.principal_id = any (app.principals()) and g.valid_during @> statement_timestamp())
$$
"""

BY_POSTCODE = "k.kind = 'postcode' and k.value = code limit 500)"
SAME_POSTCODE = "exists (select 1 from search_key k where k.subject_id = c.subject_id and k.kind = 'postcode' and k.value = code)\n                as same_postcode"
AREA = """coalesce((select regexp_replace(k.value, '[0-9][A-Z]{2}$', '') from search_key k
            where k.subject_id = s.subject_id and k.kind = 'postcode' order by k.id desc limit 1), '')"""
NAMES = "select s.subject_id, p.uuid, p.given::text, p.family_name::text, p.date_of_birth, p.born_precision::text, p.sex::text,"
WHY = "array_remove(array["
WHERE = "where s.points >= 1.5"

SEARCH = _before.changed(
    _before.SEARCH,
    (
        BY_POSTCODE,
        "k.kind = 'postcode' and k.value = code and not app.place_hidden(k.subject_id) limit 500)",
    ),
    (
        SAME_POSTCODE,
        "(exists (select 1 from search_key k where k.subject_id = c.subject_id and k.kind = 'postcode' "
        "and k.value = code) and not app.place_hidden(c.subject_id)) as same_postcode,\n"
        "            app.name_hidden(c.subject_id) as hidden",
    ),
    (
        NAMES,
        "select case when s.hidden then 0 else s.subject_id end, case when s.hidden then null else p.uuid end,\n"
        "        case when s.hidden then '' else p.given::text end, case when s.hidden then '' else p.family_name::text end,\n"
        "        case when s.hidden then null else p.date_of_birth end,\n"
        "        case when s.hidden then 'day' else p.born_precision::text end,\n"
        "        case when s.hidden then 'U' else p.sex::text end,",
    ),
    (AREA, f"case when s.hidden or app.place_hidden(s.subject_id) then '' else {AREA} end"),
    (WHY, "case when s.hidden then array['protected']::text[] else array_remove(array["),
    (
        "case when s.same_postcode then 'same postcode' end], null)",
        "case when s.same_postcode then 'same postcode' end], null) end",
    ),
    (
        WHERE,
        "where s.points >= 1.5 and (not s.hidden or s.same_number\n"
        "        or (coalesce(s.name_near, 0) >= 0.99 and coalesce(s.same_birthday, false)))",
    ),
)


class Migration(migrations.Migration):
    dependencies = [("index", "0005_voided_are_not_found"), ("sharing", "0004_rules")]
    operations = [
        Engine("app.place_hidden(bigint)", create=PLACELESS),
        Engine("app.name_hidden(bigint)", create=NAMELESS),
        migrations.RunSQL(
            _before.instead(_before.SIGNATURE, SEARCH), _before.instead(_before.SIGNATURE, _before.SEARCH)
        ),
    ]
