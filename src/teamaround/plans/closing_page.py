"""What the closing page shows of the gates and of each part."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from teamaround.procedures.actions import standing
from teamaround.procedures.asking_after import days_of
from teamaround.procedures.models import Episode
from teamaround.procedures.versions import procedure_of
from teamaround.ui.components import SummaryRow, Task
from teamaround.ui.presentation import uk_date

from .closing_gaps import gaps_of
from .links import url
from .models import Closing


@dataclass(frozen=True)
class Part:
    """One part of closing: its heading, the event it leaves, and where it stands."""

    title: str | Promise
    event: str
    done_at: str
    initial: Callable[[Closing], dict[str, Any]]

    def is_done(self, closing: Closing | None) -> bool:
        return closing is not None and getattr(closing, self.done_at) is not None


def _outcomes(closing: Closing) -> dict[str, Any]:
    areas = {row.area: row.achieved for row in closing.outcomes.all()}
    return {"achieved": closing.achieved, "why": closing.why, **areas}


def _stepdown(closing: Closing) -> dict[str, Any]:
    if closing.lead_team is not None:
        key = f"{closing.lead.uuid}:" if closing.lead else "team:"
        chosen = {"owner": "worker", "worker": f"{key}{closing.lead_team.slug}"}
    else:
        chosen = {"owner": "family" if closing.lead_words else "", "named": closing.lead_words}
    names = ("who_stays", "ongoing", "no_follow_up", "exit_strategy", "future_contact")
    days = days_of(closing.episode)
    by = days[0].practitioner if days else None
    return {
        **chosen,
        "agreed_on": closing.lead_agreed_on,
        "asks_after": "yes" if days else "no" if closing.no_follow_up else "",
        "follow_up_on": days[0].due_on if days else None,
        "again_on": days[1].due_on if len(days) > 1 else None,
        "follow_up_by": str(by.uuid) if by else "",
        **{name: getattr(closing, name) for name in names},
    }


def _feedback(closing: Closing) -> dict[str, Any]:
    return {name: getattr(closing, name) for name in ("asked_on", "child_views", "family_views")}


PARTS = {
    "outcomes": Part(gettext_lazy("Outcomes"), "outcome.recorded", "outcomes_at", _outcomes),
    "stepdown": Part(gettext_lazy("Who leads, and who stays"), "stepdown.agreed", "stepdown_at", _stepdown),
    "feedback": Part(
        gettext_lazy("Views of the young person and the family"), "feedback.asked", "feedback_at", _feedback
    ),
}


def gate_tasks(episode: Episode, plan: UUID | None, closing: Closing | None) -> tuple[Sequence[Task], bool]:
    """Every gate of the episode's procedure with where to pass it; and whether one is missing."""
    missing = {gate.event for gate in standing(episode).missing_gates}
    here = {part.event: f"#{key}" for key, part in PARTS.items()}
    elsewhere = {
        "plan.agreed": url("plans:agree", plan) if plan else url("plans:start", episode.uuid),
        "plan.reviewed": url("plans:review", plan) if plan else url("plans:start", episode.uuid),
        "meeting.held": url("meetings:call", episode.uuid),
        "assessment.finished": url("assessments:start", episode.uuid),
        "contact.recorded": url("plans:contact", episode.uuid),
        "visit.made": url("plans:contact", episode.uuid),
    }
    gates = [gate for gate in procedure_of(episode.procedure_id).closure if gate.event != "episode.closed"]
    tasks = [
        Task(
            text=gate.label,
            status=_("Missing") if gate.event in missing else _("Done"),
            url=(here | elsewhere).get(gate.event, "") if gate.event in missing else "",
            colour="yellow" if gate.event in missing else None,
        )
        for gate in gates
    ]
    gaps = gaps_of(episode, closing)
    tasks += [
        Task(
            text=str(gap.label),
            status=_("Waiting") if gap.waits and gap.missing else _("Missing") if gap.missing else _("Done"),
            url="#stepdown" if gap.missing and not gap.waits else "",
            colour="yellow" if gap.missing else None,
        )
        for gap in gaps
    ]
    return tasks, any(gate.event in missing for gate in gates) or any(gap.missing for gap in gaps)


def part_rows(key: str, closing: Closing | None) -> list[SummaryRow]:
    """What a recorded part says."""
    assert closing is not None, "only a recorded part has rows"
    if key == "outcomes":
        return [
            *(
                SummaryRow(row.get_area_display(), row.get_achieved_display())
                for row in sorted(closing.outcomes.all(), key=lambda each: each.pk)
            ),
            SummaryRow(_("Taken together"), [closing.get_achieved_display(), *closing.why.splitlines()]),
        ]
    if key == "stepdown":
        return _filled(
            (_("Leads after stepping down"), _lead(closing)),
            (_("Agreed"), uk_date(closing.lead_agreed_on)),
            (_("Who stays"), closing.who_stays),
            (_("Work that goes on"), closing.ongoing),
            (_("Follow-up"), _follow_ups(closing)),
            (_("If things get harder"), closing.exit_strategy),
            (_("How to come back"), closing.future_contact),
        )
    return _filled(
        (_("Asked"), uk_date(closing.asked_on)),
        (_("The young person"), closing.child_views or _("Said nothing, or did not want to")),
        (_("The family"), closing.family_views or _("Said nothing, or did not want to")),
    )


def _filled(*rows: tuple[str, str]) -> list[SummaryRow]:
    return [SummaryRow(key, value.splitlines()) for key, value in rows if value]


def _follow_ups(closing: Closing) -> str:
    lines = [
        _("%(day)s, by %(who)s")
        % {
            "day": uk_date(each.due_on),
            "who": each.practitioner.name if each.practitioner else _("a manager"),
        }
        for each in days_of(closing.episode)
    ]
    return "\n".join(lines) or (
        _("None: %(why)s") % {"why": closing.no_follow_up} if closing.no_follow_up else ""
    )


def _lead(closing: Closing) -> str:
    if closing.lead_team is None:
        return closing.lead_words
    return f"{closing.lead.name}, {closing.lead_team.name}" if closing.lead else closing.lead_team.name
