"""Referrals, their steps and checks under row-level security: both teams read, each writes its own."""

from django.db import migrations

from teamaround.database.operations import PRINCIPALS, Protect, ProtectHistory

# A step belongs to one of the referral's two teams, and names both as the referral does: otherwise a step
# could be slipped into a referral between two other teams.
STEP_OF_EITHER_TEAM = """
referral_step.author_team_id = any (MINE)
and referral_step.author_team_id in (referral_step.referring_team_id, referral_step.receiving_team_id)
and exists (select 1 from referral r where r.id = referral_step.referral_id
            and r.author_team_id = referral_step.referring_team_id
            and r.receiving_team_id = referral_step.receiving_team_id)
""".replace("MINE", PRINCIPALS)

CHECK_OF_RECEIVER = """
referral_receipt_check.author_team_id = any (MINE)
and exists (select 1 from referral r where r.id = referral_receipt_check.referral_id
            and r.receiving_team_id = referral_receipt_check.author_team_id)
""".replace("MINE", PRINCIPALS)


class Migration(migrations.Migration):
    dependencies = [
        ("referrals", "0001_initial"),
        ("access", "0002_policies"),
        ("procedures", "0002_policies"),
    ]
    operations = [
        # What the referrer wrote stays as written; the receiving team may only say which child it is about.
        Protect(
            "referral",
            readers=("receiving_team_id",),
            insert=f"referral.author_team_id = any ({PRINCIPALS})",
            update=f"referral.receiving_team_id = any ({PRINCIPALS})",
            update_columns=("subject_id", "version"),
            touched=True,
        ),
        ProtectHistory("referral_history", readers=("receiving_team_id",)),
        Protect(
            "referral_step",
            readers=("referring_team_id", "receiving_team_id"),
            grants=False,
            insert=STEP_OF_EITHER_TEAM,
            append_only=True,
            touched=True,
        ),
        Protect("referral_receipt_check", grants=False, insert=CHECK_OF_RECEIVER, touched=True),
        ProtectHistory("referral_receipt_check_history", grants=False),
    ]
