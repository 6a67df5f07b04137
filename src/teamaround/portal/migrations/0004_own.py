"""What a family member reads and decides of their own record, each a narrow function that verifies who asks."""

from django.db import migrations

from teamaround.database.operations import PRINCIPALS, Engine, Protect

OWN_PERSON = """
create function app.own_person() returns bigint
language plpgsql stable security definer set search_path = public, pg_catalog as $$
begin
    if app.actor_kind() <> 'family' then
        return null;
    end if;
    return (select h.person_id from portal_account h where h.id = app.actor() and h.ended_at is null);
end $$
"""

# Police and domestic abuse services are never named here; another sensitive service only where the person said
# themselves that it may see something.
NAMED_TO = """
create function app.named_to(wanted bigint, holder int) returns boolean
language sql stable security definer set search_path = public, pg_catalog as $$
    select coalesce((
        select t.ended_at is null and a.sector <> 'police' and t.sensitivity <> 'domestic_abuse'
            and (t.sensitivity = '' or exists (
                select 1 from sharing_line l join sharing_basis b on b.id = l.basis_id
                where l.subject_id = wanted and l.holder_id = holder and l.answer = 'share'
                  and b.kind = 'consent' and b.given_by_id = wanted and b.told_family))
        from team t join agency a on a.id = t.agency_id where t.id = holder), false)
$$
"""

# What holds now, less what the person is not told: a basis marked so, a referral of which the family does not know,
# a panel whose name tells of a worry. Only teams and panels: what one practitioner opened is among the looks.
OWN_SHARING = """
create function app.own_sharing()
returns table (holder_id int, team text, agency text, category text, since timestamptz, until timestamptz, why text,
               by_whom text, said_at timestamptz)
language plpgsql stable security definer set search_path = public, pg_catalog as $$
#variable_conflict use_column
declare me bigint := app.own_person();
begin
    if me is null then
        raise exception 'only the person themselves reads this' using errcode = 'insufficient_privilege';
    end if;
    return query
        select distinct g.principal_id, coalesce(t.name, n.name)::text, coalesce(a.name, '')::text, g.category::text,
            lower(g.valid_during), upper(g.valid_during), g.basis_kind::text,
            case when g.basis_kind <> 'consent' then '' when b.given_by_id = me then 'self'
                 when q.sex = 'F' and r.parent then 'mum' when q.sex = 'M' and r.parent then 'dad'
                 else 'family' end,
            b.valid_from
        from access_grant g
        left join team t on t.id = g.principal_id and app.named_to(me, t.id)
        left join agency a on a.id = t.agency_id
        left join panel n on n.id = g.principal_id and n.ended_at is null
            and n.name !~* '(marac|mash|strategy|abuse|safeguard|protect|police|exploit)'
        left join sharing_basis b on b.id = g.basis_id
            and g.basis_kind in ('consent', 'safeguarding', 'duty', 'vital', 'panel')
        left join person q on q.subject_id = b.given_by_id
        left join lateral (
            select exists (select 1 from person_relationship x where x.subject_id = b.given_by_id and x.other_id = me
                           and x.kind = 'parent' and x.voided_at is null)
                or exists (select 1 from family_member m join family_member c on c.subject_id = m.subject_id
                           where m.person_id = b.given_by_id and m.role = 'parent' and m.voided_at is null
                             and c.person_id = me and c.role = 'child' and c.voided_at is null) as parent) r on true
        left join episode e on e.id = g.basis_id and g.basis_kind = 'episode'
        left join referral f on f.episode_id = e.id
        where g.subject_id = me and g.valid_during @> statement_timestamp()
          and g.basis_kind in ('consent', 'safeguarding', 'duty', 'vital', 'panel', 'involvement', 'episode')
          and coalesce(t.id, n.id) is not null
          and coalesce(b.told_family, true)
          and (t.id is null or t.sensitivity = '' or (g.basis_kind = 'consent' and b.given_by_id = me))
          and (g.basis_kind <> 'episode' or (e.status = 'open' and (coalesce(f.agreement, '') <> 'unaware' or exists (
                select 1 from event v where v.episode = e.id and v.kind in ('contact.recorded', 'visit.made')))));
end $$
"""

