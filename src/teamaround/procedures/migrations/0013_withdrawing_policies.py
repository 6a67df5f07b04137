"""A published version that has not begun is withdrawn by a partnership officer, with the reason; nothing else of a
version is ever changed. The first version of a new procedure tells who published it."""

from importlib import import_module

from django.db import migrations

from teamaround.database.operations import Engine

_changing = import_module("teamaround.procedures.migrations.0008_changing_policies")

GUARD_AS_BEFORE = _changing.GUARD_VERSION.replace("create function", "create or replace function")
GUARD = GUARD_AS_BEFORE.replace(
    "    new.published_by_id := null;\n    if exists (select 1 from procedure_version v where v.slug = new.slug)",
    "    new.published_by_id := null;\n    new.withdrawn_at := null;\n    new.withdrawn_by_id := null;\n"
    "    new.withdrawn_why := '';\n"
    "    if (exists (select 1 from procedure_version v where v.slug = new.slug) or app.keeps_procedures())",
)
assert GUARD != GUARD_AS_BEFORE

WITHDRAW = """
create function app.guard_withdrawing() returns trigger
language plpgsql security definer set search_path = public, pg_catalog as $$
begin
    if not app.keeps_procedures() then
        raise exception 'only a partnership officer withdraws a version' using errcode = 'insufficient_privilege';
    end if;
    if old.withdrawn_at is not null or old.effective_from <= statement_timestamp() then
        raise exception 'only a version that has not begun is withdrawn' using errcode = 'check_violation';
    end if;
    if new.withdrawn_at is null or btrim(new.withdrawn_why) = '' then
        raise exception 'say why the version is withdrawn' using errcode = 'check_violation';
    end if;
    old.withdrawn_at := statement_timestamp();
    old.withdrawn_by_id := app.actor();
    old.withdrawn_why := new.withdrawn_why;
    return old;
end $$
"""


class Migration(migrations.Migration):
    dependencies = [("procedures", "0012_withdrawing")]
    operations = [
        migrations.RunSQL(
            tuple(Engine("app.guard_procedure_version()", create=GUARD).statements()),
            tuple(Engine("app.guard_procedure_version()", create=GUARD_AS_BEFORE).statements()),
        ),
        Engine("app.guard_withdrawing()", create=WITHDRAW),
        migrations.RunSQL(
            "drop trigger a_append_only on procedure_version;"
            "create trigger a_append_only before delete on procedure_version "
            "for each row execute function app.refuse_change();"
            "create trigger a_withdraw before update on procedure_version "
            "for each row execute function app.guard_withdrawing();"
            "grant update (withdrawn_at, withdrawn_why) on procedure_version to app_rw",
            "revoke update (withdrawn_at, withdrawn_why) on procedure_version from app_rw;"
            "drop trigger a_withdraw on procedure_version;"
            "drop trigger a_append_only on procedure_version;"
            "create trigger a_append_only before update or delete on procedure_version "
            "for each row execute function app.refuse_change()",
        ),
        migrations.RunSQL(
            "drop index procedure_version_one_a_day;"
            "create unique index procedure_version_one_a_day on procedure_version "
            "(slug, ((effective_from at time zone 'Europe/London')::date)) where withdrawn_at is null",
            "drop index procedure_version_one_a_day;"
            "create unique index procedure_version_one_a_day on procedure_version "
            "(slug, ((effective_from at time zone 'Europe/London')::date))",
        ),
    ]
