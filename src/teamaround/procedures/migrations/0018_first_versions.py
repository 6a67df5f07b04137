"""The first version of a procedure, and the events that it names itself, are a partnership officer's act or come with
the product; they are nobody else's."""

from importlib import import_module

from django.db import migrations

from teamaround.database.operations import Engine

_withdrawing = import_module("teamaround.procedures.migrations.0013_withdrawing_policies")

GUARD_AS_BEFORE = _withdrawing.GUARD
_LATER_ALONE = (
    "if (exists (select 1 from procedure_version v where v.slug = new.slug) or app.keeps_procedures()) "
    "and kind is distinct from 'service' then"
)
GUARD = GUARD_AS_BEFORE.replace(_LATER_ALONE, "if kind is distinct from 'service' then")
assert GUARD != GUARD_AS_BEFORE

# The words of an event stay for good, so whoever could name one could spoil it for the area.
GUARD_KIND = """
create function app.guard_event_kind() returns trigger
language plpgsql security definer set search_path = public, pg_catalog as $$
begin
    if app.actor_kind() is distinct from 'service' and not app.keeps_procedures() then
        raise exception 'only a partnership officer names an event' using errcode = 'insufficient_privilege';
    end if;
    return new;
end $$
"""


class Migration(migrations.Migration):
    dependencies = [("procedures", "0017_follow_ups_protected")]
    operations = [
        migrations.RunSQL(
            tuple(Engine("app.guard_procedure_version()", create=GUARD).statements()),
            tuple(Engine("app.guard_procedure_version()", create=GUARD_AS_BEFORE).statements()),
        ),
        Engine("app.guard_event_kind()", create=GUARD_KIND),
        migrations.RunSQL(
            "create trigger a_guard before insert on event_kind for each row execute function app.guard_event_kind()",
            "drop trigger a_guard on event_kind",
        ),
    ]
