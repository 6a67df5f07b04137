"""What the templates of assessments read."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass

from django.forms.boundfield import BoundField
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from teamaround.ui.components import SummaryRow, Tag, TagColour, Task
from teamaround.ui.presentation import uk_date

from .forms import DomainsForm
from .forms_data import FormDefinition
from .missing import ABOUT, SUMMARY, VIEWS, Missing
from .models import Assessment, AssessmentAnswer, Going, Kind, RiskAnswer, Status

GOING_COLOURS: dict[str, TagColour] = {Going.WELL: "green", Going.WORRIES: "yellow", Going.HELP: "red"}
STATUS_COLOURS: dict[str, TagColour] = {
    Status.IN_PROGRESS: "yellow",
    Status.COMPLETED: "green",
    Status.AMENDED: "green",
    Status.ENTERED_IN_ERROR: "red",
}


def pages_of(form: FormDefinition) -> list[tuple[str, str]]:
    """The pages of a form in their order: key and heading."""
    return [
        (ABOUT, _("Who took part")),
        *[(group.key, str(group.name)) for group in form.groups],
        (VIEWS, _("What the family says")),
        (SUMMARY, _("What needs to change")),
    ]


def status_tag(assessment: Assessment) -> Tag:
    """The state of an assessment, in words."""
    return Tag(str(Status(assessment.status).label), STATUS_COLOURS[assessment.status])


def task_rows(form: FormDefinition, assessment: Assessment, missing: Sequence[Missing]) -> list[Task]:
    """The task list: each page, and what it still lacks."""
    rows = []
    for key, heading in pages_of(form):
        lacking = sum(1 for each in missing if each.page == key)
        words = ngettext("%(n)d answer missing", "%(n)d answers missing", lacking) % {"n": lacking}
        rows.append(
            Task(
                text=heading,
                status=words if lacking else _("Done"),
                url=reverse("assessments:edit", args=[assessment.uuid, key]),
                colour="blue" if lacking else None,
            )
        )
    return rows


@dataclass(frozen=True, slots=True)
class MissingLine:
    """One thing that is missing, with the way to it."""

    words: str
    url: str


def missing_lines(assessment: Assessment, missing: Sequence[Missing]) -> list[MissingLine]:
    """What is missing, each with a link to its field (the first choice, where it is a question)."""
    return [
        MissingLine(
            each.words, f"{reverse('assessments:edit', args=[assessment.uuid, each.page])}#{_anchor(each)}"
        )
        for each in missing
    ]


def _anchor(each: Missing) -> str:
    chosen = each.field.endswith("_going") or each.field == "agreement"
    return f"id_{each.field}_0" if chosen else f"id_{each.field}"


@dataclass(frozen=True, slots=True)
class DomainFields:
    """One domain on an editing page."""

    key: str
    name: Promise
    hint: Promise
    fields: tuple[BoundField, ...]


def domain_fields(form: DomainsForm) -> list[DomainFields]:
    """The domains of the page with their three fields each."""
    return [
        DomainFields(
            key=domain.key,
            name=domain.name,
            hint=domain.hint,
            fields=(
                form[f"{domain.key}_going"],
                form[f"{domain.key}_strengths"],
                form[f"{domain.key}_needs"],
            ),
        )
        for domain in form.group.domains
    ]


@dataclass(frozen=True, slots=True)
class Finding:
    """What was written about one domain, for reading."""

    name: str
    tag: Tag | None
    strengths: str
    needs: str


@dataclass(frozen=True, slots=True)
class FindingGroup:
    """The domains of a page: what was written, and in one line the names of those about which nothing was."""

    name: str
    findings: list[Finding]
    missing: str = ""


def findings(form: FormDefinition, answers: Sequence[AssessmentAnswer]) -> list[FindingGroup]:
    """The domains in the form's order; those without an answer are named together."""
    by_domain = {answer.domain: answer for answer in answers}
    groups = []
    for group in form.groups:
        rows = [_finding(str(domain.name), by_domain.get(domain.key)) for domain in group.domains]
        written = [row for row in rows if row.tag or row.strengths or row.needs]
        missing = [row.name for row in rows if row not in written]
        groups.append(FindingGroup(str(group.name), written, "; ".join(missing)))
    return groups


def _finding(name: str, answer: AssessmentAnswer | None) -> Finding:
    if answer is None:
        return Finding(name, None, "", "")
    tag = Tag(str(Going(answer.going).label), GOING_COLOURS[answer.going]) if answer.going else None
    return Finding(name, tag, answer.strengths, answer.needs)


@dataclass(frozen=True, slots=True)
class Passage:
    """A heading and what was written under it."""

    heading: str
    text: str


def facts(assessment: Assessment) -> list[SummaryRow]:
    """Who, when, on which form."""
    rows = [SummaryRow(_("Started"), uk_date(assessment.started_at))]
    if assessment.completed_at:
        rows.append(SummaryRow(_("Finished"), uk_date(assessment.completed_at)))
    rows.append(
        SummaryRow(_("Written by"), f"{assessment.author_team.name}, {assessment.author_team.agency.name}")
    )
    if assessment.kind == Kind.EARLY_HELP:
        rows += [
            SummaryRow(_("Took part"), assessment.took_part or _("Not written yet")),
            SummaryRow(_("Agreed by"), str(assessment.get_agreement_display()) or _("Not written yet")),
        ]
    return rows


def passages(assessment: Assessment) -> list[Passage]:
    """The family's views and the conclusions, those that were written."""
    return [
        Passage(heading, text)
        for heading, text in (
            (_("What the child says"), assessment.child_views),
            (_("What parents and carers say"), assessment.parents_views),
            (_("Where they see things differently"), assessment.differences),
            (_("What was found, in short"), assessment.summary),
            (_("What needs to change"), assessment.needs_to_change),
        )
        if text
    ]


def risk_passages(answer: RiskAnswer) -> list[Passage]:
    """A risk assessment, for reading."""
    rows = [
        Passage(_("What are we worried about?"), answer.worries),
        Passage(_("How likely is it?"), str(answer.get_likelihood_display())),
        Passage(_("What keeps the child safe?"), answer.keeps_safe),
        Passage(_("What will be done now?"), answer.next_steps),
        Passage(_("Look at this again on"), uk_date(answer.look_again_on) if answer.look_again_on else ""),
    ]
    return [row for row in rows if row.text]


@dataclass(frozen=True, slots=True)
class Earlier:
    """An assessment to build on."""

    name: str
    team: str
    on: dt.datetime
    tag: Tag
    url: str


def earlier(rows: Sequence[Assessment]) -> list[Earlier]:
    """Assessments of the child that I may read, the latest first."""
    return [
        Earlier(
            name=str(row.get_kind_display()),
            team=f"{row.author_team.name}, {row.author_team.agency.name}",
            on=row.completed_at or row.started_at,
            tag=status_tag(row),
            url=reverse("assessments:detail", args=[row.uuid]),
        )
        for row in rows
    ]
