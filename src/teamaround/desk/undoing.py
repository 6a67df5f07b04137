"""What was written while two records were one: the list from which rows go to the other record on undoing."""

from __future__ import annotations

import datetime as dt
import functools
import operator
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import (
    BigIntegerField,
    Case,
    Exists,
    F,
    OuterRef,
    Q,
    QuerySet,
    TextField,
    Value,
    When,
)
from django.db.models.functions import Cast
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from teamaround.assessments.models import Assessment
from teamaround.events.models import Event
from teamaround.index.models import Involvement, InvolvementRole
from teamaround.meetings.models import Meeting
from teamaround.people import models as people
from teamaround.people.merges import Move
from teamaround.plans.models import Contact, Plan
from teamaround.procedures.models import Episode, EpisodeStatus
from teamaround.referrals.models import Referral
from teamaround.sharing.decision_models import AccessRequest, SharingDecision
from teamaround.sharing.models import Basis, Kind, LawfulBasis, Shield
from teamaround.tasks.models import Task
from teamaround.ui.presentation import uk_date

from .put_right import key_of

_TEXT: Any = TextField()
MOST = 300
"""Rows a page; a month of work on one person is far below."""


@dataclass(frozen=True, slots=True)
class Written:
    """One row written since: under which record it stands, and whether it can go to the other by itself."""

    key: str
    kind: str
    words: str
    on: str
    who: str
    moment: dt.datetime
    record: int
    first: bool
    category: str
    move: Move
    hangs: bool

    @property
    def field(self) -> str:
        """The name of its question in the form."""
        return f"row_{self.key}"


@dataclass(frozen=True, slots=True)
class _Kind:
    """A kind of row: its label, the column that tells more, and which column names the person."""

    model: Any
    label: Any
    told: str | None = None
    about: Sequence[str] = ("subject_id",)
    hangs: str = ""


_KINDS: dict[str, _Kind] = {
    "episode": _Kind(Episode, gettext_lazy("Case, with all that hangs on it"), "status"),
    "involvement": _Kind(Involvement, gettext_lazy("Working with them"), "role"),
    "sharing_basis": _Kind(
        Basis, gettext_lazy("Decision about sharing"), "kind", about=("subject_id", "given_by_id")
    ),
    "sharing_shield": _Kind(Shield, gettext_lazy("Shield")),
    "sharing_lawful_basis": _Kind(LawfulBasis, gettext_lazy("Ground in data protection law")),
    "sharing_decision": _Kind(SharingDecision, gettext_lazy("Decision to share or not"), "recipient_words"),
    "sharing_access_request": _Kind(AccessRequest, gettext_lazy("Request to see more")),
    "person_name": _Kind(people.PersonName, gettext_lazy("Name"), "family_name"),
    "person_address": _Kind(people.Address, gettext_lazy("Address"), "lines"),
    "person_identifier": _Kind(people.Identifier, gettext_lazy("Number"), "value"),
    "person_need": _Kind(people.Need, gettext_lazy("Language or need"), "words"),
    "person_school_place": _Kind(people.SchoolPlace, gettext_lazy("School"), "school_name"),
    "person_background": _Kind(people.Background, gettext_lazy("Ethnicity")),
    "person_caring": _Kind(
        people.Caring, gettext_lazy("Caring"), "relation", about=("subject_id", "cared_for_id")
    ),
    "person_care_reason": _Kind(people.CareReason, gettext_lazy("Reason for needing care")),
    "person_relationship": _Kind(
        people.Relationship, gettext_lazy("Relationship"), "kind", about=("subject_id", "other_id")
    ),
    "family_member": _Kind(
        people.FamilyMember, gettext_lazy("Place in a family"), "role", about=("person_id",)
    ),
    "contact": _Kind(Contact, gettext_lazy("Contact or visit"), "kind", hangs="episode_id"),
    "assessment": _Kind(Assessment, gettext_lazy("Assessment"), "kind", hangs="episode_id"),
    "plan": _Kind(Plan, gettext_lazy("Plan"), hangs="episode_id"),
    "meeting": _Kind(Meeting, gettext_lazy("Meeting"), "kind", hangs="episode_id"),
    "referral": _Kind(Referral, gettext_lazy("Referral"), hangs="episode_id"),
    "task": _Kind(Task, gettext_lazy("Action"), "title", hangs="episode"),
    "event": _Kind(Event, gettext_lazy("Entry in what has happened"), "kind", hangs="episode"),
}
_LABELS: dict[str, Any] = {
    "involvement": InvolvementRole,
    "episode": EpisodeStatus,
    "sharing_basis": Kind,
}


