"""What a person reads, decides and is given of themselves, and how long it is kept: over all records of that person.

It stands in the highest room that owns some of these functions; the others are of rooms below or beside.
"""

from importlib import import_module

from django.db import migrations

_watching = import_module("teamaround.access.migrations.0006_watching")
_own = import_module("teamaround.portal.migrations.0004_own")
_gathering = import_module("teamaround.rights.migrations.0003_gathering")
_disposal = import_module("teamaround.rights.migrations.0004_disposal")
_behind = import_module("teamaround.tasks.migrations.0003_what_lies_behind")
_emergencies = import_module("teamaround.tasks.migrations.0004_emergencies")
_functions = import_module("teamaround.sharing.migrations.0012_functions_over_records")
changed, instead = _functions.changed, _functions.instead

MINE = "any (app.same_person(app.own_person()))"

NAMED_TO = changed(
    _own.NAMED_TO,
    ("where l.subject_id = wanted and", "where l.subject_id = any (app.same_person(wanted)) and"),
    ("b.given_by_id = wanted and", "b.given_by_id = any (app.same_person(wanted)) and"),
)

# Every grant stands on each of the records: one is read. A basis may name the person, or whoever gave it, by another.
OWN_SHARING = changed(
    _own.OWN_SHARING,
    (
        "declare me bigint := app.own_person();",
        "declare me bigint := app.own_person(); mine bigint[] := app.same_person(me);",
    ),
    ("when b.given_by_id = me then 'self'", "when b.given_by_id = any (mine) then 'self'"),
    (
        "x.subject_id = b.given_by_id and x.other_id = me",
        "x.subject_id = any (app.same_person(b.given_by_id)) and x.other_id = any (mine)",
    ),
    (
        "where m.person_id = b.given_by_id and m.role",
        "where m.person_id = any (app.same_person(b.given_by_id)) and m.role",
    ),
    ("and c.person_id = me and c.role", "and c.person_id = any (mine) and c.role"),
    (
        "(g.basis_kind = 'consent' and b.given_by_id = me))",
        "(g.basis_kind = 'consent' and b.given_by_id = any (mine)))",
    ),
)

# One answer a cell, as the grants are reckoned: the latest about each record, and of those since the records became
# one the latest of all; among what is left the refusal stands.
OWN_ANSWERS = changed(
    _own.OWN_ANSWERS,
    (
        "declare me bigint := app.own_person();",
        "declare me bigint := app.own_person(); mine bigint[] := app.same_person(me); joined timestamptz := app.merged_at(mine);",
    ),
    (
        "        with said as (\n            select distinct on (l.holder_id, l.shared_category) l.holder_id,",
        "        with told as (\n            select distinct on (l.holder_id, l.shared_category, l.subject_id, b.given_by_id) b.id, l.holder_id,",
    ),
    (
        "where l.subject_id = me and b.kind = 'consent' and b.given_by_id = me and b.told_family\n",
        "where l.subject_id = any (mine) and b.kind = 'consent' and b.given_by_id = any (mine) and b.told_family\n",
    ),
    (
        "            order by l.holder_id, l.shared_category, b.valid_from desc, b.id desc)",
        "            order by l.holder_id, l.shared_category, l.subject_id, b.given_by_id, b.valid_from desc, b.id desc\n"
        "        ), said as (\n"
        "            select distinct on (t.holder_id, t.shared_category) t.* from told t\n"
        "            where not exists (select 1 from told n where n.holder_id = t.holder_id and n.shared_category = t.shared_category\n"
        "                and n.valid_from >= joined and (n.valid_from, n.id) > (t.valid_from, t.id))\n"
        "            order by t.holder_id, t.shared_category,\n"
        "                (t.answer <> 'share' or coalesce(t.withdrawn_at <= statement_timestamp(), false)) desc, t.valid_from desc, t.id desc)",
    ),
    (
        "where l.subject_id = me and l.holder_id = s.holder_id and b.kind = 'consent' and b.given_by_id = me\n",
        "where l.subject_id = any (mine) and l.holder_id = s.holder_id and b.kind = 'consent' and b.given_by_id = any (mine)\n",
    ),
)
OWN_NOTE = changed(_own.OWN_NOTE, ("i.person_id = app.own_person()", f"i.person_id = {MINE}"))
OWN_LANGUAGES = changed(_own.OWN_LANGUAGES, ("n.subject_id = app.own_person()", f"n.subject_id = {MINE}"))
WHO_ANSWERS = changed(
    _own.WHO_ANSWERS,
    ("where i.subject_id = app.own_person()", f"where i.subject_id = {MINE}"),
    ("where i.person_id = app.own_person()", f"where i.person_id = {MINE}"),
)
TOLD = changed(_own.TOLD, ("where i.subject_id = app.own_person()", f"where i.subject_id = {MINE}"))
OWN_RECORDS = """
create function app.own_records() returns bigint[]
language plpgsql stable parallel restricted security definer set search_path = public, pg_catalog as $$
begin
    return coalesce(app.same_person(app.own_person()), '{}');
end $$
"""
READ_MESSAGES = f"{_own.ANSWERS} or family_message.subject_id = (select app.own_person())"
READ_ALL_MESSAGES = (
    f"{_own.ANSWERS} or family_message.subject_id = any ((select app.own_records())::bigint[])"
)

