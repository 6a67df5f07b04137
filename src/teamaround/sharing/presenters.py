"""What the templates of sharing read."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.forms.boundfield import BoundField
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from teamaround.access.categories import Category
from teamaround.people.codes import FamilyRole
from teamaround.people.models import Person
from teamaround.ui.components import SummaryRow, Tag, TagColour
from teamaround.ui.presentation import uk_date

from .models import Answer, Basis, BasisLine, Capacity, Kind
from .standing import Party

if TYPE_CHECKING:
    from .forms import TeamsForm

ANSWER_COLOURS: dict[str, TagColour] = {Answer.SHARE: "green", Answer.ASK: "yellow", Answer.REFUSE: "red"}


def party_label(party: Party, child: Person) -> str:
    """A person as one picks them: name, age, place in the family."""
    told = [party.name]
    if party.youngest is not None and party.oldest is not None and party.oldest < 18:
        told.append(
            str(party.youngest) if party.youngest == party.oldest else f"{party.youngest}–{party.oldest}"
        )
    role = next(iter(party.places.values()), "")
    if role and party.subject != child.pk:
        told.append(str(FamilyRole(role).label).lower())
    return ", ".join(told)


@dataclass(frozen=True, slots=True)
class TeamRows:
    """One team on the form. `unfolded` while it has answers or complaints, or is the only one."""

    slug: str
    name: str
    line: str
    fields: Sequence[BoundField]
    unfolded: bool


def team_rows(form: TeamsForm, names: dict[str, list[str]]) -> list[TeamRows]:
    """The teams shown, each with its fields; `names` gives the field names of a team by its slug."""
    rows = []
    for offer in form.teams:
        fields = [form[name] for name in names[offer.slug]]
        touched = any(field.data or field.name in form.errors for field in fields) if form.is_bound else False
        line = _("Works with them now") if offer.involved else _("Your own team") if offer.mine else ""
        rows.append(
            TeamRows(
                slug=offer.slug,
                name=f"{offer.agency}: {offer.name}",
                line=line,
                fields=fields,
                unfolded=touched
                or len(form.teams) == 1
                or offer.slug in (form.data.get("another"), *form.initial.get("with", ())),
            )
        )
    return rows


@dataclass(frozen=True, slots=True)
class InForce:
    """A basis in force, as the form lists it."""

    title: str
    line: str
    url: str


def in_force(bases: Iterable[Basis]) -> list[InForce]:
    """The bases in force, each with the way to it."""
    return [
        InForce(title(basis), _period(basis), reverse("sharing:detail", args=[basis.uuid])) for basis in bases
    ]


def title(basis: Basis) -> str:
    """What the decision is, in a few words."""
    if basis.kind in TITLES:
        return str(TITLES[Kind(basis.kind)])
    giver = basis.given_by.name if basis.given_by else _("the family")
    # A refusal on its own was recorded on no wording: nothing was read out to be agreed to.
    words = _("Agreed by %(giver)s") if basis.wording_version else _("Taken back by %(giver)s")
    return words % {"giver": giver}


TITLES = {
    Kind.SAFEGUARDING: gettext_lazy("Shared to keep somebody safe"),
    Kind.DUTY: gettext_lazy("Shared under the legal duty"),
    Kind.VITAL: gettext_lazy("Shared to protect life"),
    Kind.PANEL: gettext_lazy("Put before a panel"),
    Kind.BREAK_GLASS: gettext_lazy("Opened in an emergency"),
}


def _period(basis: Basis) -> str:
    since = uk_date(basis.valid_from)
    if basis.review_on is not None and basis.kind != Kind.CONSENT:
        words = _("Since %(since)s, reviewed by %(until)s")
        return words % {"since": since, "until": uk_date(basis.review_on)}
    return _("From %(since)s until %(until)s") % {"since": since, "until": _last_day(basis)}


def later_words(lines: Sequence[BasisLine], names: dict[int, str]) -> list[str]:
    """What the same person said later, a sentence a team and answer."""
    found: dict[tuple[int, str, str], list[str]] = {}
    for line in lines:
        key = (line.holder_id, line.answer, uk_date(line.basis.valid_from))
        found.setdefault(key, []).append(str(Category(line.shared_category).label))
    return [
        _("Changed on %(day)s: %(answer)s, %(who)s: %(what)s.")
        % {
            "day": day,
            "answer": str(Answer(answer).label).lower(),
            "who": names.get(holder, _("another team")),
            "what": ", ".join(dict.fromkeys(what)),
        }
        for (holder, answer, day), what in found.items()
    ]


def _last_day(basis: Basis) -> str:
    """The last day on which a consent holds: it ends with the first moment of the next."""
    if basis.valid_until is None:
        return ""
    return uk_date(basis.valid_until - dt.timedelta(microseconds=1))


def state_tag(basis: Basis) -> Tag:
    """Whether the basis holds now."""
    now = timezone.now()
    if basis.withdrawn_at is not None:
        return Tag(_("Withdrawn"), "red")
    if basis.valid_until is not None and basis.valid_until <= now:
        return Tag(_("Ended"), "grey")
    if _unreviewed(basis):
        return Tag(_("Ended: nobody reviewed it"), "orange")
    return Tag(_("In force"), "green") if basis.valid_from <= now else Tag(_("Not yet in force"), "yellow")


def _unreviewed(basis: Basis) -> bool:
    due = basis.review_on is not None and basis.review_on < timezone.localdate()
    return due and basis.kind in (Kind.SAFEGUARDING, Kind.DUTY, Kind.VITAL)


def holds(basis: Basis) -> bool:
    """Whether there is still something to withdraw."""
    return basis.withdrawn_at is None and (basis.valid_until is None or basis.valid_until > timezone.now())


def facts(basis: Basis, names: dict[int, str], lines: Sequence[BasisLine]) -> list[SummaryRow]:
    """Who decided, in what standing, for whom, from when until when."""
    about = ", ".join(dict.fromkeys(names.get(line.subject_id, _("Somebody else")) for line in lines))
    rows = [SummaryRow(_("About"), about or _("Not shown to your team"))]
    if basis.kind == Kind.CONSENT:
        giver = basis.given_by.name if basis.given_by else _("Not shown to your team")
        rows.append(SummaryRow(_("Decided by"), [giver, str(Capacity(basis.capacity).label)]))
        if basis.understanding:
            rows.append(SummaryRow(_("How we know they can"), basis.understanding))
        said = [str(basis.get_how_display())]
        if basis.witness:
            said.append(_("Heard by %(witness)s") % {"witness": basis.witness})
        rows.append(SummaryRow(_("How it was said"), said))
    else:
        rows.append(SummaryRow(_("Why"), basis.reason))
        rows.append(
            SummaryRow(
                _("May the family be told?"), _("Yes") if basis.told_family else _("No: it would add risk")
            )
        )
    rows.append(SummaryRow(_("For how long"), _period(basis)))
    if basis.withdrawn_at is not None:
        ended = [uk_date(basis.withdrawn_at), *([basis.withdrawn_reason] if basis.withdrawn_reason else [])]
        rows.append(SummaryRow(_("Withdrawn"), ended))
    rows.append(SummaryRow(_("Recorded by"), f"{basis.author_team.name}, {basis.author_team.agency.name}"))
    return rows


@dataclass(frozen=True, slots=True)
class Shares:
    """What one holder may see, of whom, by answer."""

    holder: str
    answers: Sequence[tuple[Tag, str]]


def shares(lines: Sequence[BasisLine], teams: dict[int, str]) -> list[Shares]:
    """The cells of a basis, holder by holder, in the order of the categories."""
    order = [str(category) for category in Category]
    found: dict[int, dict[str, list[str]]] = {}
    for line in sorted(lines, key=lambda each: order.index(each.shared_category)):
        said = found.setdefault(line.holder_id, {}).setdefault(line.answer, [])
        label = str(Category(line.shared_category).label)
        if label not in said:
            said.append(label)
    return [
        Shares(
            teams.get(holder, _("Another holder")),
            [
                (Tag(str(Answer(answer).label), ANSWER_COLOURS[answer]), "; ".join(said[answer]))
                for answer in Answer.values
                if answer in said
            ],
        )
        for holder, said in sorted(found.items(), key=lambda each: teams.get(each[0], ""))
    ]