def written_since(merge: people.Merge, one: Sequence[int], other: Sequence[int]) -> list[Written]:
    """What I may read that was written since two records were joined: under `one` (those of the record that was
    merged) or `other`; cases first, and of each kind the latest first. Cases come as a whole; what stands on a case from before stays with it.
    One query.
    """
    both = [*one, *other]
    first, *others = (_columns(name, kind, merge, both) for name, kind in _KINDS.items())
    rows = first.union(*others, all=True).order_by("-recorded_at")[:MOST]
    order = list(_KINDS)
    return sorted((_written(row, one) for row in rows), key=lambda row: order.index(row.move[0]))


def _columns(name: str, kind: _Kind, merge: people.Merge, both: Sequence[int]) -> QuerySet[Any, Any]:
    about = functools.reduce(operator.or_, (Q(**{f"{column}__in": both}) for column in kind.about))
    rows: QuerySet[Any, Any] = kind.model._default_manager.filter(
        about, recorded_at__gte=merge.merged_at
    ).order_by()
    hangs: Any = Value(False)
    if kind.hangs:
        rows = rows.exclude(
            **{f"{kind.hangs}__in": Episode.objects.filter(recorded_at__gte=merge.merged_at).values("pk")}
        )
        hangs = Exists(Episode.objects.filter(pk=OuterRef(kind.hangs)))
    if name == "event":
        rows = rows.exclude(kind__in=("records.joined", "records.parted")).filter(corrects=None)
    return rows.annotate(
        what=Value(name, output_field=_TEXT),
        told=Cast(F(kind.told), _TEXT) if kind.told else Value("", output_field=_TEXT),
        number=F("pk"),
        subjects=_first_of(kind.about, both),
        whole=hangs,
        who=F("recorded_by__practitioner__name"),
        of_team=F("author_team__name"),
    ).values_list("what", "told", "number", "subjects", "category", "recorded_at", "whole", "who", "of_team")


def _first_of(columns: Sequence[str], both: Sequence[int]) -> Any:
    """The first column that names one of the records."""
    return Case(
        *(When(Q(**{f"{column}__in": both}), then=F(column)) for column in columns),
        output_field=BigIntegerField(),
    )


def _written(row: tuple[Any, ...], one: Sequence[int]) -> Written:
    what, told, number, record, category, moment, hangs, who, team = row
    return Written(
        key=key_of(f"undo.{what}", number),
        kind=str(_KINDS[what].label),
        words=_words(what, told),
        on=uk_date(moment),
        who=", ".join(part for part in (who, team) if part) or _("Not known"),
        moment=moment,
        record=record,
        first=record in one,
        category=category,
        move=(what, number),
        hangs=bool(hangs),
    )


def _words(what: str, told: str) -> str:
    choices = _LABELS.get(what)
    if choices is not None and told in choices.values:
        return str(choices(told).label)
    if what in _KINDS and told:
        field = _KINDS[what].model._meta.get_field(_KINDS[what].told)
        return str(dict(field.flatchoices).get(told, told))
    return told


def chosen(rows: Iterable[Written], answers: dict[str, str]) -> list[Move]:
    """The rows that go to the other record, as the form says; a row without an answer stays."""
    return [row.move for row in rows if not row.hangs and answers.get(row.field) == "other"]
