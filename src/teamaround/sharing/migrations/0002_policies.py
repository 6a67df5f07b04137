"""Bases under their policies, and the trigger that derives grants from them."""

from django.db import migrations

from teamaround.database.operations import PRINCIPALS, Engine, Protect, ProtectHistory, mine

LINE = f"l.basis_id = {{t}}.{{column}} and l.holder_id = any ({PRINCIPALS})"
HELD = f"exists (select 1 from sharing_line l where {LINE})"  # names of this file alone

# A grant for anything lets its holder open the entry it belongs to, so `index` comes with every share.
# least() skips NULL, so that an open end stays open; an empty range derives nothing.
# What people decided about themselves not to share is cut out of what a parent agreed for them, for as long
# as their own decision holds; so a decision of one's own derives the parents' consents anew as well. The
# advisory locks let two such decisions about one subject wait for each other.
DERIVE = """
create function app.derive_basis() returns trigger
language plpgsql security definer set search_path = public, pg_catalog as $$
declare wanted bigint[]; depends bigint;
begin
    if tg_table_name = 'sharing_basis' then
        wanted := array[new.id];
    else
        wanted := array(select distinct w.basis_id from written w);
    end if;
    perform 1 from sharing_basis where id = any (wanted) order by id for update;
    perform pg_advisory_xact_lock(hashtextextended('sharing', s.subject_id))
    from (select distinct l.subject_id from sharing_line l where l.basis_id = any (wanted) order by 1) s;
    for depends in
        select unnest(wanted)
        union
        select o.id from sharing_basis b
        join sharing_line l on l.basis_id = b.id and l.subject_id = b.given_by_id
        join sharing_line ol on ol.subject_id = l.subject_id
        join sharing_basis o on o.id = ol.basis_id and o.kind = 'consent' and o.capacity = 'parent'
        where b.id = any (wanted) and b.kind = 'consent' and b.capacity = 'self'
    loop
        delete from access_grant where basis_kind in ('consent', 'safeguarding') and basis_id = depends;
        insert into access_grant (subject_id, principal_id, category, valid_during, basis_kind, basis_id)
        select distinct l.subject_id, l.holder_id, c.category, part.during, b.kind, b.id
        from sharing_basis b
        join sharing_line l on l.basis_id = b.id and l.answer = 'share'
        cross join lateral (values (l.shared_category), ('index')) c(category)
        cross join lateral unnest(
            tstzmultirange(tstzrange(b.valid_from, least(b.valid_until, b.withdrawn_at)))
            - case when b.kind = 'consent' and b.capacity = 'parent' then coalesce((
                select range_agg(tstzrange(o.valid_from, least(o.valid_until, o.withdrawn_at)))
                from sharing_basis o join sharing_line ol on ol.basis_id = o.id
                where o.kind = 'consent' and o.capacity = 'self' and o.given_by_id = l.subject_id
                  and ol.subject_id = l.subject_id and ol.holder_id = l.holder_id
                  and ol.shared_category = l.shared_category and ol.answer <> 'share'), '{}')
              else '{}' end) part(during)
        where b.id = depends;
    end loop;
    return null;
end $$
"""


# A line belongs to its own team's basis: in another's, it would share under a consent that nobody gave. Lines
# never change; a later answer is a later basis. A trigger, since the two tables' policies would need each other.
OF_OWN_BASIS = """
create function app.line_of_own_basis() returns trigger
language plpgsql set search_path = public, pg_catalog, pg_temp as $$
begin
    if not exists (select 1 from sharing_basis b
                   where b.id = new.basis_id and b.author_team_id = new.author_team_id) then
        raise exception 'a team answers in its own basis' using errcode = 'insufficient_privilege';
    end if;
    return new;
end $$;
create trigger b_own_basis before insert on sharing_line for each row execute function app.line_of_own_basis();
"""


# A team records a basis about somebody it works with: it wrote their record, or holds a grant of its own by an
# involvement or a case. A purpose that one practitioner stated is not enough to open anything to a team.
WORKS_WITH = f"""
sharing_line.author_team_id = any ({PRINCIPALS}) and (
    exists (select 1 from person p where p.subject_id = sharing_line.subject_id
            and p.author_team_id = sharing_line.author_team_id)
    or exists (select 1 from family f where f.subject_id = sharing_line.subject_id
            and f.author_team_id = sharing_line.author_team_id)
    or exists (select 1 from access_grant g where g.subject_id = sharing_line.subject_id
            and g.principal_id = sharing_line.author_team_id and g.valid_during @> statement_timestamp()))
"""


class Migration(migrations.Migration):
    dependencies = [("sharing", "0001_initial"), ("people", "0002_policies")]
    operations = [
        Protect(
            "sharing_line",
            grants=False,
            readers=("holder_id",),
            insert=WORKS_WITH,
            append_only=True,
            touched=True,
        ),
        ProtectHistory("sharing_line_history", grants=False, readers=("holder_id",)),
        Protect(
            "sharing_basis",
            grants=False,
            read=f"{mine('sharing_basis', 'author_team_id')} or {HELD.format(t='sharing_basis', column='id')}",
            touched=True,
        ),
        ProtectHistory("sharing_basis_history", grants=False),
        migrations.RunSQL(
            OF_OWN_BASIS, "drop trigger b_own_basis on sharing_line; drop function app.line_of_own_basis()"
        ),
        Engine("app.derive_basis()", create=DERIVE),
        migrations.RunSQL(
            "create trigger derive_grants after insert or update on sharing_basis "
            "for each row execute function app.derive_basis();"
            "create trigger derive_grants after insert on sharing_line referencing new table as written "
            "for each statement execute function app.derive_basis()",
            "drop trigger derive_grants on sharing_basis; drop trigger derive_grants on sharing_line",
        ),
    ]
