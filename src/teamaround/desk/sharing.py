"""What was agreed about sharing, as a person's page lists it."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext as _

from teamaround.access.categories import Category
from teamaround.sharing import presenters
from teamaround.sharing.models import Answer, Basis, BasisLine, Kind
from teamaround.sharing.why import last_day
from teamaround.ui.components import Tag
from teamaround.ui.presentation import uk_date


@dataclass(frozen=True, slots=True)
class BasisView:
    """One decision about sharing: who decided, until when, and what it lets whom see."""

    title: str
    period: str
    tag: Tag
    lines: tuple[str, ...]
    team: int
    giver: int | None


def bases_of(records: Collection[int], *, teams: Collection[int]) -> list[BasisView]:
    """The decisions about sharing the person of these records that I may see, latest first. One query.

    A team that did not record a decision reads what is shared with it: a refusal would tell that there is
    something to refuse.
    """
    rows = (
        BasisLine.objects.filter(Q(author_team_id__in=teams) | Q(answer=Answer.SHARE), subject_id__in=records)
        .select_related("basis__given_by", "holder__team__agency", "holder__panel")
        .order_by("-basis__valid_from", "-basis_id", "holder_id", "shared_category")
    )
    found: dict[int, tuple[Basis, dict[tuple[str, str], list[str]]]] = {}
    for row in rows:
        _basis, cells = found.setdefault(row.basis_id, (row.basis, {}))
        label = str(Category(row.shared_category).label)
        cells.setdefault((_holder(row), row.answer), []).append(label)
    return [_view(basis, cells) for basis, cells in found.values()]


def _holder(line: BasisLine) -> str:
    team = getattr(line.holder, "team", None)
    if team is not None:
        return f"{team.agency.name}, {team.name}"
    panel = getattr(line.holder, "panel", None)
    return panel.name if panel is not None else _("A named holder")


def _view(basis: Basis, cells: dict[tuple[str, str], list[str]]) -> BasisView:
    said = {
        Answer.SHARE: _("%(who)s may see: %(what)s"),
        Answer.ASK: _("Ask first before %(who)s sees: %(what)s"),
        Answer.REFUSE: _("%(who)s may not see: %(what)s"),
    }
    lines = tuple(
        said[Answer(answer)] % {"who": who, "what": ", ".join(what)} for (who, answer), what in cells.items()
    )
    if basis.kind != Kind.CONSENT and basis.review_on is None:
        title = presenters.title(basis)
        period = _("From %(since)s until %(until)s.") % {
            "since": uk_date(basis.valid_from),
            "until": uk_date(basis.valid_until),
        }
    elif basis.kind != Kind.CONSENT:
        title = presenters.title(basis)
        period = _("From %(since)s. Looked at again by %(review)s.") % {
            "since": uk_date(basis.valid_from),
            "review": uk_date(basis.review_on),
        }
    else:
        giver = basis.given_by.name if basis.given_by is not None else _("The family")
        agreed = any(answer == Answer.SHARE for _holder_name, answer in cells)
        title = (_("%(who)s agreed") if agreed else _("%(who)s did not agree")) % {"who": giver}
        period = _("From %(since)s until %(until)s.") % {
            "since": uk_date(basis.valid_from),
            "until": last_day(basis.valid_until),
        }
    giver_id = basis.given_by.pk if basis.given_by is not None else None
    return BasisView(title, period, _tag(basis), lines, basis.author_team_id, giver_id)


def _tag(basis: Basis) -> Tag:
    now = timezone.now()
    if basis.withdrawn_at is not None and basis.withdrawn_at <= now:
        return Tag(_("Withdrawn on %(day)s") % {"day": uk_date(basis.withdrawn_at)}, "orange")
    if basis.valid_until is not None and basis.valid_until <= now:
        return Tag(_("Ran out"), "grey")
    return Tag(_("Holds now"), "green") if basis.valid_from <= now else Tag(_("Not begun"), "yellow")
