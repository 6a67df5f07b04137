"""Decisions and requests under their policies; what a recipient may see, asked before somebody tells them."""

from django.db import migrations

from teamaround.database.operations import PRINCIPALS, Engine, Protect, ProtectHistory, mine

# The worker's team works with them, or wrote their record. A purpose that one practitioner stated is not enough.
WORKS_WITH = """
create function app.works_with(wanted bigint) returns boolean
language plpgsql stable parallel restricted security definer set search_path = public, pg_catalog as $$
begin
    return app.actor_kind() = 'practitioner' and (
        exists (select 1 from person p where p.subject_id = wanted and p.author_team_id = any (app.principals()))
        or exists (select 1 from family f where f.subject_id = wanted and f.author_team_id = any (app.principals()))
        or exists (select 1 from access_grant g where g.subject_id = wanted
                   and g.basis_kind in ('involvement', 'episode') and g.principal_id = any (app.principals())
                   and g.valid_during @> statement_timestamp()));
end $$
"""

# May this team be told? One row for each category asked about; `outcome` says what the answer rests on:
#   open       a basis that the asker may know of lets the recipient see it (ground, giver, days)
#   elsewhere  another team's basis does, of which no more is told
#   refused, taken_back, ask_me, ran_out, lapsed, not_now: the latest answer that the asker may know of
#   shielded   the asker knows of a shield that does not name the recipient
#   unknown    none of these; also where the asker may not ask, so that neither can be told from the other
# A basis of another team never shows where its being there would tell something: for a category that nobody
# should guess at, unless the asker holds it too, and for a sensitive service as recipient.
BEFORE_SHARING = """
create function app.before_sharing(wanted bigint, recipient int, wanted_categories text[])
returns table (category text, outcome text, ground text, giver text, basis uuid, since timestamptz, until timestamptz)
language plpgsql stable security definer set search_path = public, pg_catalog as $$
#variable_conflict use_column
declare
    me int[] := app.principals()::int[];
    works boolean := app.works_with(wanted);
    guarded boolean := coalesce((select t.sensitivity <> '' and not (t.id = any (me)) from team t
                                 where t.id = recipient and t.ended_at is null), true);
    shielded boolean := false;
    told_of_shield boolean := false;
begin
    if app.actor_kind() <> 'practitioner' then
        raise exception 'only practitioners ask' using errcode = 'insufficient_privilege';
    end if;
    select coalesce(bool_or(true), false),
        coalesce(bool_or(s.author_team_id = any (me) or exists (
            select 1 from sharing_shield_holder h where h.shield_id = s.id and h.holder_id = any (me))), false)
    into shielded, told_of_shield
    from sharing_shield s
    where s.subject_id = wanted and s.author_team_id is distinct from recipient
        and app.span(s.valid_from, least(s.valid_until, s.lifted_at)) @> statement_timestamp()
        and not exists (select 1 from sharing_shield_holder h where h.shield_id = s.id and h.holder_id = recipient);
    return query
    with asked as (
        select c.category, works or held.mine as may, held.mine,
            shielded and c.category in ('identity', 'education') as hidden,
            c.category in ('health', 'substance', 'justice', 'safeguarding') and not held.mine as delicate
        from unnest(wanted_categories) as c(category)
        cross join lateral (select exists (
            select 1 from access_grant g where g.subject_id = wanted and g.category = c.category
                and g.principal_id = any (me) and g.valid_during @> statement_timestamp()) as mine) held
    ), cell as (
        select l.basis_id, l.shared_category, l.answer from sharing_line l
        where l.subject_id = wanted and l.holder_id = recipient
            and (l.author_team_id = any (me) or l.holder_id = any (me))
    ), opened as (
        select distinct on (g.category) g.category, g.basis_kind, b.id, b.uuid, b.given_by_id, b.valid_from,
            upper(g.valid_during) as until,
            exists (select 1 from cell l where l.basis_id = b.id and l.shared_category = g.category) as known
        from access_grant g join sharing_basis b on b.id = g.basis_id
        where g.subject_id = wanted and g.principal_id = recipient and g.category <> 'index'
            and g.basis_kind in ('consent', 'safeguarding', 'duty', 'vital')
            and g.valid_during @> statement_timestamp()
        order by g.category, known desc, (g.basis_kind = 'consent') desc, upper(g.valid_during) desc nulls first, b.id
    ), latest as (
        select distinct on (l.shared_category, b.given_by_id) l.shared_category as category, l.answer, b.id, b.uuid,
            b.given_by_id, b.valid_from, b.valid_until, b.withdrawn_at, b.given_by_id = wanted as own,
            b.given_by_id <> wanted
                and app.decision_lapses(wanted, b.given_by_id) <= statement_timestamp() as lapsed
        from cell l join sharing_basis b on b.id = l.basis_id
        where b.kind = 'consent' and b.valid_from <= statement_timestamp()
        order by l.shared_category, b.given_by_id, b.valid_from desc, b.id desc
    ), said as (
        select l.*, case
            when l.lapsed then 'lapsed'
            when l.answer = 'refuse' then 'refused'
            when l.answer = 'ask' then 'ask_me'
            when l.withdrawn_at <= statement_timestamp() then 'taken_back'
            when l.valid_until <= statement_timestamp() then 'ran_out'
            else 'not_now' end as says
        from latest l
    ), word as (
        select distinct on (s.category) s.* from said s
        order by s.category, (s.own and s.says in ('refused', 'taken_back', 'ask_me')) desc,
            array_position(array['refused', 'taken_back', 'ask_me', 'not_now', 'ran_out', 'lapsed'], s.says),
            s.valid_from desc, s.id
    ), answer as (
        select a.category, case
            when not a.may then 'unknown'
            when a.hidden and told_of_shield then 'shielded'
            when o.known and not a.hidden then 'open'
            when o.id is not null and not a.hidden and not a.delicate and not guarded then 'elsewhere'
            else coalesce(w.says, 'unknown') end as outcome,
            o.basis_kind, o.given_by_id as opened_by, o.uuid as opened_uuid, o.valid_from as opened_from, o.until,
            w.given_by_id as said_by, w.uuid as said_uuid, w.valid_from as said_from, w.withdrawn_at, w.valid_until
        from asked a left join opened o on o.category = a.category left join word w on w.category = a.category
    )
    select a.category, a.outcome,
        case when a.outcome = 'open' then a.basis_kind else '' end::text,
        coalesce((select p.given from person p
            where p.subject_id = case when a.outcome = 'open' then a.opened_by
                                      when a.outcome not in ('elsewhere', 'shielded', 'unknown') then a.said_by end
              and (p.author_team_id = any (me) or exists (
                  select 1 from access_grant g where g.subject_id = p.subject_id and g.category = 'index'
                      and g.principal_id = any (me) and g.valid_during @> statement_timestamp()))), '')::text,
        case when a.outcome = 'open' then a.opened_uuid
             when a.outcome not in ('elsewhere', 'shielded', 'unknown') then a.said_uuid end,
        case when a.outcome = 'open' then a.opened_from
             when a.outcome not in ('elsewhere', 'shielded', 'unknown') then a.said_from end,
        case a.outcome when 'open' then a.until when 'taken_back' then a.withdrawn_at
             when 'ran_out' then a.valid_until end
    from answer a;
end $$
"""

