"""Merges of records under their policies; which records are one person."""

from django.db import migrations

from teamaround.database.operations import Engine, Protect, ProtectHistory, granted, mine

# The records of one person, the root first. Hardly anybody has two: one look tells.
SAME_PERSON = """
create function app.same_person(wanted bigint) returns bigint[]
language plpgsql stable parallel restricted security definer set search_path = public, pg_catalog as $$
declare root bigint := wanted; above bigint;
begin
    if not exists (select 1 from person_merge m where m.undone_at is null and m.subject_id = wanted)
        and not exists (select 1 from person_merge m where m.undone_at is null and m.into_id = wanted) then
        return array[wanted];
    end if;
    loop
        select m.into_id into above from person_merge m where m.undone_at is null and m.subject_id = root;
        exit when above is null;
        root := above;
    end loop;
    return array(
        with recursive tree(id, depth) as (
            select root, 0
            union all select m.subject_id, t.depth + 1
            from tree t join person_merge m on m.into_id = t.id and m.undone_at is null)
        select t.id from tree t order by t.depth, t.id);
end $$
"""

# The latest moment at which two of these records became one person; null where there is but one record.
MERGED_AT = """
create function app.merged_at(records bigint[]) returns timestamptz
language sql stable security definer set search_path = public, pg_catalog as $$
    select max(m.merged_at) from person_merge m where m.undone_at is null and m.subject_id = any (records)
$$
"""

# What the application may ask: of the records of one person those it may open. Of others nothing, not even
# that there are any.
RECORDS_OF = """
create function app.records_of(wanted bigint) returns bigint[]
language plpgsql stable parallel restricted security definer set search_path = public, pg_catalog as $$
declare records bigint[] := app.same_person(wanted); mine int[] := app.principals();
begin
    if cardinality(records) = 1 then
        return records;
    end if;
    return coalesce((
        select array_agg(r.id order by r.place) from unnest(records) with ordinality r(id, place)
        where exists (select 1 from person p where p.subject_id = r.id and p.author_team_id = any (mine))
           or exists (select 1 from access_grant g where g.subject_id = r.id and g.category = 'index'
                      and g.principal_id = any (mine) and g.valid_during @> statement_timestamp())), array[wanted]);
end $$
"""

MANAGES = """
create function app.manages() returns boolean
language plpgsql stable parallel restricted security definer set search_path = public, pg_catalog as $$
begin
    return app.actor_kind() = 'practitioner' and exists (
        select 1 from membership m join practitioner p on p.id = m.practitioner_id join team t on t.id = m.team_id
        where m.practitioner_id = app.actor() and m.role = 'manager' and p.left_at is null and t.ended_at is null
            and m.since <= statement_timestamp() and (m.until is null or m.until > statement_timestamp()));
end $$
"""

# One at a time over the whole area: merges are rare, and two of them side by side could close a ring.
GUARD = """
create function app.guard_merge() returns trigger
language plpgsql security definer set search_path = public, pg_catalog as $$
begin
    perform pg_advisory_xact_lock(hashtextextended('merge', 0));
    if tg_op = 'INSERT' then
        new.merged_at := statement_timestamp();
        new.undone_at := null;
        if exists (select 1 from person_merge m where m.undone_at is null and m.subject_id in (new.subject_id, new.into_id)) then
            raise exception 'a record that is merged already is not merged again' using errcode = 'TA011';
        end if;
    elsif old.undone_at is not null or new.undone_at is null
        or (new.into_id, new.merged_at, new.reason) is distinct from (old.into_id, old.merged_at, old.reason) then
        raise exception 'a merge is undone once, and not changed' using errcode = 'TA011';
    else
        new.undone_at := statement_timestamp();
    end if;
    return new;
end $$
"""


def reading(table: str) -> str:
    """Like a row of either record."""
    either = " or ".join(granted(table, subject=column) for column in ("subject_id", "into_id"))
    return f"{mine(table, 'author_team_id')} or {either}"


BOTH_READ = " and ".join(
    f"exists (select 1 from person p where p.subject_id = person_merge.{column})"
    for column in ("subject_id", "into_id")
)
ONE_READ = BOTH_READ.replace(" and ", " or ")


class Migration(migrations.Migration):
    dependencies = [
        ("people", "0004_merge"),
        ("access", "0008_merged_grants"),
        ("agencies", "0003_guard"),
    ]
    operations = [
        Engine("app.manages()", create=MANAGES, callers="app_rw"),
        Protect(
            "person_merge",
            read=reading("person_merge"),
            insert=f"{mine('person_merge', 'author_team_id')} and (select app.manages()) and {BOTH_READ}",
            update=f"(select app.manages()) and ({ONE_READ})",
            touched=True,
        ),
        ProtectHistory("person_merge_history", read=reading("person_merge_history")),
        Engine("app.same_person(bigint)", create=SAME_PERSON),
        Engine("app.merged_at(bigint[])", create=MERGED_AT),
        Engine("app.records_of(bigint)", create=RECORDS_OF, callers="app_rw"),
        Engine("app.guard_merge()", create=GUARD),
        migrations.RunSQL(
            "create trigger b_guard before insert or update on person_merge "
            "for each row execute function app.guard_merge()",
            "drop trigger b_guard on person_merge",
        ),
    ]
