"""Two partnership officers at the procedures at the same moment: one is told so, and nothing is half done."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from django.db import transaction
from django.utils import timezone

from harness.at_once import at_once
from harness.cast import Member, _member
from harness.officer import officer
from teamaround.access.edits import StaleEdit
from teamaround.access.me import Me
from teamaround.agencies.models import AdministrationLog
from teamaround.database.actor import SET_UP, acting_as
from teamaround.events import own
from teamaround.events.own import EventKind
from teamaround.procedures.beginning import begin_procedure
from teamaround.procedures.drafts import ChangeRefused, draft_of, save_draft
from teamaround.procedures.format import shipped_text
from teamaround.procedures.models import ProcedureDraft, ProcedureVersion
from teamaround.procedures.publishing import publish

SLUG = "stockport-families-first"
Act = Callable[[Me], str]


@pytest.fixture(scope="module")
def two(live: Any) -> Iterator[tuple[Any, Member, Member]]:
    """The cast, and two partnership officers."""
    noor = officer(live.cast)
    with acting_as(SET_UP), transaction.atomic():
        office = live.cast.teams["partnership-office"]
        omar = _member("omar", "Omar Haddad", "Partnership officer", office, "partnership")
    yield live.cast, noor, omar
    own.reset_cache()


def said(act: Callable[[Me], object]) -> Act:
    """What somebody is told: why not, or that it is done."""

    def told(me: Me) -> str:
        try:
            with transaction.atomic():
                act(me)
        except ChangeRefused as refused:
            return str(refused)
        except StaleEdit:
            return "stale"
        return "done"

    return told


def published(slug: str, version: int, note: str) -> Act:
    day = timezone.localdate() + dt.timedelta(days=3)

    def act(me: Me) -> ProcedureVersion:
        draft = draft_of(slug)
        assert draft is not None
        return publish(by=me, draft=draft, version=version, effective_on=day, note=note)

    return said(act)


def test_of_two_who_begin_one_procedure_the_second_is_told_that_a_draft_waits(two: Any) -> None:
    cast, noor, omar = two

    def begin(name: str, like: str) -> Act:
        return said(lambda me: begin_procedure(by=me, name=name, like=like))

    # Two names, one address; begun anew where an earlier draft of the name was thrown away.
    for slug, thrown_away in (("northmoor-carers", False), ("southmoor-carers", True)):
        name = slug.replace("-", " ").title()
        if thrown_away:
            with cast.as_(noor) as me:
                ProcedureDraft.objects.filter(pk=begin_procedure(by=me, name=name).pk).update(text="")
        told = at_once(cast, (noor, begin(name, "")), (omar, begin(name.upper(), SLUG)))
        assert told == ("done", "A draft of this name is waiting already. Go on with that one.")
        with cast.as_(noor):
            draft = ProcedureDraft.objects.get(slug=slug)
            assert f"name: {name}\n" in draft.text
            assert draft.by_id == noor.practitioner.pk


def test_of_two_who_publish_for_one_day_the_second_is_told_and_one_version_stands(two: Any) -> None:
    cast, noor, omar = two
    with cast.as_(noor) as me:
        save_draft(
            by=me, slug=SLUG, version=0, text=shipped_text(SLUG).replace("families: 30", "families: 31")
        )
    told = at_once(cast, (noor, published(SLUG, 1, "First")), (omar, published(SLUG, 1, "Second")))
    assert told == ("done", "stale")
    with cast.as_(noor):
        assert list(
            ProcedureVersion.objects.filter(slug=SLUG, number__gt=1).values_list("note", flat=True)
        ) == ["First"]
        assert ProcedureDraft.objects.get(slug=SLUG).version == 2
    with cast.as_(cast.admin):
        log = AdministrationLog.objects.filter(act="publish_procedure", reason__contains="Stockport")
        assert log.count() == 1


@pytest.mark.parametrize(
    ("title", "told"),
    [("Siblings asked", "done"), ("Brothers asked", "Write the same title and category, or another key.")],
)
def test_two_procedures_that_name_one_event_at_once_name_it_once_and_in_one_way(
    two: Any, title: str, told: str
) -> None:
    cast, noor, omar = two
    key = f"local.asked_{title.split()[0].lower()}"
    slugs = [f"{key[6:].replace('_', '-')}-{number}" for number in (1, 2)]
    for slug, words in zip(slugs, ("Siblings asked", title), strict=True):
        with cast.as_(noor) as me:
            draft = begin_procedure(by=me, name=slug)
            named = f"events:\n  - {{key: {key}, title: {words}, category: notes}}\n"
            text = draft.text.replace("stages:\n", f"{named}stages:\n", 1)
            save_draft(by=me, slug=slug, version=draft.version, text=text)
    first, second = at_once(
        cast, (noor, published(slugs[0], 2, "Ours")), (omar, published(slugs[1], 2, "Ours too"))
    )
    assert first == "done"
    assert second.endswith(told)
    with cast.as_(noor):
        assert EventKind.objects.get(key=key).title == "Siblings asked"
        there = set(ProcedureVersion.objects.filter(slug__in=slugs).values_list("slug", flat=True))
        assert there == (set(slugs) if told == "done" else {slugs[0]})
