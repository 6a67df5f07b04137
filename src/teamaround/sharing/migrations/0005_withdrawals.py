"""Taking back what was agreed, by anybody who works with the person and by the giver: a narrow function."""

from django.db import migrations

from teamaround.database.operations import Engine

# Whether a team works with a person or a family: it wrote their record, or has an involvement or a case of its own.
WORKS_WITH = """
create function app.works_with(team int, wanted bigint) returns boolean
language sql stable security definer set search_path = public, pg_catalog as $$
    select exists (select 1 from person p where p.subject_id = wanted and p.author_team_id = team)
        or exists (select 1 from family f where f.subject_id = wanted and f.author_team_id = team)
        or exists (select 1 from access_grant g where g.subject_id = wanted and g.principal_id = team
            and g.basis_kind in ('involvement', 'episode') and g.valid_during @> statement_timestamp())
$$
"""

# What one giver now shares of one subject: the ruling decision of each cell, where it says share. One's own word
# is taken back from everybody, so for the subject it is what anybody shares.
SHARED_NOW = """
create function app.shared_now(wanted bigint, giver bigint)
returns table (holder_id int, shared_category text, author_team_id int, capacity text, valid_from timestamptz)
language sql stable security definer set search_path = public, pg_catalog as $$
    select d.holder_id, d.shared_category::text, d.author_team_id, d.capacity::text, d.valid_from from (
        select distinct on (l.holder_id, l.shared_category, b.given_by_id) l.holder_id, l.shared_category, l.answer,
            b.author_team_id, b.capacity, b.valid_from, b.valid_until, b.withdrawn_at
        from sharing_line l join sharing_basis b on b.id = l.basis_id
        where l.subject_id = wanted and b.kind = 'consent' and b.valid_from <= statement_timestamp() + interval '5 minutes'
            and (b.given_by_id = giver or giver = wanted)
        order by l.holder_id, l.shared_category, b.given_by_id, b.valid_from desc, b.id desc
    ) d
    where d.answer = 'share' and d.valid_until > statement_timestamp()
        and (d.withdrawn_at is null or d.withdrawn_at > statement_timestamp())
$$
"""

# One team's part of a withdrawal: a decision of the giver that says no for these cells from now on.
WRITE_REFUSAL = """
create function app.write_refusal(wanted bigint, giver bigint, team int, cells jsonb, how text, reason text) returns void
language plpgsql security definer set search_path = public, pg_catalog as $$
declare made bigint; starts timestamptz;
begin
    select greatest(statement_timestamp(), max(s.valid_from)) into starts from app.shared_now(wanted, giver) s;
    insert into sharing_basis (uuid, subject_id, category, kind, given_by_id, capacity, understanding, how, witness,
        reason, wording_version, valid_from, valid_until, withdrawn_reason, version, author_team_id)
    values (gen_random_uuid(), wanted, 'identity', 'consent', giver, case when giver = wanted then 'self' else 'parent' end,
        '', how, case when how = 'verbal' then coalesce((select p.name from practitioner p where p.id = app.actor()), '-')
                 else '' end,
        reason, '', starts, starts + interval '12 months', '', 1, team)
    returning id into made;
    insert into sharing_line (basis_id, subject_id, category, shared_category, holder_id, answer, version, author_team_id)
    select distinct made, wanted, 'identity', c.category, c.holder, 'refuse', 1, team
    from jsonb_to_recordset(cells) as c(holder int, category text);
end $$
"""

# Each team that recorded what is taken back is told by a decision of its own, so that nobody reads in another
# team's record what was agreed with whom; the count leaves out what would tell of a sensitive service. Cells that
# are named one by one are refused whether or not they were shared: the answer tells nothing.
REFUSE = """
create function app.refuse_cells(wanted bigint, giver bigint, holders int[], categories text[], team int,
    how text, reason text) returns int
language plpgsql security definer set search_path = public, pg_catalog as $$
declare
    kind text := app.actor_kind();
    person bigint := giver;
    named boolean := holders is not null and categories is not null;
    occurrence uuid := gen_random_uuid();
    one record;
    stopped int := 0;
begin
    if kind = 'family' then
        select h.person_id into person from portal_account h
        where h.id = app.actor() and h.ended_at is null and h.person_id in (giver, wanted);
        if person is null or (person <> wanted and not exists (
            select 1 from sharing_line l join sharing_basis b on b.id = l.basis_id
            where l.subject_id = wanted and b.kind = 'consent' and b.given_by_id = person)) then
            raise exception 'not their decision' using errcode = 'insufficient_privilege';
        end if;
    elsif kind <> 'practitioner' or not (team = any (app.principals())) or not app.works_with(team, wanted) then
        raise exception 'only a team that works with somebody records what they take back'
            using errcode = 'insufficient_privilege';
    end if;
    perform pg_advisory_xact_lock(hashtextextended('consent', person));
    for one in
        select s.author_team_id as recorded, jsonb_agg(distinct jsonb_build_object('holder', s.holder_id,
                'category', s.shared_category)) as cells,
            count(distinct (s.holder_id, s.shared_category)) filter (where kind = 'family' or t.sensitivity is null
                or t.sensitivity = '' or s.holder_id = any (app.principals())
                or s.author_team_id = any (app.principals())) as told
        from app.shared_now(wanted, person) s left join team t on t.id = s.holder_id
        where (holders is null or s.holder_id = any (holders)) and (categories is null or s.shared_category = any (categories))
            and not (named and kind = 'practitioner' and s.author_team_id = team)
        group by s.author_team_id
    loop
        stopped := stopped + one.told;
        perform app.write_refusal(wanted, person, one.recorded, one.cells, how, reason);
        if kind = 'family' or one.recorded <> team then
            insert into event (occurrence, kind, subject_id, category, author_team_id, happened_at, voids)
            values (occurrence, 'consent.withdrawn', wanted, 'identity', one.recorded, statement_timestamp(), false);
        end if;
    end loop;
    if kind = 'practitioner' then
        if named then
            select count(*) into stopped from unnest(holders) h cross join unnest(categories) c;
            perform app.write_refusal(wanted, person, team, (
                select jsonb_agg(jsonb_build_object('holder', t.id, 'category', c)) from team t cross join unnest(categories) c
                where t.id = any (holders)), how, reason);
        end if;
        insert into event (occurrence, kind, subject_id, category, author_team_id, happened_at, voids)
        values (occurrence, 'consent.withdrawn', wanted, 'identity', team, statement_timestamp(), false);
    end if;
    return stopped;
end $$
"""


class Migration(migrations.Migration):
    dependencies = [
        ("sharing", "0004_rules"),
        ("people", "0002_policies"),
        ("events", "0002_policies"),
        ("index", "0002_policies"),
    ]
    operations = [
        Engine("app.works_with(int, bigint)", create=WORKS_WITH),
        Engine("app.shared_now(bigint, bigint)", create=SHARED_NOW),
        Engine("app.write_refusal(bigint, bigint, int, jsonb, text, text)", create=WRITE_REFUSAL),
        Engine(
            "app.refuse_cells(bigint, bigint, int[], text[], int, text, text)",
            create=REFUSE,
            callers="app_rw",
        ),
    ]
