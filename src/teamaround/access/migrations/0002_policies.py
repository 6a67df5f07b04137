"""Grants, purposes, drafts and the access log under their policies."""

from django.db import migrations

from teamaround.database.operations import PRINCIPALS, Engine, Open, Protect, sequence_rights

LOG = """
create table access_look (
    id uuid not null,
    at timestamptz not null default clock_timestamp(),
    account_id bigint,
    principal int not null,
    page varchar(80) not null,
    act varchar(10) not null,
    reason varchar(200) not null default '',
    outcome varchar(10) not null
) partition by range (at);
create table access_look_line (
    id bigint generated always as identity,
    look uuid not null,
    at timestamptz not null default clock_timestamp(),
    subject_id bigint not null,
    categories varchar(16)[] not null
) partition by range (at);
create index access_look_at on access_look (at);
create index access_look_line_subject on access_look_line (subject_id, at);
create index access_look_line_look on access_look_line (look);

-- A partition a month. The default partition catches a clock that is wrong, so that no look is ever lost.
create function app.make_log_partitions(first_month date, months int) returns void
language plpgsql security definer set search_path = public, pg_catalog, pg_temp as $$
declare m date; parent text;
begin
    if months not between 1 and 60 or abs(first_month - current_date) > 1000 then
        raise exception 'partitions are made for the years around today' using errcode = 'invalid_parameter_value';
    end if;
    for i in 0 .. months - 1 loop
        m := date_trunc('month', first_month)::date + make_interval(months => i);
        foreach parent in array array['access_look', 'access_look_line'] loop
            execute format('create table if not exists %I partition of %I for values from (%L) to (%L)',
                parent || to_char(m, '_YYYY_MM'), parent, m, m + interval '1 month');
        end loop;
    end loop;
end $$;
revoke all on function app.make_log_partitions(date, int) from public;
grant execute on function app.make_log_partitions(date, int) to app_rw;
create table access_look_default partition of access_look default;
create table access_look_line_default partition of access_look_line default;
select app.make_log_partitions((now() - interval '1 month')::date, 15);

-- Column-level: the time is the database's own, and nothing can be read back, changed or removed.
revoke all on access_look, access_look_line from app_rw;
grant insert (id, account_id, principal, page, act, reason, outcome) on access_look to app_rw;
grant insert (look, subject_id, categories) on access_look_line to app_rw;
grant all on access_look, access_look_line to app_engine;
grant select on access_look, access_look_line to auditor;
alter table access_look enable row level security;
alter table access_look force row level security;
alter table access_look_line enable row level security;
alter table access_look_line force row level security;
create policy access_look_insert on access_look for insert to app_rw with check (
    principal = app.actor() and coalesce(account_id, 0) = ((app.stamp())[3])::bigint);
create policy access_look_line_insert on access_look_line for insert to app_rw with check (app.actor() is not null);
create policy access_look_engine on access_look to app_engine using (true) with check (true);
create policy access_look_line_engine on access_look_line to app_engine using (true) with check (true);
create policy access_look_auditor on access_look for select to auditor using (true);
create policy access_look_line_auditor on access_look_line for select to auditor using (true);
"""

UNLOG = """
drop function app.make_log_partitions(date, int);
drop table access_look_line;
drop table access_look;
"""

GRANTS = f"""
alter table access_grant enable row level security;
alter table access_grant force row level security;
revoke all on access_grant from app_rw, app_report, auditor;
grant select on access_grant to app_rw;
grant all on access_grant to app_engine;
create policy access_grant_select on access_grant as restrictive for select to app_rw
    using (access_grant.principal_id = any ({PRINCIPALS}));
create policy access_grant_select_allow on access_grant for select to app_rw using (true);
create policy access_grant_engine on access_grant to app_engine using (true) with check (true);
alter table access_grant add constraint access_grant_not_empty check (not isempty(valid_during));
"""

UNGRANTS = """
drop policy access_grant_select on access_grant;
drop policy access_grant_select_allow on access_grant;
drop policy access_grant_engine on access_grant;
alter table access_grant no force row level security;
alter table access_grant disable row level security;
alter table access_grant drop constraint access_grant_not_empty;
revoke all on access_grant from app_rw, app_engine;
"""

DERIVE_PURPOSE = """
create function app.derive_purpose() returns trigger
language plpgsql security definer set search_path = public, pg_catalog as $$
begin
    insert into access_grant (subject_id, principal_id, category, valid_during, basis_kind, basis_id)
    values (new.subject_id, new.practitioner_id, 'index', tstzrange(new.stated_at, new.until), 'purpose', new.id);
    return null;
end $$
"""


class Migration(migrations.Migration):
    dependencies = [("access", "0001_initial"), ("agencies", "0002_policies")]
    operations = [
        Open(
            "subject",
            reason="a number and a kind; says nothing without the rows that name it",
            rights="select, insert",
        ),
        migrations.RunSQL(GRANTS, UNGRANTS),
        migrations.RunSQL(sequence_rights("access_grant")[0], migrations.RunSQL.noop),
        Protect(
            "access_purpose",
            author=None,
            grants=False,
            readers=("practitioner_id",),
            insert="access_purpose.practitioner_id = app.actor() and access_purpose.until <= statement_timestamp() + interval '12 hours' "
            f"and access_purpose.team_id = any ({PRINCIPALS})",
            append_only=True,
        ),
        Engine("app.derive_purpose()", create=DERIVE_PURPOSE),
        migrations.RunSQL(
            "create trigger derive_grant after insert on access_purpose for each row execute function app.derive_purpose()",
            "drop trigger derive_grant on access_purpose",
        ),
        Protect(
            "draft",
            author=None,
            grants=False,
            readers=("practitioner_id",),
            read="draft.practitioner_id = (select app.actor())",
            insert="draft.practitioner_id = (select app.actor())",
            update="draft.practitioner_id = (select app.actor())",
            delete="draft.practitioner_id = (select app.actor())",
        ),
        migrations.RunSQL(LOG, UNLOG),
    ]
