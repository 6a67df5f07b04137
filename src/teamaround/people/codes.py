"""Code sets of the field. Sources: DfE children in need census and school census guides."""

from __future__ import annotations

from django.db import models


class Sex(models.TextChoices):
    """Sex as the DfE returns hold it."""

    FEMALE = "F", "Female"
    MALE = "M", "Male"
    UNKNOWN = "U", "Not known"


class Ethnicity(models.TextChoices):
    """The DfE's 18+2 codes. The ONS list differs and cannot be mapped without loss, so this one is stored."""

    WBRI = "WBRI", "White British"
    WIRI = "WIRI", "White Irish"
    WIRT = "WIRT", "Traveller of Irish heritage"
    WROM = "WROM", "Gypsy or Roma"
    WOTH = "WOTH", "Any other White background"
    MWBC = "MWBC", "White and Black Caribbean"
    MWBA = "MWBA", "White and Black African"
    MWAS = "MWAS", "White and Asian"
    MOTH = "MOTH", "Any other mixed background"
    AIND = "AIND", "Indian"
    APKN = "APKN", "Pakistani"
    ABAN = "ABAN", "Bangladeshi"
    AOTH = "AOTH", "Any other Asian background"
    BCRB = "BCRB", "Black Caribbean"
    BAFR = "BAFR", "Black African"
    BOTH = "BOTH", "Any other Black background"
    CHNE = "CHNE", "Chinese"
    OOTH = "OOTH", "Any other ethnic group"
    REFU = "REFU", "Did not want to say"
    NOBT = "NOBT", "Not yet asked"


class Precision(models.TextChoices):
    """How much of a date is known."""

    DAY = "day", "Day"
    MONTH = "month", "Month and year"
    YEAR = "year", "Year only"


class NameKind(models.TextChoices):
    """How somebody comes by a name."""

    LEGAL = "legal", "Legal name"
    KNOWN_AS = "known_as", "Known as"
    FORMER = "former", "Former name"
    ALIAS = "alias", "Also written as"


class IdentifierScheme(models.TextChoices):
    """The register that a number belongs to."""

    NHS = "nhs", "NHS number"
    UPN = "upn", "Unique pupil number"
    LOCAL = "local", "The agency's own reference"


class AddressKind(models.TextChoices):
    """How somebody lives at an address."""

    HOME = "home", "Home"
    SECOND_HOME = "second_home", "Second home"
    TEMPORARY = "temporary", "Temporary"


class NeedKind(models.TextChoices):
    """What one has to know to talk with somebody."""

    LANGUAGE = "language", "Language"
    INTERPRETER = "interpreter", "Needs an interpreter in"
    COMMUNICATION = "communication", "Communication need"


class FamilyRole(models.TextChoices):
    """Who somebody is in a family."""

    CHILD = "child", "Child"
    PARENT = "parent", "Parent or carer"
    GRANDPARENT = "grandparent", "Grandparent"
    SIBLING = "sibling", "Adult brother or sister"
    KIN = "kin", "Wider family"
    FRIEND = "friend", "Friend who supports"


class RelationshipKind(models.TextChoices):
    """`person` is the ... of `other`."""

    PARENT = "parent", "Parent of"
    STEP_PARENT = "step_parent", "Step-parent of"
    GRANDPARENT = "grandparent", "Grandparent of"
    SIBLING = "sibling", "Brother or sister of"
    PARTNER = "partner", "Partner of"
    KIN = "kin", "Relative of"
    FRIEND = "friend", "Friend of"


class HoursBand(models.TextChoices):
    """Hours of caring a week, in the bands of the school census and Census 2021."""

    TO_9 = "0-9", "Up to 9 hours"
    TO_19 = "10-19", "10 to 19 hours"
    TO_34 = "20-34", "20 to 34 hours"
    TO_49 = "35-49", "35 to 49 hours"
    FIFTY = "50+", "50 hours or more"
    UNKNOWN = "", "Not known"


class CareReasonKind(models.TextChoices):
    """Why an adult needs care. Belongs to the adult's own record."""

    ILLNESS = "illness", "Long-term illness"
    PHYSICAL = "physical", "Physical disability"
    LEARNING = "learning", "Learning disability"
    MENTAL = "mental", "Mental health"
    ALCOHOL = "alcohol", "Alcohol"
    DRUGS = "drugs", "Drugs"
    OTHER = "other", "Another reason"
