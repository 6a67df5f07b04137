"""Who works in the partnership. These tables hold no subject: they say who may act, and for whom."""

from __future__ import annotations

import uuid
from typing import Any

from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import ArrayField, RangeOperators
from django.db import models
from django.db.models import F, Func, Q
from django.db.models.functions import Now

from .roles import ROLES


class PrincipalKind(models.TextChoices):
    """What may hold a grant."""

    TEAM = "team", "Team"
    PANEL = "panel", "Panel"
    PRACTITIONER = "practitioner", "Practitioner"
    FAMILY = "family", "Family member"
    SERVICE = "service", "The system itself"


class Principal(models.Model):
    """Anything that can hold a grant: a team, a panel, a practitioner, a family member, a named service.

    One sequence numbers them all, so that one list of integers in the stamp serves every policy.
    """

    id = models.AutoField(primary_key=True)
    kind = models.CharField(max_length=12, choices=PrincipalKind.choices)

    class Meta:
        db_table = "principal"


class AccountManager(BaseUserManager["Account"]):
    """Makes accounts; e-mail addresses are kept in lower case."""

    def create_user(self, email: str, password: str | None = None, **extra: Any) -> Account:
        """An account that can sign in; without a password, by no password."""
        account = self.model(email=self.normalize_email(email).lower(), **extra)
        account.set_password(password)
        account.save(using=self._db)
        return account

    def create_superuser(self, email: str, password: str | None = None, **extra: Any) -> Account:
        """There is no superuser: an account by this call has no more rights than any other."""
        return self.create_user(email, password, **extra)


class Account(AbstractBaseUser):
    """What somebody signs in with. What they may do comes from memberships, never from the account."""

    email = models.EmailField(unique=True, max_length=254)
    is_active = models.BooleanField(default=True)
    created_at = models.DateTimeField(db_default=Now())
    objects = AccountManager()
    USERNAME_FIELD = "email"
    EMAIL_FIELD = "email"

    class Meta:
        db_table = "account"

    def __str__(self) -> str:
        return f"account {self.pk}"


class Sector(models.TextChoices):
    """The part of the partnership an agency belongs to."""

    COUNCIL = "council", "Council"
    SCHOOL = "school", "School or college"
    HEALTH = "health", "Health"
    POLICE = "police", "Police"
    HOUSING = "housing", "Housing"
    VOLUNTARY = "voluntary", "Charity or community group"
    OTHER = "other", "Other"


class Sensitivity(models.TextChoices):
    """A service whose very involvement tells something; hidden from everybody else from the first day."""

    NONE = "", "Not a sensitive service"
    MENTAL_HEALTH = "mental_health", "Mental health"
    SUBSTANCE = "substance", "Substance misuse"
    SEXUAL_HEALTH = "sexual_health", "Sexual health"
    JUSTICE = "justice", "Youth justice"
    DOMESTIC_ABUSE = "domestic_abuse", "Domestic abuse"


class Agency(models.Model):
    """An organisation of the partnership."""

    slug = models.SlugField(unique=True, max_length=60)
    name = models.CharField(max_length=120, unique=True)
    sector = models.CharField(max_length=12, choices=Sector.choices)
    phone = models.CharField(max_length=30, blank=True)
    ended_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        db_table = "agency"
        ordering = ["name"]

    def __str__(self) -> str:
        return self.name


class Site(models.Model):
    """A place where an agency works."""

    agency = models.ForeignKey(Agency, on_delete=models.PROTECT, related_name="sites")
    name = models.CharField(max_length=120)
    address = models.CharField(max_length=200, blank=True)
    postcode = models.CharField(max_length=8, blank=True)

    class Meta:
        db_table = "site"
        ordering = ["name"]
        constraints = [models.UniqueConstraint("agency", "name", name="site_name_once_an_agency")]

    def __str__(self) -> str:
        return self.name


class PostcodePoint(models.Model):
    """Where a postcode lies: metres east and north of the national grid's origin. See `points`."""

    postcode = models.CharField(max_length=8, primary_key=True)
    east = models.PositiveIntegerField()
    north = models.PositiveIntegerField()

    class Meta:
        db_table = "postcode_point"

    def __str__(self) -> str:
        return self.postcode


