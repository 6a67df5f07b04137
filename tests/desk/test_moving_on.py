"""The pages on which a case goes on elsewhere, and on which a mistake is taken back."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from harness.cases import accepted, typed_referral, with_procedures
from teamaround.agencies.models import Membership, Team
from teamaround.database.actor import SET_UP, acting_as
from teamaround.people.actions import add_person
from teamaround.procedures.actions import EpisodeRefused, decline, happened
from teamaround.procedures.models import Episode, EpisodeLink
from teamaround.procedures.moving_on import (
    UNDO_DAYS,
    Mistake,
    take_back_acceptance,
    take_back_decline,
    why_not_taken_back,
)
from teamaround.referrals.models import Referral
from teamaround.sharing.actions import Cell, record_consent

ASKED = {"reason": "He is in school again.", "agreement": "agree", "lead": "them", "priority": "standard"}
TOKEN = {"form_token": "6d6a44b2-5bb6-4f6c-8a51-34f4f2fd2d6b"}


@pytest.fixture
def case(cast: Any) -> Episode:
    """Kofi’s case; Nina’s team takes referrals too."""
    with_procedures(cast)
    with acting_as(SET_UP), transaction.atomic():
        Team.objects.filter(slug="school-nursing").update(
            takes_referrals=True, procedure_slug="croydon-young-carers"
        )
        Membership.objects.create(practitioner=cast.nina.practitioner, team=cast.nina.team, role="manager")
    return accepted(cast)[1]


def test_a_step_down_is_asked_for_from_the_case_and_says_what_goes_along(cast: Any, case: Episode) -> None:
    worker, here = cast.yasmin.client(), f"/cases/{case.uuid}/move-on/"
    assert here in worker.get(f"/cases/{case.uuid}/").content.decode()
    first = worker.get(here).content.decode()
    assert "Step up" in first
    assert "Transfer" in first
    teams = worker.get(f"{here}?kind=step_down").content.decode()
    assert "The procedure names this team for it" in teams
    assert "Team around the family at the child&#x27;s school" in teams
    asked = f"{here}?kind=step_down&team=school-nursing"
    with cast.as_(cast.yasmin) as me:
        mum = add_person(by=me, team=cast.yasmin.team.pk, given="Efua", family_name="Osei")
        record_consent(
            by=me,
            team=cast.yasmin.team.pk,
            subject=case.subject_id or 0,
            given_by=mum.pk,
            capacity="parent",
            how="signed",
            valid_until=timezone.now() + dt.timedelta(days=90),
            cells=[Cell(case.subject_id or 0, cast.nina.team.pk, "referral", "share")],
        )
    with CaptureQueriesContext(
        connection,
    ) as queries:
        page = worker.get(asked).content.decode()
    assert len(queries) <= 15, len(queries)
    assert "Kofi Osei, date of birth and sex" in page
    refused = worker.post(asked, TOKEN | ASKED | {"reason": ""}).content.decode()
    assert "Answer “Why, and what do you ask them for?”" in refused
    sent = worker.post(asked, TOKEN | ASKED)
    assert (sent.status_code, sent.url) == (302, f"/cases/{case.uuid}/")
    shown = worker.get(sent.url).content.decode()
    assert "Step down to" in shown
    assert "Your team leads until they accept." in shown
    assert "To School nursing" in shown
    with cast.as_(cast.nina):
        referral = Referral.objects.get(moves="step_down")
    received = cast.nina.client().get(f"/referrals/{referral.uuid}/").content.decode()
    assert "If you accept, your team leads from then on." in received


def test_who_has_no_right_to_the_case_passes_nothing_on_and_takes_nothing_back(
    cast: Any, case: Episode
) -> None:
    for member, answers in ((cast.tom, {403}), (cast.olive, {404}), (cast.nina, {404}), (cast.sam, {404})):
        client = member.client()
        for page in (
            "move-on",
            "re-open",
            "take-back/closure",
            "take-back/acceptance",
            "take-back/allocation",
        ):
            for send in (client.get, client.post):
                assert send(f"/cases/{case.uuid}/{page}/").status_code in answers, (member, page)
    worker = cast.yasmin.client()
    assert worker.get(f"/cases/{case.uuid}/take-back/anything/").status_code == 404
    refused = worker.post(
        f"/cases/{case.uuid}/take-back/allocation/", {"version": case.version, "reason": "Mine"}
    )
    assert refused.status_code == 403
    with cast.as_(cast.yasmin):
        assert Episode.objects.get(pk=case.pk).status == "open"
        assert not EpisodeLink.objects.exists()


def test_the_case_that_one_comes_from_is_not_hinted_at_to_who_may_not_see_it(
    cast: Any, case: Episode
) -> None:
    asked = f"/cases/{case.uuid}/move-on/?kind=step_down&team=school-nursing"
    assert cast.yasmin.client().post(asked, TOKEN | ASKED).status_code == 302
    with cast.as_(cast.nina):
        theirs = Episode.objects.get(referring_team=cast.yasmin.team.pk)
    page = cast.nina.client().get(f"/cases/{theirs.uuid}/").content.decode()
    assert "This case and others" not in page
    assert str(case.uuid) not in page


def test_a_mistake_is_taken_back_with_a_reason_by_who_decides(cast: Any, case: Episode) -> None:
    manager = cast.morgan.client()
    here = f"/cases/{case.uuid}/take-back/allocation/"
    assert here in manager.get(f"/cases/{case.uuid}/").content.decode()
    assert "Answer “What was the mistake?”" in manager.post(here, {"version": case.version}).content.decode()
    with cast.as_(cast.morgan):
        version = Episode.objects.get(pk=case.pk).version
    assert manager.post(here, {"version": version + 1, "reason": "Another"}).status_code == 409
    done = manager.post(here, {"version": version, "reason": "Another Yasmin."})
    assert done.status_code == 302
    page = manager.get(done.url).content.decode()
    assert "Nobody has the case yet." in page
    assert "Entry struck out: worker allocated" in page
    assert "Another Yasmin." in page


def test_an_acceptance_is_offered_as_a_mistake_until_somebody_worked_in_the_case(
    cast: Any, case: Episode
) -> None:
    manager, home = cast.morgan.client(), f"/cases/{case.uuid}/"
    here = f"{home}take-back/acceptance/"
    assert here in manager.get(home).content.decode()
    assert here not in cast.yasmin.client().get(home).content.decode()
    with cast.as_(cast.yasmin) as me:
        happened(by=me, episode=case, kind="visit.made", subjects=[case.subject_id])
        version = Episode.objects.get(pk=case.pk).version
    assert here not in manager.get(home).content.decode()
    words = "Work has been recorded in this case already. Close it instead."
    for send in (manager.get, manager.post):
        answer = send(here, {"version": version, "reason": "Not ours"})
        assert (answer.status_code, answer.url) == (302, home)
        assert words in manager.get(home).content.decode()
    with cast.as_(cast.morgan) as me, pytest.raises(EpisodeRefused, match=words):
        take_back_acceptance(
            by=me, episode=Episode.objects.get(pk=case.pk), version=version, reason="Not ours"
        )


def test_what_ended_long_ago_is_no_longer_offered_as_a_mistake(cast: Any, case: Episode) -> None:
    answer = cast.tom.client().post("/referrals/new/", typed_referral(family_name="Mensah"))
    long_ago = timezone.now() - dt.timedelta(days=UNDO_DAYS + 1)
    with cast.as_(cast.morgan) as me:
        waiting = Episode.objects.get(referral__uuid=answer.url.strip("/").split("/")[-1])
        decline(by=me, episode=waiting, version=waiting.version, reason="Not for us")
        for mistake in Mistake:
            assert bool(why_not_taken_back(waiting, mistake)) == (mistake != Mistake.DECLINE)
        waiting.changed_at = long_ago
        assert "more than 28 days ago" in why_not_taken_back(waiting, Mistake.DECLINE)
        with pytest.raises(EpisodeRefused, match="more than 28 days ago"):
            take_back_decline(by=me, episode=waiting, version=waiting.version, reason="After all")


def test_a_referral_is_taken_back_by_its_sender_alone(cast: Any, case: Episode) -> None:
    answer = cast.tom.client().post("/referrals/new/", typed_referral(family_name="Mensah"))
    here = f"{answer.url}take-back/"
    assert here in cast.tom.client().get(answer.url).content.decode()
    assert cast.morgan.client().post(here, {"reason": "No"}).status_code == 403
    assert cast.olive.client().post(here, {"reason": "No"}).status_code == 404
    assert cast.tom.client().post(here, {"reason": "Sent twice."}).status_code == 302
    assert "This referral was taken back" in cast.tom.client().get(answer.url).content.decode()
    assert "Sent twice." in cast.morgan.client().get(answer.url).content.decode()
