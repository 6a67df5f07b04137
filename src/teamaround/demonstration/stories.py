"""Families of Northmoor and the work with them. All of it is made up."""

from __future__ import annotations

import datetime as dt

from django.utils import timezone

from teamaround.assessments.actions import (
    Given,
    assess_risk,
    finish_assessment,
    save_answers,
    save_texts,
    start_assessment,
)
from teamaround.assessments.forms_data import EARLY_HELP
from teamaround.index.actions import involve
from teamaround.meetings.actions import InvitedPerson, InvitedTeam, call_meeting
from teamaround.meetings.minutes import ActionTyped, MinutesTyped, ViewTyped, record_minutes
from teamaround.people.actions import (
    add_member,
    add_need,
    add_person,
    note_care_reason,
    note_caring,
    relate,
)
from teamaround.plans.actions.contacts import record_contact
from teamaround.plans.actions.plan import add_action, add_goal, agree, make_family, start_plan
from teamaround.procedures.models import Episode
from teamaround.referrals.actions import decline
from teamaround.sharing.actions import Cell, record_consent
from teamaround.tasks.actions import Owner
from teamaround.ui.presentation import uk_datetime

from .area import Area
from .coverage import planning_numbers
from .diary import the_rahmans_diary
from .moving_on import going_on
from .own_page import aishas_own_page, farahs_own_page
from .past import Past
from .telling import Child, add_child, born, reckon, refer, refer_newly, take_on