# Who answers is the database's own word: the team whose worker leads for the subject (of a family: also for one of
# its members), as far as the asker may know of it, and never the team that asks.
ANSWERED_BY_LEAD = """
create function app.who_answers_request() returns trigger
language plpgsql security definer set search_path = public, pg_catalog as $$
begin
    new.answering_team_id := (
        select i.author_team_id from involvement i join team t on t.id = i.author_team_id
        where i.role = 'lead' and i.category = 'index' and i.until is null and t.ended_at is null
            and i.author_team_id <> new.author_team_id
            and (i.subject_id = new.subject_id or i.subject_id in (
                select m.person_id from family_member m
                where m.subject_id = new.subject_id and m.until is null and m.voided_at is null))
            and exists (select 1 from access_grant g where g.subject_id = i.subject_id and g.category = 'index'
                and g.principal_id = any (app.principals()) and g.valid_during @> statement_timestamp())
            and not app.shielded_from_passers_by(i.subject_id)
        order by i.subject_id = new.subject_id desc, i.since, i.id limit 1);
    if new.state <> 'asked' then
        raise exception 'a request is asked first' using errcode = 'insufficient_privilege';
    end if;
    return new;
end $$
"""
ANSWERED_ONCE = """
create function app.request_is_answered_once() returns trigger
language plpgsql set search_path = public, pg_catalog, pg_temp as $$
begin
    if old.state <> 'asked' then
        raise exception 'this request was answered' using errcode = 'TA005';
    end if;
    if new.state <> 'asked' then
        new.answered_by_id := app.actor();
        new.answered_at := statement_timestamp();
    end if;
    return new;
end $$;
create trigger b_answered_once before update on sharing_access_request
    for each row execute function app.request_is_answered_once();
create trigger b_who_answers before insert on sharing_access_request
    for each row execute function app.who_answers_request();
"""
UNANSWERED = """
drop trigger b_who_answers on sharing_access_request;
drop trigger b_answered_once on sharing_access_request;
drop function app.request_is_answered_once();
"""

