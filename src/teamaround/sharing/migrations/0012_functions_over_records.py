"""What is asked and written about one person looks at all records of that person."""

from importlib import import_module

from django.db import migrations

from teamaround.database.operations import Engine

_first = import_module("teamaround.sharing.migrations.0002_policies")
_rules = import_module("teamaround.sharing.migrations.0004_rules")
_withdrawals = import_module("teamaround.sharing.migrations.0005_withdrawals")
_decisions = import_module("teamaround.sharing.migrations.0010_decision_policies")
_merged = import_module("teamaround.sharing.migrations.0011_merged")
instead = _merged.instead


def changed(text: str, *changes: tuple[str, str]) -> str:
    """The text with each part, which stands in it once, in other words."""
    for before, after in changes:
        first, found, rest = text.partition(before)
        if not found or before in rest:
            raise ValueError(f"{before!r} does not stand there once")
        text = first + after + rest
    return text


RECORDS = "any (app.same_person(wanted))"
WROTE = ("p.subject_id = wanted and p.author_team_id", f"p.subject_id = {RECORDS} and p.author_team_id")
TEAM_WORKS_WITH = changed(_withdrawals.WORKS_WITH, WROTE)
WORKS_WITH = changed(_decisions.WORKS_WITH, WROTE)

# What one giver now shares of one person, by the record it was said about: a later decision of the same giver
# about the same record rules, and of decisions since the records became one the latest about any of them.
SHARED_NOW = """
create function app.shared_in(wanted bigint, giver bigint)
returns table (record bigint, holder_id int, shared_category text, author_team_id int, capacity text,
               valid_from timestamptz)
language plpgsql stable security definer set search_path = public, pg_catalog as $$
#variable_conflict use_column
declare
    records bigint[] := app.same_person(wanted);
    givers bigint[] := app.same_person(giver);
    joined timestamptz := greatest(app.merged_at(records), app.merged_at(givers));
begin
    return query
    with line as (
        select l.subject_id, l.holder_id, l.shared_category, l.answer, b.given_by_id, b.author_team_id, b.capacity,
            b.valid_from, b.valid_until, b.withdrawn_at, b.id, (app.same_person(b.given_by_id))[1] as root
        from sharing_line l join sharing_basis b on b.id = l.basis_id
        where l.subject_id = any (records) and b.kind = 'consent'
            and b.valid_from <= statement_timestamp() + interval '5 minutes'
            and (b.given_by_id = any (givers) or giver = any (records))
    )
    select d.subject_id, d.holder_id, d.shared_category::text, d.author_team_id, d.capacity::text, d.valid_from
    from line d
    where d.answer = 'share' and d.valid_until > statement_timestamp()
        and (d.withdrawn_at is null or d.withdrawn_at > statement_timestamp())
        and not exists (
            select 1 from line n
            where n.holder_id = d.holder_id and n.shared_category = d.shared_category
                and (n.valid_from, n.id) > (d.valid_from, d.id)
                and ((n.given_by_id, n.subject_id) = (d.given_by_id, d.subject_id)
                     or (n.root = d.root and n.valid_from >= joined)));
end $$
"""

# Whose own word it is: theirs under any of their records.
WRITE_REFUSAL = changed(
    _withdrawals.WRITE_REFUSAL,
    (
        "select greatest(statement_timestamp(), max(s.valid_from)) into starts from app.shared_now(wanted, giver) s;",
        "select greatest(statement_timestamp(), max(s.valid_from)) into starts from app.shared_in(wanted, giver) s;",
    ),
    (
        "case when giver = wanted then 'self' else 'parent' end",
        "case when giver = any (app.same_person(wanted)) then 'self' else 'parent' end",
    ),
)

# It is taken back under each record that it was said about: should the records be parted again, it stays so.
REFUSE = changed(
    _withdrawals.REFUSE,
    (
        "h.person_id in (giver, wanted);",
        "h.person_id = any (app.same_person(giver) || app.same_person(wanted));",
    ),
    ("person <> wanted and not exists", "person <> all (app.same_person(wanted)) and not exists"),
    (
        "where l.subject_id = wanted and b.kind = 'consent' and b.given_by_id = person))",
        "where l.subject_id = any (app.same_person(wanted)) and b.kind = 'consent'\n"
        "                and b.given_by_id = any (app.same_person(person))))",
    ),
    (
        "        select s.author_team_id as recorded, jsonb_agg",
        "        select s.author_team_id as recorded, s.record, jsonb_agg",
    ),
    ("from app.shared_now(wanted, person) s", "from app.shared_in(wanted, person) s"),
    (
        "            and not (named and kind = 'practitioner' and s.author_team_id = team)\n        group by s.author_team_id",
        "            and not (named and kind = 'practitioner' and s.author_team_id = team and s.record = wanted)\n"
        "        group by s.author_team_id, s.record",
    ),
    (
        "perform app.write_refusal(wanted, person, one.recorded,",
        "perform app.write_refusal(one.record, person, one.recorded,",
    ),
    (
        "        if kind = 'family' or one.recorded <> team then",
        "        if kind = 'family' or one.recorded <> team or one.record <> wanted then",
    ),
    (
        "values (occurrence, 'consent.withdrawn', wanted, 'identity', one.recorded,",
        "values (occurrence, 'consent.withdrawn', one.record, 'identity', one.recorded,",
    ),
)

