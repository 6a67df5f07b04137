"""Aisha and her mother have pages of their own, invited by Dana. Aisha has said one thing for herself and asked one
question; Farah has answered once more for Aisha."""

from __future__ import annotations

import uuid

from django.db import transaction
from django.utils import timezone

from teamaround.access.me import family_member_of, portal_actor
from teamaround.database.actor import ANONYMOUS, acting_as
from teamaround.people.models import Person
from teamaround.portal.actions import accept_portal_invitation, invite_family_member
from teamaround.portal.children import give_child_consent, my_children
from teamaround.portal.messages import send_message
from teamaround.portal.models import MessageKind
from teamaround.portal.own import give_own_consent, last_day

from .area import Area
from .past import Past

NAME = "Aisha Rahman"
EMAIL = "aisha@family.example"
PARENT = "Farah Rahman"
PARENT_EMAIL = "farah.rahman@family.example"


def aishas_own_page(area: Area, past: Past) -> None:
    """Her invitation and account, her own answer to the school, and a question to Dana."""
    with past.at(9, 16), area.as_("dana") as me:
        aisha = Person.objects.filter(given="Aisha", family_name="Rahman").earliest("recorded_at")
        made = invite_family_member(
            by=me,
            team=area.team("young-carers"),
            person=aisha,
            email=EMAIL,
            understanding="Aisha said back in her own words who sees what, and that she can say no. She reads it alone.",
        )
    with past.at(8, 17), acting_as(ANONYMOUS), transaction.atomic():
        account = accept_portal_invitation(secret=made.secret)
    actor = portal_actor(account)
    assert actor is not None
    with past.at(8, 17, 30), acting_as(actor), transaction.atomic():
        own = family_member_of(actor)
        assert own is not None
        give_own_consent(
            by=own,
            person=Person.objects.get(pk=own.subject),
            answers=[(area.team("moor-lane"), "plan", "share"), (area.team("moor-lane"), "health", "ask")],
            token=uuid.uuid4(),
        )
    with past.at(1, 18), acting_as(actor), transaction.atomic():
        send_message(
            by=own,
            kind=MessageKind.QUESTION,
            words="Does my form tutor know about Mum, or only Mr Okafor?",
            token=uuid.uuid4(),
        )


def farahs_own_page(area: Area, past: Past) -> None:
    """Her invitation and account, and what she said for Aisha about the school on her own phone."""
    with past.at(8, 10), area.as_("dana") as me:
        farah = Person.objects.filter(given="Farah", family_name="Rahman").earliest("recorded_at")
        made = invite_family_member(by=me, team=area.team("young-carers"), person=farah, email=PARENT_EMAIL)
    with past.at(7, 19), acting_as(ANONYMOUS), transaction.atomic():
        account = accept_portal_invitation(secret=made.secret)
    actor = portal_actor(account)
    assert actor is not None
    with past.at(7, 19, 30), acting_as(actor), transaction.atomic():
        own = family_member_of(actor)
        assert own is not None
        aisha = next(child for child in my_children() if child.given == "Aisha")
        give_child_consent(
            by=own,
            child=aisha,
            answers=[
                (area.team("moor-lane"), "notes", "ask"),
                (area.team("moor-lane"), "money", "refuse"),
            ],
            until=last_day(timezone.localdate()),
            token=uuid.uuid4(),
        )
