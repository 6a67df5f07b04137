"""The names of those whom alerts are about, for the information-governance lead alone."""

from django.db import migrations

from teamaround.database.operations import Engine

NAMES = """
create function app.alert_names(wanted bigint[]) returns table (subject_id bigint, name text)
language plpgsql stable security definer set search_path = public, pg_catalog as $$
#variable_conflict use_column
begin
    if not app.governs() then
        raise exception 'alerts are read by the information-governance lead' using errcode = 'insufficient_privilege';
    end if;
    return query
        select s.id, coalesce(trim(p.given || ' ' || p.family_name), f.name, '')::text
        from subject s left join person p on p.subject_id = s.id left join family f on f.subject_id = s.id
        where s.id = any (wanted) and exists (select 1 from access_alert a where a.subject_id = s.id);
end $$
"""


class Migration(migrations.Migration):
    dependencies = [("access", "0006_watching")]
    operations = [Engine("app.alert_names(bigint[])", create=NAMES, callers="app_rw")]
