"""Tables of the libraries: open for a written reason each, since sign-in comes before anybody is known."""

from django.db import migrations

from teamaround.database.operations import Open

SIGN_IN = "sign-in reads it before anybody is known; holds no subject"
UNUSED = "belongs to a library; the application has no right to it"
EVERYTHING = "select, insert, update, delete"

CACHE = """
create table shared_cache (
    cache_key varchar(255) not null primary key, value text not null, expires timestamptz not null
);
create index shared_cache_expires on shared_cache (expires);
"""

WORKER = """
grant select, insert, update, delete on procrastinate_jobs, procrastinate_periodic_defers, procrastinate_events,
    procrastinate_workers to app_rw;
grant usage on sequence procrastinate_jobs_id_seq, procrastinate_periodic_defers_id_seq,
    procrastinate_events_id_seq, procrastinate_workers_id_seq to app_rw;
comment on table procrastinate_jobs is 'open: a job''s arguments are ids alone; it acts with the rights of now';
comment on table procrastinate_events is 'open: when a job was queued and run; no subject';
comment on table procrastinate_periodic_defers is 'open: when scheduled jobs ran; no subject';
comment on table procrastinate_workers is 'open: heartbeats of workers; no subject';
"""


class Migration(migrations.Migration):
    initial = True
    dependencies = [
        ("agencies", "0002_policies"),
        ("account", "0009_emailaddress_unique_primary_email"),
        ("mfa", "0003_authenticator_type_uniq"),
        ("sessions", "0001_initial"),
        ("contenttypes", "0002_remove_content_type_name"),
        ("auth", "0012_alter_user_first_name_max_length"),
        ("pghistory", "0007_auto_20250421_0444"),
        ("procrastinate", "0041_post_retry_failed_job"),
    ]
    operations = [
        migrations.RunSQL(CACHE, "drop table shared_cache"),
        Open("shared_cache", reason="rate limits and short-lived counters; no subject", rights=EVERYTHING),
        Open("django_session", reason=SIGN_IN, rights=EVERYTHING),
        Open("account_emailaddress", reason=SIGN_IN, rights=EVERYTHING),
        Open("account_emailconfirmation", reason=SIGN_IN, rights=EVERYTHING),
        Open("mfa_authenticator", reason=SIGN_IN + "; its secrets are encrypted", rights=EVERYTHING),
        Open("django_content_type", reason="names of models", rights="select"),
        Open("auth_permission", reason=UNUSED, rights=""),
        Open("auth_group", reason=UNUSED, rights=""),
        Open("auth_group_permissions", reason=UNUSED, rights=""),
        Open("pghistory_context", reason=UNUSED, rights=""),
        Open("django_migrations", reason="which migrations ran", rights="select"),
        migrations.RunSQL(WORKER, migrations.RunSQL.noop),
    ]
