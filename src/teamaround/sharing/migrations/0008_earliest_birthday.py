"""The sixteenth birthday of somebody of whom only the month or year of birth is known: the earliest it could be."""

from importlib import import_module

from django.db import migrations

from teamaround.database.operations import Engine

_rules = import_module("teamaround.sharing.migrations.0004_rules")

# A date of birth of which the month alone is known may be kept as any day of it.
LAPSE = """
create or replace function app.decision_lapses(subject bigint, giver bigint) returns timestamptz
language sql stable security definer set search_path = public, pg_catalog as $$
    select coalesce(
        (select (date_trunc(p.born_precision, p.date_of_birth::timestamp) + interval '16 years')
             at time zone 'Europe/London'
         from person p where p.subject_id = subject),
        (select case when bool_and(m.until is not null) then max(m.until)::timestamp at time zone 'Europe/London' end
         from family_member m where m.subject_id = subject and m.person_id = giver and m.voided_at is null),
        'infinity')
$$
"""
AS_BEFORE = _rules.LAPSE.replace("create function", "create or replace function")

DERIVE_AGAIN = """
do $$ declare one bigint; begin
    set local role app_engine;
    for one in select distinct l.subject_id from sharing_line l join person p on p.subject_id = l.subject_id
               where p.born_precision <> 'day' order by 1 loop
        perform app.rebuild_consents(one);
    end loop;
    set local role app_owner;
end $$
"""


class Migration(migrations.Migration):
    dependencies = [("sharing", "0007_review_policies")]
    operations = [
        migrations.RunSQL(
            tuple(Engine("app.decision_lapses(bigint, bigint)", create=LAPSE).statements()),
            tuple(Engine("app.decision_lapses(bigint, bigint)", create=AS_BEFORE).statements()),
        ),
        migrations.RunSQL(DERIVE_AGAIN, migrations.RunSQL.noop),
    ]
