"""Who may read and write what is remembered, what ends and what is authorised; who rests on what a run added."""

from importlib import import_module

from django.db import migrations

from teamaround.database.operations import Engine, Open, Protect, mine

_first = import_module("teamaround.importing.migrations.0002_policies")
_shields = import_module("teamaround.importing.migrations.0004_shields_in_matching")
_tools = import_module("teamaround.index.migrations.0005_voided_are_not_found")

# An agency's own system matches what it brings as well; it is stamped as a feed, which nobody can claim in SQL.
SIGNATURE = "app.match_people(int[], text[], date[], text[], text[], text[])"
MATCH = _tools.changed(
    _shields.MATCH,
    (
        "if app.actor_kind() <> 'practitioner' then",
        "if app.actor_kind() not in ('practitioner', 'feed') then",
    ),
)

# Who said what a column is, and when, is the database's own statement; forgetting is not saying it anew.
TOUCH_SHAPE = """
create function app.touch_shape() returns trigger language plpgsql set search_path = public, pg_catalog as $$
begin
    if tg_op = 'UPDATE' and new.author_team_id <> old.author_team_id then
        raise exception 'what is remembered keeps its team' using errcode = 'TA005';
    end if;
    if tg_op = 'UPDATE' and new.forgotten_at is distinct from old.forgotten_at then
        new.remembered_by_id := old.remembered_by_id;
        new.remembered_at := old.remembered_at;
    else
        new.remembered_by_id := app.actor();
        new.remembered_at := statement_timestamp();
    end if;
    return new;
end $$
"""

# An authorisation is recorded once and revoked once; nothing else of it ever changes.
TOUCH_AUTHORISATION = """
create function app.touch_authorisation() returns trigger language plpgsql set search_path = public, pg_catalog as $$
begin
    if tg_op = 'INSERT' then
        new.recorded_by_id := app.actor();
        new.recorded_at := statement_timestamp();
        new.revoked_at := null;
        new.revoked_by_id := null;
        new.revoke_reason := '';
        return new;
    end if;
    if old.revoked_at is not null or new.revoked_at is null
       or (to_jsonb(new) - array['revoked_at', 'revoked_by_id', 'revoke_reason'])
          is distinct from (to_jsonb(old) - array['revoked_at', 'revoked_by_id', 'revoke_reason']) then
        raise exception 'an authorisation is revoked once and never changed otherwise' using errcode = 'TA005';
    end if;
    new.revoked_at := statement_timestamp();
    new.revoked_by_id := app.actor();
    return new;
end $$
"""

# Every child of an area is loaded only under an authorisation of the agency that is in force at every step that
# goes forward. The lock lets no revoking slip in between the last look and the commit.
GUARD_REGISTER = """
create function app.guard_register() returns trigger language plpgsql security definer set search_path = public, pg_catalog as $$
begin
    if tg_op = 'UPDATE' then
        if (new.kind, new.authorisation_id) is distinct from (old.kind, old.authorisation_id) then
            raise exception 'an upload keeps its kind and what it rests on' using errcode = 'TA005';
        end if;
        if new.state = old.state or new.state not in ('mapped', 'checked', 'queued', 'running', 'done') then
            return new;
        end if;
    end if;
    if new.kind = 'register' then
        perform from import_authorisation a join team t on t.agency_id = a.agency_id
            where a.id = new.authorisation_id and t.id = new.author_team_id and a.revoked_at is null
                and (statement_timestamp() at time zone 'Europe/London')::date
                    between a.effective_from and a.effective_until
            for share of a;
        if not found then
            raise exception 'no authorisation for a register of the area is in force' using errcode = 'TA012';
        end if;
    end if;
    return new;
end $$
"""

