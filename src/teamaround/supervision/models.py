"""Supervision of workers, decisions on cases, and audits of files.

What is said in supervision is about a worker: it is no child's record, and only the two who met read it, with
whoever manages supervision. What is decided about a case is the child's, and stands on the child's file.
"""

from __future__ import annotations

import uuid

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Now

from teamaround.access.models import Recorded
from teamaround.agencies.models import Practitioner, Team
from teamaround.database.history import keep_history
from teamaround.procedures.models import Episode
from teamaround.tasks.models import Task


class SupervisionKind(models.TextChoices):
    """Who it was with. Of clinical and peer support is noted that it took place, and nothing else."""

    MANAGEMENT = "management", "Supervision"
    CLINICAL = "clinical", "Clinical consultation"
    PEER = "peer", "Peer support"


class Supervision(models.Model):
    """One meeting for supervision, or clinical or peer support that took place. The supervisor writes the notes,
    the worker the words of their own."""

    id = models.BigAutoField(primary_key=True)
    uuid = models.UUIDField(unique=True, default=uuid.uuid4, editable=False)
    team = models.ForeignKey(Team, on_delete=models.PROTECT, related_name="+")
    worker = models.ForeignKey(Practitioner, on_delete=models.PROTECT, related_name="+", db_index=False)
    supervisor = models.ForeignKey(
        Practitioner, on_delete=models.PROTECT, null=True, related_name="+", db_index=False
    )
    kind = models.CharField(max_length=10, choices=SupervisionKind.choices)
    held_on = models.DateField()
    next_on = models.DateField(null=True, blank=True)
    reflection = models.TextField(blank=True)
    worker_words = models.TextField(blank=True)
    recorded_at = models.DateTimeField(db_default=Now(), editable=False)
    version = models.PositiveIntegerField(default=1)

    class Meta:
        db_table = "supervision"
        indexes = [models.Index(fields=["worker", "-held_on"], name="supervision_of_worker")]
        constraints = [
            models.CheckConstraint(
                condition=(Q(kind="management") & Q(supervisor__isnull=False) & ~Q(supervisor=F("worker")))
                | (~Q(kind="management") & Q(supervisor=None, reflection="", worker_words="", next_on=None)),
                name="supervision_is_by_another",
            ),
            models.CheckConstraint(
                condition=Q(next_on=None) | Q(next_on__gt=F("held_on")), name="supervision_next_is_later"
            ),
        ]


