"""Who is put on duty and by whom, how a shift is taken over, and who reads what is handed over."""

from django.db import migrations

from teamaround.database.operations import PRINCIPALS, Engine, Invoker, Protect, ProtectHistory

_NOW = "m.since <= statement_timestamp() and (m.until is null or m.until > statement_timestamp())"

# A manager of the team, and nobody else: whoever is on duty reads the team's cases, and an administrator sees no case.
KEEPS = f"""
create function app.keeps_duty(of_team int) returns boolean
language sql stable security definer set search_path = public, pg_catalog as $$
    select app.actor_kind() = 'practitioner' and exists (
        select from membership m join practitioner p on p.id = m.practitioner_id join team t on t.id = m.team_id
        where m.practitioner_id = app.actor() and m.team_id = of_team and m.role = 'manager'
            and p.left_at is null and t.ended_at is null and {_NOW})
$$
"""

# Who works in the team; or in another team of its agency, so that nothing leaves the agency. A sensitive service's
# cases stay with its own team.
MAY_BE = f"""
create function app.may_be_on_duty(who int, of_team int) returns boolean
language sql stable security definer set search_path = public, pg_catalog as $$
    select exists (
        select from membership m join practitioner p on p.id = m.practitioner_id join team o on o.id = m.team_id
        join team t on t.id = of_team
        where m.practitioner_id = who and p.left_at is null and o.ended_at is null and t.ended_at is null and {_NOW}
            and (o.id = t.id or (o.agency_id = t.agency_id and t.sensitivity = '')))
$$
"""

# What a shift brings while it lasts to somebody who does not work in the team. Asked before anybody is signed in, so
# that it answers whoever asks: that somebody is on duty is no secret.
BRINGS = f"""
create function app.duty_brings(who int) returns table (team int, since timestamptz, shift bigint)
language sql stable security definer set search_path = public, pg_catalog as $$
    select d.team_id, d.starts_at, d.id from duty_shift d
    where d.practitioner_id = who and d.withdrawn_at is null and d.starts_at <= statement_timestamp()
        and d.ends_at > statement_timestamp() and app.may_be_on_duty(who, d.team_id)
        and not exists (select from membership m where m.practitioner_id = who and m.team_id = d.team_id and {_NOW})
$$
"""

GUARD = """
create function app.guard_duty_shift() returns trigger
language plpgsql security definer set search_path = public, pg_catalog as $$
begin
    if not app.may_be_on_duty(new.practitioner_id, new.team_id) then
        raise exception 'on duty is who works in the team, or in its agency' using errcode = 'insufficient_privilege';
    end if;
    if new.ends_at <= statement_timestamp() or new.starts_at < statement_timestamp() - interval '1 hour' then
        raise exception 'a shift begins now or later' using errcode = 'check_violation';
    end if;
    return new;
end $$
"""

# Refused by the one asked, withdrawn by the one who asked; taken over through the function below alone.
GUARD_SWAP = """
create function app.guard_duty_swap() returns trigger
language plpgsql security invoker set search_path = public, pg_catalog as $$
begin
    if old.answer <> '' or new.answer = '' or (new.answer = 'taken' and current_user <> 'app_engine')
        or (new.answer = 'refused' and old.asked_id <> app.actor())
        or (new.answer = 'withdrawn' and old.asked_id = app.actor()) then
        raise exception 'this is not yours to answer' using errcode = 'insufficient_privilege';
    end if;
    new.answered_at := statement_timestamp();
    return new;
end $$
"""

TAKE = f"""
create function app.take_shift(wanted uuid) returns bigint
language plpgsql volatile security definer set search_path = public, pg_catalog as $$
declare
    asked duty_swap;
    shift duty_shift;
    made bigint;
begin
    select * into asked from duty_swap w where w.uuid = wanted for update;
    select * into shift from duty_shift d where d.id = asked.shift_id for update;
    if asked.id is null or asked.asked_id <> app.actor() or asked.answer <> '' then
        raise exception 'nobody asks you' using errcode = 'insufficient_privilege';
    end if;
    if shift.withdrawn_at is not null or shift.starts_at <= statement_timestamp() then
        raise exception 'this shift has begun, or is withdrawn' using errcode = 'TA031';
    end if;
    if not exists (select from membership m where m.practitioner_id = app.actor() and m.team_id = shift.team_id and {_NOW}) then
        raise exception 'shifts are swapped within the team' using errcode = 'insufficient_privilege';
    end if;
    update duty_swap set answer = 'taken' where id = asked.id;
    update duty_shift set withdrawn_at = statement_timestamp(), withdrawn_by_id = app.actor() where id = shift.id;
    insert into duty_shift (uuid, team_id, practitioner_id, starts_at, ends_at, instead_of_id, recorded_by_id)
    values (gen_random_uuid(), shift.team_id, app.actor(), shift.starts_at, shift.ends_at, shift.id, app.actor())
    returning id into made;
    return made;
end $$
"""

