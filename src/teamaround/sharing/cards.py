"""Boxes of words beside and above a form: what it does, what stands already, and the way on."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from teamaround.access.categories import Category
from teamaround.agencies.models import Panel, Team
from teamaround.ui.components import Tag
from teamaround.ui.presentation import uk_date, uk_datetime

from .models import Basis, BasisLine, Kind, Shield, ShieldLevel
from .settlements import Disagreement, Says


@dataclass(frozen=True, slots=True)
class Card:
    """A box: its title, its lines, and perhaps a way on (`post` where following it changes something)."""

    title: str
    lines: Sequence[str] = ()
    url: str = ""
    action: str = ""
    tag: Tag | None = None
    danger: bool = False
    post: bool = False


def holder_names(holders: Iterable[int]) -> dict[int, str]:
    """Teams and panels by name. Two queries at most."""
    wanted = set(holders)
    found = {
        team.pk: f"{team.agency.name}: {team.name}"
        for team in Team.objects.select_related("agency").filter(pk__in=wanted)
    }
    if wanted - set(found):
        found |= {panel.pk: panel.name for panel in Panel.objects.filter(pk__in=wanted - set(found))}
    return found


WHY_IT_GOES_ON = {
    Kind.SAFEGUARDING: gettext_lazy("to keep somebody safe"),
    Kind.DUTY: gettext_lazy("because the law asks for it"),
    Kind.VITAL: gettext_lazy("because a life is at risk"),
    Kind.PANEL: gettext_lazy("while a panel has it on its agenda"),
    Kind.BREAK_GLASS: gettext_lazy("opened in an emergency, for a day at most"),
}


def what_stops(lines: Iterable[BasisLine], names: Mapping[int, str], *, ended: bool = False) -> list[str]:
    """What these shares open now, holder by holder; `ended` says it as what no longer is."""
    found: dict[int, list[str]] = {}
    for line in lines:
        found.setdefault(line.holder_id, []).append(str(Category(line.shared_category).label))
    return [
        (_("%(who)s no longer sees: %(what)s") if ended else _("%(who)s sees: %(what)s"))
        % {"who": names.get(holder, _("Another team")), "what": ", ".join(dict.fromkeys(what))}
        for holder, what in found.items()
    ]


def what_goes_on(bases: Iterable[Basis]) -> list[str]:
    """What consent does not touch, and why it goes on."""
    said = [
        _("Sharing %(why)s goes on: it does not rest on consent.")
        % {"why": str(WHY_IT_GOES_ON[Kind(basis.kind)])}
        for basis in bases
        if basis.kind != Kind.CONSENT
    ]
    return [
        *dict.fromkeys(said),
        _("Each team keeps what it wrote itself."),
        _("Teams that work with them still show as involved."),
        _("What was shared already cannot be taken back."),
    ]


def disagreement_words(each: Disagreement, names: Mapping[int, str]) -> Card:
    """“Efua said yes, Kwame said no: not shared until somebody settles it.”"""
    said = [
        *(_("%(name)s said yes") % {"name": _first(says)} for says in each.yes),
        *(_("%(name)s said no") % {"name": _first(says)} for says in each.no),
    ]
    stands = (
        _("settled: it is shared") if each.settled is not None else _("not shared until somebody settles it")
    )
    return Card(
        title=_("%(what)s with %(who)s")
        % {"what": Category(each.category).label, "who": names.get(each.holder, _("another team"))},
        lines=[f"{', '.join(said)}: {stands}."],
        tag=Tag(_("Settled"), "green") if each.settled else Tag(_("They disagree"), "orange"),
        url=reverse("sharing:end_settlement", args=[each.settled]) if each.settled else "",
        action=_("End this settlement"),
        post=True,
    )


def _first(says: Says) -> str:
    return says.name.split(" ")[0] or _("Somebody")


def shield_card(shield: Shield, *, own: bool, names: Mapping[int, str]) -> Card:
    """A shield for those who may know of it."""
    level = ShieldLevel(shield.level)
    who = [names.get(holder.holder_id, _("another team")) for holder in shield.holders.all()]
    return Card(
        title=str(level.label),
        lines=[
            _("Put up on %(since)s by %(team)s. Looked at again by %(review)s.")
            % {
                "since": uk_date(shield.valid_from),
                "team": shield.author_team.name,
                "review": uk_date(shield.review_on),
            },
            shield.reason,
            _("Who may know: %(who)s.") % {"who": ", ".join([shield.author_team.name, *who])},
        ],
        tag=Tag(_("Shielded"), "red"),
        url=reverse("sharing:shield_review", args=[shield.uuid]) if own else "",
        action=_("Review or lift"),
    )


def opening_card(basis: Basis) -> Card:
    """An opening in an emergency, as whoever governs access lists it: no name of a child."""
    review = getattr(basis, "emergency_review", None)
    opener = getattr(basis.recorded_by, "practitioner", None)
    lines = [
        _("By %(name)s, %(team)s, %(agency)s")
        % {
            "name": opener.name if opener else _("somebody"),
            "team": basis.author_team.name,
            "agency": basis.author_team.agency.name,
        },
        basis.reason,
    ]
    if review is not None:
        lines.append(review.note)
    tag = Tag(_("Waits for a review"), "orange")
    if review is not None:
        tag = Tag(_("Justified"), "green") if review.justified else Tag(_("Not justified"), "red")
    return Card(
        title=uk_datetime(basis.valid_from),
        lines=lines,
        tag=tag,
        url="" if review else reverse("sharing:emergency_review", args=[basis.uuid]),
        action=_("Review"),
    )