# What was loaded under an authorisation that is revoked goes, whoever loaded it: its runs are withdrawn by a job.
DISPOSE = """
create function app.begin_disposal(wanted bigint) returns table (run bigint, team int)
language plpgsql security definer set search_path = public, pg_catalog as $$
begin
    if not exists (select 1 from membership m where m.practitioner_id = app.actor() and m.role = 'administrator'
            and m.since <= statement_timestamp() and (m.until is null or m.until > statement_timestamp()))
       or not exists (select 1 from import_authorisation a where a.id = wanted and a.revoked_at is not null) then
        raise exception 'what was loaded is disposed of when an administrator revoked its authorisation'
            using errcode = 'insufficient_privilege';
    end if;
    return query
        update import_run r set state = 'withdrawing', version = r.version + 1, failure = '', plan_digest = '',
            withdraw_reason = left('Authorisation revoked: ' || a.revoke_reason, 200)
        from import_authorisation a
        where a.id = wanted and r.authorisation_id = a.id and r.finished_at is not null
            and r.state in ('done', 'failed', 'withdrawing')
        returning r.id, r.author_team_id;
end $$
"""

# Steps that are under way on paper and of which nothing was heard: a job on a machine that stopped.
SILENT = """
create function app.silent_imports(minutes int) returns table (run bigint, team int, disposer int)
language sql stable security definer set search_path = public, pg_catalog as $$
    select r.id, r.author_team_id, case when r.state = 'withdrawing' then a.revoked_by_id end
    from import_run r join import_progress p on p.run_id = r.id
        left join import_authorisation a on a.id = r.authorisation_id
    where app.actor_kind() in ('service', 'anonymous')
        and r.state in ('mapped', 'queued', 'running', 'withdrawing')
        and p.at < statement_timestamp() - make_interval(mins => minutes)
    order by r.id limit 100
$$
"""

# Children whom a run added, and on whom anything else rests: what anybody recorded about them that still stands,
# another file that lists them, a joining with another record. The work of sensitive services never counts: that
# a child stays would tell that they are involved; they go on finding whom they work with all the same.
RESTS_ON = """
create function app.rests_on(wanted bigint) returns setof bigint
language plpgsql stable security definer set search_path = public, pg_catalog
set plan_cache_mode = force_custom_plan as $$
declare
    run import_run%rowtype;
    theirs bigint[];
    place record;
    made text;
    filter text;
begin
    select * into run from import_run r where r.id = wanted and r.author_team_id = any ((select app.principals())::int[]);
    theirs := array(select m.row from import_made m where m.run_id = run.id and m.kind = 'person');
    if cardinality(theirs) = 0 then
        return;
    end if;
    for place in
        select c.conrelid::regclass::text as name, a.attname::text as about,
            bool_or(b.attname = 'author_team_id') as authored, bool_or(b.attname = 'voided_at') as voids,
            bool_or(b.attname = 'undone_at') as undoes
        from pg_constraint c
            join pg_attribute a on a.attrelid = c.conrelid and a.attnum = c.conkey[1]
            join pg_attribute b on b.attrelid = c.conrelid and b.attnum > 0 and not b.attisdropped
        where c.contype = 'f' and c.confrelid in ('subject'::regclass, 'person'::regclass)
            and c.connamespace = 'public'::regnamespace
            and c.conrelid::regclass::text !~ '(_history$|^import_|^access_|^search_|^recognition_|^index_)'
            and c.conrelid::regclass::text not in ('person', 'clock', 'disposal_item', 'rights_item')
        group by 1, 2
        having bool_or(b.attname = 'author_team_id')
            or c.conrelid::regclass::text in ('legal_hold', 'rights_request', 'portal_account', 'family_message')
    loop
        made := case place.name when 'person_name' then 'name' when 'person_address' then 'address'
            when 'person_identifier' then 'identifier' when 'person_school_place' then 'school'
            when 'person_caring' then 'caring' when 'involvement' then 'involvement' else '' end;
        filter := case when made <> '' then format(
                ' and not exists (select 1 from import_made m join import_run r on r.id = m.run_id
                    where m.kind = %L and m.row = x.id and (r.id = $1 or r.state = ''withdrawn''))', made) else '' end
            || case when place.name = 'involvement' then ' and (x.until is null or x.until > x.since)' else '' end
            || case when place.voids then ' and x.voided_at is null' else '' end
            || case when place.undoes then ' and x.undone_at is null' else '' end
            || case when place.authored then
                ' and exists (select 1 from team t where t.id = x.author_team_id and (t.sensitivity = '''' or t.id = $3))'
                else '' end;
        return query execute format('select distinct x.%I::bigint from %I x where x.%I = any ($2)%s',
            place.about, place.name, place.about, filter) using run.id, theirs, run.author_team_id;
    end loop;
    return query
        select distinct l.subject_id from import_row l join import_run r on r.id = l.run_id
            join team t on t.id = r.author_team_id
        where l.subject_id = any (theirs) and r.id <> run.id and r.state = 'done'
            and (t.sensitivity = '' or t.id = run.author_team_id);
end $$
"""

