"""What a referral may say. The criteria are those of Stockport's Families First team, and one for young carers."""

from __future__ import annotations

from django.db import models


class Criterion(models.TextChoices):
    """Why a family may need this kind of support."""

    YOUNG_CARER = "young_carer", "The child cares for somebody, and it weighs on them"
    ENTRY_TO_CARE = "entry_to_care", "At risk of coming into care soon"
    RETURN_HOME = "return_home", "A plan to return home is in danger"
    MISSING = "missing", "At risk from going missing, or from exploitation"
    BEHAVIOUR = "behaviour", "Family life is breaking down over the child’s behaviour"
    BOUNDARIES = "boundaries", "No effective boundaries at home"
    NEGLECT = "neglect", "The child’s needs come after other things, such as substances"
    CONFLICT = "conflict", "High conflict between parents, child, brothers and sisters"
    EXCLUDED = "excluded", "Excluded from school for good, or close to it"
    PARENTING = "parenting", "Parenting falls short of good enough"
    EXCLUSION = "exclusion", "The family is cut off: lasting social exclusion"
    CRITICAL = "critical", "Parents are inconsistent, highly critical or apathetic"
    ALONE = "alone", "No network that supports the family"


class Agreement(models.TextChoices):
    """Whether the family knows of the referral and agrees to it."""

    AGREE = "agree", "They know and agree"
    REFUSE = "refuse", "They know, and do not agree"
    UNAWARE = "unaware", "They do not know yet"


class Arrival(models.TextChoices):
    """How the referral reached the team."""

    WRITTEN = "written", "By this form"
    SPOKEN = "spoken", "I spoke with the team first"
    FOR_ANOTHER = "for_another", "Somebody told me; I am writing it down for them"


class Answer(models.TextChoices):
    """The answer to one check on receipt."""

    YES = "yes", "Yes"
    NO = "no", "No"


class StepKind(models.TextChoices):
    """A step of a referral, which both teams read."""

    RECEIVED = "received", "Received"
    CHECKED = "checked", "Checked"
    QUESTION = "question", "Question to the referrer"
    ANSWERED = "answered", "Answered by the referrer"
    ACCEPTED = "accepted", "Accepted"
    DECLINED = "declined", "Not accepted"
    ALLOCATED = "allocated", "Worker allocated"
    WAITING = "waiting", "On the waiting list"
    WITHDRAWN = "withdrawn", "Taken back by the referrer"
    PUT_RIGHT = "put_right", "Put right"
