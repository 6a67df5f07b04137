"""Who reads what was said in supervision, who audits, and how a file is drawn."""

from django.db import migrations

from teamaround.database.operations import PRINCIPALS, Engine, Protect, ProtectHistory, mine

_CURRENT = (
    "m.since <= statement_timestamp() and (m.until is null or m.until > statement_timestamp())"
    " and p.left_at is null and t.ended_at is null"
)
_SEATS = "membership m join practitioner p on p.id = m.practitioner_id join team t on t.id = m.team_id"

WORKS_IN = f"""
create function app.works_in(who int, of_team int) returns boolean
language sql stable security definer set search_path = public, pg_catalog as $$
    select exists (select from {_SEATS} where m.practitioner_id = who and m.team_id = of_team and {_CURRENT})
$$
"""

MANAGES = f"""
create function app.manages_team(of_team int) returns boolean
language sql stable security definer set search_path = public, pg_catalog as $$
    select app.actor_kind() = 'practitioner' and exists (
        select from {_SEATS} where m.practitioner_id = app.actor() and m.team_id = of_team and m.role = 'manager'
            and {_CURRENT})
$$
"""

# Named by a manager of the team, and only while they work in its agency.
LEADS = f"""
create function app.leads_supervision(of_team int) returns boolean
language sql stable security definer set search_path = public, pg_catalog as $$
    select app.actor_kind() = 'practitioner' and exists (
        select from supervision_setting s join team own on own.id = s.team_id
        where s.team_id = of_team and s.lead_id = app.actor() and exists (
            select from {_SEATS} where m.practitioner_id = s.lead_id and t.agency_id = own.agency_id and {_CURRENT}))
$$
"""

SUPERVISES = """
create function app.supervises(of_team int) returns boolean
language sql stable security definer set search_path = public, pg_catalog as $$
    select app.manages_team(of_team) or app.leads_supervision(of_team)
$$
"""

# A worker writes the words of their own, the supervisor the rest; who met, when and where it was stays.
GUARD = """
create function app.guard_supervision() returns trigger
language plpgsql security definer set search_path = public, pg_catalog as $$
begin
    if app.actor() = old.worker_id then
        if (new.reflection, new.next_on) is distinct from (old.reflection, old.next_on) then
            raise exception 'the notes are the supervisor''s' using errcode = 'insufficient_privilege';
        end if;
    elsif new.worker_words is distinct from old.worker_words then
        raise exception 'these words are the worker''s own' using errcode = 'insufficient_privilege';
    end if;
    return new;
end $$
"""

# Nobody makes themselves a reader of what others said; and who it is works in the team's own agency.
GUARD_SETTING = f"""
create function app.guard_supervision_setting() returns trigger
language plpgsql security definer set search_path = public, pg_catalog as $$
begin
    new.set_at := statement_timestamp();
    if new.lead_id is not null and (tg_op = 'INSERT' or new.lead_id is distinct from old.lead_id) then
        if new.lead_id = app.actor() then
            raise exception 'nobody names themselves' using errcode = 'insufficient_privilege';
        end if;
        if not exists (select from {_SEATS} join team own on own.id = new.team_id
                where m.practitioner_id = new.lead_id and t.agency_id = own.agency_id and {_CURRENT}) then
            raise exception 'whoever manages supervision works in the same agency' using errcode = 'insufficient_privilege';
        end if;
    end if;
    return new;
end $$
"""

# When each worker was last supervised and supported, for whoever supervises them: days, and nothing that was said.
DATES = f"""
create function app.supervision_dates(of_team int)
returns table (worker int, last_on date, next_on date, supported_on date)
language plpgsql stable security definer set search_path = public, pg_catalog as $$
#variable_conflict use_column
begin
    if not app.supervises(of_team) then
        raise exception 'for whoever supervises the team' using errcode = 'insufficient_privilege';
    end if;
    return query
        select m.practitioner_id, max(s.held_on) filter (where s.kind = 'management'),
            (array_agg(s.next_on order by s.held_on desc, s.id desc) filter (where s.kind = 'management'))[1],
            max(s.held_on) filter (where s.kind <> 'management')
        from (select distinct m.practitioner_id from {_SEATS} where m.team_id = of_team and {_CURRENT}) m
        left join supervision s on s.worker_id = m.practitioner_id and s.team_id = of_team
        group by 1;
end $$
"""

# One draw at a time: whoever wants another file finishes this one, or sets it aside and says why. The draw is kept
# with all it was drawn from, so that it can be done over on paper.
DRAW = """
create function app.draw_file(of_team int) returns uuid
language plpgsql volatile security definer set search_path = public, pg_catalog as $$
declare
    cases bigint[];
    drawn uuid := gen_random_uuid();
    chosen int;
    made uuid;
begin
    if not app.manages_team(of_team) then
        raise exception 'a manager of the team draws' using errcode = 'insufficient_privilege';
    end if;
    perform pg_advisory_xact_lock(hashtext('teamaround.file_audit'), of_team);
    if exists (select from file_audit a where a.author_team_id = of_team and a.state = 'drawn') then
        raise exception 'one file is drawn already' using errcode = 'TA021';
    end if;
    cases := array(select e.id from episode e where e.author_team_id = of_team and e.status = 'open' order by e.id);
    if cardinality(cases) = 0 then
        raise exception 'there is no open case' using errcode = 'TA022';
    end if;
    chosen := ('x' || substr(encode(sha256(convert_to(drawn::text, 'UTF8')), 'hex'), 1, 15))::bit(60)::bigint % cardinality(cases);
    insert into file_audit (uuid, subject_id, category, author_team_id, episode_id, number, seed, pool, place, state, reason,
        summary, version)
    select gen_random_uuid(), e.subject_id, 'plan', of_team, e.id,
        1 + coalesce((select max(a.number) from file_audit a where a.author_team_id = of_team), 0),
        drawn, cases, chosen, 'drawn', '', '', 1
    from episode e where e.id = cases[chosen + 1]
    returning file_audit.uuid into made;
    return made;
end $$
"""