def the_rahmans(area: Area, past: Past) -> None:
    """A family with nearly everything: assessment, consent, plan, meeting, several agencies."""
    aisha = Child("Aisha", "Rahman", born(14), "F", "Moor Lane School", "NM4 2AB")
    sami = Child("Sami", "Rahman", born(6), "M", "Hill Primary School", "NM4 2AB")
    young_carers = area.team("young-carers")
    with past.at(24, 9, 20):
        child = add_child(area, "tom", "moor-lane", aisha)
        episode = refer(
            area, "tom", "moor-lane", "young-carers", child, aisha,
            worries="Aisha is late most Wednesdays. She takes her brother to school and looks after her mum.",
        )  # fmt: skip
    with past.at(24, 14, 5):
        episode = take_on(area, episode)
    with past.at(24, 15) as then, area.as_("dana") as me:
        record_contact(
            by=me,
            episode=episode,
            kind="call",
            happened_at=then,
            notes="Rang the social work team: nobody there works with the family. Rang Farah; a visit suits tomorrow.",
        )
    with past.at(23, 16, 30) as then:
        with area.as_("dana") as me:
            record_contact(
                by=me,
                episode=episode,
                kind="visit",
                happened_at=then,
                place="home",
                seen=[child],
                seen_alone="yes",
                child_words="I want to stay at Moor Lane and have Wednesdays free from looking after Sami.",
                notes="First visit. Farah was in pain but glad of the visit. Aisha showed the rota she keeps on the fridge.",
            )
            mum = add_person(
                by=me, team=young_carers, given="Farah", family_name="Rahman", date_of_birth=born(39), sex="F",
                phone="01632 960190",
            )  # fmt: skip
            dad = add_person(
                by=me, team=young_carers, given="Imran", family_name="Rahman", date_of_birth=born(41), sex="M"
            )
            note_care_reason(by=me, team=young_carers, adult=mum.pk, kind="illness")
            note_caring(
                by=me,
                team=young_carers,
                person=child,
                cared_for=mum.pk,
                relation="Mum",
                tasks=[
                    "Cooks most evenings",
                    "Takes Sami to school on Wednesdays",
                    "Helps Mum on the stairs",
                ],
                hours="10-19",
            )
            add_need(by=me, team=young_carers, person=mum.pk, kind="language", words="Urdu, and English")
        add_child(area, "ruth", "hill-primary", sami)
    with past.at(22, 11), area.as_("dana") as me:
        episode = Episode.objects.get(pk=episode.pk)
        episode = make_family(by=me, episode=episode, name="Rahman")
        family = episode.family_id
        assert family is not None
        brother = add_person(
            by=me, team=young_carers, given="Sami", family_name="Rahman", date_of_birth=sami.born, sex="M"
        )
        for person, role, here in (
            (mum.pk, "parent", True),
            (dad.pk, "parent", False),
            (brother.pk, "child", True),
        ):
            add_member(by=me, team=young_carers, family=family, person=person, role=role, lives_here=here)
        relate(
            by=me, team=young_carers, person=mum.pk, other=child, kind="parent", parental_responsibility=True
        )
        relate(
            by=me, team=young_carers, person=dad.pk, other=child, kind="parent", parental_responsibility=True
        )
    with past.at(20, 15), area.as_("dana") as me:
        school, nurse = area.team("moor-lane"), area.team("school-nursing")
        record_consent(
            by=me,
            team=young_carers,
            subject=child,
            given_by=mum.pk,
            capacity="parent",
            how="signed",
            valid_until=timezone.now() + dt.timedelta(days=160),
            cells=[
                *[Cell(child, school, c, "share") for c in ("identity", "assessment", "plan", "education")],
                Cell(child, school, "health", "ask"),
                Cell(child, nurse, "identity", "share"),
                Cell(family, school, "plan", "share"),
                Cell(child, area.team("housing"), "money", "refuse"),
            ],
            episode=episode.pk,
        )
        assessment = start_assessment(by=me, episode=Episode.objects.get(pk=episode.pk))
        answers = {
            "strengths": "Close family; Aisha is proud of how she helps.",
            "needs": "Time of her own, and somebody else for the school run on Wednesdays.",
        }
        for group in EARLY_HELP.groups:
            save_answers(
                by=me,
                assessment=assessment,
                group=group,
                version=0,
                answers={domain.key: Given(going="worries", **answers) for domain in group.domains},
            )
    with past.at(18, 13), area.as_("dana") as me:
        assess_risk(
            by=me,
            episode=Episode.objects.get(pk=episode.pk),
            worries="Farah may fall on the stairs while Aisha is alone with her.",
            likelihood="possible",
            keeps_safe="A neighbour has a key; Aisha knows whom to ring.",
            next_steps="Ask for a second rail on the stairs.",
        )
        assessment.refresh_from_db()
        save_texts(
            by=me,
            assessment=assessment,
            version=assessment.version,
            took_part="Aisha, Farah, Tom Okafor from school",
            agreement="both",
            child_views="I like helping Mum. I want Wednesdays to myself.",
            parents_views="I want her to be fourteen.",
            summary="Aisha does much of what an adult would do at home, most of all on Wednesdays.",
            needs_to_change="Somebody else takes Sami to school; a second rail on the stairs; Aisha has an afternoon of her own.",
        )
        finish_assessment(by=me, assessment=assessment)
    with past.at(3, 12), area.as_("nina") as me:
        involve(by=me, team=area.team("school-nursing"), subject=child, practitioner=area.people["nina"].pk)
    with past.at(12, 12), area.as_("sana") as me:
        involve(
            by=me, team=area.team("camhs"), subject=child, practitioner=area.people["sana"].pk, role="waiting"
        )
    with past.at(16, 10), area.as_("dana") as me:
        episode = Episode.objects.get(pk=episode.pk)
        plan = start_plan(by=me, episode=episode)
        today = timezone.localdate()
        wednesdays = add_goal(
            by=me, plan=plan, subject=child, words="I have Wednesdays free and get to school on time.",
            why="Art club is on Wednesdays.", measure="On time four Wednesdays out of five",
        )  # fmt: skip
        rest = add_goal(
            by=me, plan=plan, subject=mum.pk, words="I get up the stairs without Aisha holding me."
        )
        together = add_goal(
            by=me,
            plan=plan,
            subject=family,
            words="We eat together on Sundays and nobody has to be the grown-up.",
        )
        add_action(
            by=me, goal=wednesdays, title="Ask the breakfast club to take Sami on Wednesdays",
            owner=Owner(practitioner=area.people["tom"].pk, team=area.team("moor-lane")), due_on=today + dt.timedelta(days=2),
        )  # fmt: skip
        add_action(
            by=me, goal=rest, title="Ask for a second stair rail",
            owner=Owner(practitioner=area.people["dana"].pk, team=young_carers), due_on=today,
        )  # fmt: skip
        add_action(
            by=me,
            goal=together,
            title="Cook on Sundays",
            owner=Owner(words="Imran"),
            due_on=today + dt.timedelta(days=20),
        )
    with past.at(15, 12) as then:
        # A meeting is called for a time to come; this one was, then.
        held, soon = (then + dt.timedelta(days=2)).replace(hour=16), timezone.now() + dt.timedelta(minutes=1)
        with area.as_("dana") as me:
            episode = Episode.objects.get(pk=episode.pk)
            meeting = call_meeting(
                by=me,
                team=young_carers,
                episode=episode,
                kind="team-around",
                starts_at=soon,
                place="Moor Lane School, library",
                purpose="Agree the plan, and who does what.",
                teams=[
                    InvitedTeam(area.team("moor-lane"), area.people["tom"].pk),
                    InvitedTeam(area.team("school-nursing")),
                ],
                people=[InvitedPerson("Aisha", child), InvitedPerson("Farah", mum.pk)],
            )
        past.owner.execute("update meeting set starts_at = %s where id = %s", [held, meeting.pk])
        said = [uk_datetime(soon), uk_datetime(held)]
        past.owner.execute("update event_note set text = replace(text, %s, %s)", said)
    with area.as_("dana") as me:
        meeting.refresh_from_db()
        came = list(meeting.invitations.values_list("pk", flat=True))
        record_minutes(
            by=me,
            meeting=meeting,
            version=meeting.version,
            typed=MinutesTyped(
                held_at=held,
                views=[
                    ViewTyped(
                        "Aisha", "I like helping Mum. I do not like being told off for being late.", child
                    ),
                    ViewTyped("Farah", "I want her to be fourteen.", mum.pk),
                ],
                came=came,
                decisions=[
                    "The plan is agreed.",
                    "Lateness on Wednesdays is authorised until the breakfast club starts.",
                ],
                actions=[
                    ActionTyped(
                        "Tell Aisha’s form tutor about Wednesdays",
                        Owner(practitioner=area.people["tom"].pk, team=area.team("moor-lane")),
                        timezone.localdate() + dt.timedelta(days=1),
                    )
                ],
                next_on=timezone.localdate() + dt.timedelta(days=28),
            ),
        )
        plan.refresh_from_db()
        agree(
            by=me,
            plan=plan,
            version=plan.version,
            agreed_on=timezone.localdate(),
            members=[child, mum.pk],
            next_review_on=timezone.localdate() + dt.timedelta(days=7),
        )
    reckon(area, "dana", episode)