OWN_RUN = (
    "exists (select 1 from import_run r where r.id = {0}.run_id and r.author_team_id = {0}.author_team_id)"
)
OWN_SHAPE = "exists (select 1 from import_shape s where s.id = {0}.shape_id and s.author_team_id = {0}.author_team_id)"
OWN_INVOLVEMENT = "exists (select 1 from involvement i where i.id = {0}.involvement_id and i.author_team_id = {0}.author_team_id)"
SHAPE, COLUMN, ENDING = "import_shape", "import_shape_column", "import_ending"


class Migration(migrations.Migration):
    dependencies = [
        ("importing", "0007_remembered_withdrawn_authorised"),
        ("index", "0010_merged_in_search"),
        ("agencies", "0003_guard"),
    ]
    operations = [
        Protect(SHAPE, grants=False),
        Protect(
            COLUMN,
            grants=False,
            insert=f"{mine(COLUMN, 'author_team_id')} and {OWN_SHAPE.format(COLUMN)}",
        ),
        Protect(
            ENDING,
            grants=False,
            insert=f"{mine(ENDING, 'author_team_id')} and {OWN_RUN.format(ENDING)} and {OWN_INVOLVEMENT.format(ENDING)}",
        ),
        Open(
            "import_authorisation",
            reason="under which an agency may load every child of an area; names no subject",
            rights="select, insert, update",
        ),
        Engine("app.touch_shape()", create=TOUCH_SHAPE),
        Engine("app.touch_authorisation()", create=TOUCH_AUTHORISATION),
        Engine("app.guard_register()", create=GUARD_REGISTER),
        migrations.RunSQL(
            "grant update on import_authorisation to app_engine;"
            "create trigger a_touch before insert or update on import_shape "
            "for each row execute function app.touch_shape();"
            "create trigger a_guard before insert or update on import_authorisation "
            "for each row execute function app.guard_set_up();"
            "create trigger b_touch before insert or update on import_authorisation "
            "for each row execute function app.touch_authorisation();"
            "create trigger b_register before insert or update on import_run "
            "for each row execute function app.guard_register();"
            "create trigger a_keeps_its_team before update on import_shape_column for each row "
            "when (new.author_team_id is distinct from old.author_team_id or new.shape_id <> old.shape_id) "
            "execute function app.import_keeps_its_team();"
            "create trigger a_keeps_its_team before update on import_ending for each row "
            "when (new.author_team_id is distinct from old.author_team_id or new.run_id <> old.run_id "
            "or new.involvement_id <> old.involvement_id) "
            "execute function app.import_keeps_its_team()",
            "drop trigger a_keeps_its_team on import_ending; drop trigger a_keeps_its_team on import_shape_column;"
            "drop trigger b_register on import_run; drop trigger b_touch on import_authorisation;"
            "drop trigger a_guard on import_authorisation; drop trigger a_touch on import_shape",
        ),
        Engine("app.begin_disposal(bigint)", create=DISPOSE, callers="app_rw"),
        Engine("app.silent_imports(int)", create=SILENT, callers="app_rw"),
        Engine("app.rests_on(bigint)", create=RESTS_ON, callers="app_rw"),
        migrations.RunSQL(_tools.instead(SIGNATURE, MATCH), _tools.instead(SIGNATURE, _shields.MATCH)),
        migrations.RunSQL(
            "drop function app.built_on(bigint)",
            tuple(Engine("app.built_on(bigint)", create=_first.BUILT_ON, callers="app_rw").statements()),
        ),
    ]
