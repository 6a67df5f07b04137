"""Families whose every text is a mark found nowhere else, so that a page that shows one shows whose it is."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, field
from typing import Any

from django.test import Client
from django.utils import timezone

from harness.sweep import open_forms
from teamaround.access.actions import state_purpose
from teamaround.assessments.actions import Given, assess_risk, save_answers, save_texts, start_assessment
from teamaround.assessments.forms_data import EARLY_HELP
from teamaround.demonstration.area import Area
from teamaround.demonstration.past import Past
from teamaround.demonstration.telling import Child, born, refer, take_on
from teamaround.index.actions import involve
from teamaround.meetings.actions import InvitedPerson, InvitedTeam, call_meeting
from teamaround.meetings.minutes import MinutesTyped, ViewTyped, record_minutes
from teamaround.meetings.models import Meeting, MeetingInvitation
from teamaround.people.actions import (
    add_member,
    add_need,
    add_person,
    note_caring,
    relate,
    set_school,
)
from teamaround.plans.actions.contacts import record_contact
from teamaround.plans.actions.plan import add_action, add_goal, change_plan, make_family, start_plan
from teamaround.procedures.models import Episode
from teamaround.sharing.actions import Cell, record_consent
from teamaround.sharing.break_glass import open_in_emergency
from teamaround.sharing.models import Basis
from teamaround.sharing.shields import put_up_shield
from teamaround.tasks.actions import Owner
from teamaround.tasks.appointments import With, make_appointment

CLINIC = "Zqsvclinic"
TO_THE_SCHOOL = ("identity", "referral", "assessment", "plan", "notes")


@dataclass
class Marked:
    """One family: whom it is about, the parts of its URLs, and a mark for each of its texts."""

    key: str
    outward: str
    age: tuple[int, int] = (12, 0)
    child: int = 0
    mother: int = 0
    family: int = 0
    episode: Any = None
    goal: Any = None
    meeting: Any = None
    booked: Any = None
    basis: Any = None
    marks: dict[str, str] = field(default_factory=dict)
    parts: dict[str, str] = field(default_factory=dict)

    def mark(self, room: str) -> str:
        """The mark of a room; the same word each time."""
        return self.marks.setdefault(room, f"Zq{self.key}{room}")

    @property
    def postcode(self) -> str:
        """Where they live: no other family does, and the first half alone tells it."""
        return self.marks.setdefault("postcode", f"{self.outward} 9QX")


def make_family_of(area: Area, past: Past, case: Marked) -> Marked:
    """The child, the mother and all the work with them, by Dana; nobody else knows of them."""
    mark, team = case.mark, area.team("young-carers")
    with area.as_("dana") as me:
        child = add_person(
            by=me, team=team, given=mark("given"), family_name=mark("surname"), date_of_birth=born(*case.age),
            postcode=case.postcode, address=mark("address"), phone="01632 960155",
        )  # fmt: skip
        mother = add_person(
            by=me, team=team, given=mark("mother"), family_name=mark("surname"), date_of_birth=born(38)
        )
        case.child, case.mother = child.pk, mother.pk
        case.parts |= {"child": str(child.uuid), "mother": str(mother.uuid)}
        set_school(by=me, team=team, person=child.pk, school_name=mark("school"))
        add_need(by=me, team=team, person=child.pk, kind="language", words=mark("need"))
        note_caring(by=me, team=team, person=child.pk, cared_for=mother.pk, tasks=[mark("caring")])
        relate(
            by=me,
            team=team,
            person=mother.pk,
            other=child.pk,
            kind="parent",
            parental_responsibility=True,
        )
        involve(by=me, team=team, subject=child.pk)
    known = Child(mark("given"), mark("surname"), born(*case.age), "F", mark("school"), case.postcode)
    sent = refer(area, "dana", "young-carers", "young-carers", case.child, known, worries=mark("worries"))
    case.episode = take_on(area, sent)
    with area.as_("dana") as me:
        case.episode = make_family(by=me, episode=case.episode, name=mark("family"))
        case.family = case.episode.family_id
        add_member(by=me, team=team, family=case.family, person=case.mother, role="parent")
        record_contact(
            by=me, episode=case.episode, kind="visit", happened_at=timezone.now(), place="home",
            seen=[case.child], seen_alone="yes", child_words=mark("words"), notes=mark("note"),
        )  # fmt: skip
        assessment = start_assessment(by=me, episode=Episode.objects.get(pk=case.episode.pk))
        group = EARLY_HELP.groups[0]
        answers = {each.key: Given(going="worries", needs=mark("answer")) for each in group.domains}
        save_answers(by=me, assessment=assessment, group=group, version=0, answers=answers)
        assessment.refresh_from_db()
        save_texts(by=me, assessment=assessment, version=assessment.version, summary=mark("summary"))
        risks = assess_risk(
            by=me, episode=Episode.objects.get(pk=case.episode.pk), worries=mark("risk"),
            likelihood="possible", keeps_safe=mark("safe"), next_steps=mark("next"),
        )  # fmt: skip
        plan = start_plan(by=me, episode=Episode.objects.get(pk=case.episode.pk))
        case.goal = add_goal(by=me, plan=plan, subject=case.child, words=mark("goal"), why=mark("why"))
        owner = Owner(practitioner=area.people["dana"].pk, team=team)
        task = add_action(
            by=me, goal=case.goal, title=mark("action"), owner=owner, due_on=timezone.localdate()
        ).task
        plan.refresh_from_db()
        change_plan(by=me, plan=plan, version=plan.version, family_words=mark("view"), next_review_on=None)
        meeting = _meeting(area, me, case, "purpose", [InvitedTeam(area.team("families-first"))])
        tomorrow = timezone.now() + dt.timedelta(days=1)
        (appointment, *_others) = make_appointment(
            by=me, team=team, subjects=[case.child, case.mother], kind="visit", starts_at=tomorrow,
            ends_at=tomorrow + dt.timedelta(hours=1), whom=With(words=mark("host")), place=mark("whereto"),
        )  # fmt: skip
    past.owner.execute("update meeting set starts_at = now() - interval '1 hour' where id = %s", [meeting.pk])
    with area.as_("dana") as me:
        held = Meeting.objects.get(pk=meeting.pk)
        record_minutes(
            by=me,
            meeting=held,
            version=held.version,
            typed=MinutesTyped(
                held_at=held.starts_at,
                views=[ViewTyped(mark("mother"), mark("said"), case.mother)],
                decisions=[mark("decision")],
                notes=mark("minutes"),
                dissent=mark("dissent"),
            ),
        )
        case.meeting = held
        found = Episode.objects.select_related("referral").get(pk=case.episode.pk)
        involvement = _uuid(past, "involvement", f"subject_id = {case.child} and author_team_id = {team}")
        contact = _uuid(past, "contact", f"episode_id = {found.pk}")
        invitation = _uuid(past, "meeting_invitation", f"meeting_id = {meeting.pk}")
        case.parts |= {
            "family": _uuid(past, "family", f"subject_id = {case.family}"),
            "episode": str(found.uuid), "referral": str(found.referral.uuid),
            "assessment": str(assessment.uuid),
            "risks": str(risks.uuid), "plan": str(plan.uuid), "goal": str(case.goal.uuid),
            "task": str(task.uuid), "meeting": str(held.uuid), "involvement": involvement,
            "contact": contact, "invitation": invitation, "appointment": str(appointment.uuid),
        }  # fmt: skip
    return case


def _meeting(area: Area, me: Any, case: Marked, purpose: str, teams: list[InvitedTeam]) -> Meeting:
    return call_meeting(
        by=me,
        team=area.team("young-carers"),
        episode=Episode.objects.get(pk=case.episode.pk),
        kind="team-around",
        starts_at=timezone.now() + dt.timedelta(days=1),
        place=case.mark(f"at{purpose}"),
        purpose=case.mark(purpose),
        teams=teams,
        people=[InvitedPerson(case.mark("mother"), case.mother)],
    )


def _uuid(past: Past, table: str, where: str) -> str:
    row = past.owner.execute(f"select uuid from {table} where {where} order by 1 limit 1").fetchone()  # type: ignore[arg-type]
    assert row is not None, table
    return str(row[0])


def invite_the_school(area: Area, past: Past, case: Marked) -> MeetingInvitation:
    """A meeting to come, to which Tom's school is invited."""
    with area.as_("dana") as me:
        invited = InvitedTeam(area.team("moor-lane"), area.people["tom"].pk)
        case.booked = _meeting(area, me, case, "coming", [invited])
        found = MeetingInvitation.objects.get(meeting=case.booked, invited_team_id=area.team("moor-lane"))
    case.parts |= {"booked": str(case.booked.uuid), "asked": str(found.uuid)}
    return found