class Team(models.Model):
    """A team of an agency: the unit that works cases, writes records and holds grants."""

    principal = models.OneToOneField(Principal, on_delete=models.PROTECT, primary_key=True, db_column="id")
    agency = models.ForeignKey(Agency, on_delete=models.PROTECT, related_name="teams")
    slug = models.SlugField(unique=True, max_length=60)
    name = models.CharField(max_length=120)
    site = models.ForeignKey(Site, on_delete=models.PROTECT, null=True, blank=True)
    sensitivity = models.CharField(max_length=16, choices=Sensitivity.choices, blank=True, default="")
    phone = models.CharField(max_length=30, blank=True)
    email = models.EmailField(blank=True)
    takes_referrals = models.BooleanField(default=False)
    procedure_slug = models.SlugField(max_length=60, blank=True)
    further_procedures = ArrayField(
        models.SlugField(max_length=60),
        default=list,
        blank=True,
        db_default=[],
        help_text="Other procedures that the team runs, of which its manager chooses for a case.",
    )
    senior_manager = models.ForeignKey(
        "Practitioner",
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        db_index=False,
        help_text="Who is told where a procedure escalates to the senior manager.",
    )
    # Functions of other rooms join this table, and have a `version` of their own.
    version = models.PositiveIntegerField(default=1, db_default=1, db_column="team_version")
    ended_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        db_table = "team"
        ordering = ["name"]
        constraints = [models.UniqueConstraint("agency", "name", name="team_name_once_an_agency")]

    def __str__(self) -> str:
        return self.name


class Panel(models.Model):
    """A standing group of practitioners of several agencies that sees a case while it is on its agenda."""

    principal = models.OneToOneField(Principal, on_delete=models.PROTECT, primary_key=True, db_column="id")
    slug = models.SlugField(unique=True, max_length=60)
    name = models.CharField(max_length=120, unique=True)
    chair_team = models.ForeignKey(Team, on_delete=models.PROTECT, related_name="panels_chaired")
    ended_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        db_table = "panel"
        ordering = ["name"]

    def __str__(self) -> str:
        return self.name


class Practitioner(models.Model):
    """Somebody who works in the partnership."""

    principal = models.OneToOneField(Principal, on_delete=models.PROTECT, primary_key=True, db_column="id")
    account = models.OneToOneField(Account, on_delete=models.PROTECT, related_name="practitioner")
    uuid = models.UUIDField(unique=True, default=uuid.uuid4, editable=False)
    name = models.CharField(max_length=120)
    job_title = models.CharField(max_length=120, blank=True)
    phone = models.CharField(max_length=30, blank=True)
    left_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        db_table = "practitioner"
        ordering = ["name"]

    def __str__(self) -> str:
        return self.name


class Skill(models.TextChoices):
    """What a worker is good at, as far as it tells whom a child fits."""

    YOUNG_CARERS = "young_carers", "Work with young carers"
    LITTLE_ONES = "little_ones", "Children under 8"
    TEENAGERS = "teenagers", "Young people from 13"
    FAMILIES = "families", "Work with whole families, mediation"
    SUBSTANCES = "substances", "Alcohol and drugs in the family"
    MENTAL_HEALTH = "mental_health", "Mental health in the family"
    DISABILITY = "disability", "Special needs and disability"
    AUTISM = "autism", "Autism and ADHD"
    EXPLOITATION = "exploitation", "Exploitation and going missing"
    ABUSE = "abuse", "Domestic abuse"
    SCHOOL = "school", "School and learning"
    GRIEF = "grief", "Loss and grief"
    SIGNING = "signing", "British Sign Language"
    MONEY = "money", "Benefits, money and housing"


class ToldSex(models.TextChoices):
    """A worker's sex, where they chose to tell: some young people ask for a woman or a man."""

    NOT_TOLD = "", "I do not want to say"
    WOMAN = "F", "Woman"
    MAN = "M", "Man"


