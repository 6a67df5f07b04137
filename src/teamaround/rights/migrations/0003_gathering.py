"""What the governance lead reads of people, through one narrow function a purpose; each writes its own access row."""

from django.db import migrations

from teamaround.database.operations import Engine

REFUSE = """
    if not app.governs() then
        raise exception 'only the information-governance lead does this' using errcode = 'insufficient_privilege';
    end if;
"""
LOOK = """
    insert into access_look (id, account_id, principal, page, act, reason, outcome)
    values (look, nullif(((app.stamp())[3])::bigint, 0), app.actor(), '{page}', '{act}', '{reason}', 'shown');
"""

# The catalogue is asked, not a list: a table that a later release adds is gathered from its first day. Left out:
# copies of what stands elsewhere (search, waiting disposals; a pack never holds an earlier pack), the bare number of a
# subject, and the list of looks that are withheld so that nobody is tipped off.
HELD_TABLES = """
create function app.held_tables() returns table (tbl text, key text, columns text[])
language sql stable security definer set search_path = public, pg_catalog as $$
    select c.relname::text, min(p.attname)::text, array_agg(distinct a.attname::text order by a.attname::text)
    from pg_class c
    join pg_attribute a on a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped
    join pg_constraint k on k.conrelid = c.oid and k.contype = 'p'
    join pg_attribute p on p.attrelid = c.oid and p.attnum = k.conkey[1]
    where c.relnamespace = 'public'::regnamespace and c.relkind in ('r', 'p') and not c.relispartition
      and c.relname !~ '_history$'
      and c.relname <> all ('{subject,search_entry,search_key,disposal_item,access_withheld,access_look_line}')
      and (a.attname = 'subject_id' or exists (
          select 1 from pg_constraint f where f.conrelid = c.oid and f.contype = 'f' and f.conkey = array[a.attnum]
            and f.confrelid in ('subject'::regclass, 'person'::regclass)))
    group by c.relname
$$
"""

FIND = (
    """
create function app.person_for_request(wanted_given text, wanted_family text, born date, wanted_postcode text)
returns table (subject bigint, key uuid, name text, date_of_birth date)
language plpgsql security definer set search_path = public, pg_catalog as $$
declare
    look uuid := gen_random_uuid();
    ids bigint[];
begin"""
    + REFUSE
    + """
    select array_agg(p.subject_id) into ids from person p
    where p.date_of_birth = born and p.voided_at is null
      and (app.plain(p.given), app.plain(p.family_name)) = (app.plain(wanted_given), app.plain(wanted_family))
      and (wanted_postcode = '' or exists (
          select 1 from person_address a where a.subject_id = p.subject_id and a.voided_at is null
            and upper(replace(a.postcode, ' ', '')) = upper(replace(wanted_postcode, ' ', ''))));
"""
    + LOOK.format(page="rights:find", act="search", reason="A request about their own data, or a legal hold")
    + """
    insert into access_look_line (look, subject_id, categories) select look, s, '{index}' from unnest(ids) s;
    return query select p.subject_id, p.uuid, trim(p.given || ' ' || p.family_name)::text, p.date_of_birth
        from person p where p.subject_id = any (ids) order by p.subject_id limit 5;
end $$
"""
)

NAMES = (
    """
create function app.rights_names(wanted bigint[]) returns table (subject bigint, key uuid, name text)
language plpgsql stable security definer set search_path = public, pg_catalog as $$
begin"""
    + REFUSE
    + """
    return query
        select s.id, coalesce(p.uuid, f.uuid), coalesce(trim(p.given || ' ' || p.family_name), f.name, '')::text
        from subject s left join person p on p.subject_id = s.id left join family f on f.subject_id = s.id
        where s.id = any (wanted) and (exists (select 1 from rights_request r where r.subject_id = s.id)
              or exists (select 1 from legal_hold h where h.subject_id = s.id));
end $$
"""
)

