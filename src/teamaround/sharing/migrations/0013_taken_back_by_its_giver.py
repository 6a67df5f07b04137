"""What is taken back under a record is the word of whoever gave it under that record: parted again, it stays so."""

from importlib import import_module

from django.db import migrations

from teamaround.database.operations import Engine

_functions = import_module("teamaround.sharing.migrations.0012_functions_over_records")
changed, instead = _functions.changed, _functions.instead

# The subject's own word, which takes back what anybody agreed, is theirs under each record. An account of the
# family's writes as the record it was opened for, and as no other.
SHARED_IN = changed(
    _functions.SHARED_NOW,
    ("returns table (record bigint, holder_id", "returns table (record bigint, said_by bigint, holder_id"),
    (
        "    select d.subject_id, d.holder_id,",
        "    select d.subject_id, case when giver = any (records) then d.subject_id else d.given_by_id end, d.holder_id,",
    ),
)
REFUSE = changed(
    _functions.REFUSE,
    ("as recorded, s.record, jsonb_agg", "as recorded, s.record, s.said_by, jsonb_agg"),
    ("        group by s.author_team_id, s.record", "        group by s.author_team_id, s.record, s.said_by"),
    (
        "perform app.write_refusal(one.record, person, one.recorded,",
        "perform app.write_refusal(one.record, case when kind = 'family' then person else one.said_by end, one.recorded,",
    ),
)


class Migration(migrations.Migration):
    dependencies = [("sharing", "0012_functions_over_records")]
    operations = [
        migrations.RunSQL(
            (
                "drop function app.shared_in(bigint, bigint)",
                *Engine("app.shared_in(bigint, bigint)", create=SHARED_IN).statements(),
            ),
            (
                "drop function app.shared_in(bigint, bigint)",
                *Engine("app.shared_in(bigint, bigint)", create=_functions.SHARED_NOW).statements(),
            ),
        ),
        instead(
            "app.refuse_cells(bigint, bigint, int[], text[], int, text, text)",
            REFUSE,
            _functions.REFUSE,
            callers="app_rw",
        ),
    ]