# The person's own latest answer for each team and kind. A refusal that was recorded for everybody at once names
# nobody whom the person did not know of: those answers carry no wording.
OWN_ANSWERS = """
create function app.own_answers()
returns table (holder_id int, team text, agency text, category text, answer text, said_at timestamptz, until timestamptz)
language plpgsql stable security definer set search_path = public, pg_catalog as $$
#variable_conflict use_column
declare me bigint := app.own_person();
begin
    if me is null then
        raise exception 'only the person themselves reads this' using errcode = 'insufficient_privilege';
    end if;
    return query
        with said as (
            select distinct on (l.holder_id, l.shared_category) l.holder_id, l.shared_category, l.answer, b.valid_from,
                b.valid_until, b.withdrawn_at
            from sharing_line l join sharing_basis b on b.id = l.basis_id
            where l.subject_id = me and b.kind = 'consent' and b.given_by_id = me and b.told_family
              and b.valid_from <= statement_timestamp() + interval '5 minutes'
            order by l.holder_id, l.shared_category, b.valid_from desc, b.id desc)
        select s.holder_id, t.name::text, a.name::text, s.shared_category::text,
            case when s.answer = 'share' and s.withdrawn_at <= statement_timestamp() then 'refuse'
                 when s.answer = 'share' and s.valid_until <= statement_timestamp() then 'ended'
                 else s.answer end::text,
            s.valid_from, s.valid_until
        from said s join team t on t.id = s.holder_id join agency a on a.id = t.agency_id
        where app.named_to(me, t.id) and exists (
            select 1 from sharing_line l join sharing_basis b on b.id = l.basis_id
            where l.subject_id = me and l.holder_id = s.holder_id and b.kind = 'consent' and b.given_by_id = me
              and b.wording_version <> '' and b.told_family);
end $$
"""

# The worker's note that came with the invitation; it lets a child under 16 decide for themselves.
OWN_NOTE = """
create function app.own_note() returns text
language sql stable security definer set search_path = public, pg_catalog as $$
    select coalesce((
        select i.understanding from portal_invitation i
        where i.person_id = app.own_person() and i.accepted_at is not null and i.withdrawn_at is null
            and i.understanding <> ''
        order by i.accepted_at desc limit 1), '')
$$
"""

OWN_NOTED = """
create function app.own_noted() returns boolean
language sql stable security definer set search_path = public, pg_catalog as $$
    select app.own_note() <> ''
$$
"""

# Languages, less what a service wrote whose very name would tell something.
OWN_LANGUAGES = """
create function app.own_languages() returns setof text
language sql stable security definer set search_path = public, pg_catalog as $$
    select distinct n.words::text from person_need n
    join team t on t.id = n.author_team_id join agency a on a.id = t.agency_id
    where n.subject_id = app.own_person() and n.kind = 'language' and n.voided_at is null and n.until is null
        and t.sensitivity = '' and a.sector <> 'police'
    order by 1
$$
"""

# Who answers: the team of whoever leads; else the team that invited the person; else the team that keeps their entry.
WHO_ANSWERS = """
create function app.own_team() returns int
language sql stable security definer set search_path = public, pg_catalog as $$
    select coalesce(
        (select i.author_team_id from involvement i join team t on t.id = i.author_team_id
            join agency a on a.id = t.agency_id
         where i.subject_id = app.own_person() and i.role = 'lead' and i.category = 'index'
            and (i.until is null or i.until > current_date) and t.ended_at is null and a.sector <> 'police'
         order by i.id limit 1),
        (select i.author_team_id from portal_invitation i join team t on t.id = i.author_team_id
         where i.person_id = app.own_person() and i.accepted_at is not null and t.ended_at is null
         order by i.accepted_at desc limit 1),
        (select p.author_team_id from person p where p.subject_id = app.own_person()))
$$
"""

