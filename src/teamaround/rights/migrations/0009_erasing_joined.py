"""A record that is erased leaves the person it was joined with, and the pairs that name it, first and whole.

A merge and a pair are of two records: they go with either, and never before. Rows of other records stay.
"""

from importlib import import_module

from django.db import migrations

from teamaround.database.operations import Engine

_before = import_module("teamaround.rights.migrations.0008_one_search")
_features = import_module("teamaround.rights.migrations.0007_search_features")
_functions = import_module("teamaround.sharing.migrations.0012_functions_over_records")

# Undone, not merely deleted: so grants, answers, pairs and what is searched follow, as after any undoing.
PART = """
create function app.part_for_erasure(wanted bigint) returns void
language sql security definer set search_path = public, pg_catalog as $$
    update person_merge m set undone_at = statement_timestamp(), version = m.version + 1
    where m.undone_at is null and wanted in (m.subject_id, m.into_id)
$$
"""

OF_TWO = "('person_merge', 'recognition_pair', 'recognition_opinion', 'recognition_asked_again')"
# Of two other records that a merge with this one had made one person nobody decided anything else.
PARTED = """\
            select coalesce(array_agg(m.id), '{}') into merges from person_merge m where one in (m.subject_id, m.into_id);
            update recognition_pair x set merge_id = null
                where x.merge_id = any (merges) and x.state = 'different' and one not in (x.subject_id, x.other_id);
            select coalesce(array_agg(x.id), '{}') into pairs from recognition_pair x
                where one in (x.subject_id, x.other_id) or x.merge_id = any (merges);
            for p in select * from (values ('recognition_opinion', 'pair_id', pairs), ('recognition_asked_again', 'pair_id', pairs),
                    ('recognition_pair', 'id', pairs), ('person_merge', 'id', merges)) v(tbl, col, ids) loop
                if p.tbl = 'person_merge' then
                    perform app.part_for_erasure(one);
                end if;
                execute format('with x as (delete from %I x where x.%I = any ($1) returning x.id::text as k) '
                    || 'select coalesce(array_agg(k), ''{}'') from x', p.tbl, p.col) into gone using p.ids;
                if cardinality(gone) > 0 then
                    tally := app.tallied(tally, d.id, one, p.tbl, gone, 0);
                end if;
            end loop;
            delete from person_merge_history h where h.id = any (merges);
"""

DISPOSE = _functions.changed(
    _before.DISPOSE,
    ("    looks uuid[];\n", "    looks uuid[];\n    merges bigint[];\n    pairs bigint[];\n"),
    (
        "            -- Rows of others that name the person:",
        f"{PARTED}            -- Rows of others that name the person:",
    ),
    (
        "where x.disposal_id = d.id and x.subject_id = any (going) order by",
        f"where x.disposal_id = d.id and x.subject_id = any (going) and x.table_name not in {OF_TWO} order by",
    ),
    (
        "from disposal_item x where x.disposal_id = d.id and x.subject_id = one loop\n",
        "from disposal_item x where x.disposal_id = d.id and x.subject_id = one\n"
        f"                and x.table_name not in {OF_TWO} loop\n",
    ),
)


class Migration(migrations.Migration):
    dependencies = [
        ("rights", "0008_one_search"),
        ("recognition", "0003_search"),
        ("people", "0007_readings_kept"),
    ]
    operations = [
        Engine("app.part_for_erasure(bigint)", create=PART, callers="app_disposal"),
        migrations.RunSQL(_features.dispose(DISPOSE), _features.dispose(_before.DISPOSE)),
    ]