HELD_ON = (
    """
create function app.held_on(person bigint, request bigint)
returns table (tbl text, row_key text, about bigint, data jsonb)
language plpgsql security definer set search_path = public, pg_catalog as $$
#variable_conflict use_variable
declare
    look uuid := gen_random_uuid();
    families bigint[];
    t record;
    picked text;
    test text;
begin"""
    + REFUSE
    + """
    if not exists (select 1 from rights_request r where r.id = request and r.subject_id = person and r.kind = 'access'
                   and r.closed_at is null and r.released_at is null) then
        raise exception 'no open request of this person' using errcode = 'insufficient_privilege';
    end if;
    select coalesce(array_agg(distinct m.subject_id), '{}') into families from family_member m
        where m.person_id = person and m.voided_at is null;
"""
    + LOOK.format(page="rights:gather", act="export", reason="Subject access request")
    + """
    insert into access_look_line (look, subject_id, categories)
    select look, s, '{index,identity,referral,assessment,plan,notes,health,education,safeguarding,substance,justice,money}'
    from unnest(person || families) s;
    for t in select h.tbl, h.key, h.columns from app.held_tables() h where h.tbl <> 'rights_item' order by h.tbl loop
        select string_agg(format('x.%I', a.attname), ', ') into picked from pg_attribute a
            where a.attrelid = t.tbl::regclass and a.attnum > 0 and not a.attisdropped and a.atttypid <> 'bytea'::regtype;
        select string_agg(case when c = 'subject_id' then 'x.subject_id = any ($2)' else format('x.%I = $1', c) end, ' or ')
            into test from unnest(t.columns) c;
        return query execute format(
            'select %L::text, x.%I::text, %s, (select to_jsonb(y) from (select %s) y) from %I x where %s order by x.%I',
            t.tbl, t.key, case when 'subject_id' = any (t.columns) then 'coalesce(x.subject_id, $1)' else '$1' end,
            picked, t.tbl, test, t.key) using person, person || families;
        if 'subject_id' = any (t.columns) and to_regclass(t.tbl || '_history') is not null then
            return query execute format(
                'select %L::text, h.pgh_id::text, h.subject_id, e.data from %I h cross join lateral ('
                || 'select jsonb_object_agg(k, v) as data from jsonb_each(to_jsonb(h)) j(k, v) where k not like ''pgh\\_%%'') e '
                || 'left join %I x on x.%I = h.%I where h.subject_id = any ($2) and e.data is distinct from to_jsonb(x) order by 2',
                t.tbl || '_history', t.tbl || '_history', t.tbl, t.key, t.key) using person, person || families;
        end if;
    end loop;
    -- Who looked: the role and the agency, as the person reads it; and which looks may tip somebody off.
    return query
        select 'access_look_line'::text, l.id::text, person, jsonb_build_object(
            'at', k.at, 'role', coalesce(nullif(w.job_title, ''), 'Practitioner'), 'agency', g.name, 'act', k.act,
            'reason', k.reason, 'categories', l.categories,
            'withheld', k.page not like 'rights:%' and (exists (select 1 from access_withheld h where h.look = k.id and h.subject_id = l.subject_id)
                or app.may_tip_off(k.principal, l.subject_id, k.at, k.page, k.reason, l.categories)))
        from access_look_line l join access_look k on k.id = l.look join practitioner w on w.id = k.principal
        left join lateral (select a.name from membership m join team t2 on t2.id = m.team_id join agency a on a.id = t2.agency_id
            where m.practitioner_id = w.id and m.since <= k.at order by m.since, m.id limit 1) g on true
        where l.subject_id = person and k.outcome = 'shown' order by k.at;
    return query
        select 'account'::text, a.id::text, person, jsonb_build_object('email', a.email, 'created_at', a.created_at, 'last_login', a.last_login)
        from portal_account h join account a on a.id = h.account_id where h.person_id = person;
    -- Not held on the person: whom the lead must look out for in what is.
    return query
        select 'third_party'::text, p.subject_id::text, p.subject_id,
            jsonb_build_object('given', p.given, 'family_name', p.family_name)
        from person p where p.subject_id <> person and (
            exists (select 1 from family_member m where m.person_id = p.subject_id and m.subject_id = any (families))
            or exists (select 1 from person_relationship q where (q.subject_id, q.other_id) in
                       ((person, p.subject_id), (p.subject_id, person)))
            or exists (select 1 from person_caring q where (q.subject_id, q.cared_for_id) in
                       ((person, p.subject_id), (p.subject_id, person))));
end $$
"""
)

WITHDRAWALS = (
    """
create function app.withdrawals_since(since timestamptz) returns table (day date, role text, agency text, n bigint)
language plpgsql stable security definer set search_path = public, pg_catalog as $$
begin"""
    + REFUSE
    + """
    return query
        select (b.withdrawn_at at time zone 'Europe/London')::date,
               case when b.capacity = 'parent' then 'parent' else 'self' end, a.name::text, count(*)
        from sharing_basis b join team t on t.id = b.author_team_id join agency a on a.id = t.agency_id
        where b.kind = 'consent' and b.withdrawn_at >= since and b.withdrawn_at <= statement_timestamp()
        group by 1, 2, 3 order by 1 desc, 3, 2;
end $$
"""
)


class Migration(migrations.Migration):
    dependencies = [("rights", "0002_policies")]
    operations = [
        Engine("app.held_tables()", create=HELD_TABLES, callers="app_rw, app_disposal"),
        Engine("app.person_for_request(text, text, date, text)", create=FIND, callers="app_rw"),
        Engine("app.rights_names(bigint[])", create=NAMES, callers="app_rw"),
        Engine("app.held_on(bigint, bigint)", create=HELD_ON, callers="app_rw"),
        Engine("app.withdrawals_since(timestamptz)", create=WITHDRAWALS, callers="app_rw"),
    ]
