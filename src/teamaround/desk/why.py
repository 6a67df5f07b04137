"""“Why can I see this?”: the grants that hold now, in plain words."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field

from django.db.models import OuterRef, Subquery
from django.utils import timezone
from django.utils.translation import gettext as _

from teamaround.access.models import BasisKind, Grant, Purpose
from teamaround.sharing.models import Basis
from teamaround.ui.presentation import uk_date, uk_time

from .sharing import last_day


@dataclass(frozen=True, slots=True)
class Why:
    """My grants on some subjects: `words` by subject and category, the purpose I stated, and its end."""

    words: Mapping[tuple[int, str], tuple[str, ...]] = field(default_factory=dict)
    purpose: str = ""

    def section(self, categories: Iterable[str], *, own: bool, subjects: Collection[int]) -> str:
        """The sentences for a section that shows rows of these categories; `own` says some are my team's."""
        said = [_("Your own team wrote some or all of this.")] if own else []
        for subject in subjects:
            for category in categories:
                said.extend(self.words.get((subject, category), ()))
        return " ".join(dict.fromkeys(said))


def why_of(subjects: Collection[int]) -> Why:
    """The reasons for which I may read rows about these subjects that my team did not write. One query."""
    now = timezone.now()
    basis = Basis.objects.filter(pk=OuterRef("basis_id"))
    rows = (
        Grant.objects.filter(subject_id__in=subjects, valid_during__contains=now)
        .annotate(
            giver=Subquery(basis.values("given_by__given")[:1]),
            review_on=Subquery(basis.values("review_on")[:1]),
            stated=Subquery(Purpose.objects.filter(pk=OuterRef("basis_id")).values("reason")[:1]),
        )
        .values_list("subject_id", "category", "basis_kind", "valid_during", "giver", "review_on", "stated")
        .order_by("id")
    )
    words: dict[tuple[int, str], tuple[str, ...]] = {}
    purpose = ""
    for subject, category, kind, during, giver, review_on, stated in rows:
        if kind == BasisKind.PURPOSE:
            purpose = stated or purpose
        said = _sentence(kind, during.lower, during.upper, giver, review_on, stated)
        words[subject, category] = (*words.get((subject, category), ()), said)
    return Why(words, purpose)


def _sentence(
    kind: str,
    since: dt.datetime | None,
    until: dt.datetime | None,
    giver: str | None,
    review_on: dt.date | None,
    stated: str | None,
) -> str:
    if kind == BasisKind.CONSENT:
        who = giver or _("The family")
        return _("%(who)s agreed that your team may see this, until %(until)s.") % {
            "who": who,
            "until": last_day(until),
        }
    if kind == BasisKind.SAFEGUARDING:
        return _("It is shared to keep somebody safe. That is looked at again by %(day)s.") % {
            "day": uk_date(review_on)
        }
    if kind == BasisKind.INVOLVEMENT:
        return _("Your team has worked with them since %(day)s.") % {"day": uk_date(since)}
    if kind == BasisKind.PURPOSE:
        return _("You said why you need to look: “%(reason)s”. That lasts until %(time)s.") % {
            "reason": stated or "",
            "time": _moment(until),
        }
    if kind == BasisKind.EPISODE:
        return _("Your team has a referral or a case about them in hand.")
    if kind == BasisKind.PANEL:
        return _("They are on the agenda of a panel you sit on.")
    return _("It was opened to you or your team.")


def _moment(until: dt.datetime | None) -> str:
    if until is None:
        return _("it is ended")
    if timezone.localdate(until) == timezone.localdate():
        return uk_time(until)
    return f"{uk_time(until)} {_('on')} {uk_date(until)}"