BEFORE_SHARING = changed(
    _decisions.BEFORE_SHARING,
    (
        "    works boolean := app.works_with(wanted);",
        "    records bigint[] := app.same_person(wanted);\n    joined timestamptz := app.merged_at(records);\n"
        "    works boolean := app.works_with(wanted);",
    ),
    (
        "where s.subject_id = wanted and s.author_team_id is distinct from recipient",
        "where s.subject_id = any (records) and s.author_team_id is distinct from recipient",
    ),
    (
        "where l.subject_id = wanted and l.holder_id = recipient",
        "where l.subject_id = any (records) and l.holder_id = recipient",
    ),
    (
        "        select l.basis_id, l.shared_category, l.answer from sharing_line l",
        "        select l.basis_id, l.shared_category, l.answer, l.subject_id as record from sharing_line l",
    ),
    (
        "        select distinct on (l.shared_category, b.given_by_id) l.shared_category as category,",
        "        select distinct on (l.shared_category, b.given_by_id, l.record) l.shared_category as category,",
    ),
    ("b.given_by_id = wanted as own,", "b.given_by_id = any (records) as own,"),
    (
        "            b.given_by_id <> wanted\n                and app.decision_lapses(wanted, b.given_by_id)",
        "            b.given_by_id <> all (records)\n                and app.decision_lapses(l.record, b.given_by_id)",
    ),
    (
        "        order by l.shared_category, b.given_by_id, b.valid_from desc, b.id desc\n",
        "        order by l.shared_category, b.given_by_id, l.record, b.valid_from desc, b.id desc\n",
    ),
    (
        "        from latest l\n",
        "        from latest l\n        where not exists (select 1 from latest n where n.category = l.category\n"
        "            and n.valid_from >= greatest(joined, app.merged_at(app.same_person(l.given_by_id)))\n"
        "            and (app.same_person(n.given_by_id))[1] = (app.same_person(l.given_by_id))[1]\n"
        "            and (n.valid_from, n.id) > (l.valid_from, l.id))\n",
    ),
)

ANSWERED_BY_LEAD = changed(
    _decisions.ANSWERED_BY_LEAD,
    (
        "i.subject_id = new.subject_id or i.subject_id in (\n                select m.person_id from family_member m\n",
        "i.subject_id = any (app.same_person(new.subject_id)) or i.subject_id in (\n"
        "                select unnest(app.same_person(m.person_id)) from family_member m\n",
    ),
    (
        "order by i.subject_id = new.subject_id desc",
        "order by i.subject_id = any (app.same_person(new.subject_id)) desc",
    ),
)

# Whoever wrote one of a person's records works with that person, where they may open both.
OURS = (
    "p.subject_id = sharing_line.subject_id",
    "p.subject_id = any (app.records_of(sharing_line.subject_id))",
)
ABOUT_OURS = changed(_first.WORKS_WITH, OURS)
LINE_INSERT = changed(_rules.WORKS_WITH, OURS)


class Migration(migrations.Migration):
    dependencies = [("sharing", "0011_merged")]
    operations = [
        instead("app.works_with(int, bigint)", TEAM_WORKS_WITH, _withdrawals.WORKS_WITH),
        instead("app.works_with(bigint)", WORKS_WITH, _decisions.WORKS_WITH, callers="app_rw"),
        Engine("app.shared_in(bigint, bigint)", create=SHARED_NOW),
        instead(
            "app.write_refusal(bigint, bigint, int, jsonb, text, text)",
            WRITE_REFUSAL,
            _withdrawals.WRITE_REFUSAL,
        ),
        instead(
            "app.refuse_cells(bigint, bigint, int[], text[], int, text, text)",
            REFUSE,
            _withdrawals.REFUSE,
            callers="app_rw",
        ),
        instead(
            "app.before_sharing(bigint, int, text[])",
            BEFORE_SHARING,
            _decisions.BEFORE_SHARING,
            callers="app_rw",
        ),
        migrations.RunSQL(
            "drop function app.shared_now(bigint, bigint)",
            tuple(Engine("app.shared_now(bigint, bigint)", create=_withdrawals.SHARED_NOW).statements()),
        ),
        instead("app.who_answers_request()", ANSWERED_BY_LEAD, _decisions.ANSWERED_BY_LEAD),
        _rules.alter("sharing_line", "insert", "with check", LINE_INSERT, _rules.WORKS_WITH),
        *[
            _rules.alter(
                table,
                "insert",
                "with check",
                ABOUT_OURS.replace("sharing_line.", f"{table}."),
                _first.WORKS_WITH.replace("sharing_line.", f"{table}."),
            )
            for table in ("sharing_settlement", "sharing_shield")
        ],
    ]
