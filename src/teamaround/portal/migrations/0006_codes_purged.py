"""One-time codes go once they are past their time: they open nothing, and say when somebody tried to sign in."""

from django.db import migrations

from teamaround.database.operations import Engine

PURGE = """
create function app.purge_portal_codes() returns int
language plpgsql security definer set search_path = public, pg_catalog as $$
declare removed int;
begin
    if app.actor_kind() <> 'service' then
        raise exception 'only a service purges codes' using errcode = 'insufficient_privilege';
    end if;
    delete from portal_code where expires_at < statement_timestamp();
    get diagnostics removed = row_count;
    return removed;
end $$
"""


class Migration(migrations.Migration):
    dependencies = [("portal", "0005_children")]
    operations = [
        migrations.RunSQL(
            "grant delete on portal_code to app_engine", "revoke delete on portal_code from app_engine"
        ),
        Engine("app.purge_portal_codes()", create=PURGE, callers="app_rw"),
    ]
