"""A parent answers for a child under 16 on their own phone, each through a narrow function that checks it anew."""

from django.db import migrations

from teamaround.database.operations import Engine

# The children somebody may answer for now. Parental responsibility that one agency says has ended counts no more,
# until somebody records it as held again since. A child whom a shield protects from this account is not among them,
# nor one who lives with somebody so protected: the teams around a child tell where the child is. Whoever reads
# this learns nothing of those left out. No birthday known: a worker asks.
ANSWERED_FOR = """
create function app.answered_for() returns setof bigint
language plpgsql stable security definer set search_path = public, pg_catalog as $$
declare me bigint := app.own_person(); today date := (statement_timestamp() at time zone 'Europe/London')::date;
begin
    if me is null then
        return;
    end if;
    return query
        select distinct c.subject_id from person_relationship r
        join person p on p.subject_id = r.subject_id and p.died_on is null and p.voided_at is null
        join person c on c.subject_id = r.other_id and c.died_on is null and c.voided_at is null
        where r.subject_id = me and r.parental_responsibility and r.voided_at is null
          and (r.since is null or r.since <= today) and (r.until is null or r.until > today)
          and not exists (
            select 1 from person_relationship x
            where x.subject_id = me and x.other_id = r.other_id and x.parental_responsibility and x.voided_at is null
              and x.until <= today and x.until > coalesce(r.since, '-infinity'))
          and c.date_of_birth is not null and app.decision_lapses(c.subject_id, me) > statement_timestamp()
          and not app.shielded(c.subject_id, false)
          and not exists (
            select 1 from family_member h join family_member o on o.subject_id = h.subject_id
            where h.person_id = c.subject_id and h.lives_here and h.voided_at is null
              and (h.until is null or h.until > today)
              and o.person_id not in (c.subject_id, me) and o.lives_here and o.voided_at is null
              and (o.until is null or o.until > today) and app.shielded(o.person_id, false));
end $$
"""

ANSWERS_FOR = """
create function app.answers_for(wanted bigint) returns boolean
language sql stable security definer set search_path = public, pg_catalog as $$
    select exists (select 1 from app.answered_for() a(child) where a.child = wanted)
$$
"""

MY_CHILDREN = """
create function app.my_children() returns table (child bigint, given text, family_name text)
language sql stable security definer set search_path = public, pg_catalog as $$
    select p.subject_id, p.given::text, p.family_name::text from app.answered_for() a(child)
    join person p on p.subject_id = a.child
    order by p.date_of_birth, p.given, p.subject_id
$$
"""

# The cells in which a person's own decision says something now: there nobody else's answer counts.
OWN_WORD = """
create function app.own_word(wanted bigint) returns table (holder_id int, category text)
language sql stable security definer set search_path = public, pg_catalog as $$
    select d.holder_id, d.shared_category::text from (
        select distinct on (l.holder_id, l.shared_category) l.holder_id, l.shared_category, l.answer, b.valid_until,
            b.withdrawn_at, b.told_family
        from sharing_line l join sharing_basis b on b.id = l.basis_id
        where l.subject_id = wanted and b.kind = 'consent' and b.given_by_id = wanted
          and b.valid_from <= statement_timestamp() + interval '5 minutes'
        order by l.holder_id, l.shared_category, b.valid_from desc, b.id desc) d
    where d.told_family and (d.answer <> 'share' or d.withdrawn_at <= statement_timestamp()
                             or d.valid_until > statement_timestamp())
$$
"""

