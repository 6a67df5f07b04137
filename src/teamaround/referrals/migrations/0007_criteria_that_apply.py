"""Which of the procedure's criteria apply is noted with the checks on receipt."""

import django.contrib.postgres.fields
import pgtrigger.compiler
import pgtrigger.migrations
from django.db import migrations, models

from teamaround.database.operations import KEEP_HISTORY_ON


class Migration(migrations.Migration):
    dependencies = [
        ("referrals", "0006_moving_on"),
    ]

    operations = [
        pgtrigger.migrations.RemoveTrigger(
            model_name="receiptcheck",
            name="insert_insert",
        ),
        pgtrigger.migrations.RemoveTrigger(
            model_name="receiptcheck",
            name="update_update",
        ),
        migrations.AddField(
            model_name="receiptcheck",
            name="applies",
            field=django.contrib.postgres.fields.ArrayField(
                base_field=models.CharField(max_length=60),
                blank=True,
                default=list,
                help_text="Which of the procedure's criteria apply, by their keys.",
                size=None,
            ),
        ),
        migrations.AddField(
            model_name="receiptcheckhistory",
            name="applies",
            field=django.contrib.postgres.fields.ArrayField(
                base_field=models.CharField(max_length=60),
                blank=True,
                default=list,
                help_text="Which of the procedure's criteria apply, by their keys.",
                size=None,
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="receiptcheck",
            trigger=pgtrigger.compiler.Trigger(
                name="insert_insert",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func='INSERT INTO "referral_receipt_check_history" ("applies", "assessments_note", "assessments_read", "author_team_id", "category", "changed_at", "changed_by", "criteria_met", "criteria_note", "details_complete", "details_note", "family_knows", "family_note", "id", "pgh_created_at", "pgh_label", "pgh_obj_id", "recorded_at", "recorded_by", "referral_id", "subject_id", "version") VALUES (NEW."applies", NEW."assessments_note", NEW."assessments_read", NEW."author_team_id", NEW."category", NEW."changed_at", NEW."changed_by", NEW."criteria_met", NEW."criteria_note", NEW."details_complete", NEW."details_note", NEW."family_knows", NEW."family_note", NEW."id", NOW(), \'insert\', NEW."id", NEW."recorded_at", NEW."recorded_by", NEW."referral_id", NEW."subject_id", NEW."version"); RETURN NULL;',
                    hash="52b0a619c5b1f85c31bea638c56a03d08fc0938c",
                    operation="INSERT",
                    pgid="pgtrigger_insert_insert_04eea",
                    table="referral_receipt_check",
                    when="AFTER",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="receiptcheck",
            trigger=pgtrigger.compiler.Trigger(
                name="update_update",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    condition="WHEN (OLD.* IS DISTINCT FROM NEW.*)",
                    func='INSERT INTO "referral_receipt_check_history" ("applies", "assessments_note", "assessments_read", "author_team_id", "category", "changed_at", "changed_by", "criteria_met", "criteria_note", "details_complete", "details_note", "family_knows", "family_note", "id", "pgh_created_at", "pgh_label", "pgh_obj_id", "recorded_at", "recorded_by", "referral_id", "subject_id", "version") VALUES (NEW."applies", NEW."assessments_note", NEW."assessments_read", NEW."author_team_id", NEW."category", NEW."changed_at", NEW."changed_by", NEW."criteria_met", NEW."criteria_note", NEW."details_complete", NEW."details_note", NEW."family_knows", NEW."family_note", NEW."id", NOW(), \'update\', NEW."id", NEW."recorded_at", NEW."recorded_by", NEW."referral_id", NEW."subject_id", NEW."version"); RETURN NULL;',
                    hash="953ccf1b387c027a4fc635f9eff220ae8b5e9161",
                    operation="UPDATE",
                    pgid="pgtrigger_update_update_de1b5",
                    table="referral_receipt_check",
                    when="AFTER",
                ),
            ),
        ),
        migrations.RunSQL(KEEP_HISTORY_ON, migrations.RunSQL.noop),
    ]
