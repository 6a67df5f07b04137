"""The categories that sensitive rows are written under."""

from __future__ import annotations

from django.db import models


class Category(models.TextChoices):
    """One kind of information about a subject. The label is what practitioners read."""

    INDEX = "index", "Who is involved"
    IDENTITY = "identity", "Names, address and identifiers"
    REFERRAL = "referral", "Referrals"
    ASSESSMENT = "assessment", "Assessments"
    PLAN = "plan", "Plans, goals and meetings"
    NOTES = "notes", "Notes of visits and contacts"
    HEALTH = "health", "Health"
    EDUCATION = "education", "School and learning"
    SAFEGUARDING = "safeguarding", "Worries about safety"
    SUBSTANCE = "substance", "Alcohol and drugs"
    JUSTICE = "justice", "Police and courts"
    MONEY = "money", "Home and money"


class Privacy(models.TextChoices):
    """How much harm a field does in the wrong hands."""

    NONE = "none", "Says nothing about a person"
    STAFF = "staff", "About a practitioner at work"
    PERSONAL = "personal", "Personal data"
    SPECIAL = "special", "Special category or criminal offence data"
    SECRET = "secret", "Lets somebody in: never shown, never exported"


class Retention(models.TextChoices):
    """How long a field is kept. The lengths are a policy of the area, held as data."""

    RECORD = "record", "With the record of the child"
    INDEX = "index", "With the entry in the index"
    LOG = "log", "With the access log"
    STAFF = "staff", "While the practitioner works here, and six years"
    SHORT = "short", "Until it has served: days, not years"
    SYSTEM = "system", "With the system"


class FamilyView(models.TextChoices):
    """Whether the family may read a field in their own portal, where nothing else withholds it."""

    SHOWN = "shown", "Shown to the person it is about"
    ASKED = "asked", "Given on request, after a third-party check"
    HIDDEN = "hidden", "Not shown"
