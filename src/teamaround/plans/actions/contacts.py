"""Recording a contact or visit."""

from __future__ import annotations

import datetime as dt
import uuid as uuids
from collections.abc import Iterable

from django.db import transaction
from django.utils import timezone

from teamaround.access.categories import Category
from teamaround.access.me import Me
from teamaround.index.actions import touch_contact
from teamaround.people.models import FamilyMember
from teamaround.procedures.actions import happened
from teamaround.procedures.models import Episode, EpisodeStatus

from ..models import Contact, ContactKind, ContactSeen
from .plan import PlanRefused, child_of

EARLIEST_BEFORE_OPENING = dt.timedelta(days=366)


@transaction.atomic
def record_contact(
    *,
    by: Me,
    episode: Episode,
    kind: str,
    happened_at: dt.datetime,
    place: str = "",
    place_words: str = "",
    seen: Iterable[int] = (),
    others_seen: str = "",
    seen_alone: str = "",
    child_words: str = "",
    notes: str = "",
    uuid: uuids.UUID | None = None,
) -> Contact:
    """Record a visit, call or message; a late entry keeps the time at which it happened.

    `seen` are the child and members of the family; whoever else is named in words. The chronology gets one
    event for the child, the family and each person seen, without the notes; the index gets the day of the
    team's last contact with them. Recorded again under the same `uuid`, it is one contact. People are rung before a
    referral is answered, and asked how they are after a case closed. Raises PlanRefused for a referral that was
    declined or names no child yet, for a time to come, or long before the case.
    """
    episode = _must_be_contacted(episode)
    if uuid is not None and (existing := Contact.objects.filter(uuid=uuid).first()) is not None:
        return existing
    child = child_of(episode)
    people = list(dict.fromkeys(seen))
    _check(episode, child, kind, happened_at, people, notes, child_words)
    in_person = kind == ContactKind.VISIT
    concerned = list(dict.fromkeys([child, *([episode.family_id] if episode.family_id else []), *people]))
    occurrence = happened(
        by=by,
        episode=episode,
        kind="visit.made" if in_person else "contact.recorded",
        subjects=concerned,
        happened_at=happened_at,
    )
    day = timezone.localdate(happened_at)
    for subject in concerned:
        touch_contact(by=by, team=episode.author_team_id, subject=subject, on=day)
    contact = Contact.objects.create(
        uuid=uuid or uuids.uuid4(),
        subject_id=child,
        category=Category.NOTES,
        author_team_id=episode.author_team_id,
        episode=episode,
        occurrence=occurrence,
        kind=kind,
        happened_at=happened_at,
        place=place if in_person else "",
        place_words=place_words.strip()[:120] if in_person else "",
        seen_alone=seen_alone if in_person else "",
        others_seen=others_seen.strip()[:200],
        child_words=child_words.strip(),
        notes=notes.strip(),
    )
    ContactSeen.objects.bulk_create(
        ContactSeen(
            subject_id=person,
            category=Category.NOTES,
            author_team_id=episode.author_team_id,
            contact=contact,
        )
        for person in people
    )
    return contact


def _must_be_contacted(episode: Episode) -> Episode:
    """The episode, locked."""
    episode = Episode.objects.select_for_update().get(pk=episode.pk)
    if episode.status == EpisodeStatus.DECLINED:
        raise PlanRefused("This referral was not accepted. Write to the referrer from its page.")
    if episode.subject_id is None:
        raise PlanRefused("Say first, on the page of the referral, which child this is about.")
    return episode


def _check(
    episode: Episode,
    child: int,
    kind: str,
    happened_at: dt.datetime,
    people: list[int],
    notes: str,
    child_words: str,
) -> None:
    if kind not in ContactKind.values:
        raise PlanRefused("Say what kind of contact it was.", "kind")
    if happened_at > timezone.now() + dt.timedelta(minutes=5):
        raise PlanRefused("This lies in the future. Give the time at which it happened.", "at")
    if happened_at < episode.opened_at - EARLIEST_BEFORE_OPENING:
        raise PlanRefused("This is more than a year before the case began. Check the year.", "on")
    if not notes.strip() and not child_words.strip():
        raise PlanRefused("Write a few words about what happened.", "notes")
    members: set[int] = set()
    if episode.family_id is not None:
        rows = FamilyMember.objects.filter(subject_id=episode.family_id, until=None, voided_at=None)
        members = set(rows.filter(person_id__in=people).values_list("person_id", flat=True))
    if not set(people) <= {child, *members}:
        raise PlanRefused("Choose people of this family; name anybody else in words.", "seen")
