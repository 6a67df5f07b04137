"""The outbox and the named services: open, each for a reason; what the housekeeping service may remove."""

from django.db import migrations

from teamaround.database.operations import Engine, Open

SERVICES = """
with made as (insert into principal (kind) values ('service') returning id)
    insert into service (id, name, purpose) select id, 'post', 'sends e-mails that wait in the outbox' from made;
with made as (insert into principal (kind) values ('service') returning id)
    insert into service (id, name, purpose)
    select id, 'housekeeping', 'removes drafts past their date and prepares the access log' from made;
"""

# A draft is its author's alone, so nobody else can delete one. The housekeeping service may remove those past
# their date, without reading what was typed.
PURGE = """
create function app.purge_drafts() returns int
language plpgsql security definer set search_path = public, pg_catalog as $$
declare removed int;
begin
    if app.actor_kind() <> 'service' then
        raise exception 'only a service purges drafts' using errcode = 'insufficient_privilege';
    end if;
    delete from draft where purge_on < (statement_timestamp() at time zone 'Europe/London')::date;
    get diagnostics removed = row_count;
    return removed;
end $$
"""


class Migration(migrations.Migration):
    dependencies = [("notices", "0001_initial"), ("access", "0002_policies")]
    operations = [
        Open(
            "notice_message",
            reason="the demonstration's outbox and the queue of what is to be sent; no case detail, and the body "
            "goes once it was sent",
        ),
        Open("service", reason="names of the product's own services; no subject", rights="select"),
        migrations.RunSQL(SERVICES, "delete from service"),
        Engine("app.purge_drafts()", create=PURGE, callers="app_rw"),
    ]
