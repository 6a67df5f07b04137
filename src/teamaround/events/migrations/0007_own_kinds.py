"""What procedures may wait for; and the kinds of event that an area's procedures name themselves."""

from django.db import migrations, models

from teamaround.database.operations import Open


class Migration(migrations.Migration):
    dependencies = [
        ("events", "0006_own_pages"),
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
                    ("need.noticed", "Caring noticed, or help asked for"),
                    ("assessment.asked", "Assessment asked for"),
                    ("assessment.shared", "Assessment shared with the family"),
                    ("family.informed", "Family told of the referral"),
                    ("records.read", "Existing records read"),
                    ("eligibility.asked", "Put to the eligibility meeting"),
                    ("eligibility.decided", "Eligibility decided"),
                    ("support.offered", "Support begun"),
                    ("support.ended", "Support ended"),
                    ("carer.registered", "Registered as a young carer"),
                    ("carer.reregistered", "Registered again as a young carer"),
                    ("work.paused", "Work paused"),
                    ("work.resumed", "Work taken up again"),
                    ("strategy.discussed", "Strategy discussion held"),
                    ("conference.held", "Child protection conference held"),
                    ("conference.reviewed", "Child protection review held"),
                    ("coregroup.met", "Core group met"),
                    ("protection.ended", "Child protection plan ended"),
                    ("care.entered", "Became looked after"),
                    ("care.reviewed", "Looked-after review held"),
                    ("care.ended", "No longer looked after"),
                    ("followup.made", "Followed up after closing"),
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
        migrations.CreateModel(
            name="EventKind",
            fields=[
                ("key", models.CharField(max_length=30, primary_key=True, serialize=False)),
                ("title", models.CharField(max_length=80)),
                (
                    "category",
                    models.CharField(
                        choices=[
                            ("index", "Who is involved"),
                            ("identity", "Names, address and identifiers"),
                            ("referral", "Referrals"),
                            ("assessment", "Assessments"),
                            ("plan", "Plans, goals and meetings"),
                            ("notes", "Notes of visits and contacts"),
                            ("health", "Health"),
                            ("education", "School and learning"),
                            ("safeguarding", "Worries about safety"),
                            ("substance", "Alcohol and drugs"),
                            ("justice", "Police and courts"),
                            ("money", "Home and money"),
                        ],
                        max_length=16,
                    ),
                ),
            ],
            options={
                "db_table": "event_kind",
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("key__startswith", "local.")), name="event_kind_local"
                    )
                ],
            },
        ),
        Open(
            "event_kind",
            reason="words for what can happen in an area's procedures; names no subject",
            rights="select, insert",
        ),
        migrations.RunSQL(
            "create trigger a_append_only before update or delete on event_kind "
            "for each row execute function app.refuse_change()",
            "drop trigger a_append_only on event_kind",
        ),
    ]
