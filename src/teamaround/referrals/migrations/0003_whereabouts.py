"""Where the child of a referral lives and learns moves, with its history, to a table that a shield can hide."""

import django.db.models.deletion
import django.db.models.functions.datetime
import pgtrigger.compiler
import pgtrigger.migrations
from django.db import migrations, models

import teamaround.database.history

MOVED = """
lock table referral, referral_history in access exclusive mode;
grant select, insert on referral_whereabouts, referral_whereabouts_history to app_engine;
do $$ begin
    set local role app_engine;
    insert into referral_whereabouts (referral_id, subject_id, category, author_team_id, receiving_team_id, version,
        recorded_by, recorded_at, changed_by, changed_at, address, postcode, phone, school)
    select r.id, r.subject_id, r.category, r.author_team_id, r.receiving_team_id, r.version,
        r.recorded_by, r.recorded_at, r.changed_by, r.changed_at, r.address, r.postcode, r.phone, r.school
    from referral r order by r.id;
    insert into referral_whereabouts_history (pgh_created_at, pgh_label, pgh_obj_id, id, referral_id, subject_id, category,
        author_team_id, receiving_team_id, version, recorded_by, recorded_at, changed_by, changed_at,
        address, postcode, phone, school)
    select h.pgh_created_at, h.pgh_label, w.id, w.id, h.id, h.subject_id, h.category,
        h.author_team_id, h.receiving_team_id, h.version, h.recorded_by, h.recorded_at, h.changed_by, h.changed_at,
        h.address, h.postcode, h.phone, h.school
    from referral_history h join referral_whereabouts w on w.referral_id = h.id order by h.pgh_id;
    set local role app_owner;
end $$;
set constraints all immediate;
set constraints all deferred;
"""

# What was typed never changed: every version of a referral gets it back from the one row.
MOVED_BACK = """
alter table referral disable trigger user;
alter table referral_history disable trigger user;
grant select on referral_whereabouts, referral_whereabouts_history to app_engine;
do $$ begin
    set local role app_engine;
    update referral r set address = w.address, postcode = w.postcode, phone = w.phone, school = w.school
    from referral_whereabouts w where w.referral_id = r.id;
    update referral_history h set address = w.address, postcode = w.postcode, phone = w.phone, school = w.school
    from referral_whereabouts w where w.referral_id = h.id;
    set local role app_owner;
end $$;
alter table referral_history enable trigger user;
alter table referral enable trigger user;
"""


