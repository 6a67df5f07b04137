"""Alerts about looks, their rules, well-known names, and what practitioners declared of their families."""

import uuid

import django.db.models.deletion
import django.db.models.functions.datetime
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("access", "0004_sealing"),
        ("agencies", "0003_guard"),
    ]

    operations = [
        migrations.CreateModel(
            name="FamilyLink",
            fields=[
                ("id", models.BigAutoField(primary_key=True, serialize=False)),
                ("given", models.CharField(blank=True, max_length=200)),
                ("family_name", models.CharField(max_length=200)),
                ("postcode", models.CharField(blank=True, max_length=8)),
                ("declared_at", models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
                ("ended_at", models.DateTimeField(blank=True, null=True)),
                (
                    "practitioner",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="agencies.practitioner",
                    ),
                ),
            ],
            options={
                "db_table": "access_family_link",
            },
        ),
        migrations.CreateModel(
            name="FamousName",
            fields=[
                ("id", models.BigAutoField(primary_key=True, serialize=False)),
                ("given", models.CharField(max_length=200)),
                ("family_name", models.CharField(max_length=200)),
                ("added_at", models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
                ("ended_at", models.DateTimeField(blank=True, null=True)),
                (
                    "added_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="agencies.practitioner",
                    ),
                ),
            ],
            options={
                "db_table": "access_famous_name",
            },
        ),
        migrations.CreateModel(
            name="Alert",
            fields=[
                ("id", models.BigAutoField(primary_key=True, serialize=False)),
                ("uuid", models.UUIDField(default=uuid.uuid4, editable=False, unique=True)),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("no_tie", "No work with them and no reason stated"),
                            ("many", "Many people in an hour"),
                            ("own_family", "May be the practitioner’s own family"),
                            ("famous", "A name on the list of well-known people"),
                            ("out_of_hours", "Outside working hours"),
                        ],
                        max_length=12,
                    ),
                ),
                ("look", models.UUIDField()),
                ("at", models.DateTimeField()),
                ("bucket", models.DateTimeField()),
                ("subjects", models.IntegerField(default=1)),
                ("raised_at", models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
                ("settled_at", models.DateTimeField(blank=True, null=True)),
                (
                    "outcome",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("proper", "Proper: it was part of their work"),
                            ("mistake", "A mistake, nothing came of it"),
                            ("misuse", "Misuse: passed to the agency"),
                        ],
                        max_length=8,
                    ),
                ),
                ("reason", models.CharField(blank=True, max_length=500)),
                (
                    "practitioner",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="agencies.practitioner",
                    ),
                ),
                (
                    "settled_by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="agencies.practitioner",
                    ),
                ),
                (
                    "subject",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="access.subject",
                    ),
                ),
            ],
            options={
                "db_table": "access_alert",
                "indexes": [
                    models.Index(
                        condition=models.Q(("settled_at", None)), fields=["-id"], name="access_alert_open"
                    )
                ],
                "constraints": [
                    models.UniqueConstraint(
                        fields=("kind", "practitioner", "subject", "bucket"),
                        name="access_alert_once",
                        nulls_distinct=False,
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("settled_at", None),
                            models.Q(
                                ("settled_by__isnull", False),
                                models.Q(("outcome", ""), _negated=True),
                                models.Q(("reason", ""), _negated=True),
                            ),
                            _connector="OR",
                        ),
                        name="access_alert_is_settled_with_a_reason",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="AlertRule",
            fields=[
                ("id", models.BigAutoField(primary_key=True, serialize=False)),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("no_tie", "No work with them and no reason stated"),
                            ("many", "Many people in an hour"),
                            ("own_family", "May be the practitioner’s own family"),
                            ("famous", "A name on the list of well-known people"),
                            ("out_of_hours", "Outside working hours"),
                        ],
                        max_length=12,
                    ),
                ),
                ("active", models.BooleanField(default=True)),
                ("limit", models.PositiveIntegerField(blank=True, null=True)),
                ("opens", models.TimeField(blank=True, null=True)),
                ("closes", models.TimeField(blank=True, null=True)),
                (
                    "effective_from",
                    models.DateTimeField(db_default=django.db.models.functions.datetime.Now()),
                ),
                (
                    "agency",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="agencies.agency",
                    ),
                ),
                (
                    "set_by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="agencies.practitioner",
                    ),
                ),
            ],
            options={
                "db_table": "access_alert_rule",
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("closes", None), ("opens", None)),
                            ("closes__gt", models.F("opens")),
                            _connector="OR",
                        ),
                        name="access_alert_rule_closes_after_it_opens",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("kind", "many"), _negated=True), ("limit__gt", 0), _connector="OR"
                        ),
                        name="access_alert_rule_many_has_a_limit",
                    ),
                ],
            },
        ),
    ]
