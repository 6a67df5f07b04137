"""Where the child of a referral lives and learns: read as the referral is, and hidden while a shield binds the reader."""

from django.db import migrations

from teamaround.database.operations import PRINCIPALS, Engine, Protect, ProtectHistory, mine

TABLE = "referral_whereabouts"

WITH_ITS_REFERRAL = """
referral_whereabouts.author_team_id = any (MINE)
and exists (select 1 from referral r where r.id = referral_whereabouts.referral_id
            and r.author_team_id = referral_whereabouts.author_team_id
            and r.receiving_team_id = referral_whereabouts.receiving_team_id
            and r.subject_id is not distinct from referral_whereabouts.subject_id)
""".replace("MINE", PRINCIPALS)

# A shield protects whoever the row is about. Could a reader change the subject, or leave it away, nothing would be hidden.
FOLLOW = """
create function app.whereabouts_follow() returns trigger
language plpgsql security definer set search_path = public, pg_catalog as $$
begin
    update referral_whereabouts w set subject_id = new.subject_id, version = w.version + 1
    where w.referral_id = new.id and w.subject_id is distinct from new.subject_id;
    return null;
end $$
"""


class Migration(migrations.Migration):
    dependencies = [
        ("referrals", "0003_whereabouts"),
        ("sharing", "0004_rules"),
    ]
    operations = [
        Protect(
            TABLE, readers=("receiving_team_id",), insert=WITH_ITS_REFERRAL, update="false", touched=True
        ),
        ProtectHistory(f"{TABLE}_history", readers=("receiving_team_id",)),
        Engine("app.whereabouts_follow()", create=FOLLOW),
        migrations.RunSQL(
            "create trigger whereabouts_follow after update of subject_id on referral for each row "
            "when (new.subject_id is distinct from old.subject_id) execute function app.whereabouts_follow()",
            "drop trigger whereabouts_follow on referral",
        ),
        migrations.RunSQL(
            f"create policy {TABLE}_shield on {TABLE} as restrictive for select to app_rw "
            f"using ({mine(TABLE, 'author_team_id')} or not app.shielded({TABLE}.subject_id, false))",
            f"drop policy {TABLE}_shield on {TABLE}",
        ),
        # Versions from before the child was known name nobody whom a shield could protect: the row itself decides.
        migrations.RunSQL(
            f"create policy {TABLE}_history_as_row on {TABLE}_history as restrictive for select to app_rw "
            f"using (exists (select 1 from {TABLE} x where x.id = {TABLE}_history.id))",
            f"drop policy {TABLE}_history_as_row on {TABLE}_history",
        ),
    ]