class WorkerProfile(models.Model):
    """What tells which worker fits a child: skills, languages, where they are based, and sex if they told it.

    Read by the worker and by the managers of their teams, who may change all but the sex; that is the worker's own
    to tell. The database says who changed it last.
    """

    practitioner = models.OneToOneField(
        Practitioner, on_delete=models.PROTECT, primary_key=True, related_name="profile"
    )
    skills = ArrayField(models.CharField(max_length=16, choices=Skill.choices), default=list, blank=True)
    languages = ArrayField(models.CharField(max_length=40), default=list, blank=True)
    sex = models.CharField(max_length=1, choices=ToldSex.choices, blank=True, default="")
    based_at = models.ForeignKey(Site, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    version = models.PositiveIntegerField(default=1)
    changed_by = models.ForeignKey(
        Practitioner, on_delete=models.PROTECT, null=True, related_name="+", editable=False
    )
    changed_at = models.DateTimeField(db_default=Now(), editable=False)

    class Meta:
        db_table = "worker_profile"


class MembershipQuerySet(models.QuerySet["Membership"]):
    """Memberships, and which of them hold now."""

    def current(self) -> MembershipQuerySet:
        """Memberships that hold now."""
        return self.filter(Q(until=None) | Q(until__gt=Now()), since__lte=Now())


class Membership(models.Model):
    """A practitioner's role in a team, with its period. Access ends the moment the period ends."""

    practitioner = models.ForeignKey(Practitioner, on_delete=models.PROTECT, related_name="memberships")
    team = models.ForeignKey(Team, on_delete=models.PROTECT, related_name="memberships")
    role = models.CharField(max_length=20, choices=[(r.key, r.display_name) for r in ROLES.values()])
    since = models.DateTimeField(db_default=Now())
    until = models.DateTimeField(null=True, blank=True)
    objects = MembershipQuerySet.as_manager()

    class Meta:
        db_table = "membership"
        constraints = [
            models.CheckConstraint(
                condition=Q(until=None) | Q(until__gte=F("since")), name="membership_period"
            ),
            ExclusionConstraint(
                name="membership_role_once_at_a_time",
                expressions=[
                    ("practitioner", RangeOperators.EQUAL),
                    ("team", RangeOperators.EQUAL),
                    ("role", RangeOperators.EQUAL),
                    (Func(F("since"), F("until"), function="tstzrange"), RangeOperators.OVERLAPS),
                ],
            ),
        ]


class PanelSeat(models.Model):
    """A practitioner's seat on a panel, with its period."""

    practitioner = models.ForeignKey(Practitioner, on_delete=models.PROTECT, related_name="seats")
    panel = models.ForeignKey(Panel, on_delete=models.PROTECT, related_name="seats")
    since = models.DateTimeField(db_default=Now())
    until = models.DateTimeField(null=True, blank=True)

    class Meta:
        db_table = "panel_seat"
        constraints = [
            models.CheckConstraint(
                condition=Q(until=None) | Q(until__gte=F("since")), name="panel_seat_period"
            ),
            models.UniqueConstraint(
                fields=["practitioner", "panel"], condition=Q(until=None), name="panel_seat_once_at_a_time"
            ),
        ]


class Invitation(models.Model):
    """An invitation to join a team, answered by a link in an e-mail. Holds a digest, never the link's secret."""

    email = models.EmailField(max_length=254)
    name = models.CharField(max_length=120)
    job_title = models.CharField(max_length=120, blank=True)
    team = models.ForeignKey(Team, on_delete=models.PROTECT, related_name="invitations")
    role = models.CharField(max_length=20, choices=[(r.key, r.display_name) for r in ROLES.values()])
    secret_digest = models.CharField(max_length=64, unique=True)
    invited_by = models.ForeignKey(Practitioner, on_delete=models.PROTECT, related_name="+", null=True)
    invited_at = models.DateTimeField(db_default=Now())
    expires_at = models.DateTimeField()
    accepted_at = models.DateTimeField(null=True, blank=True)
    withdrawn_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        db_table = "invitation"


class AdministrationLog(models.Model):
    """What administrators did: who was invited, moved, reset or ended, by whom and when. Append-only."""

    at = models.DateTimeField(db_default=Now())
    by = models.ForeignKey(Practitioner, on_delete=models.PROTECT, null=True, related_name="+")
    act = models.CharField(max_length=40)
    practitioner = models.ForeignKey(Practitioner, on_delete=models.PROTECT, null=True, related_name="+")
    team = models.ForeignKey(Team, on_delete=models.PROTECT, null=True, related_name="+")
    reason = models.CharField(max_length=300, blank=True)

    class Meta:
        db_table = "administration_log"