# What somebody owes has nobody at work for it at a moment: its owner is not; where nobody is named, no manager of the team.
AWAY = f"""
create function app.nobody_at_work(owner int, of_team int, moment timestamptz, holidays date[]) returns boolean
language sql stable security definer set search_path = public, pg_catalog as $$
    select case when owner is not null then not app.at_work(owner, of_team, moment, holidays)
        else not exists (
            select from membership m join practitioner p on p.id = m.practitioner_id
            where m.team_id = of_team and m.role = 'manager' and p.left_at is null and {_NOW}
                and app.at_work(m.practitioner_id, of_team, moment, holidays)) end
$$
"""

# The clocks that fall to somebody who is on duty: of a team for which they are on duty at the moment, due within that
# shift, at a moment at which nobody who owes it is at work. Read under the asker's own policies.
FALLS = """
create function app.falls_to_duty(who int, moment timestamptz, holidays date[]) returns setof bigint
language plpgsql stable security invoker set search_path = public, pg_catalog as $$
declare shift record;
begin
    for shift in select d.team_id, min(d.starts_at) as starts_at, max(d.ends_at) as ends_at from duty_shift d
            where d.practitioner_id = who and d.withdrawn_at is null and d.starts_at <= moment and d.ends_at > moment
            group by d.team_id loop
        return query select c.id from clock c
            where c.author_team_id = shift.team_id and c.stopped_at is null
                and c.due_at >= shift.starts_at and c.due_at < shift.ends_at and c.owner_id is distinct from who
                and app.nobody_at_work(c.owner_id, c.author_team_id, c.due_at, holidays);
    end loop;
end $$
"""

# What My day says of it: until when, how many clocks, how many notes. Nothing at all for who is not on duty.
DAY = """
create function app.day_duty(who int, moment timestamptz, holidays date[]) returns json
language plpgsql stable security invoker set search_path = public, pg_catalog as $$
declare last timestamptz := (
    select max(d.ends_at) from duty_shift d
    where d.practitioner_id = who and d.withdrawn_at is null and d.starts_at <= moment and d.ends_at > moment);
begin
    if last is null then
        return null;
    end if;
    return json_build_object('until', last,
        'clocks', (select count(*) from app.falls_to_duty(who, moment, holidays)),
        'notes', (select count(*) from handover_note h where h.settled_at is null and h.until > moment
            and h.author_team_id in (
                select d.team_id from duty_shift d where d.practitioner_id = who and d.withdrawn_at is null
                    and d.starts_at <= moment and d.ends_at > moment)));
end $$
"""

AT_WORK = "(select app.actor_kind()) in ('practitioner', 'service')"
ME = "(select app.actor())"
ADD = f"duty_shift.recorded_by_id = {ME} and app.keeps_duty(duty_shift.team_id)"
OWN_SHIFT = (
    f"exists (select from duty_shift d where d.id = duty_swap.shift_id and d.practitioner_id = {ME}"
    " and d.withdrawn_at is null and d.starts_at > statement_timestamp())"
)
OWN_CASE = f"""
handover_note.author_team_id = any ({PRINCIPALS}) and exists (
    select from episode e where e.id = handover_note.episode and e.author_team_id = handover_note.author_team_id
        and e.subject_id = handover_note.subject_id)
"""


class Migration(migrations.Migration):
    dependencies = [
        ("rota", "0005_duty"),
        ("rota", "0004_working_policies"),
        ("access", "0010_governance_at_work"),
        ("procedures", "0002_policies"),
    ]
    operations = [
        Engine("app.keeps_duty(int)", create=KEEPS, callers="app_rw"),
        Engine("app.may_be_on_duty(int, int)", create=MAY_BE, callers="app_rw"),
        Engine("app.duty_brings(int)", create=BRINGS, callers="app_rw"),
        Protect(
            "duty_shift",
            read=AT_WORK,
            insert=ADD,
            update="app.keeps_duty(duty_shift.team_id)",
            update_columns=("withdrawn_at", "withdrawn_by_id"),
        ),
        Engine("app.guard_duty_shift()", create=GUARD),
        migrations.RunSQL(
            "create trigger a_guard before insert on duty_shift for each row execute function app.guard_duty_shift()",
            "drop trigger a_guard on duty_shift",
        ),
        Protect(
            "duty_swap",
            read=f"duty_swap.asked_id = {ME} or exists (select from duty_shift d where d.id = duty_swap.shift_id"
            f" and (d.practitioner_id = {ME} or app.keeps_duty(d.team_id)))",
            insert=f"duty_swap.answer = '' and {OWN_SHIFT}",
            update=f"duty_swap.asked_id = {ME} or {OWN_SHIFT}",
            update_columns=("answer", "answered_at"),
        ),
        Engine("app.guard_duty_swap()", create=GUARD_SWAP),
        migrations.RunSQL(
            "create trigger a_guard before update on duty_swap for each row execute function app.guard_duty_swap()",
            "drop trigger a_guard on duty_swap",
        ),
        Engine("app.take_shift(uuid)", create=TAKE, callers="app_rw"),
        Engine("app.nobody_at_work(int, int, timestamptz, date[])", create=AWAY, callers="app_rw"),
        Invoker("app.falls_to_duty(int, timestamptz, date[])", create=FALLS),
        Invoker("app.day_duty(int, timestamptz, date[])", create=DAY),
        Protect("handover_note", insert=OWN_CASE, update_columns=("settled_at", "version"), touched=True),
        ProtectHistory("handover_note_history"),
    ]