# Only about somebody whose entry the asker may open: a request is no way to try numbers.
ASKS = f"""
{mine("sharing_access_request", "author_team_id")} and (
    exists (select 1 from person p where p.subject_id = sharing_access_request.subject_id)
    or exists (select 1 from family f where f.subject_id = sharing_access_request.subject_id))
"""
ANSWERS = (
    f"{mine('sharing_access_request', 'answering_team_id')} "
    "or (sharing_access_request.answering_team_id is null and (select app.governs()))"
)
OF_OWN_DECISION = f"""
sharing_decision_line.author_team_id = any ({PRINCIPALS}) and exists (
    select 1 from sharing_decision d where d.id = sharing_decision_line.decision_id
        and d.subject_id = sharing_decision_line.subject_id
        and d.author_team_id = sharing_decision_line.author_team_id)
"""


class Migration(migrations.Migration):
    dependencies = [
        ("sharing", "0009_decisions"),
        ("access", "0003_bases"),
        ("index", "0002_policies"),
        ("people", "0002_policies"),
    ]
    operations = [
        Engine("app.works_with(bigint)", create=WORKS_WITH, callers="app_rw"),
        Engine("app.before_sharing(bigint, int, text[])", create=BEFORE_SHARING, callers="app_rw"),
        Protect(
            "sharing_decision",
            grants=False,
            insert=f"{mine('sharing_decision', 'author_team_id')} and app.works_with(sharing_decision.subject_id)",
            append_only=True,
            touched=True,
        ),
        ProtectHistory("sharing_decision_history", grants=False),
        Protect(
            "sharing_decision_line", grants=False, insert=OF_OWN_DECISION, append_only=True, touched=True
        ),
        ProtectHistory("sharing_decision_line_history", grants=False),
        Protect(
            "sharing_access_request",
            grants=False,
            read=f"{mine('sharing_access_request', 'author_team_id')} or {ANSWERS}",
            insert=ASKS,
            update=ANSWERS,
            update_columns=("state", "answer", "answered_by_id", "answered_at", "version"),
            touched=True,
        ),
        ProtectHistory("sharing_access_request_history", grants=False),
        Engine("app.who_answers_request()", create=ANSWERED_BY_LEAD),
        migrations.RunSQL(ANSWERED_ONCE, UNANSWERED),
    ]