def shorter_stories(area: Area, past: Past) -> None:
    """Children at other points of the way: waiting, due, late, declined."""
    kofi = Child("Kofi", "Osei", born(11), "M", "Hill Primary School", "NM2 7CD")
    with past.at(11, 9, 20):
        episode = refer_newly(
            area,
            "ruth",
            "hill-primary",
            kofi,
            worries="Kofi looks after two little sisters before school and is often hungry.",
        )
    with past.at(10, 11):
        episode = take_on(area, episode)
    reckon(area, "dana", episode)

    maisie = Child("Maisie", "Dunn", born(9), "F", "Hill Primary School", "NM1 1AA")
    with past.at(4, 10):
        episode = refer_newly(
            area,
            "ruth",
            "hill-primary",
            maisie,
            worries="Maisie interprets for her grandmother at the surgery and misses mornings.",
        )
    with past.at(3, 9, 30):
        episode = take_on(area, episode)
    with past.at(2, 16) as then, area.as_("dana") as me:
        record_contact(
            by=me, episode=Episode.objects.get(pk=episode.pk), kind="call", happened_at=then,
            notes="Spoke with Maisie’s aunt. A visit suits them after four.",
        )  # fmt: skip
    reckon(area, "dana", episode)

    leon = Child("Leon", "Grant", born(15), "M", "Moor Lane School", "NM6 3EF")
    with past.at(6, 10):
        child = add_child(area, "tom", "moor-lane", leon)
        episode = refer(
            area, "tom", "moor-lane", "young-carers", child, leon,
            worries="Leon has taken on the care of his dad since the summer and has stopped coming to football.",
        )  # fmt: skip
    with past.at(5, 10):
        episode = take_on(area, episode, worker="mel")
    reckon(area, "mel", episode)
    with past.at(5, 11), area.as_("lewis") as me:
        involve(by=me, team=area.team("recovery"), subject=child, practitioner=area.people["lewis"].pk)

    kai = Child("Kai", "Mercer", born(7), "M", "Hill Primary School", "NM3 9GH")
    with past.at(0, 9, 20):
        episode = refer_newly(
            area,
            "carla",
            "social-work",
            kai,
            worries="Kai’s mum goes into hospital tonight and there is nobody else at home.",
            priority="immediate",
        )
    reckon(area, "priya", episode)

    poppy = Child("Poppy", "Lowe", born(8), "F", "Hill Primary School", "NM5 5JK")
    with past.at(1, 14, 40):
        episode = refer_newly(
            area,
            "ruth",
            "hill-primary",
            poppy,
            worries="Poppy stays awake to listen for her mum, and falls asleep in class.",
        )
    reckon(area, "priya", episode)

    ellis = Child("Ellis", "Ward", born(13), "M", "Moor Lane School", "NM7 2LM")
    with past.at(8, 10):
        episode = refer_newly(
            area,
            "tom",
            "moor-lane",
            ellis,
            worries="Ellis argues with his teachers. We wondered whether he cares for somebody.",
        )
    with past.at(7, 11, 35), area.as_("priya") as me:
        mine = Episode.objects.select_related("referral").get(pk=episode.pk)
        decline(
            by=me,
            referral=mine.referral,
            version=mine.version,
            reason="Ellis cares for nobody. Speak to the behaviour support service, who can see him next week.",
        )


def tell_all(area: Area, past: Past) -> None:
    """All stories."""
    planning_numbers(area)
    the_rahmans(area, past)
    the_rahmans_diary(area, past)
    aishas_own_page(area, past)
    farahs_own_page(area, past)
    shorter_stories(area, past)
    going_on(area, past)