AT_WORK = "(select app.actor_kind()) = 'practitioner'"
ME = "(select app.actor())"
READ = (
    f"{AT_WORK} and (supervision.worker_id = {ME}"
    f" or (supervision.supervisor_id = {ME} and app.supervises(supervision.team_id))"
    " or app.leads_supervision(supervision.team_id)"
    " or (supervision.kind <> 'management' and app.supervises(supervision.team_id)))"
)
ADD = (
    f"{AT_WORK} and app.works_in(supervision.worker_id, supervision.team_id) and case when supervision.kind = 'management'"
    f" then supervision.supervisor_id = {ME} and supervision.worker_id <> {ME} and app.supervises(supervision.team_id)"
    f" else supervision.worker_id = {ME} end"
)
OWN_CASE = f"""
supervision_decision.author_team_id = any ({PRINCIPALS}) and app.manages_team(supervision_decision.author_team_id)
and exists (
    select from episode e where e.id = supervision_decision.episode_id
        and e.author_team_id = supervision_decision.author_team_id and e.subject_id = supervision_decision.subject_id)
"""
OWN_AUDIT = f"""
file_audit_answer.author_team_id = any ({PRINCIPALS}) and app.manages_team(file_audit_answer.author_team_id) and exists (
    select from file_audit a where a.id = file_audit_answer.audit_id and a.state = 'drawn'
        and a.author_team_id = file_audit_answer.author_team_id and a.subject_id = file_audit_answer.subject_id)
"""
# Whose file it is, is not who says what was found in it.
MANAGED = f"{{table}}.author_team_id = any ({PRINCIPALS}) and app.manages_team({{table}}.author_team_id)"
OWN_LOAD = f"load_word.practitioner_id = {ME} and app.works_in(load_word.practitioner_id, load_word.team_id)"


class Migration(migrations.Migration):
    dependencies = [
        ("supervision", "0002_questions"),
        ("access", "0010_governance_at_work"),
        ("procedures", "0009_ladder"),
        ("tasks", "0004_emergencies"),
        ("events", "0011_supervision_and_handover"),
    ]
    operations = [
        Engine("app.works_in(int, int)", create=WORKS_IN, callers="app_rw"),
        Engine("app.manages_team(int)", create=MANAGES, callers="app_rw"),
        Engine("app.leads_supervision(int)", create=LEADS, callers="app_rw"),
        Engine("app.supervises(int)", create=SUPERVISES, callers="app_rw"),
        Protect(
            "supervision",
            read=READ,
            insert=ADD,
            update=f"{AT_WORK} and {ME} in (supervision.worker_id, supervision.supervisor_id)",
            update_columns=("reflection", "next_on", "worker_words", "version"),
        ),
        Engine("app.guard_supervision()", create=GUARD),
        migrations.RunSQL(
            "create trigger a_guard before update on supervision for each row execute function app.guard_supervision()",
            "drop trigger a_guard on supervision",
        ),
        Protect(
            "supervision_setting",
            read=f"app.works_in({ME}, supervision_setting.team_id) or supervision_setting.lead_id = {ME}",
            insert="app.manages_team(supervision_setting.team_id)",
            update="app.manages_team(supervision_setting.team_id)",
        ),
        Engine("app.guard_supervision_setting()", create=GUARD_SETTING),
        migrations.RunSQL(
            "create trigger a_guard before insert or update on supervision_setting "
            "for each row execute function app.guard_supervision_setting()",
            "drop trigger a_guard on supervision_setting",
        ),
        Protect(
            "load_word",
            read=f"load_word.practitioner_id = {ME} or app.supervises(load_word.team_id)",
            insert=OWN_LOAD,
            update=OWN_LOAD,
        ),
        Protect(
            "audit_question",
            read=f"{AT_WORK} and (audit_question.team_id is null or {mine('audit_question', 'team_id')})",
            insert="app.manages_team(audit_question.team_id)",
            update="app.manages_team(audit_question.team_id)",
            update_columns=("withdrawn_at",),
        ),
        Protect("supervision_decision", insert=OWN_CASE, append_only=True, touched=True),
        Protect(
            "file_audit",
            grants=False,
            insert="false",
            update=MANAGED.format(table="file_audit"),
            update_columns=("state", "done_at", "reason", "summary", "version"),
            touched=True,
        ),
        ProtectHistory("file_audit_history", grants=False),
        Protect(
            "file_audit_answer",
            grants=False,
            insert=OWN_AUDIT,
            update=MANAGED.format(table="file_audit_answer"),
            touched=True,
        ),
        ProtectHistory("file_audit_answer_history", grants=False),
        Engine("app.supervision_dates(int)", create=DATES, callers="app_rw"),
        Engine("app.draw_file(int)", create=DRAW, callers="app_rw"),
    ]
