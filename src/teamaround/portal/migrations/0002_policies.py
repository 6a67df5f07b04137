"""Invitations of family members under their policies; how a visitor with the link answers one."""

from django.db import migrations

from teamaround.database.operations import PRINCIPALS, Engine, Open, Protect, mine

# A team invites somebody it works with: it wrote their record, or holds a grant of its own by an involvement or
# a case. A purpose that one practitioner stated opens no account.
WORKS_WITH = f"""
portal_invitation.invited_by_id = (select app.actor()) and portal_invitation.author_team_id = any ({PRINCIPALS})
and portal_invitation.accepted_at is null and portal_invitation.account_id is null
and (exists (select 1 from person p where p.subject_id = portal_invitation.person_id
             and p.author_team_id = portal_invitation.author_team_id)
     or exists (select 1 from access_grant g where g.subject_id = portal_invitation.person_id
                and g.principal_id = portal_invitation.author_team_id
                and g.basis_kind in ('involvement', 'episode') and g.valid_during @> statement_timestamp()))
"""

# Whoever asks must know the secret that only the e-mail held.
INVITATION_OF = """
create function app.portal_invitation_of(digest text) returns table (id bigint, email text, state text)
language sql stable security definer set search_path = public, pg_catalog, pg_temp as $$
    select i.id, i.email::text, case when i.accepted_at is not null then 'used'
        when i.withdrawn_at is not null then 'withdrawn'
        when i.expires_at <= statement_timestamp() then 'expired' else 'open' end
    from portal_invitation i where i.secret_digest = digest
$$
"""

# One account a person: whoever once had another address is signed out by a newer invitation.
ACCEPT = """
create function app.portal_accept(digest text, wanted_account bigint, wanted_principal int) returns text
language plpgsql security definer set search_path = public, pg_catalog, pg_temp as $$
declare found portal_invitation; held portal_account;
begin
    select * into found from portal_invitation i where i.secret_digest = digest for update;
    if found.id is null then return 'unknown'; end if;
    if found.accepted_at is not null then return 'used'; end if;
    if found.withdrawn_at is not null then return 'withdrawn'; end if;
    if found.expires_at <= statement_timestamp() then return 'expired'; end if;
    if not exists (select 1 from account a where a.id = wanted_account and lower(a.email) = lower(found.email))
       or not exists (select 1 from principal p where p.id = wanted_principal and p.kind = 'family') then
        return 'unknown';
    end if;
    select * into held from portal_account h where h.account_id = wanted_account for update;
    if exists (select 1 from practitioner p where p.account_id = wanted_account)
       or (held.id is not null and held.person_id <> found.person_id) then
        return 'taken';
    end if;
    update portal_account set ended_at = statement_timestamp()
        where person_id = found.person_id and account_id <> wanted_account and ended_at is null;
    if held.id is null then
        insert into portal_account (id, account_id, person_id, opened_by_id, opened_at)
        values (wanted_principal, wanted_account, found.person_id, found.invited_by_id, statement_timestamp());
    else
        update portal_account set ended_at = null where id = held.id;
    end if;
    update portal_invitation set accepted_at = statement_timestamp(), account_id = wanted_account where id = found.id;
    return 'accepted';
end $$
"""

END = """
create function app.portal_end(invitation uuid) returns bigint
language sql security definer set search_path = public, pg_catalog, pg_temp as $$
    update portal_account h set ended_at = statement_timestamp()
    from portal_invitation i
    where i.uuid = invitation and i.author_team_id = any (app.principals())
        and h.account_id = i.account_id and h.person_id = i.person_id and h.ended_at is null
    returning h.account_id
$$
"""

# A person's own account holds who they are and who works with them. What else of their record they may read is
# decided category by category; nothing of it follows from having an account.
OWN = """
create function app.derive_own() returns trigger
language plpgsql security definer set search_path = public, pg_catalog, pg_temp as $$
begin
    delete from access_grant where basis_kind = 'own' and basis_id = new.id;
    if new.ended_at is null or new.ended_at > new.opened_at then
        insert into access_grant (subject_id, principal_id, category, valid_during, basis_kind, basis_id)
        values (new.person_id, new.id, 'index', tstzrange(new.opened_at, new.ended_at), 'own', new.id);
    end if;
    return null;
end $$
"""


class Migration(migrations.Migration):
    dependencies = [
        ("portal", "0001_initial"),
        ("people", "0002_policies"),
        ("access", "0002_policies"),
        ("agencies", "0003_guard"),
    ]
    operations = [
        Protect(
            "portal_invitation",
            grants=False,
            insert=WORKS_WITH,
            update=mine("portal_invitation", "author_team_id"),
            update_columns=("withdrawn_at", "withdrawn_by_id"),
        ),
        Open(
            "portal_code",
            reason="a visitor types it before anybody is known; holds a keyed digest and no subject",
        ),
        Engine("app.portal_invitation_of(text)", create=INVITATION_OF, callers="app_rw"),
        Engine("app.portal_accept(text, bigint, int)", create=ACCEPT, callers="app_rw"),
        Engine("app.portal_end(uuid)", create=END, callers="app_rw"),
        Engine("app.derive_own()", create=OWN),
        migrations.RunSQL(
            "create trigger derive_grants after insert or update on portal_account "
            "for each row execute function app.derive_own()",
            "drop trigger derive_grants on portal_account",
        ),
    ]