def agree_to_the_school(
    area: Area, case: Marked, *, since: int = 0, until: int = 100, categories: tuple[str, ...] = TO_THE_SCHOOL
) -> Basis:
    """The mother agrees that Tom's school sees these, from `since` days ago until `until` days ahead."""
    now, school = timezone.now(), area.team("moor-lane")
    with area.as_("dana") as me:
        made = record_consent(
            by=me,
            team=area.team("young-carers"),
            subject=case.child,
            given_by=case.mother,
            capacity="parent",
            how="signed",
            understanding=case.mark("understanding"),
            valid_from=now - dt.timedelta(days=since) if since else None,
            valid_until=now + dt.timedelta(days=until),
            cells=[
                *(Cell(case.child, school, each, "share") for each in categories),
                Cell(case.family, school, "plan", "share"),
            ],
        )
    case.parts["basis"] = str(made.uuid)
    return made


def look_on_purpose(area: Area, who: str, case: Marked) -> None:
    """Somebody states why they look at the child's entry in the index."""
    with area.as_(who) as me:
        state_purpose(by=me, subject=case.child, reason="Asked at the desk")


def shield(area: Area, case: Marked, level: str) -> None:
    """Dana protects the child from everybody else."""
    with area.as_("dana") as me:
        made = put_up_shield(
            by=me,
            team=area.team("young-carers"),
            subject=case.child,
            level=level,
            reason=case.mark("shield"),
            review_on=timezone.localdate() + dt.timedelta(days=30),
        )
        case.parts["shield"] = str(made.uuid)


