"""The words of a worker are written by the worker, also where a supervision is first recorded."""

from django.db import migrations

from teamaround.database.operations import Engine

GUARD = """
create function app.guard_own_words() returns trigger
language plpgsql security definer set search_path = public, pg_catalog as $$
begin
    if new.worker_words <> '' and new.worker_id is distinct from app.actor() then
        raise exception 'these words are the worker''s own' using errcode = 'insufficient_privilege';
    end if;
    return new;
end $$
"""


class Migration(migrations.Migration):
    dependencies = [("supervision", "0003_policies")]
    operations = [
        Engine("app.guard_own_words()", create=GUARD),
        migrations.RunSQL(
            "create trigger a_own_words before insert on supervision "
            "for each row execute function app.guard_own_words()",
            "drop trigger a_own_words on supervision",
        ),
    ]
