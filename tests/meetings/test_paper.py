"""Minutes on paper: made for each reader, without what policies hide from them."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from typing import Any

import pytest
from django.urls import reverse
from django.utils import timezone

from teamaround.meetings import lines, paper_view
from teamaround.meetings.minutes import MinutesTyped, ViewTyped, record_minutes
from teamaround.meetings.models import Meeting
from teamaround.plans.views.document import PdfUnavailable
from teamaround.sharing.actions import Cell, record_consent

Call = Callable[..., Meeting]


@pytest.fixture
def held(cast: Any, case: Any, called: Call) -> Meeting:
    """A meeting that was held: the school may read plans, and nothing of money or alcohol."""
    meeting = called()
    with cast.as_(cast.yasmin) as me:
        row = Meeting.objects.select_related("episode").get(pk=meeting.pk)
        lines.write_line(by=me, meeting=row, text="Gran cooks on Fridays")
        lines.write_line(by=me, meeting=row, text="The rent is two months late", category="money")
        lines.write_line(by=me, meeting=row, text="Dad drinks again", category="substance")
        typed = MinutesTyped(
            held_at=timezone.now() - dt.timedelta(hours=1),
            views=[ViewTyped("Kofi Osei", "I want to sleep")],
            family=["Kofi Osei"],
        )
        record_minutes(by=me, meeting=row, version=row.version, typed=typed)
        record_consent(
            by=me,
            team=cast.yasmin.team.pk,
            subject=case.child.pk,
            given_by=case.child.pk,
            capacity="self",
            how="signed",
            valid_until=timezone.now() + dt.timedelta(days=90),
            cells=[Cell(case.child.pk, cast.tom.team.pk, "plan", "share")],
        )
    return meeting


@pytest.fixture
def papers(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """What would be laid out, page by page."""
    found: list[str] = []

    def made(html: str) -> bytes:
        found.append(html)
        return b"%PDF-1.7"

    monkeypatch.setattr(paper_view, "make_pdf", made)
    return found


def test_each_reader_gets_minutes_without_what_is_not_for_them(
    cast: Any, held: Meeting, papers: list[str]
) -> None:
    url = reverse("meetings:pdf", args=[held.uuid])
    answer = cast.tom.client().get(url)
    assert answer["Content-Type"] == "application/pdf"
    assert "no-store" in answer["Cache-Control"]
    cast.yasmin.client().get(url)
    school, ours = papers
    assert "Gran cooks on Fridays" in school
    assert "rent" not in school
    assert "drinks" not in school
    assert "A part of these minutes is not for you." in school
    assert "The rent is two months late" in ours
    assert "Dad drinks again" in ours
    assert "not for you" not in ours


def test_who_may_not_read_the_minutes_gets_no_paper(cast: Any, held: Meeting, papers: list[str]) -> None:
    url = reverse("meetings:pdf", args=[held.uuid])
    assert cast.olive.client().get(url).status_code == 404
    assert papers == []


def test_a_machine_that_makes_no_pdf_offers_the_page_for_printing(
    cast: Any, held: Meeting, monkeypatch: pytest.MonkeyPatch
) -> None:
    def nothing(html: str) -> bytes:
        raise PdfUnavailable

    monkeypatch.setattr(paper_view, "make_pdf", nothing)
    page = cast.yasmin.client().get(reverse("meetings:pdf", args=[held.uuid])).content.decode()
    assert reverse("meetings:minutes", args=[held.uuid]) in page


@pytest.mark.long
def test_the_minutes_are_a_real_pdf(cast: Any, held: Meeting) -> None:
    made = cast.tom.client().get(reverse("meetings:pdf", args=[held.uuid])).content
    assert made.startswith(b"%PDF")
    assert len(made) > 2000
