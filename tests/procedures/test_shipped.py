"""What a release brings: procedures that are not there yet, and texts that have changed."""

from __future__ import annotations

from typing import Any

import pytest
from django.db import transaction
from django.db.utils import Error

from harness.officer import officer
from teamaround.database.actor import SET_UP, acting_as
from teamaround.events.kinds import Kind
from teamaround.events.own import EventKind, KindRefused, kind_of, name_kinds
from teamaround.events.own import reset_cache as forget_kinds
from teamaround.procedures import versions
from teamaround.procedures.format import shipped_slugs, shipped_text
from teamaround.procedures.models import ProcedureVersion
from teamaround.workingtime import LONDON

SLUG = "stockport-families-first"


def _earlier(slug: str, **more: Any) -> ProcedureVersion:
    text = shipped_text(slug).replace("limit: 1 working day", "limit: 2 working days")
    return ProcedureVersion.objects.create(slug=slug, number=1, text=text, **more)


def test_every_shipped_procedure_is_added_once_and_its_own_events_become_known(cast: Any) -> None:
    versions.reset_cache()
    assert set(versions.install_shipped()) <= set(shipped_slugs())
    assert versions.install_shipped() == []
    with cast.as_(cast.yasmin):
        assert kind_of("local.returned").words == "Returned after going missing"
        with pytest.raises(KeyError):
            kind_of("local.nothing")


def test_a_changed_text_becomes_a_further_version_and_running_cases_keep_theirs(db: None) -> None:
    with acting_as(SET_UP), transaction.atomic():
        first = _earlier(SLUG)
        assert SLUG in versions.install_shipped()
        rows = list(ProcedureVersion.objects.filter(slug=SLUG).order_by("number"))
        assert [row.number for row in rows] == [1, 2]
        assert rows[1].text == shipped_text(SLUG)
        days = {row.effective_from.astimezone(LONDON).date() for row in rows}
        assert len(days) == 2  # no day has two versions
        assert versions.procedure_of(first.pk).clock("allocate").limit.amount == 2
        assert versions.current_version(SLUG) == first
        assert SLUG not in versions.install_shipped()


def test_an_area_that_has_published_its_own_keeps_it(cast: Any) -> None:
    noor = officer(cast)
    with acting_as(SET_UP), transaction.atomic():
        _earlier(SLUG, effective_from=versions.ALWAYS)
    with cast.as_(noor):
        ProcedureVersion.objects.create(slug=SLUG, number=2, text=shipped_text(SLUG).replace("30", "25"))
    with acting_as(SET_UP), transaction.atomic():
        assert SLUG not in versions.install_shipped()


def test_the_words_of_an_own_event_stay(db: None) -> None:
    with acting_as(SET_UP), transaction.atomic():
        forget_kinds()
        kind = Kind("local.visited", "Visited at school", kind_of("visit.made").category)
        assert name_kinds([kind]) == ["local.visited"]
        assert name_kinds([kind]) == []
        with pytest.raises(KindRefused, match="known in this area as 'Visited at school'"):
            name_kinds([Kind("local.visited", "Seen", kind.category)])
        with pytest.raises(Error), transaction.atomic():
            EventKind.objects.filter(key="local.visited").update(title="Seen")
        forget_kinds()


def test_nobody_but_a_partnership_officer_names_an_event(cast: Any) -> None:
    wanted = Kind("local.seen", "Seen at school", kind_of("visit.made").category)
    for member in (cast.morgan, cast.admin):
        with pytest.raises(Error, match="only a partnership officer"), cast.as_(member):
            name_kinds([wanted])
    with cast.as_(officer(cast)):
        assert name_kinds([wanted]) == ["local.seen"]
    forget_kinds()
