"""What somebody may not do is a plain page that says so, and who may; a failure of the machine is none of it."""

from __future__ import annotations

import datetime as dt
import uuid
from typing import Any

import pytest
from django.db import transaction
from django.test import RequestFactory
from django.urls import reverse
from django.utils import timezone

from harness.cases import with_procedures
from harness.cast import _member
from teamaround.access import middleware
from teamaround.access.refusals import NotAllowed
from teamaround.agencies.models import Membership, Principal, Team
from teamaround.database.actor import SET_UP, acting_as
from teamaround.desk.views import on_duty
from teamaround.people.actions import add_person
from teamaround.procedures.models import Episode, EpisodeStatus
from teamaround.referrals import actions
from teamaround.referrals.models import Referral
from teamaround.rota import duty
from teamaround.site.refused import typed_text

REASON = "The school sent it twice <b>by mistake</b>."


@pytest.fixture
def area(cast: Any) -> Any:
    """Tom’s school referred Kofi; Nadia, of another team of the school, is on duty for Tom’s."""
    with_procedures(cast)
    with acting_as(SET_UP), transaction.atomic():
        other = Team.objects.create(
            principal=Principal.objects.create(kind="team"),
            agency=cast.tom.team.agency,
            slug="sixth-form",
            name="Sixth form",
        )
        cast.nadia = _member("nadia", "Nadia Cole", "Mentor", other, "practitioner")
        Membership.objects.create(practitioner=cast.tom.practitioner, team=cast.tom.team, role="manager")
    with cast.as_(cast.tom) as me:
        child = add_person(
            by=me, team=cast.tom.team.pk, given="Kofi", family_name="Osei", date_of_birth=dt.date(2014, 3, 2)
        )
        cast.referral = actions.send(
            by=me,
            team=cast.tom.team.pk,
            receiving_team=cast.yasmin.team,
            child=child.pk,
            intake=actions.Intake(given="Kofi", family_name="Osei", worries="Late most days.", cares=True),
            form_token=uuid.uuid4(),
        )
        duty.add_shift(
            by=me,
            team=cast.tom.team.pk,
            practitioner=cast.nadia.practitioner.pk,
            starts_at=timezone.now() - dt.timedelta(minutes=30),
            ends_at=timezone.now() + dt.timedelta(hours=12),
        )
    return cast


@pytest.fixture
def refusals(monkeypatch: pytest.MonkeyPatch) -> list[tuple[str, str]]:
    """Page and status of each refusal that is written to the access log, which this role cannot read."""
    found: list[tuple[str, str]] = []
    writes = middleware.write_look

    def write(**given: Any) -> None:
        writes(**given)
        if given["looks"].act == "refused":
            found.append((given["page"], given["outcome"]))

    monkeypatch.setattr(middleware, "write_look", write)
    return found


def test_a_refused_act_says_who_may_gives_the_text_back_changes_nothing_and_is_in_the_log(
    area: Any, refusals: list[tuple[str, str]]
) -> None:
    url = reverse("referrals:take_back", args=[area.referral.uuid])
    client = area.nadia.client()
    client.raise_request_exception = False
    assert client.get(url).status_code == 200
    answer = client.post(url, {"reason": REASON, "csrfmiddlewaretoken": "x" * 40})
    page = answer.content.decode()
    assert answer.status_code == 403
    assert "You cannot take this referral back. Somebody of the team that sent it may." in page
    assert "The school sent it twice &lt;b&gt;by mistake&lt;/b&gt;." in page
    assert "x" * 40 not in page
    assert refusals == [("referrals:take_back", "403")]
    with area.as_(area.tom):
        assert Episode.objects.get(pk=area.referral.episode_id).status == EpisodeStatus.WAITING
        assert Referral.objects.get().steps.count() == area.referral.steps.count()


def test_what_is_hidden_stays_hidden_from_whoever_may_not_act(area: Any) -> None:
    client = area.olive.client()
    answer = client.post(reverse("referrals:take_back", args=[area.referral.uuid]), {"reason": REASON})
    assert answer.status_code == 404
    assert REASON[:20] not in answer.content.decode()


@pytest.mark.parametrize(
    ("error", "status"), [(PermissionError(13, "denied"), 500), (NotAllowed("You cannot.", "They may."), 403)]
)
def test_a_permission_of_the_operating_system_is_a_failure_and_no_refusal(
    area: Any, monkeypatch: pytest.MonkeyPatch, refusals: list[tuple[str, str]], error: Exception, status: int
) -> None:
    def breaks(_me: Any, **_asked: Any) -> None:
        raise error

    monkeypatch.setattr(on_duty, "load_duty", breaks)
    client = area.tom.client()
    client.raise_request_exception = False
    answer = client.get(reverse("desk:on_duty"))
    assert answer.status_code == status
    assert ("You cannot. They may." in answer.content.decode()) == (status == 403)
    assert refusals == ([("desk:on_duty", "403")] if status == 403 else [])


def test_only_text_of_several_words_is_given_back() -> None:
    typed = {"text": " What   I wrote,\nat length ", "token": "k" * 60, "short": "Too short", "on": "1"}
    assert typed_text(RequestFactory().post("/", typed)) == ["What   I wrote,\nat length"]
    assert typed_text(RequestFactory().get("/", typed)) == []
