"""The governance lead's page, and what hangs from it."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from harness.cast import Member
from teamaround.agencies.models import Agency
from teamaround.rights.actions import RightsRefused
from teamaround.rights.actions.agreements import add_agreement, end_agreement, renew_agreement
from teamaround.rights.actions.requests import ask_what_is_meant, extend, gather, note_answer, record_request
from teamaround.rights.models import AgreementAct, RightsRequest, SharingAgreement
from teamaround.sharing.actions import withdraw_consent
from teamaround.sharing.models import Basis

from .conftest import Family

OVERVIEW = "/rights/"
MOST_QUERIES = 15


def read(member: Member, url: str) -> str:
    answer = member.client().get(url)
    assert answer.status_code == 200, url
    return str(answer.content.decode())


def agreement(cast: Any) -> SharingAgreement:
    today = timezone.localdate()
    with cast.as_(cast.greta) as me:
        return add_agreement(
            by=me,
            agencies=list(Agency.objects.values_list("pk", flat=True)[:2]),
            purpose="Young carers in schools",
            reference="ISA 12",
            since=today,
            review_on=today + dt.timedelta(days=20),
        )


@pytest.mark.parametrize(
    "page", ["", "requests/", "requests/new/", "retention/", "disposals/", "holds/", "agreements/"]
)
def test_only_the_governance_lead_opens_the_pages(cast: Any, page: str) -> None:
    assert cast.greta.client().get(OVERVIEW + page).status_code == 200
    for member in (cast.yasmin, cast.morgan, cast.admin):
        assert member.client().get(OVERVIEW + page).status_code == 403


def test_one_page_tells_what_waits_within_fifteen_queries(
    cast: Any, home: Family, asked: RightsRequest
) -> None:
    agreement(cast)
    with cast.as_(cast.yasmin) as me:
        withdraw_consent(by=me, basis=Basis.objects.get(subject_id=home.kofi))
    client = cast.greta.client()
    client.get(OVERVIEW)
    with CaptureQueriesContext(
        connection,
    ) as queries:
        text = client.get(OVERVIEW).content.decode()
    assert len(queries) <= MOST_QUERIES, "\n".join(each["sql"][:150] for each in queries)
    for words in (
        "Kofi Osei",
        "Young carers in schools",
        "ISA 12",
        "A parent, for a child or family",
        "Northmoor Young Carers",
        "20 days left",
    ):
        assert words in text


def test_each_page_of_a_request_stays_within_fifteen_queries(cast: Any, asked: RightsRequest) -> None:
    with cast.as_(cast.greta):
        gather(request=asked)
    client = cast.greta.client()
    client.get(OVERVIEW)
    for url in (
        f"/rights/requests/{asked.uuid}/",
        f"/rights/requests/{asked.uuid}/review/",
        "/rights/retention/",
    ):
        with CaptureQueriesContext(connection) as queries:
            assert client.get(url).status_code == 200
        assert len(queries) <= MOST_QUERIES, url


def test_whoever_is_named_on_the_page_gets_a_line_with_its_reason_in_the_access_log(
    cast: Any, home: Family, asked: RightsRequest
) -> None:
    read(cast.greta, OVERVIEW)
    with cast.as_(cast.greta), connection.cursor() as cursor:
        cursor.execute(
            "select subjects, reason from app.access_log(now() - interval '1 day', now() + interval '1 day', null, null, null, 50) where page = 'rights:overview'"
        )
        rows = cursor.fetchall()
    assert rows == [([home.kofi], "A request about their own data, or a legal hold")]


def test_a_withdrawal_is_counted_without_a_name(cast: Any, home: Family) -> None:
    with cast.as_(cast.yasmin) as me:
        withdraw_consent(by=me, basis=Basis.objects.get(subject_id=home.kofi))
    text = read(cast.greta, OVERVIEW)
    assert "A parent, for a child or family" in text
    assert "Osei" not in text


def test_the_clock_stops_with_a_question_and_goes_on_with_the_answer(cast: Any, home: Family) -> None:
    today = timezone.localdate()
    with cast.as_(cast.greta) as me:
        row = record_request(
            by=me,
            kind="access",
            subject=home.kofi,
            asked_on=today - dt.timedelta(days=10),
            asked_by="Himself",
            identity="Passport",
        )
        before = row.due(today)
        ask_what_is_meant(request=row, question="Which years?", asked_on=today - dt.timedelta(days=8))
        assert row.stopped
        with pytest.raises(RightsRefused, match="already"):
            ask_what_is_meant(request=row, question="And?", asked_on=today)
        note_answer(request=row, answered_on=today)
        row = RightsRequest.objects.get(pk=row.pk)
        assert not row.stopped
        assert row.due(today) > before
        extend(request=row, reason="Three agencies hold files")
        with pytest.raises(RightsRefused, match="again"):
            extend(request=row, reason="More")


def test_a_request_is_recorded_on_the_page_and_its_clock_shown(cast: Any, home: Family) -> None:
    client = cast.greta.client()
    typed = {
        "given": "Kofi", "family_name": "Osei", "born": "2012-03-02", "postcode": "", "kind": "access",
        "asked_on": timezone.localdate().isoformat(), "asked_by": "Himself", "identity": "Passport seen",
    }  # fmt: skip
    answer = client.post("/rights/requests/new/", typed)
    assert answer.status_code == 302
    assert "To be answered by" in read(cast.greta, answer.headers["Location"])
    wrong = client.post("/rights/requests/new/", {**typed, "given": "Kobi"})
    assert "Nobody of that name and date of birth" in wrong.content.decode()


def test_an_agreement_is_renewed_and_ended_and_each_act_is_kept(cast: Any) -> None:
    row = agreement(cast)
    with cast.as_(cast.greta) as me:
        with pytest.raises(RightsRefused, match="to come"):
            renew_agreement(by=me, agreement=row, review_on=timezone.localdate(), version=1)
        renew_agreement(
            by=me, agreement=row, review_on=timezone.localdate() + dt.timedelta(days=400), version=1
        )
        end_agreement(by=me, agreement=row, reason="Replaced by ISA 14", version=2)
        assert list(AgreementAct.objects.order_by("pk").values_list("act", flat=True)) == [
            "added",
            "renewed",
            "ended",
        ]


def test_a_stale_renewal_shows_the_form_again(cast: Any) -> None:
    row = agreement(cast)
    with cast.as_(cast.greta) as me:
        renew_agreement(
            by=me, agreement=row, review_on=timezone.localdate() + dt.timedelta(days=400), version=1
        )
    answer = cast.greta.client().post(
        f"/rights/agreements/{row.uuid}/renew/",
        {"version": "1", "review_on": (timezone.localdate() + dt.timedelta(days=90)).isoformat()},
    )
    assert answer.status_code == 409


def test_an_agreement_needs_two_agencies(cast: Any) -> None:
    today = timezone.localdate()
    with cast.as_(cast.greta) as me, pytest.raises(RightsRefused, match="two agencies"):
        add_agreement(
            by=me,
            agencies=[1, 1],
            purpose="x",
            reference="y",
            since=today,
            review_on=today + dt.timedelta(days=9),
        )
