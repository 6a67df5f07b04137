"""What the pages of a case that goes on elsewhere show: teams to choose from, what goes along, where it went."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from teamaround.access.me import Me
from teamaround.agencies.models import Team
from teamaround.agencies.roles import Permission
from teamaround.index.models import Involvement, InvolvementRole
from teamaround.procedures.models import Episode, EpisodeLink, EpisodeStatus, LinkKind
from teamaround.procedures.moving_on import STANDS, Mistake, why_not_taken_back
from teamaround.procedures.versions import procedure_of
from teamaround.referrals.loaders import receiving_teams
from teamaround.referrals.moving_on import Going, Parcel
from teamaround.sharing.before import Verdict
from teamaround.sharing.before_presenters import sentence, verdict_tag
from teamaround.ui.components import SummaryRow, Tag

from .clocks import STATUS_TAGS, page
from .person import Action

KINDS = {
    LinkKind.STEP_UP: (
        gettext_lazy("Step up"),
        gettext_lazy("The family needs more than your team gives."),
    ),
    LinkKind.STEP_DOWN: (
        gettext_lazy("Step down"),
        gettext_lazy("The family needs less: another service goes on with them."),
    ),
    LinkKind.TRANSFER: (
        gettext_lazy("Transfer"),
        gettext_lazy("The same work goes on with another team, for example because they have moved."),
    ),
}

MISTAKES = {
    Mistake.CLOSURE: gettext_lazy("The case was closed by mistake"),
    Mistake.ALLOCATION: gettext_lazy("The worker was named by mistake"),
    Mistake.ACCEPTANCE: gettext_lazy("The referral was accepted by mistake"),
    Mistake.DECLINE: gettext_lazy("The referral was declined by mistake"),
}


@dataclass(frozen=True, slots=True)
class Choice:
    """A team that the case can go to. `named` says that the procedure names it for this."""

    team: Team
    named: bool

    @property
    def words(self) -> str:
        """The team with its agency."""
        return f"{self.team.name}, {self.team.agency.name}"


def choices_for(episode: Episode, kind: str) -> tuple[list[Choice], list[str]]:
    """The teams that a case can go to, those that its procedure names first; and what the procedure names outside
    the product, in words. One query."""
    procedure = procedure_of(episode.procedure_id)
    targets = {LinkKind.STEP_UP: procedure.step_up, LinkKind.STEP_DOWN: procedure.step_down}.get(
        LinkKind(kind), ()
    )
    wanted = {each.procedure for each in targets if each.procedure}
    found = [
        Choice(team, bool(wanted & {team.procedure_slug, *team.further_procedures}))
        for team in receiving_teams().exclude(pk=episode.author_team_id)
    ]
    outside = [each.words for each in targets if each.words and not each.procedure]
    return sorted(found, key=lambda each: not each.named), outside


@dataclass(frozen=True, slots=True)
class PartRow:
    """One category that goes along or stays behind, and why."""

    label: str
    holds: tuple[str, ...]
    tag: Tag
    why: str


def part_rows(parts: Iterable[Going]) -> list[PartRow]:
    """What goes along, or what stays, each with the reason."""
    return [
        PartRow(
            label=str(each.category.label),
            holds=each.holds,
            tag=verdict_tag(each.said.verdict) if each.said else verdict_tag(Verdict.ALLOWED),
            why=sentence(each.said) if each.said else _("It stays within your team."),
        )
        for each in parts
    ]


def child_row(taken: Parcel) -> str:
    """What goes along in any case: who the child is."""
    intake = taken.intake
    return f"{intake.given} {intake.family_name}".strip()


def leads(episode: Episode, records: Collection[int]) -> bool:
    """Whether the team whose case it is leads for the child, whose records these are."""
    rows = Involvement.objects.filter(subject_id__in=records, until=None)
    return rows.filter(role=InvolvementRole.LEAD, author_team_id=episode.author_team_id).exists()


def link_rows(episode: Episode, teams: Collection[int]) -> list[SummaryRow]:
    """Where a case comes from and where it goes on, as far as I may see both cases. One query."""
    found = EpisodeLink.objects.filter(from_episode=episode) | EpisodeLink.objects.filter(episode=episode)
    rows = found.select_related(
        "episode__author_team__agency", "from_episode__author_team__agency", "episode__referral"
    ).order_by("-id")
    return [_link_row(each, episode, teams) for each in rows]


def _link_row(row: EpisodeLink, episode: Episode, teams: Collection[int]) -> SummaryRow:
    comes = row.episode_id == episode.pk
    other = row.from_episode if comes else row.episode
    status = str(STATUS_TAGS[EpisodeStatus(other.status)].text)
    kind = str(LinkKind(row.kind).label)
    key = _("%(kind)s from") % {"kind": kind} if comes else _("%(kind)s to") % {"kind": kind}
    lines = [f"{other.author_team.name}, {other.author_team.agency.name}: {status.lower()}"]
    if row.lead and not comes and other.status == EpisodeStatus.WAITING:
        lines.append(_("Your team leads until they accept."))
    lines.append(row.reason)
    referral = getattr(row.episode, "referral", None)
    mine = other.author_team_id in teams
    url = (
        page("desk:case", other.uuid) if mine else page("referrals:detail", referral.uuid) if referral else ""
    )
    return SummaryRow(key, lines, action_text=_("Open") if url else "", action_url=url)


def moving_actions(episode: Episode, me: Me, *, allocated: bool) -> Iterable[Action]:
    """Where a case can go from here, and what of it can be taken back as a mistake."""
    team = episode.author_team_id
    decides, refers = (
        me.may_for(Permission.DECIDE_REFERRALS, team),
        me.may_for(Permission.REFER, team),
    )
    status = episode.status
    if status == EpisodeStatus.OPEN and decides:
        words = _("Name another worker") if allocated else _("Name a worker")
        yield Action(words, page("desk:allocate", episode.uuid))
    if status == EpisodeStatus.OPEN and refers:
        yield Action(_("Step up, step down or transfer"), page("desk:move_on", episode.uuid))
    if status == EpisodeStatus.CLOSED and me.may_for(Permission.WORK_CASES, team):
        yield Action(_("Write down how the family is"), page("desk:follow_up", episode.uuid))
    if status == EpisodeStatus.CLOSED and refers:
        yield Action(_("Re-open the case"), page("desk:reopen", episode.uuid))
    asked = {
        Mistake.CLOSURE: me.may_for(Permission.CLOSE_CASES, team),
        # What the page has read already is not asked again.
        Mistake.ALLOCATION: decides and allocated,
        Mistake.ACCEPTANCE: decides,
        Mistake.DECLINE: decides,
    }
    for what, may in asked.items():
        if may and status == STANDS[what] and not why_not_taken_back(episode, what):
            yield Action(str(MISTAKES[what]), page("desk:take_back", episode.uuid, what))
