"""Persons, families and every fact about them under row-level security, their history alike."""

from django.db import migrations

from teamaround.database.operations import Engine, Protect, ProtectHistory

TABLES = (
    "person",
    "person_name",
    "person_address",
    "person_identifier",
    "person_need",
    "person_school_place",
    "person_background",
    "person_caring",
    "person_care_reason",
    "family",
    "family_member",
    "person_relationship",
)

PORTAL_OF = """
create function app.portal_of(account bigint) returns int
language sql stable security definer set search_path = public, pg_catalog as $$
    select p.id from portal_account p where p.account_id = account and p.ended_at is null
$$
"""

# The reason for care belongs to the cared-for person's own record: a row whose subject is a child that
# cares for somebody would put an adult's illness on the child's page.
REASON_ON_OWN_RECORD = """
create function app.care_reason_stays_with_the_adult() returns trigger
language plpgsql security definer set search_path = public, pg_catalog as $$
begin
    if new.category not in ('health', 'substance') then
        raise exception 'the reason for care is written under health or substance' using errcode = 'TA006';
    end if;
    return new;
end $$
"""


class Migration(migrations.Migration):
    dependencies = [("people", "0001_initial"), ("access", "0002_policies")]
    operations = [
        *[Protect(table, touched=True) for table in TABLES],
        *[ProtectHistory(f"{table}_history") for table in TABLES],
        Engine("app.care_reason_stays_with_the_adult()", create=REASON_ON_OWN_RECORD),
        migrations.RunSQL(
            "create trigger b_on_own_record before insert or update on person_care_reason "
            "for each row execute function app.care_reason_stays_with_the_adult()",
            "drop trigger b_on_own_record on person_care_reason",
        ),
        Protect(
            "portal_account",
            author=None,
            grants=False,
            readers=("id", "opened_by_id"),
            # Opened for a person whom the opener may see; it never moves to another person or account.
            insert="portal_account.opened_by_id = (select app.actor()) and (select app.actor_kind()) = 'practitioner' "
            "and exists (select 1 from person p where p.subject_id = portal_account.person_id)",
            update="portal_account.opened_by_id = (select app.actor())",
            update_columns=("ended_at",),
        ),
        Engine("app.portal_of(bigint)", create=PORTAL_OF, callers="app_rw"),
    ]
