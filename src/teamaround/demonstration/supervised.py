"""The young carers team's supervision: notes, a worker's own words, decisions on files, an audit with its findings."""

from __future__ import annotations

import datetime as dt

from django.utils import timezone

from teamaround.procedures.models import Episode
from teamaround.supervision import actions, auditing
from teamaround.supervision.auditing import Found
from teamaround.supervision.models import Finding, SupervisionKind

from .area import Area
from .past import Past

TEAM = "young-carers"


def supervised(area: Area, past: Past) -> None:
    """Priya supervises Dana and Mel; one decision stands on a file, one file was audited."""
    team, today = area.team(TEAM), timezone.localdate()
    with area.as_("priya") as me:
        actions.set_measures(by=me, team=team, oversight_weeks=1, supervision_weeks=4, lead=None)
        for days, words in (
            (47, "First weeks with her own cases. She asks early, which helps."),
            (12, NOTES),
        ):
            met = actions.record_supervision(
                by=me,
                team=team,
                worker=area.people["dana"].pk,
                held_on=today - dt.timedelta(days=days),
                next_on=today + dt.timedelta(days=28 - days if days < 28 else 1),
                reflection=words,
            )
        actions.record_supervision(
            by=me,
            team=team,
            worker=area.people["mel"].pk,
            held_on=today - dt.timedelta(days=40),
            next_on=today - dt.timedelta(days=5),
            reflection="Settled in the new hub. Wants to learn more about grief.",
        )
    with area.as_("dana") as me:
        actions.say_own_words(
            by=me, supervision=met, version=met.version, words="It helped to talk about Farah’s pain."
        )
        actions.note_support(
            by=me, team=team, kind=SupervisionKind.PEER, held_on=today - dt.timedelta(days=6)
        )
        actions.say_of_load(
            by=me, team=team, feels="stretched", words="Three first visits this week, two of them after six."
        )
    _decided(area)
    _audited(area, past)


NOTES = """The work with one family brings back her own time as a carer. We talked about what helps her after a hard visit.

She would like an hour with the clinical psychologist; agreed."""


def _decided(area: Area) -> None:
    with area.as_("priya") as me:
        aisha = Episode.objects.filter(author_team_id=area.team(TEAM), status="open").order_by("opened_at")[0]
        actions.decide_on_case(
            by=me,
            episode=aisha,
            decision="Go on with the plan for six weeks. Ask the school nurse to the next meeting.",
            why="Wednesdays are lighter since the club; the reason for the lateness is understood.",
            with_worker=area.people["dana"].pk,
            decided_on=timezone.localdate() - dt.timedelta(days=3),
        )


def _audited(area: Area, past: Past) -> None:
    team = area.team(TEAM)
    with past.at(4, 14), area.as_("priya") as me:
        audit = auditing.draw(by=me, team=team)
        asked = auditing.questions_of(team)
        answers = [Found(each.pk, Finding.YES) for each in asked]
        answers[1] = Found(
            asked[1].pk,
            Finding.PARTLY,
            note="The child’s words are there; the visits alone are not marked.",
            action="Say at each visit whether the child was seen alone",
            owner=area.people["mel"].pk,
            due_on=timezone.localdate() + dt.timedelta(days=10),
        )
        auditing.finish(
            by=me,
            audit=audit,
            version=audit.version,
            answers=answers,
            summary="A clear plan in the family’s own words. Seen alone is not always written down.",
        )
