import uuid

import django.db.models.deletion
import django.db.models.functions.datetime
from django.db import migrations, models

import teamaround.database.history


class Migration(migrations.Migration):
    initial = True

    dependencies = [
        ("access", "0010_governance_at_work"),
        ("agencies", "0003_guard"),
        ("people", "0005_merge_policies"),
    ]

    operations = [
        migrations.CreateModel(
            name="Pair",
            fields=[
                ("id", models.BigAutoField(primary_key=True, serialize=False)),
                ("uuid", models.UUIDField(default=uuid.uuid4, editable=False, unique=True)),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("waiting", "Waits for a decision"),
                            ("second", "Waits for another opinion"),
                            ("same", "Same child"),
                            ("different", "Different children"),
                            ("joined", "Joined automatically"),
                        ],
                        default="waiting",
                        max_length=9,
                    ),
                ),
                ("asked", models.PositiveSmallIntegerField(default=1)),
                ("hard", models.BooleanField(default=False)),
                (
                    "found_at",
                    models.DateTimeField(
                        db_default=django.db.models.functions.datetime.Now(), editable=False
                    ),
                ),
                ("settled_at", models.DateTimeField(blank=True, editable=False, null=True)),
                ("model_version", models.CharField(max_length=40)),
                ("population", models.PositiveIntegerField()),
                ("weight", models.FloatField()),
                ("doubt", models.FloatField()),
                ("probability", models.FloatField()),
                ("family_chance", models.FloatField()),
                ("prior_bits", models.FloatField()),
                ("given_level", models.CharField(max_length=12)),
                ("given_bits", models.FloatField()),
                ("given_share", models.FloatField()),
                ("given_rarity_bits", models.FloatField()),
                ("family_level", models.CharField(max_length=12)),
                ("family_bits", models.FloatField()),
                ("family_share", models.FloatField()),
                ("family_rarity_bits", models.FloatField()),
                ("middle_level", models.CharField(max_length=12)),
                ("middle_bits", models.FloatField()),
                ("born_level", models.CharField(max_length=12)),
                ("born_bits", models.FloatField()),
                ("place_level", models.CharField(max_length=12)),
                ("place_bits", models.FloatField()),
                ("sex_level", models.CharField(max_length=12)),
                ("sex_bits", models.FloatField()),
                ("nhs_level", models.CharField(max_length=12)),
                ("nhs_bits", models.FloatField()),
                ("upn_level", models.CharField(max_length=12)),
                ("upn_bits", models.FloatField()),
                ("siblings_bits", models.FloatField()),
                (
                    "merge",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="people.merge",
                    ),
                ),
                (
                    "other",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to="people.person"
                    ),
                ),
                (
                    "subject",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="access.subject",
                    ),
                ),
            ],
            options={
                "db_table": "recognition_pair",
            },
        ),
        migrations.CreateModel(
            name="Opinion",
            fields=[
                ("id", models.BigAutoField(primary_key=True, serialize=False)),
                ("asked", models.PositiveSmallIntegerField()),
                (
                    "answer",
                    models.CharField(
                        choices=[
                            ("same", "Same child"),
                            ("different", "Different children"),
                            ("unsure", "Cannot tell"),
                        ],
                        max_length=9,
                    ),
                ),
                ("reason", models.CharField(max_length=300)),
                (
                    "recorded_at",
                    models.DateTimeField(
                        db_default=django.db.models.functions.datetime.Now(), editable=False
                    ),
                ),
                (
                    "other",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to="people.person"
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
                    "subject",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to="access.subject"
                    ),
                ),
                (
                    "team",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to="agencies.team"
                    ),
                ),
                (
                    "pair",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="opinions",
                        to="recognition.pair",
                    ),
                ),
            ],
            options={
                "db_table": "recognition_opinion",
            },
        ),
        migrations.CreateModel(
            name="AskedAgain",
            fields=[
                ("id", models.BigAutoField(primary_key=True, serialize=False)),
                ("asked", models.PositiveSmallIntegerField()),
                ("reason", models.CharField(max_length=300)),
                (
                    "recorded_at",
                    models.DateTimeField(
                        db_default=django.db.models.functions.datetime.Now(), editable=False
                    ),
                ),
                (
                    "other",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to="people.person"
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
                    "subject",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to="access.subject"
                    ),
                ),
                (
                    "team",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to="agencies.team"
                    ),
                ),
                (
                    "pair",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="asked_again",
                        to="recognition.pair",
                    ),
                ),
            ],
            options={
                "db_table": "recognition_asked_again",
            },
        ),
        migrations.CreateModel(
            name="Run",
            fields=[
                ("id", models.BigAutoField(primary_key=True, serialize=False)),
                ("uuid", models.UUIDField(default=uuid.uuid4, editable=False, unique=True)),
                ("started_at", models.DateTimeField()),
                (
                    "finished_at",
                    models.DateTimeField(
                        db_default=django.db.models.functions.datetime.Now(), editable=False
                    ),
                ),
                ("since", models.DateTimeField(blank=True, null=True)),
                ("model_version", models.CharField(max_length=40)),
                ("entries_read", models.PositiveIntegerField()),
                ("pairs_scored", models.PositiveIntegerField()),
                ("joined", models.PositiveIntegerField()),
                ("to_review", models.PositiveIntegerField()),
            ],
            options={
                "db_table": "recognition_run",
                "indexes": [models.Index(fields=["-started_at"], name="recognition_run_latest")],
            },
        ),
        migrations.AddIndex(
            model_name="pair",
            index=models.Index(
                condition=models.Q(("state__in", ("waiting", "second"))),
                fields=["doubt", "id"],
                name="recognition_pair_hardest",
            ),
        ),
        migrations.AddIndex(
            model_name="pair",
            index=models.Index(fields=["state", "-id"], name="recognition_pair_state"),
        ),
        migrations.AddConstraint(
            model_name="pair",
            constraint=models.UniqueConstraint(fields=("subject", "other"), name="recognition_pair_once"),
        ),
        migrations.AddConstraint(
            model_name="pair",
            constraint=models.CheckConstraint(
                condition=models.Q(("subject__lt", models.F("other"))), name="recognition_pair_in_order"
            ),
        ),
        migrations.AddConstraint(
            model_name="pair",
            constraint=models.CheckConstraint(
                condition=models.Q(("probability__gte", 0), ("probability__lte", 1)),
                name="recognition_pair_probability",
            ),
        ),
        migrations.AddConstraint(
            model_name="opinion",
            constraint=models.UniqueConstraint(
                fields=("pair", "asked", "recorded_by"), name="recognition_opinion_once_each"
            ),
        ),
        migrations.AddConstraint(
            model_name="opinion",
            constraint=models.CheckConstraint(
                condition=models.Q(("reason", ""), _negated=True), name="recognition_opinion_says_why"
            ),
        ),
        migrations.AddConstraint(
            model_name="opinion",
            constraint=models.CheckConstraint(
                condition=models.Q(("answer__in", ["same", "different", "unsure"])),
                name="recognition_opinion_is_an_answer",
            ),
        ),
        migrations.AddConstraint(
            model_name="askedagain",
            constraint=models.UniqueConstraint(fields=("pair", "asked"), name="recognition_asked_again_once"),
        ),
        migrations.AddConstraint(
            model_name="askedagain",
            constraint=models.CheckConstraint(
                condition=models.Q(("reason", ""), _negated=True), name="recognition_asked_again_says_why"
            ),
        ),
    ]