# One look at a page of joined records is one look; withheld under one record, it is withheld.
LOOKS_ON = changed(
    _watching.LOOKS_ON,
    (
        "#variable_conflict use_column\nbegin\n",
        "#variable_conflict use_column\ndeclare mine bigint[] := app.same_person(looks_on.subject);\nbegin\n",
    ),
    (
        "k.reason::text, l.categories::text[]\n        from access_look_line l\n",
        "k.reason::text, array(select distinct x from access_look_line y, unnest(y.categories) x\n"
        "                                     where y.look = k.id and y.subject_id = any (mine) order by 1)::text[]\n"
        "        from access_look_line l\n",
    ),
    (
        "where l.subject_id = looks_on.subject and l.at",
        "where l.subject_id = any (mine) and not exists (\n"
        "              select 1 from access_look_line y where y.look = l.look and y.subject_id = any (mine) and y.id < l.id)\n"
        "          and l.at",
    ),
    (
        "where h.look = k.id and h.subject_id = l.subject_id)\n          and not app.may_tip_off(k.principal, l.subject_id, k.at, k.page, k.reason, l.categories)",
        "where h.look = k.id and h.subject_id = any (mine))\n          and not exists (select 1 from access_look_line y\n"
        "              where y.look = k.id and y.subject_id = any (mine)\n"
        "                and app.may_tip_off(k.principal, y.subject_id, k.at, k.page, k.reason, y.categories))",
    ),
)
# Whoever wrote, or worked with, one of the records has a tie to the person.
HAD_TIE = changed(
    _watching.HAD_TIE,
    ("    day date :=", "    records bigint[] := app.same_person(subject);\n    day date :="),
    ("u.subject_id = subject and", "u.subject_id = any (records) and"),
    ("i.subject_id = subject and", "i.subject_id = any (records) and"),
    ("e.subject_id = subject and", "e.subject_id = any (records) and"),
    ("p.subject_id = subject and", "p.subject_id = any (records) and"),
)

# Two records of one person are one answer.
FIND = changed(
    _gathering.FIND,
    (
        "select array_agg(p.subject_id) into ids from person p",
        "select array_agg(distinct (app.same_person(p.subject_id))[1]) into ids from person p",
    ),
    (
        "    return query select p.subject_id, p.uuid, trim(p.given || ' ' || p.family_name)::text, p.date_of_birth\n",
        "    return query select p.subject_id, p.uuid, trim(p.given || ' ' || p.family_name)::text, coalesce(p.date_of_birth, born)\n",
    ),
)
HELD_ON = changed(
    _gathering.HELD_ON,
    ("    families bigint[];\n", "    families bigint[];\n    mine bigint[] := app.same_person(person);\n"),
    (
        "where m.person_id = person and m.voided_at is null;",
        "where m.person_id = any (mine) and m.voided_at is null;",
    ),
    ("    from unnest(person || families) s;", "    from unnest(mine || families) s;"),
    ("else format('x.%I = $1', c) end", "else format('x.%I = any ($3)', c) end"),
    (
        "t.key) using person, person || families;\n        if",
        "t.key) using person, mine || families, mine;\n        if",
    ),
    (
        "t.key, t.key) using person, person || families;\n        end if;",
        "t.key, t.key) using person, mine || families;\n        end if;",
    ),
    (
        "where l.subject_id = person and k.outcome = 'shown' order by k.at;",
        "where l.subject_id = any (mine) and k.outcome = 'shown' order by k.at;",
    ),
    ("where h.person_id = person;", "where h.person_id = any (mine);"),
    (
        "from person p where p.subject_id <> person and (",
        "from person p where p.subject_id <> all (mine) and (",
    ),
    (
        "from person_relationship q where (q.subject_id, q.other_id) in\n                       ((person, p.subject_id), (p.subject_id, person)))",
        "from person_relationship q where (q.subject_id = any (mine) and q.other_id = p.subject_id)\n"
        "                       or (q.other_id = any (mine) and q.subject_id = p.subject_id))",
    ),
    (
        "from person_caring q where (q.subject_id, q.cared_for_id) in\n                       ((person, p.subject_id), (p.subject_id, person))))",
        "from person_caring q where (q.subject_id = any (mine) and q.cared_for_id = p.subject_id)\n"
        "                       or (q.cared_for_id = any (mine) and q.subject_id = p.subject_id)))",
    ),
)