# Who is told that something arrived: whoever leads, else everybody in the team; of a complaint, who governs.
TOLD = """
create function app.told_of_message(complaint boolean) returns setof int
language sql stable security definer set search_path = public, pg_catalog as $$
    select m.practitioner_id from membership m join practitioner p on p.id = m.practitioner_id
        join team t on t.id = m.team_id
    where app.own_person() is not null and p.left_at is null and t.ended_at is null
        and m.since <= statement_timestamp() and (m.until is null or m.until > statement_timestamp())
        and case when complaint then m.role = 'governance'
            else m.team_id = app.own_team() and m.practitioner_id = coalesce(
                (select i.practitioner_id from involvement i join membership x
                    on x.practitioner_id = i.practitioner_id and x.team_id = i.author_team_id
                        and (x.until is null or x.until > statement_timestamp())
                 where i.subject_id = app.own_person() and i.role = 'lead' and i.category = 'index'
                    and (i.until is null or i.until > current_date) and i.author_team_id = app.own_team()
                 order by i.id limit 1), m.practitioner_id) end
$$
"""

# A complaint leaves no event: the teams that it may be about read the chronology. Its row says when it was
# sent, received and answered.
SEND = """
create function app.send_family_message(kind text, words text, should_be text, token uuid) returns uuid
language plpgsql security definer set search_path = public, pg_catalog as $$
declare me bigint := app.own_person(); reader int; today date := (statement_timestamp() at time zone 'Europe/London')::date;
begin
    if me is null then
        raise exception 'only the person themselves writes this' using errcode = 'insufficient_privilege';
    end if;
    if exists (select 1 from family_message m where m.uuid = token and m.subject_id = me) then
        return token;
    end if;
    reader := case when kind <> 'complaint' then app.own_team() end;
    insert into family_message (uuid, subject_id, category, kind, words, should_be, sender_name, sent_by_id, sent_at,
        receiving_team_id, acknowledge_by, state, answer)
    select token, me, 'identity', send_family_message.kind, send_family_message.words, send_family_message.should_be,
        trim(p.given || ' ' || p.family_name), app.actor(), statement_timestamp(), reader,
        case when send_family_message.kind = 'complaint' then today + 30 end, 'sent', ''
    from person p where p.subject_id = me;
    if reader is not null then
        insert into event (occurrence, kind, subject_id, category, author_team_id, happened_at, voids)
        values (gen_random_uuid(), 'family.wrote', me, 'notes', reader, statement_timestamp(), false);
    end if;
    return token;
end $$
"""