# As one's own page, for a child: less what others agreed to (the child, another parent), and less a team that was
# asked to help behind the family's back as long as nobody has met them.
CHILD_SHARING = """
create function app.child_sharing(wanted bigint)
returns table (holder_id int, team text, agency text, category text, since timestamptz, until timestamptz, why text,
               by_whom text, said_at timestamptz)
language plpgsql stable security definer set search_path = public, pg_catalog as $$
#variable_conflict use_column
declare me bigint := app.own_person();
begin
    if not app.answers_for(wanted) then
        raise exception 'only who may answer for a child reads this' using errcode = 'insufficient_privilege';
    end if;
    return query
        with behind as (
            select e.author_team_id as team_id from episode e join referral f on f.episode_id = e.id
            where e.subject_id = wanted and f.agreement = 'unaware' and not exists (
                select 1 from event v where v.episode = e.id and v.kind in ('contact.recorded', 'visit.made')))
        select distinct g.principal_id, coalesce(t.name, n.name)::text, coalesce(a.name, '')::text, g.category::text,
            lower(g.valid_during), upper(g.valid_during), g.basis_kind::text,
            case when g.basis_kind = 'consent' then 'self' else '' end, b.valid_from
        from access_grant g
        left join (team t join agency a on a.id = t.agency_id and a.sector <> 'police')
            on t.id = g.principal_id and t.ended_at is null and t.sensitivity <> 'domestic_abuse'
        left join panel n on n.id = g.principal_id and n.ended_at is null
            and n.name !~* '(marac|mash|strategy|abuse|safeguard|protect|police|exploit)'
        left join sharing_basis b on b.id = g.basis_id
            and g.basis_kind in ('consent', 'safeguarding', 'duty', 'vital', 'panel')
        left join episode e on e.id = g.basis_id and g.basis_kind = 'episode'
        where g.subject_id = wanted and g.valid_during @> statement_timestamp()
          and g.basis_kind in ('consent', 'safeguarding', 'duty', 'vital', 'panel', 'involvement', 'episode')
          and coalesce(t.id, n.id) is not null
          and coalesce(b.told_family, true)
          and (g.basis_kind <> 'consent' or b.given_by_id = me)
          and (g.basis_kind <> 'episode' or e.status = 'open')
          and (t.id is null or g.basis_kind = 'consent'
               or (t.sensitivity = '' and t.id not in (select h.team_id from behind h)));
end $$
"""

# Each team that the parent may know of, with what the parent said last and whether it stands. Of what others said
# no more than this: the child's own word counts; not everybody agrees; a worker settled it.
CHILD_CELLS = """
create function app.child_cells(wanted bigint)
returns table (holder_id int, team text, agency text, category text, answer text, said_at timestamptz,
               until timestamptz, stands text)
language plpgsql stable security definer set search_path = public, pg_catalog as $$
#variable_conflict use_column
declare me bigint := app.own_person();
begin
    if not app.answers_for(wanted) then
        raise exception 'only who may answer for a child reads this' using errcode = 'insufficient_privilege';
    end if;
    return query
        with mine as (
            select l.holder_id, l.shared_category, l.answer, b.id, b.valid_from, b.valid_until, b.withdrawn_at,
                b.wording_version
            from sharing_line l join sharing_basis b on b.id = l.basis_id
            where l.subject_id = wanted and b.kind = 'consent' and b.given_by_id = me and b.told_family
              and b.valid_from <= statement_timestamp() + interval '5 minutes'
        ), known as (
            select t.id, t.name, a.name as agency from team t join agency a on a.id = t.agency_id
            where t.ended_at is null and a.sector <> 'police' and t.sensitivity <> 'domestic_abuse'
              and ((t.sensitivity = '' and t.id in (select s.holder_id from app.child_sharing(wanted) s))
                   or exists (select 1 from mine m where m.holder_id = t.id and m.wording_version <> ''
                              and (t.sensitivity = '' or m.answer = 'share')))
        ), latest as (
            select distinct on (m.holder_id, m.shared_category) m.holder_id, m.shared_category, m.valid_from,
                m.valid_until, case when m.answer = 'share' and m.withdrawn_at <= statement_timestamp() then 'refuse'
                    when m.answer = 'share' and m.valid_until <= statement_timestamp() then 'ended'
                    else m.answer end::text as says
            from mine m order by m.holder_id, m.shared_category, m.valid_from desc, m.id desc
        ), cell as (
            select coalesce(l.holder_id, o.holder_id) as holder, coalesce(l.shared_category, o.category)::text as kind,
                l.says, l.valid_from, l.valid_until, o.holder_id is not null as own, exists (
                    select 1 from access_grant g where g.subject_id = wanted and g.principal_id = l.holder_id
                      and g.category = l.shared_category and g.basis_kind = 'consent'
                      and g.valid_during @> statement_timestamp()) as open
            from latest l full join app.own_word(wanted) o
                on o.holder_id = l.holder_id and o.category = l.shared_category
        )
        select k.id, k.name::text, k.agency::text, coalesce(c.kind, ''), coalesce(c.says, ''), c.valid_from,
            c.valid_until, case when c.own then 'own' when c.says = 'share' and not c.open then 'apart'
                when c.says in ('ask', 'refuse') and c.open then 'settled' else '' end
        from known k left join cell c on c.holder = k.id;
end $$
"""