# A hold, an open case or a later entry under one record keeps the others too; each is disposed of by itself.
IS_HELD = """
create function app.is_held(wanted bigint) returns boolean
language sql stable security definer set search_path = public, pg_catalog as $$
    select exists (
        select 1 from legal_hold h cross join unnest(app.same_person(wanted)) w(id)
        where h.lifted_at is null and h.since <= (statement_timestamp() at time zone 'Europe/London')::date
          and (h.until is null or h.until > (statement_timestamp() at time zone 'Europe/London')::date)
          and (h.subject_id = w.id
               or exists (select 1 from family_member m where m.subject_id = w.id and m.person_id = any (app.same_person(h.subject_id)))
               or exists (select 1 from family_member m where m.subject_id = h.subject_id and m.person_id = w.id)
               or (h.with_family and exists (
                   select 1 from family_member a join family_member b on b.subject_id = a.subject_id
                   where a.person_id = any (app.same_person(h.subject_id)) and b.person_id = w.id))))
$$
"""
KEPT_UNTIL = changed(
    _disposal.KEPT_UNTIL,
    (
        "        select wanted as x union all\n",
        "        select unnest(app.same_person(wanted)) as x union all\n",
    ),
    (
        "select o.subject_id from family_member o where o.person_id = wanted and o.voided_at is null))) e;",
        "select o.subject_id from family_member o where o.person_id = any (app.same_person(wanted)) and o.voided_at is null))) e;",
    ),
    (
        "from event e where e.subject_id = wanted;",
        "from event e where e.subject_id = any (app.same_person(wanted));",
    ),
    (
        "(select p.recorded_at from person p where p.subject_id = wanted)",
        "(select max(p.recorded_at) from person p where p.subject_id = any (app.same_person(wanted)))",
    ),
)

ASK = changed(
    _behind.ASK,
    ("h.person_id = b.given_by_id\n", "h.person_id = any (app.same_person(b.given_by_id))\n"),
    (
        "                and b.subject_id = wanted)) then",
        "                and b.subject_id = any (app.same_person(wanted)))) then",
    ),
    (
        "where i.subject_id = wanted and i.role = 'lead'",
        "where i.subject_id = any (app.same_person(wanted)) and i.role = 'lead'",
    ),
    (
        "where e.subject_id = wanted and e.status = 'open'",
        "where e.subject_id = any (app.same_person(wanted)) and e.status = 'open'",
    ),
    (
        "where b.subject_id = wanted and b.kind = 'consent' order by",
        "where b.subject_id = any (app.same_person(wanted)) and b.kind = 'consent' order by",
    ),
    (
        "task t where t.subject_id = wanted and t.title",
        "task t where t.subject_id = any (app.same_person(wanted)) and t.title",
    ),
)
TELL = changed(
    _emergencies.TELL,
    (
        "where i.subject_id = about and (i.until",
        "where i.subject_id = any (app.same_person(about)) and (i.until",
    ),
)


class Migration(migrations.Migration):
    dependencies = [
        ("rights", "0004_disposal"),
        ("sharing", "0012_functions_over_records"),
        ("portal", "0004_own"),
        ("tasks", "0004_emergencies"),
        ("access", "0007_alert_names"),
    ]
    operations = [
        instead("app.named_to(bigint, int)", NAMED_TO, _own.NAMED_TO),
        instead("app.own_sharing()", OWN_SHARING, _own.OWN_SHARING, callers="app_rw"),
        instead("app.own_answers()", OWN_ANSWERS, _own.OWN_ANSWERS, callers="app_rw"),
        instead("app.own_note()", OWN_NOTE, _own.OWN_NOTE),
        instead("app.own_languages()", OWN_LANGUAGES, _own.OWN_LANGUAGES, callers="app_rw"),
        instead("app.own_team()", WHO_ANSWERS, _own.WHO_ANSWERS),
        instead("app.told_of_message(boolean)", TOLD, _own.TOLD, callers="app_rw"),
        _functions.Engine("app.own_records()", create=OWN_RECORDS, callers="app_rw"),
        migrations.RunSQL(
            f"alter policy family_message_select on family_message using ({READ_ALL_MESSAGES})",
            f"alter policy family_message_select on family_message using ({READ_MESSAGES})",
        ),
        instead(
            "app.looks_on(bigint, timestamptz, uuid, int)", LOOKS_ON, _watching.LOOKS_ON, callers="app_rw"
        ),
        instead("app.had_tie(int, bigint, timestamptz)", HAD_TIE, _watching.HAD_TIE),
        instead("app.person_for_request(text, text, date, text)", FIND, _gathering.FIND, callers="app_rw"),
        instead("app.held_on(bigint, bigint)", HELD_ON, _gathering.HELD_ON, callers="app_rw"),
        instead("app.is_held(bigint)", IS_HELD, _disposal.IS_HELD, callers="app_rw, app_disposal"),
        instead("app.kept_until(bigint, bigint)", KEPT_UNTIL, _disposal.KEPT_UNTIL, callers="app_disposal"),
        instead("app.ask_what_lies_behind(bigint, int, text, date)", ASK, _behind.ASK, callers="app_rw"),
        instead("app.tell_of_emergency(bigint, text)", TELL, _emergencies.TELL, callers="app_rw"),
    ]
