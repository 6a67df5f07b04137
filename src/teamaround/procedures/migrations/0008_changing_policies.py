"""Who changes procedures; drafts; past cases without names for trying a change; moves of running episodes."""

from django.db import migrations

from teamaround.database.operations import PRINCIPALS, Engine, Open, Protect

KEEPS = """
create function app.keeps_procedures() returns boolean
language plpgsql stable parallel restricted security definer set search_path = public, pg_catalog as $$
begin
    return app.actor_kind() = 'practitioner' and exists (
        select 1 from membership m join practitioner p on p.id = m.practitioner_id join team t on t.id = m.team_id
        where m.practitioner_id = app.actor() and m.role = 'partnership' and p.left_at is null
            and t.ended_at is null and m.since <= statement_timestamp()
            and (m.until is null or m.until > statement_timestamp()));
end $$
"""

# The first version of a procedure comes with the product, and no team follows it before an administrator says so.
# A later one is a partnership officer's act: it takes effect from that moment or later, never in the past.
GUARD_VERSION = """
create function app.guard_procedure_version() returns trigger
language plpgsql security definer set search_path = public, pg_catalog as $$
declare
    kind text := app.actor_kind();
begin
    new.published_at := statement_timestamp();
    new.published_by_id := null;
    if exists (select 1 from procedure_version v where v.slug = new.slug) and kind is distinct from 'service' then
        if not app.keeps_procedures() then
            raise exception 'only a partnership officer publishes a procedure' using errcode = 'insufficient_privilege';
        end if;
        if new.effective_from < statement_timestamp() - interval '5 minutes' then
            raise exception 'a version takes effect from now or later' using errcode = 'check_violation';
        end if;
        new.published_by_id := app.actor();
    end if;
    return new;
end $$
"""

GUARD_DRAFT = """
create function app.guard_procedure_draft() returns trigger
language plpgsql security definer set search_path = public, pg_catalog as $$
begin
    if not app.keeps_procedures() then
        raise exception 'only a partnership officer changes a procedure' using errcode = 'insufficient_privilege';
    end if;
    new.by_id := app.actor();
    new.changed_at := statement_timestamp();
    return new;
end $$
"""

# What happened in the cases of the teams that follow a procedure, and when: no child, no family, no worker, no
# free text, and numbers of its own instead of the rows' keys. A sensitive service is left out. Each reading stands
# in the administration log, whoever calls this.
PAST = """
create function app.past_streams(wanted text, since timestamptz)
returns table (episode int, team int, how_soon text, number int, kind text, happened_at timestamptz,
               recorded_at timestamptz, corrects int, voids boolean)
language plpgsql volatile security definer set search_path = public, pg_catalog as $$
#variable_conflict use_column
begin
    if not app.keeps_procedures() then
        raise exception 'only a partnership officer tries a procedure on past cases' using errcode = 'insufficient_privilege';
    end if;
    if since < statement_timestamp() - interval '400 days' then
        raise exception 'past cases reach back a year' using errcode = 'check_violation';
    end if;
    insert into administration_log (by_id, act, reason) values (app.actor(), 'try_procedure', wanted);
    return query
    with chosen as materialized (
        select e.id, e.subject_id, e.author_team_id, e.priority, e.opened_at,
               row_number() over (order by md5(e.id::text || statement_timestamp()::text))::int as nth
        from episode e join team t on t.id = e.author_team_id
        where t.procedure_slug = wanted and t.sensitivity = '' and e.opened_at >= since
    ), ranked as (
        -- An occurrence stands once, however many of the family it is about: the child's rows where there are any.
        select c.nth, v.id, v.kind, v.happened_at, v.recorded_at, v.corrects_id, v.voids, v.subject_id,
               first_value(v.subject_id) over (
                   partition by c.nth, v.occurrence
                   order by (v.subject_id is not distinct from c.subject_id) desc, v.subject_id) as kept
        from chosen c join event v on v.episode = c.id
    ), numbered as materialized (
        select r.*, row_number() over (order by r.id)::int as place from ranked r where r.subject_id = r.kept
    )
    select n.nth, c.author_team_id, c.priority::text, n.place, n.kind::text, n.happened_at, n.recorded_at, m.place, n.voids
    from numbered n join chosen c on c.nth = n.nth left join numbered m on m.id = n.corrects_id
    union all
    select c.nth, c.author_team_id, c.priority::text, 0, 'referral.received', c.opened_at, c.opened_at, null, false
    from chosen c
    where not exists (select 1 from numbered n where n.nth = c.nth and n.kind = 'referral.received');
end $$
"""

OWN_EPISODE = f"""
episode_move.author_team_id = any ({PRINCIPALS}) and exists (
    select 1 from episode e where e.id = episode_move.episode_id and e.author_team_id = episode_move.author_team_id
        and e.subject_id = episode_move.subject_id)
"""


class Migration(migrations.Migration):
    dependencies = [("procedures", "0007_changing"), ("events", "0008_moved_to_another_version")]
    operations = [
        Engine("app.keeps_procedures()", create=KEEPS, callers="app_rw"),
        Engine("app.guard_procedure_version()", create=GUARD_VERSION),
        migrations.RunSQL(
            "create trigger a_guard before insert on procedure_version "
            "for each row execute function app.guard_procedure_version()",
            "drop trigger a_guard on procedure_version",
        ),
        migrations.RunSQL(
            "create unique index procedure_version_one_a_day on procedure_version "
            "(slug, ((effective_from at time zone 'Europe/London')::date))",
            "drop index procedure_version_one_a_day",
        ),
        Open(
            "procedure_draft",
            reason="a procedure of the area while it is being changed; names no subject",
        ),
        Engine("app.guard_procedure_draft()", create=GUARD_DRAFT),
        migrations.RunSQL(
            "create trigger a_guard before insert or update on procedure_draft "
            "for each row execute function app.guard_procedure_draft()",
            "drop trigger a_guard on procedure_draft",
        ),
        migrations.RunSQL(
            "grant insert on administration_log to app_engine",
            "revoke insert on administration_log from app_engine",
        ),
        Engine("app.past_streams(text, timestamptz)", create=PAST, callers="app_rw"),
        Protect("episode_move", append_only=True, insert=OWN_EPISODE),
    ]