# Whose record the answer is: the team of whoever leads for the child; else the team that invited the parent, where
# it works with the child and its name tells nothing; else the team that keeps the child's entry.
CHILD_TEAM = """
create function app.child_team(wanted bigint) returns int
language sql stable security definer set search_path = public, pg_catalog as $$
    select coalesce(
        (select i.author_team_id from involvement i join team t on t.id = i.author_team_id
            join agency a on a.id = t.agency_id
         where i.subject_id = wanted and i.role = 'lead' and i.category = 'index'
            and (i.until is null or i.until > current_date) and t.ended_at is null and a.sector <> 'police'
         order by i.id limit 1),
        (select i.author_team_id from portal_invitation i join team t on t.id = i.author_team_id
            join agency a on a.id = t.agency_id
         where i.person_id = app.own_person() and i.accepted_at is not null and t.ended_at is null
            and t.sensitivity = '' and a.sector <> 'police' and app.works_with(i.author_team_id, wanted)
         order by i.accepted_at desc limit 1),
        (select p.author_team_id from person p where p.subject_id = wanted))
$$
"""

TOLD = """
create function app.told_of_child(wanted bigint) returns setof int
language sql stable security definer set search_path = public, pg_catalog as $$
    select m.practitioner_id from membership m join practitioner p on p.id = m.practitioner_id
        join team t on t.id = m.team_id
    where app.answers_for(wanted) and p.left_at is null and t.ended_at is null
        and m.since <= statement_timestamp() and (m.until is null or m.until > statement_timestamp())
        and m.team_id = app.child_team(wanted) and m.practitioner_id = coalesce(
            (select i.practitioner_id from involvement i join membership x
                on x.practitioner_id = i.practitioner_id and x.team_id = i.author_team_id
                    and (x.until is null or x.until > statement_timestamp())
             where i.subject_id = wanted and i.role = 'lead' and i.category = 'index'
                and (i.until is null or i.until > current_date) and i.author_team_id = app.child_team(wanted)
             order by i.id limit 1), m.practitioner_id)
$$
"""