def break_glass(area: Area, case: Marked) -> Basis:
    """Jo opens the child's plan and notes of visits, and nothing else."""
    with area.as_("jo") as me:
        made = open_in_emergency(
            by=me,
            team=area.team("housing"),
            subject=case.child,
            reason=f"{case.mark('emergency')}: the flat is on fire and nobody knows who is inside.",
            categories=["plan", "notes"],
        )
    case.parts["basis"] = str(made.uuid)
    return made


def tell_marked(
    area: Any, past: Any, clients: dict[str, Client]
) -> tuple[dict[str, Marked], list[tuple[str, dict[str, str]]]]:
    """The families: what was shared of each, and what became of it; the forms Tom had open before."""
    from teamaround.agencies.actions import add_team
    from teamaround.database.actor import SET_UP, acting_as
    from teamaround.index.actions import involve
    from teamaround.meetings.actions import withdraw_invitation
    from teamaround.rights.actions.requests import gather, record_request
    from teamaround.sharing.actions import withdraw_consent

    ages = {"six": (16, 1)}
    keys = ("wd", "xp", "fs", "ws", "bg", "be", "six", "sv")
    families = {
        key: make_family_of(area, past, Marked(key, f"ZE{number}", ages.get(key, (12, 0))))
        for number, key in enumerate(keys, 1)
    }
    # Withdrawn: Tom's school was invited and agreed to; both were taken back while Tom had pages open.
    withdrawn = families["wd"]
    asked, basis = invite_the_school(area, past, withdrawn), agree_to_the_school(area, withdrawn)
    stale = open_forms(clients["tom"], withdrawn.parts)
    with area.as_("dana") as me:
        withdraw_invitation(by=me, invitation=asked, version=asked.version)
        withdraw_consent(by=me, basis=basis, reason=withdrawn.mark("reason"))
    agree_to_the_school(area, families["xp"], since=300, until=-1)
    invite_the_school(area, past, families["xp"])
    for key, level in (("fs", "full"), ("ws", "whereabouts")):
        agree_to_the_school(area, families[key])
        look_on_purpose(area, "nina", families[key])
        shield(area, families[key], level)
    break_glass(area, families["bg"])
    ended = break_glass(area, families["be"])
    # A day and an hour ago: it ended by itself.
    past.owner.execute(
        "update sharing_basis set valid_from = valid_from - interval '25 hours', "
        "valid_until = valid_until - interval '25 hours' where id = %s",
        [ended.pk],
    )
    past.owner.execute(
        "update access_grant set valid_during = tstzrange(lower(valid_during) - interval '25 hours', "
        "upper(valid_during) - interval '25 hours') where subject_id = %s and principal_id = %s",
        [families["be"].child, area.people["jo"].pk],
    )
    agree_to_the_school(area, families["six"], since=60)
    with area.as_("greta") as me:
        asked_for = record_request(
            by=me,
            kind="access",
            subject=families["six"].child,
            asked_on=timezone.localdate(),
            asked_by="Herself",
            identity="Seen",
        )
        gather(request=asked_for)
    families["six"].parts["request"] = str(asked_for.uuid)
    # A service whose name tells what it is for works with the last child; Jo asked who else does.
    with acting_as(SET_UP):
        service = add_team(
            by=None, agency=area.teams["housing"].agency, name=CLINIC, sensitivity="domestic_abuse"
        )
    last = families["sv"]
    agree_to_the_school(area, last)
    look_on_purpose(area, "jo", last)
    past.owner.execute(
        "insert into membership (practitioner_id, team_id, role, since) values (%s, %s, 'practitioner', now())",
        [area.people["lewis"].pk, service.pk],
    )
    with area.as_("lewis") as me:
        involve(by=me, team=service.pk, subject=last.child, practitioner=area.people["lewis"].pk)
    last.marks["clinic"] = CLINIC
    return families, stale
