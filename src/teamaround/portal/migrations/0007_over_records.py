"""Who may answer for a child, and what was said, over all records of the parent and of the child."""

from importlib import import_module

from django.db import migrations

_children = import_module("teamaround.portal.migrations.0005_children")
changed = import_module("teamaround.sharing.migrations.0012_functions_over_records").changed
instead = import_module("teamaround.sharing.migrations.0011_merged").instead

# Every record of each child: an answer may be taken back under whichever it was given.
ANSWERED_FOR = """
create function app.answered_for() returns setof bigint
language plpgsql stable security definer set search_path = public, pg_catalog as $$
declare
    mine bigint[] := app.same_person(app.own_person());
    today date := (statement_timestamp() at time zone 'Europe/London')::date;
begin
    if app.own_person() is null or exists (
        select 1 from person p where p.subject_id = any (mine) and p.died_on is not null)
        or (select bool_and(p.voided_at is not null) from person p where p.subject_id = any (mine)) then
        return;
    end if;
    return query
        with child as (
            select distinct app.same_person(r.other_id) as records, r.since from person_relationship r
            where r.subject_id = any (mine) and r.parental_responsibility and r.voided_at is null
              and (r.since is null or r.since <= today) and (r.until is null or r.until > today))
        select distinct one.id from child c cross join lateral unnest(c.records) one(id)
        where not exists (
            select 1 from person_relationship x
            where x.subject_id = any (mine) and x.other_id = any (c.records) and x.parental_responsibility
              and x.voided_at is null and x.until <= today and x.until > coalesce(c.since, '-infinity'))
          and not exists (select 1 from person p where p.subject_id = any (c.records) and p.died_on is not null)
          and exists (select 1 from person p where p.subject_id = any (c.records) and p.voided_at is null)
          and exists (select 1 from person p where p.subject_id = any (c.records) and p.date_of_birth is not null)
          and app.decision_lapses(c.records[1], mine[1]) > statement_timestamp()
          and not app.shielded(c.records[1], false)
          and not exists (
            select 1 from family_member h join family_member o on o.subject_id = h.subject_id
            where h.person_id = any (c.records) and h.lives_here and h.voided_at is null
              and (h.until is null or h.until > today)
              and o.person_id <> all (c.records || mine) and o.lives_here and o.voided_at is null
              and (o.until is null or o.until > today) and app.shielded(o.person_id, false));
end $$
"""
MY_CHILDREN = changed(
    _children.MY_CHILDREN,
    ("join person p on p.subject_id = a.child", "join person p on p.subject_id = a.child and p.subject_id = (app.same_person(a.child))[1]"),
)  # fmt: skip
OWN_WORD = changed(
    _children.OWN_WORD,
    ("select d.holder_id, d.shared_category::text", "select distinct d.holder_id, d.shared_category::text"),
    (
        "distinct on (l.holder_id, l.shared_category) l.holder_id",
        "distinct on (l.holder_id, l.shared_category, l.subject_id, b.given_by_id) l.holder_id",
    ),
    (
        "where l.subject_id = wanted and b.kind = 'consent' and b.given_by_id = wanted",
        "where l.subject_id = any (app.same_person(wanted)) and b.kind = 'consent'\n"
        "          and b.given_by_id = any (app.same_person(wanted))",
    ),
    (
        "order by l.holder_id, l.shared_category, b.valid_from",
        "order by l.holder_id, l.shared_category, l.subject_id, b.given_by_id, b.valid_from",
    ),
)
MINE = (
    "declare mine bigint[] := app.same_person(app.own_person()); records bigint[] := app.same_person(wanted);"
)
CHILD_SHARING = changed(
    _children.CHILD_SHARING,
    ("declare me bigint := app.own_person();", MINE),
    ("where e.subject_id = wanted and", "where e.subject_id = any (records) and"),
    ("b.given_by_id = me)", "b.given_by_id = any (mine))"),
)
CHILD_CELLS = changed(
    _children.CHILD_CELLS,
    (
        "declare me bigint := app.own_person();",
        MINE.replace("mine bigint", "givers bigint"),
    ),
    (
        "where l.subject_id = wanted and b.kind = 'consent' and b.given_by_id = me and",
        "where l.subject_id = any (records) and b.kind = 'consent' and b.given_by_id = any (givers) and",
    ),
)
CHILD_TEAM = changed(
    _children.CHILD_TEAM,
    (
        "where i.subject_id = wanted and i.role = 'lead'",
        "where i.subject_id = any (app.same_person(wanted)) and i.role = 'lead'",
    ),
    ("where i.person_id = app.own_person()", "where i.person_id = any (app.same_person(app.own_person()))"),
)
TOLD = changed(
    _children.TOLD,
    (
        "where i.subject_id = wanted and i.role = 'lead'",
        "where i.subject_id = any (app.same_person(wanted)) and i.role = 'lead'",
    ),
)
GIVE = changed(
    _children.GIVE,
    (
        "where r.subject_id = me and r.other_id = wanted and r.parental_responsibility",
        "where r.subject_id = any (app.same_person(me))\n"
        "        and r.other_id = any (app.same_person(wanted)) and r.parental_responsibility",
    ),
)
FAMILY_ANSWERS = changed(
    _children.FAMILY_ANSWERS,
    (
        "(new.subject_id <> new.given_by_id and not",
        "(new.subject_id <> all (app.same_person(new.given_by_id)) and not",
    ),
)


class Migration(migrations.Migration):
    dependencies = [
        ("portal", "0006_codes_purged"),
        ("people", "0005_merge_policies"),
        ("sharing", "0012_functions_over_records"),
    ]
    operations = [
        instead("app.answered_for()", ANSWERED_FOR, _children.ANSWERED_FOR),
        instead("app.my_children()", MY_CHILDREN, _children.MY_CHILDREN, callers="app_rw"),
        instead("app.own_word(bigint)", OWN_WORD, _children.OWN_WORD),
        instead("app.child_sharing(bigint)", CHILD_SHARING, _children.CHILD_SHARING, callers="app_rw"),
        instead("app.child_cells(bigint)", CHILD_CELLS, _children.CHILD_CELLS, callers="app_rw"),
        instead("app.child_team(bigint)", CHILD_TEAM, _children.CHILD_TEAM),
        instead("app.told_of_child(bigint)", TOLD, _children.TOLD, callers="app_rw"),
        instead(
            "app.give_for_child(bigint, jsonb, timestamptz, text, uuid)",
            GIVE,
            _children.GIVE,
            callers="app_rw",
        ),
        instead("app.family_answers_own()", FAMILY_ANSWERS, _children.FAMILY_ANSWERS),
    ]