# The rows that say who may answer are held while it is written: what ends meanwhile comes before or after.
GIVE = """
create function app.give_for_child(wanted bigint, cells jsonb, ends timestamptz, wording text, token uuid) returns boolean
language plpgsql security definer set search_path = public, pg_catalog as $$
declare me bigint := app.own_person(); team int; starts timestamptz; made bigint;
begin
    perform 1 from person_relationship r where r.subject_id = me and r.other_id = wanted and r.parental_responsibility
        order by r.id for share;
    perform pg_advisory_xact_lock(hashtextextended('consent', me));
    if me is null or wanted is null or not app.answers_for(wanted) then
        raise exception 'only who may answer for a child decides this' using errcode = 'insufficient_privilege';
    end if;
    if exists (select 1 from sharing_basis b where b.uuid = token and b.given_by_id = me and b.subject_id = wanted) then
        return false;
    end if;
    if token is null or coalesce(wording, '') = '' or ends is null or ends <= statement_timestamp()
       or ends > statement_timestamp() + interval '1 year 1 day' or coalesce(jsonb_array_length(cells), 0) = 0
       or exists (
            select 1 from jsonb_to_recordset(cells) as c(holder int, category text, answer text)
            where c.holder is null or c.answer is null or c.answer not in ('share', 'ask', 'refuse')
               or c.category is null or c.category not in ('identity', 'referral', 'assessment', 'plan', 'notes',
                  'health', 'education', 'safeguarding', 'substance', 'justice', 'money')
               or c.holder not in (select k.holder_id from app.child_cells(wanted) k)
               or exists (select 1 from app.own_word(wanted) o where o.holder_id = c.holder and o.category = c.category)) then
        raise exception 'not for them to decide' using errcode = 'insufficient_privilege';
    end if;
    team := app.child_team(wanted);
    select greatest(statement_timestamp(), max(b.valid_from)) into starts
    from sharing_basis b join sharing_line l on l.basis_id = b.id
    where l.subject_id = wanted and b.kind = 'consent' and b.given_by_id = me
      and b.valid_from <= statement_timestamp() + interval '5 minutes';
    insert into sharing_basis (uuid, subject_id, category, kind, given_by_id, capacity, understanding, how, witness,
        reason, wording_version, valid_from, valid_until, review_on, withdrawn_reason, version, author_team_id)
    values (token, wanted, 'identity', 'consent', me, 'parent', '', 'signed', '', '', wording, starts, ends,
        (ends at time zone 'Europe/London')::date, '', 1, team)
    returning id into made;
    insert into sharing_line (basis_id, subject_id, category, shared_category, holder_id, answer, version, author_team_id)
    select distinct on (c.holder, c.category) made, wanted, 'identity', c.category, c.holder, c.answer, 1, team
    from jsonb_to_recordset(cells) as c(holder int, category text, answer text) order by c.holder, c.category;
    insert into event (occurrence, kind, subject_id, category, author_team_id, happened_at, voids)
    values (gen_random_uuid(), 'consent.given', wanted, 'identity', team, statement_timestamp(), false);
    return true;
end $$
"""

# A form sent twice is known by its token: somebody asks only of what they gave themselves.
GIVEN = """
create function app.given_for_child(wanted bigint, token uuid) returns boolean
language sql stable security definer set search_path = public, pg_catalog as $$
    select exists (select 1 from sharing_basis b
                   where b.uuid = token and b.given_by_id = app.own_person() and b.subject_id = wanted)
$$
"""

# Whichever function writes it: a family member's account writes their own decision alone, about themselves or about
# a child whom they may answer for at that moment.
FAMILY_ANSWERS = """
create function app.family_answers_own() returns trigger
language plpgsql security definer set search_path = public, pg_catalog as $$
begin
    if app.actor_kind() = 'family' and (new.kind <> 'consent' or new.given_by_id is distinct from app.own_person()
       or (new.subject_id <> new.given_by_id and not app.answers_for(new.subject_id))) then
        raise exception 'not their decision' using errcode = 'insufficient_privilege';
    end if;
    return new;
end $$
"""


class Migration(migrations.Migration):
    dependencies = [
        ("portal", "0004_own"),
        ("sharing", "0010_decision_policies"),
    ]
    operations = [
        Engine("app.answered_for()", create=ANSWERED_FOR),
        Engine("app.answers_for(bigint)", create=ANSWERS_FOR, callers="app_rw"),
        Engine("app.my_children()", create=MY_CHILDREN, callers="app_rw"),
        Engine("app.own_word(bigint)", create=OWN_WORD),
        Engine("app.child_sharing(bigint)", create=CHILD_SHARING, callers="app_rw"),
        Engine("app.child_cells(bigint)", create=CHILD_CELLS, callers="app_rw"),
        Engine("app.child_team(bigint)", create=CHILD_TEAM),
        Engine("app.told_of_child(bigint)", create=TOLD, callers="app_rw"),
        Engine("app.give_for_child(bigint, jsonb, timestamptz, text, uuid)", create=GIVE, callers="app_rw"),
        Engine("app.given_for_child(bigint, uuid)", create=GIVEN, callers="app_rw"),
        Engine("app.family_answers_own()", create=FAMILY_ANSWERS),
        migrations.RunSQL(
            "create trigger b_family_answers before insert on sharing_basis "
            "for each row execute function app.family_answers_own()",
            "drop trigger b_family_answers on sharing_basis",
        ),
    ]
