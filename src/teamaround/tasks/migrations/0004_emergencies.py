"""Whoever leads learns at once that a record was opened in an emergency."""

from django.db import migrations

from teamaround.database.operations import Engine

# An action of the leading team's own: who opened the record learns nothing of who leads.
TELL = """
create function app.tell_of_emergency(wanted bigint, words text) returns void
language plpgsql security definer set search_path = public, pg_catalog as $$
declare about bigint; owner_team int;
begin
    select b.subject_id into about from sharing_basis b
    where b.id = wanted and b.kind = 'break_glass' and b.recorded_by = app.actor();
    if about is null then
        raise exception 'not opened by this actor' using errcode = 'insufficient_privilege';
    end if;
    select i.author_team_id into owner_team from involvement i
    where i.subject_id = about and (i.until is null or i.until > current_date)
    order by i.role = 'lead' desc, i.category = 'index' desc, i.id limit 1;
    if owner_team is null then
        select p.author_team_id into owner_team from person p where p.subject_id = about;
    end if;
    if owner_team is null then
        return;
    end if;
    insert into task (uuid, subject_id, category, author_team_id, title, owner_id, owner_team_id, owner_words, due_on,
        state, version)
    values (gen_random_uuid(), about, 'plan', owner_team, left(words, 300), null, owner_team, '',
        (statement_timestamp() at time zone 'Europe/London')::date, 'requested', 1);
end $$
"""


class Migration(migrations.Migration):
    dependencies = [
        ("tasks", "0003_what_lies_behind"),
        ("sharing", "0007_review_policies"),
        ("people", "0002_policies"),
    ]
    operations = [Engine("app.tell_of_emergency(bigint, text)", create=TELL, callers="app_rw")]