class Migration(migrations.Migration):
    dependencies = [
        ("access", "0007_alert_names"),
        ("agencies", "0003_guard"),
        ("referrals", "0002_policies"),
    ]

    operations = [
        migrations.CreateModel(
            name="Whereabouts",
            fields=[
                (
                    "recorded_at",
                    models.DateTimeField(
                        db_default=django.db.models.functions.datetime.Now(), editable=False
                    ),
                ),
                (
                    "changed_at",
                    models.DateTimeField(
                        db_default=django.db.models.functions.datetime.Now(), editable=False
                    ),
                ),
                ("version", models.PositiveIntegerField(default=1)),
                ("id", models.BigAutoField(primary_key=True, serialize=False)),
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
                ("address", models.CharField(blank=True, max_length=300)),
                ("postcode", models.CharField(blank=True, max_length=8)),
                ("phone", models.CharField(blank=True, max_length=30)),
                ("school", models.CharField(blank=True, max_length=120)),
                (
                    "author_team",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to="agencies.team"
                    ),
                ),
                (
                    "changed_by",
                    models.ForeignKey(
                        db_column="changed_by",
                        db_default=teamaround.database.history.CurrentActor(),
                        db_index=False,
                        editable=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="agencies.principal",
                    ),
                ),
                (
                    "receiving_team",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to="agencies.team"
                    ),
                ),
                (
                    "recorded_by",
                    models.ForeignKey(
                        db_column="recorded_by",
                        db_default=teamaround.database.history.CurrentActor(),
                        db_index=False,
                        editable=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="agencies.principal",
                    ),
                ),
                (
                    "referral",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="whereabouts",
                        to="referrals.referral",
                    ),
                ),
                (
                    "subject",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="access.subject",
                    ),
                ),
            ],
            options={
                "db_table": "referral_whereabouts",
            },
        ),
        migrations.CreateModel(
            name="WhereaboutsHistory",
            fields=[
                ("pgh_id", models.AutoField(primary_key=True, serialize=False)),
                ("pgh_created_at", models.DateTimeField(auto_now_add=True)),
                ("pgh_label", models.TextField(help_text="The event label.")),
                (
                    "recorded_at",
                    models.DateTimeField(
                        db_default=django.db.models.functions.datetime.Now(), editable=False
                    ),
                ),
                (
                    "changed_at",
                    models.DateTimeField(
                        db_default=django.db.models.functions.datetime.Now(), editable=False
                    ),
                ),
                ("version", models.PositiveIntegerField(default=1)),
                ("id", models.BigIntegerField()),
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
                ("address", models.CharField(blank=True, max_length=300)),
                ("postcode", models.CharField(blank=True, max_length=8)),
                ("phone", models.CharField(blank=True, max_length=30)),
                ("school", models.CharField(blank=True, max_length=120)),
                (
                    "author_team",
                    models.ForeignKey(
                        db_constraint=False,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        related_query_name="+",
                        to="agencies.team",
                    ),
                ),
                (
                    "changed_by",
                    models.ForeignKey(
                        db_column="changed_by",
                        db_constraint=False,
                        db_default=teamaround.database.history.CurrentActor(),
                        editable=False,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        related_query_name="+",
                        to="agencies.principal",
                    ),
                ),
                (
                    "pgh_obj",
                    models.ForeignKey(
                        db_constraint=False,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="history",
                        to="referrals.whereabouts",
                    ),
                ),
                (
                    "receiving_team",
                    models.ForeignKey(
                        db_constraint=False,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        related_query_name="+",
                        to="agencies.team",
                    ),
                ),
                (
                    "recorded_by",
                    models.ForeignKey(
                        db_column="recorded_by",
                        db_constraint=False,
                        db_default=teamaround.database.history.CurrentActor(),
                        editable=False,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        related_query_name="+",
                        to="agencies.principal",
                    ),
                ),
                (
                    "referral",
                    models.ForeignKey(
                        db_constraint=False,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        related_query_name="+",
                        to="referrals.referral",
                    ),
                ),
                (
                    "subject",
                    models.ForeignKey(
                        blank=True,
                        db_constraint=False,
                        null=True,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        related_query_name="+",
                        to="access.subject",
                    ),
                ),
            ],
            options={
                "db_table": "referral_whereabouts_history",
                "abstract": False,
            },
        ),
        migrations.RunSQL(MOVED, MOVED_BACK),
        pgtrigger.migrations.RemoveTrigger(
            model_name="referral",
            name="insert_insert",
        ),
        pgtrigger.migrations.RemoveTrigger(
            model_name="referral",
            name="update_update",
        ),
        migrations.RemoveField(
            model_name="referral",
            name="address",
        ),
        migrations.RemoveField(
            model_name="referral",
            name="phone",
        ),
        migrations.RemoveField(
            model_name="referral",
            name="postcode",
        ),
        migrations.RemoveField(
            model_name="referral",
            name="school",
        ),
        migrations.RemoveField(
            model_name="referralhistory",
            name="address",
        ),
        migrations.RemoveField(
            model_name="referralhistory",
            name="phone",
        ),
        migrations.RemoveField(
            model_name="referralhistory",
            name="postcode",
        ),
        migrations.RemoveField(
            model_name="referralhistory",
            name="school",
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="referral",
            trigger=pgtrigger.compiler.Trigger(
                name="insert_insert",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func='INSERT INTO "referral_history" ("agreement", "agreement_reason", "arrival", "assessments_known", "author_team_id", "born_precision", "cares", "cares_for", "caring_hours", "caring_tasks", "category", "changed_at", "changed_by", "childs_words", "criteria", "date_of_birth", "episode_id", "family_name", "form_token", "given", "going_well", "hoped_for", "id", "immediate_reason", "others_in_family", "pgh_created_at", "pgh_label", "pgh_obj_id", "receiving_team_id", "recorded_at", "recorded_by", "sex", "subject_id", "told_by", "uuid", "version", "worries") VALUES (NEW."agreement", NEW."agreement_reason", NEW."arrival", NEW."assessments_known", NEW."author_team_id", NEW."born_precision", NEW."cares", NEW."cares_for", NEW."caring_hours", NEW."caring_tasks", NEW."category", NEW."changed_at", NEW."changed_by", NEW."childs_words", NEW."criteria", NEW."date_of_birth", NEW."episode_id", NEW."family_name", NEW."form_token", NEW."given", NEW."going_well", NEW."hoped_for", NEW."id", NEW."immediate_reason", NEW."others_in_family", NOW(), \'insert\', NEW."id", NEW."receiving_team_id", NEW."recorded_at", NEW."recorded_by", NEW."sex", NEW."subject_id", NEW."told_by", NEW."uuid", NEW."version", NEW."worries"); RETURN NULL;',
                    hash="09a5797b88a8a0a495f1ae8a1c6cfdbeaa8c1d11",
                    operation="INSERT",
                    pgid="pgtrigger_insert_insert_a74c8",
                    table="referral",
                    when="AFTER",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="referral",
            trigger=pgtrigger.compiler.Trigger(
                name="update_update",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    condition="WHEN (OLD.* IS DISTINCT FROM NEW.*)",
                    func='INSERT INTO "referral_history" ("agreement", "agreement_reason", "arrival", "assessments_known", "author_team_id", "born_precision", "cares", "cares_for", "caring_hours", "caring_tasks", "category", "changed_at", "changed_by", "childs_words", "criteria", "date_of_birth", "episode_id", "family_name", "form_token", "given", "going_well", "hoped_for", "id", "immediate_reason", "others_in_family", "pgh_created_at", "pgh_label", "pgh_obj_id", "receiving_team_id", "recorded_at", "recorded_by", "sex", "subject_id", "told_by", "uuid", "version", "worries") VALUES (NEW."agreement", NEW."agreement_reason", NEW."arrival", NEW."assessments_known", NEW."author_team_id", NEW."born_precision", NEW."cares", NEW."cares_for", NEW."caring_hours", NEW."caring_tasks", NEW."category", NEW."changed_at", NEW."changed_by", NEW."childs_words", NEW."criteria", NEW."date_of_birth", NEW."episode_id", NEW."family_name", NEW."form_token", NEW."given", NEW."going_well", NEW."hoped_for", NEW."id", NEW."immediate_reason", NEW."others_in_family", NOW(), \'update\', NEW."id", NEW."receiving_team_id", NEW."recorded_at", NEW."recorded_by", NEW."sex", NEW."subject_id", NEW."told_by", NEW."uuid", NEW."version", NEW."worries"); RETURN NULL;',
                    hash="3be50cf8bd4b0759a992005c8efb94000bd07ea4",
                    operation="UPDATE",
                    pgid="pgtrigger_update_update_223e7",
                    table="referral",
                    when="AFTER",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="whereabouts",
            trigger=pgtrigger.compiler.Trigger(
                name="insert_insert",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func='INSERT INTO "referral_whereabouts_history" ("address", "author_team_id", "category", "changed_at", "changed_by", "id", "pgh_created_at", "pgh_label", "pgh_obj_id", "phone", "postcode", "receiving_team_id", "recorded_at", "recorded_by", "referral_id", "school", "subject_id", "version") VALUES (NEW."address", NEW."author_team_id", NEW."category", NEW."changed_at", NEW."changed_by", NEW."id", NOW(), \'insert\', NEW."id", NEW."phone", NEW."postcode", NEW."receiving_team_id", NEW."recorded_at", NEW."recorded_by", NEW."referral_id", NEW."school", NEW."subject_id", NEW."version"); RETURN NULL;',
                    hash="032ef6c1c371934ac8e4e2a848fc8c8af0ce2048",
                    operation="INSERT",
                    pgid="pgtrigger_insert_insert_b66c9",
                    table="referral_whereabouts",
                    when="AFTER",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="whereabouts",
            trigger=pgtrigger.compiler.Trigger(
                name="update_update",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    condition="WHEN (OLD.* IS DISTINCT FROM NEW.*)",
                    func='INSERT INTO "referral_whereabouts_history" ("address", "author_team_id", "category", "changed_at", "changed_by", "id", "pgh_created_at", "pgh_label", "pgh_obj_id", "phone", "postcode", "receiving_team_id", "recorded_at", "recorded_by", "referral_id", "school", "subject_id", "version") VALUES (NEW."address", NEW."author_team_id", NEW."category", NEW."changed_at", NEW."changed_by", NEW."id", NOW(), \'update\', NEW."id", NEW."phone", NEW."postcode", NEW."receiving_team_id", NEW."recorded_at", NEW."recorded_by", NEW."referral_id", NEW."school", NEW."subject_id", NEW."version"); RETURN NULL;',
                    hash="4c6517c3304bcaf8bb2dddf78d3f139a8093973f",
                    operation="UPDATE",
                    pgid="pgtrigger_update_update_3a571",
                    table="referral_whereabouts",
                    when="AFTER",
                ),
            ),
        ),
    ]