class SupervisionSetting(models.Model):
    """A team's own measure: weeks within which a case needs a decision of a manager, weeks between supervisions; and
    who manages supervision, and so reads the notes beside the two who met."""

    team = models.OneToOneField(Team, on_delete=models.PROTECT, primary_key=True, related_name="+")
    oversight_weeks = models.PositiveSmallIntegerField(default=6)
    supervision_weeks = models.PositiveSmallIntegerField(default=6)
    lead = models.ForeignKey(Practitioner, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    set_at = models.DateTimeField(db_default=Now())

    class Meta:
        db_table = "supervision_setting"
        constraints = [
            models.CheckConstraint(
                condition=Q(oversight_weeks__range=(1, 26)), name="supervision_setting_oversight"
            ),
            models.CheckConstraint(
                condition=Q(supervision_weeks__range=(1, 26)), name="supervision_setting_supervision"
            ),
        ]


class SupervisionDecision(Recorded):
    """What a manager decided about a case, in supervision or outside it. On the child's file; never changed."""

    uuid = models.UUIDField(unique=True, default=uuid.uuid4, editable=False)
    episode = models.ForeignKey(Episode, on_delete=models.PROTECT, related_name="+")
    decided_on = models.DateField()
    decision = models.CharField(max_length=2000)
    why = models.CharField(max_length=2000, blank=True)
    with_worker = models.ForeignKey(Practitioner, on_delete=models.PROTECT, null=True, related_name="+")

    class Meta:
        db_table = "supervision_decision"
        indexes = [models.Index(fields=["episode", "-decided_on"], name="supervision_decision_latest")]
        constraints = [
            models.CheckConstraint(condition=~Q(decision=""), name="supervision_decision_says_what")
        ]


class Feels(models.TextChoices):
    """How somebody finds their load this week."""

    FINE = "fine", "Fine"
    STRETCHED = "stretched", "Stretched"
    TOO_MUCH = "too_much", "Too much"


class LoadWord(models.Model):
    """What a worker says of the own load, for one week (its Monday). Their managers read it beside the figures."""

    id = models.BigAutoField(primary_key=True)
    practitioner = models.ForeignKey(Practitioner, on_delete=models.PROTECT, related_name="+")
    team = models.ForeignKey(Team, on_delete=models.PROTECT, related_name="+")
    week = models.DateField()
    feels = models.CharField(max_length=10, choices=Feels.choices)
    words = models.CharField(max_length=300, blank=True)
    said_at = models.DateTimeField(db_default=Now())

    class Meta:
        db_table = "load_word"
        constraints = [models.UniqueConstraint("practitioner", "team", "week", name="load_word_once_a_week")]


class AuditQuestion(models.Model):
    """A question that an audit of a file asks. Without a team it is asked in the whole area. Never deleted: files were
    audited by it."""

    id = models.BigAutoField(primary_key=True)
    uuid = models.UUIDField(unique=True, default=uuid.uuid4, editable=False)
    team = models.ForeignKey(Team, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    position = models.PositiveSmallIntegerField(default=100)
    text = models.CharField(max_length=200)
    added_at = models.DateTimeField(db_default=Now())
    withdrawn_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        db_table = "audit_question"
        ordering = ["position", "id"]
        constraints = [models.CheckConstraint(condition=~Q(text=""), name="audit_question_asks")]


class AuditState(models.TextChoices):
    DRAWN = "drawn", "Drawn"
    FINISHED = "finished", "Finished"
    SET_ASIDE = "set_aside", "Set aside"


@keep_history()
class FileAudit(Recorded):
    """One file drawn by chance for an audit. The database draws and numbers it: `pool` are the open cases at that
    moment, `seed` and `place` say which of them was taken, so that a draw can be checked and none goes unseen."""

    uuid = models.UUIDField(unique=True, default=uuid.uuid4, editable=False)
    episode = models.ForeignKey(Episode, on_delete=models.PROTECT, related_name="+")
    number = models.PositiveIntegerField()
    seed = models.UUIDField()
    pool = ArrayField(models.BigIntegerField())
    place = models.PositiveIntegerField()
    state = models.CharField(max_length=9, choices=AuditState.choices, default=AuditState.DRAWN)
    done_at = models.DateTimeField(null=True, blank=True)
    reason = models.CharField(max_length=500, blank=True)
    summary = models.CharField(max_length=2000, blank=True)

    class Meta:
        db_table = "file_audit"
        constraints = [
            models.UniqueConstraint("author_team", "number", name="file_audit_numbered"),
            models.CheckConstraint(
                condition=Q(state="drawn", done_at=None) | (~Q(state="drawn") & Q(done_at__isnull=False)),
                name="file_audit_done_at_with_state",
            ),
            models.CheckConstraint(
                condition=~Q(state="set_aside") | ~Q(reason=""), name="file_audit_set_aside_for_a_reason"
            ),
        ]


class Finding(models.TextChoices):
    YES = "yes", "Yes"
    PARTLY = "partly", "Partly"
    NO = "no", "No"
    NOT_APPLICABLE = "na", "Does not apply"


@keep_history()
class FileAuditAnswer(Recorded):
    """What an audit found for one question, and the action that follows from it."""

    audit = models.ForeignKey(FileAudit, on_delete=models.PROTECT, related_name="answers")
    question = models.ForeignKey(AuditQuestion, on_delete=models.PROTECT, related_name="+")
    found = models.CharField(max_length=6, choices=Finding.choices)
    note = models.CharField(max_length=1000, blank=True)
    task = models.ForeignKey(Task, on_delete=models.PROTECT, null=True, blank=True, related_name="+")

    class Meta:
        db_table = "file_audit_answer"
        constraints = [models.UniqueConstraint("audit", "question", name="file_audit_answer_once")]
