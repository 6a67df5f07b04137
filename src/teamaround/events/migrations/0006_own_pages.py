"""Kinds of event of somebody's own page; and who recorded what is written while nobody is signed in yet."""

from importlib import import_module

from django.db import migrations, models

_policies = import_module("teamaround.events.migrations.0002_policies")
_FUNCTION = _policies.STATE.partition("create trigger")[0].replace(
    "create function", "create or replace function"
)

# Somebody who takes up an invitation is known to the function that lets them in, and to nobody before it ends.
STATE = _FUNCTION.replace(
    "    new.recorded_by := app.actor();",
    "    if current_user <> 'app_engine' or app.actor_kind() <> 'anonymous' then\n"
    "        new.recorded_by := app.actor();\n"
    "    end if;",
)


class Migration(migrations.Migration):
    dependencies = [
        ("events", "0005_records_joined"),
    ]

    operations = [
        migrations.AlterField(
            model_name="event",
            name="kind",
            field=models.CharField(
                choices=[
                    ("referral.received", "Referral received"),
                    ("referral.checked", "Referral checked on receipt"),
                    ("referral.accepted", "Referral accepted"),
                    ("referral.declined", "Referral declined"),
                    ("allocation.made", "Worker allocated"),
                    ("contact.recorded", "Contact"),
                    ("visit.made", "Visit"),
                    ("assessment.started", "Assessment started"),
                    ("assessment.finished", "Assessment finished"),
                    ("risk.assessed", "Risk assessed"),
                    ("meeting.called", "Meeting called"),
                    ("meeting.held", "Meeting held"),
                    ("plan.agreed", "Plan agreed"),
                    ("plan.reviewed", "Plan reviewed"),
                    ("outcome.recorded", "Outcomes recorded"),
                    ("stepdown.agreed", "Step-down lead agreed"),
                    ("feedback.asked", "Views asked at closing"),
                    ("episode.closed", "Closed"),
                    ("consent.given", "Consent given"),
                    ("consent.withdrawn", "Consent withdrawn"),
                    ("family.wrote", "Message from them, by their own page"),
                    ("family.answered", "Their message answered"),
                    ("portal.invited", "Invited to see their own information"),
                    ("portal.opened", "Opened their own page"),
                    ("portal.ended", "Access to their own page ended"),
                    ("safeguarding.noted", "Safeguarding reason for sharing recorded"),
                    ("duty.noted", "Shared under the legal duty"),
                    ("vital.noted", "Shared to protect life"),
                    ("basis.reviewed", "Reason for sharing reviewed"),
                    ("basis.ended", "Reason for sharing ended"),
                    ("emergency.opened", "Opened in an emergency"),
                    ("sharing.decided", "Decision about sharing recorded"),
                    ("disagreement.settled", "Disagreement about sharing settled"),
                    ("panel.listed", "Put on a panel’s agenda"),
                    ("panel.closed", "A panel has dealt with it"),
                    ("records.joined", "Two records of this person joined"),
                    ("records.parted", "Two records parted: they are not the same person"),
                ],
                max_length=30,
            ),
        ),
        migrations.RunSQL(STATE, _FUNCTION),
    ]
