"""What a referrer wrote, as rows that both teams read."""

from __future__ import annotations

from django.utils.translation import gettext as _

from teamaround.agencies.models import Practitioner, Team
from teamaround.people.codes import HoursBand, Sex
from teamaround.procedures.models import LinkKind, Priority
from teamaround.ui.components import SummaryRow
from teamaround.ui.presentation import uk_date

from .codes import Agreement, Arrival, Criterion
from .models import Referral


def team_of(team: Team) -> str:
    """A team with its agency."""
    return f"{team.name}, {team.agency.name}"


def referrer_rows(referral: Referral) -> list[SummaryRow]:
    """Who refers, how it came, and how soon an answer is asked for."""
    practitioner: Practitioner | None = getattr(referral.recorded_by, "practitioner", None)
    who = [practitioner.name, practitioner.job_title] if practitioner else []
    reach = [(practitioner.phone if practitioner else "") or referral.author_team.phone]
    rows = [
        SummaryRow(_("Referred by"), [part for part in (*who, team_of(referral.author_team), *reach) if part])
    ]
    if referral.arrival == Arrival.FOR_ANOTHER:
        rows.append(SummaryRow(_("Written down for"), referral.told_by))
    elif referral.arrival == Arrival.SPOKEN:
        rows.append(SummaryRow(_("First contact"), _("They spoke with the team before writing")))
    if referral.episode.priority == Priority.IMMEDIATE:
        rows.append(SummaryRow(_("Answer needed"), [_("At once"), referral.immediate_reason]))
    return rows


def moved_words(referral: Referral) -> str:
    """How a case goes on with this referral, and what is asked with it; empty for a referral of its own."""
    if not referral.moves:
        return ""
    if referral.moves == LinkKind.REOPEN:
        return _("The case was closed, and is re-opened with this referral.")
    how = {
        LinkKind.STEP_UP: _("Step up: the family needs more than %(team)s gives."),
        LinkKind.STEP_DOWN: _("Step down: the family no longer needs what %(team)s gives."),
        LinkKind.TRANSFER: _("Transfer: the case of %(team)s goes on here."),
    }[LinkKind(referral.moves)] % {"team": referral.author_team.name}
    lead = (
        _("If you accept, your team leads from then on.")
        if referral.asks_to_lead
        else _("They go on leading.")
    )
    return f"{how} {lead}"


def reason_rows(referral: Referral) -> list[SummaryRow]:
    """Why they refer."""
    criteria = [str(Criterion(each).label) for each in referral.criteria]
    return filled(
        (_("What is worrying"), referral.worries),
        (_("What is going well"), referral.going_well),
        (_("What is hoped for"), referral.hoped_for),
        (_("The child’s own words"), referral.childs_words),
        (_("What applies"), criteria),
        (_("Assessments known"), referral.assessments_known),
    )


def agreement_rows(referral: Referral) -> list[SummaryRow]:
    """What the family knows, and says."""
    said = [str(Agreement(referral.agreement).label), referral.agreement_reason]
    return filled((_("The family"), [part for part in said if part]))


def identity_rows(referral: Referral) -> list[SummaryRow]:
    """What tells this child from another, as typed."""
    lives = referral.lives
    return filled(
        (_("Name"), referral.child),
        (_("Date of birth"), uk_date(referral.date_of_birth, referral.born_precision)),
        (_("Sex"), str(Sex(referral.sex).label)),
        (_("Address"), [*lives.address.splitlines(), lives.postcode]),
        (_("Telephone"), lives.phone),
        (_("School"), lives.school),
    )


def child_rows(referral: Referral) -> list[SummaryRow]:
    """The child and the family as the referrer typed them."""
    caring: list[str] = []
    if referral.cares:
        caring = [_("Cares for %(whom)s") % {"whom": referral.cares_for}]
        caring += [line.strip() for line in referral.caring_tasks.splitlines() if line.strip()]
        if referral.caring_hours:
            caring.append(_("%(hours)s a week") % {"hours": HoursBand(referral.caring_hours).label})
    elif referral.cares is False:
        caring = [_("Does not care for anybody")]
    return identity_rows(referral) + filled(
        (_("Others in the family"), referral.others_in_family),
        (_("Caring"), caring),
    )


def filled(*pairs: tuple[str, str | list[str]]) -> list[SummaryRow]:
    """Rows of those pairs that say something, line by line."""
    rows = []
    for key, value in pairs:
        lines = value.splitlines() if isinstance(value, str) else value
        lines = [line for line in lines if line.strip()]
        if lines:
            rows.append(SummaryRow(key, lines))
    return rows