# Someone's own decision, on their own phone: 16 or over on the latest day their birthday could be, or with the
# worker's note. Only about themselves, only for teams they know of. What they do not answer stays as it was.
GIVE = """
create function app.give_own_consent(cells jsonb, ends timestamptz, wording text, token uuid) returns boolean
language plpgsql security definer set search_path = public, pg_catalog as $$
declare me bigint := app.own_person(); team int := app.own_team(); note text := app.own_note(); sixteen date; made bigint;
begin
    if me is null then
        raise exception 'only the person themselves decides this' using errcode = 'insufficient_privilege';
    end if;
    if exists (select 1 from sharing_basis b where b.uuid = token and b.given_by_id = me) then
        return false;
    end if;
    select (p.date_of_birth + case p.born_precision when 'year' then interval '1 year - 1 day'
            when 'month' then interval '1 month - 1 day' else interval '0' end + interval '16 years')::date
    into sixteen from person p where p.subject_id = me and p.died_on is null;
    if note = '' and (sixteen is null or sixteen > (statement_timestamp() at time zone 'Europe/London')::date) then
        raise exception 'a worker talks with them first' using errcode = 'insufficient_privilege';
    end if;
    if wording = '' or ends <= statement_timestamp() or ends > statement_timestamp() + interval '1 year 1 day'
       or jsonb_array_length(cells) = 0 or exists (
            select 1 from jsonb_to_recordset(cells) as c(holder int, category text, answer text)
            where c.holder is null or c.answer is null or c.answer not in ('share', 'ask', 'refuse')
               or c.category is null or c.category not in ('identity', 'referral', 'assessment', 'plan', 'notes',
                  'health', 'education', 'safeguarding', 'substance', 'justice', 'money')
               or not (c.holder in (select s.holder_id from app.own_sharing() s join team t on t.id = s.holder_id)
                       or c.holder in (select s.holder_id from app.own_answers() s))) then
        raise exception 'not for them to decide' using errcode = 'insufficient_privilege';
    end if;
    perform pg_advisory_xact_lock(hashtextextended('consent', me));
    insert into sharing_basis (uuid, subject_id, category, kind, given_by_id, capacity, understanding, how, witness,
        reason, wording_version, valid_from, valid_until, review_on, withdrawn_reason, version, author_team_id)
    values (token, me, 'identity', 'consent', me, 'self', note, 'signed', '', '', wording, statement_timestamp(), ends,
        (ends at time zone 'Europe/London')::date, '', 1, team)
    returning id into made;
    insert into sharing_line (basis_id, subject_id, category, shared_category, holder_id, answer, version, author_team_id)
    select distinct on (c.holder, c.category) made, me, 'identity', c.category, c.holder, c.answer, 1, team
    from jsonb_to_recordset(cells) as c(holder int, category text, answer text) order by c.holder, c.category;
    insert into event (occurrence, kind, subject_id, category, author_team_id, happened_at, voids)
    values (gen_random_uuid(), 'consent.given', me, 'identity', team, statement_timestamp(), false);
    return true;
end $$
"""

ANSWERS = (
    f"(family_message.receiving_team_id = any ({PRINCIPALS}) "
    "or (family_message.kind = 'complaint' and (select app.governs())))"
)


class Migration(migrations.Migration):
    dependencies = [
        ("portal", "0003_messages"),
        ("access", "0006_watching"),
        ("sharing", "0005_withdrawals"),
        ("people", "0003_person_voided"),
        ("events", "0002_policies"),
        ("index", "0005_voided_are_not_found"),
        ("procedures", "0002_policies"),
        ("referrals", "0002_policies"),
    ]
    operations = [
        Engine("app.own_person()", create=OWN_PERSON, callers="app_rw"),
        Engine("app.named_to(bigint, int)", create=NAMED_TO),
        Engine("app.own_sharing()", create=OWN_SHARING, callers="app_rw"),
        Engine("app.own_answers()", create=OWN_ANSWERS, callers="app_rw"),
        Engine("app.own_note()", create=OWN_NOTE),
        Engine("app.own_noted()", create=OWN_NOTED, callers="app_rw"),
        Engine("app.own_languages()", create=OWN_LANGUAGES, callers="app_rw"),
        Engine("app.own_team()", create=WHO_ANSWERS, callers="app_rw"),
        Engine("app.told_of_message(boolean)", create=TOLD, callers="app_rw"),
        Protect(
            "family_message",
            author=None,
            grants=False,
            read=f"{ANSWERS} or family_message.subject_id = (select app.own_person())",
            insert="false",
            update=f"{ANSWERS} and (family_message.answered_by_id is null "
            "or family_message.answered_by_id = (select app.actor()))",
            update_columns=("state", "received_at", "answer", "answered_by_id", "answered_at"),
        ),
        migrations.RunSQL(
            "create trigger a_answered_once before update on family_message for each row "
            "when (old.answered_at is not null) execute function app.refuse_change()",
            "drop trigger a_answered_once on family_message",
        ),
        Engine("app.send_family_message(text, text, text, uuid)", create=SEND, callers="app_rw"),
        Engine("app.give_own_consent(jsonb, timestamptz, text, uuid)", create=GIVE, callers="app_rw"),
    ]
