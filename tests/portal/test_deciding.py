"""Change my mind, and yes or no on one's own phone: at once, for oneself alone, with words that were named."""

from __future__ import annotations

import datetime as dt
import re
import uuid
from typing import Any

import pytest
from django.core import mail
from django.db import ProgrammingError, connection, transaction
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from teamaround.access.models import Grant
from teamaround.database.actor import acting_as
from teamaround.events.models import Event
from teamaround.people.models import Person
from teamaround.portal.actions import invite_family_member
from teamaround.portal.models import PortalInvitation
from teamaround.portal.own import key_of
from teamaround.sharing.models import Basis
from teamaround.sharing.wording import OWN_PHONE
from teamaround.tasks.models import Task


def seen_by(cast: Any, member: Any, person: Person) -> set[str]:
    """The categories that a member of the cast may read now by consent."""
    with cast.as_(member):
        return set(
            Grant.objects.filter(
                subject_id=person.pk, basis_kind="consent", valid_during__contains=timezone.now()
            ).values_list("category", flat=True)
        )


def stop(own: Any, what: str) -> str:
    return reverse("portal:stop", args=[key_of(own.person.pk, what)])


def agree_with(own: Any, member: Any) -> str:
    return reverse("portal:agree_with", args=[key_of(own.person.pk, f"team:{member.team.pk}")])


def answers(client: Client, url: str, **said: str) -> Any:
    return client.post(url, {"token": str(uuid.uuid4()), **said})


@pytest.fixture
def agreed(home: Any, cast: Any) -> Any:
    home.agree(
        home.efua,
        (cast.tom, "education", "share"),
        (cast.tom, "health", "share"),
        (cast.nina, "health", "share"),
    )
    return home


def test_one_team_can_be_stopped_and_the_others_go_on(cast: Any, agreed: Any) -> None:
    client = agreed.kofi.client()
    url = stop(agreed.kofi, f"team:{cast.tom.team.pk}")
    page = client.get(url).content.decode()
    assert "will no longer see" in page
    assert "How school is going" in page
    assert "will still see" in page
    assert "They work with you." in page
    assert client.post(url).headers["Location"] == reverse("portal:sharing")
    assert seen_by(cast, cast.tom, agreed.kofi.person) == set()
    assert seen_by(cast, cast.nina, agreed.kofi.person) == {"health", "index"}


def test_one_kind_can_be_stopped_for_all_teams(cast: Any, agreed: Any) -> None:
    agreed.kofi.client().post(stop(agreed.kofi, "kind:health"))
    assert seen_by(cast, cast.tom, agreed.kofi.person) == {"education", "index"}
    assert seen_by(cast, cast.nina, agreed.kofi.person) == set()


def test_everything_can_be_stopped(cast: Any, agreed: Any) -> None:
    agreed.kofi.client().post(stop(agreed.kofi, "all"))
    assert seen_by(cast, cast.tom, agreed.kofi.person) | seen_by(cast, cast.nina, agreed.kofi.person) == set()


def test_a_withdrawal_is_in_force_at_the_workers_next_request(cast: Any, agreed: Any) -> None:
    nurse = cast.nina.client()
    page = reverse("desk:person", args=[agreed.kofi.person.uuid])
    assert nurse.get(page).status_code == 200
    agreed.kofi.client().post(stop(agreed.kofi, f"team:{cast.nina.team.pk}"))
    assert nurse.get(page).status_code == 404


def test_looking_at_what_would_stop_stops_nothing(cast: Any, agreed: Any) -> None:
    agreed.kofi.client().get(stop(agreed.kofi, "all"))
    assert seen_by(cast, cast.tom, agreed.kofi.person) == {"education", "health", "index"}


def test_whoever_leads_is_asked_why_and_told_without_any_detail(cast: Any, agreed: Any) -> None:
    agreed.kofi.client().post(stop(agreed.kofi, "all"))
    with cast.as_(cast.yasmin):
        assert Task.objects.filter(subject_id=agreed.kofi.person.pk, owner=cast.yasmin.practitioner).exists()
        assert Event.objects.filter(kind="consent.withdrawn", subject_id=agreed.kofi.person.pk).exists()
    (message,) = mail_of()
    assert message[0] == "yasmin@northmoor.example"
    assert not any(word in message[1] for word in ("Kofi", "Osei", "school", "health", "Moor Lane"))


def mail_of() -> list[tuple[str, str]]:
    from teamaround.notices.models import Message

    return [(row.address, row.subject_line + row.body) for row in Message.objects.order_by("pk")] + [
        (each.to[0], each.subject + each.body) for each in mail.outbox
    ]


def test_stopping_what_never_stood_changes_nothing_and_says_the_same(cast: Any, home: Any) -> None:
    answer = home.kofi.client().post(stop(home.kofi, "all"), follow=True)
    assert answer.status_code == 200
    assert "It has stopped" in answer.content.decode()
    assert mail_of() == []


@pytest.mark.parametrize("what", ["team:0", "kind:money", "kind:index"])
def test_what_one_does_not_share_has_no_page_to_stop_it(cast: Any, agreed: Any, what: str) -> None:
    client = agreed.kofi.client()
    assert client.get(stop(agreed.kofi, what)).status_code == 404
    assert client.post(stop(agreed.kofi, what)).status_code == 404


def test_the_address_of_anothers_page_opens_nothing(cast: Any, agreed: Any) -> None:
    client = agreed.abena.client()
    for url in (stop(agreed.kofi, "all"), agree_with(agreed.kofi, cast.tom)):
        assert client.get(url).status_code == 404
        assert client.post(url).status_code == 404
    assert seen_by(cast, cast.tom, agreed.kofi.person) == {"education", "health", "index"}


def test_a_parents_own_page_withdraws_for_themselves_alone(cast: Any, agreed: Any) -> None:
    agreed.agree(agreed.efua, (cast.nina, "health", "share"), about=agreed.efua)
    agreed.efua.client().post(stop(agreed.efua, "all"))
    assert seen_by(cast, cast.nina, agreed.efua.person) == set()
    assert seen_by(cast, cast.nina, agreed.kofi.person) == {"health", "index"}


def test_from_sixteen_one_says_yes_on_ones_own_phone(cast: Any, home: Any) -> None:
    home.agree(home.abena, (cast.tom, "education", "refuse"), about=home.abena)
    client = home.abena.client()
    url = agree_with(home.abena, cast.tom)
    page = client.get(url)
    assert page.status_code == 200
    assert "You said no on" in page.content.decode()
    assert answers(client, url, education="share", health="ask", money="refuse").status_code == 302
    assert seen_by(cast, cast.tom, home.abena.person) == {"education", "index"}
    with cast.as_(cast.yasmin):
        basis = Basis.objects.latest("pk")
        assert (basis.given_by_id, basis.capacity, basis.how) == (home.abena.person.pk, "self", "signed")
        assert basis.wording_version == OWN_PHONE
        assert basis.recorded_by_id == home.abena.actor().principal
        assert dt.timedelta(days=180) < basis.valid_until - basis.valid_from < dt.timedelta(days=187)
        assert set(basis.lines.values_list("shared_category", "answer")) == {
            ("education", "share"),
            ("health", "ask"),
            ("money", "refuse"),
        }
        assert Event.objects.filter(kind="consent.given", subject_id=home.abena.person.pk).count() == 2
    assert any("changed what may be shared" in body for _, body in mail_of())


def test_an_answer_left_out_stays_as_it_was(cast: Any, home: Any) -> None:
    home.agree(home.abena, (cast.tom, "education", "share"), (cast.tom, "plan", "share"), about=home.abena)
    answers(home.abena.client(), agree_with(home.abena, cast.tom), plan="refuse")
    assert seen_by(cast, cast.tom, home.abena.person) == {"education", "index"}


def test_the_same_form_sent_twice_counts_once(cast: Any, home: Any) -> None:
    home.agree(home.abena, (cast.tom, "education", "refuse"), about=home.abena)
    client, token = home.abena.client(), str(uuid.uuid4())
    for _twice in range(2):
        answer = client.post(agree_with(home.abena, cast.tom), {"token": token, "education": "share"})
        assert answer.status_code == 302
    with cast.as_(cast.yasmin):
        assert Basis.objects.filter(given_by=home.abena.person).count() == 2


def test_answering_nothing_says_what_to_do(cast: Any, home: Any) -> None:
    home.agree(home.abena, (cast.tom, "education", "refuse"), about=home.abena)
    answer = answers(home.abena.client(), agree_with(home.abena, cast.tom))
    assert answer.status_code == 422
    assert "Choose an answer" in answer.content.decode()


def test_under_sixteen_a_worker_talks_with_them_first(cast: Any, home: Any) -> None:
    client = home.kofi.client()
    assert client.get(agree_with(home.kofi, cast.tom)).status_code == 404
    assert answers(client, agree_with(home.kofi, cast.tom), plan="share").status_code == 404
    page = client.get(reverse("portal:agree")).content.decode()
    assert "needs to talk with you" in page
    with pytest.raises(ProgrammingError):
        give(home.kofi, cast.tom.team.pk, "plan")


def give(own: Any, holder: int, category: str) -> None:
    """Straight at the database's own door."""
    with acting_as(own.actor()), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(
            "select app.give_own_consent(jsonb_build_array(jsonb_build_object("
            "'holder', %s::int, 'category', %s::text, 'answer', 'share')), now() + interval '90 days', 'x', %s)",
            [holder, category, uuid.uuid4()],
        )


def test_with_the_workers_note_a_child_under_sixteen_decides(cast: Any, home: Any) -> None:
    with cast.as_(cast.yasmin) as me:
        made = invite_family_member(
            by=me,
            team=me.team.team,
            person=home.kofi.person,
            email="kofi@family.example",
            understanding="Told it back in his own words.",
        )
    with acting_as(home.kofi.actor()), transaction.atomic(), connection.cursor() as cursor:
        from teamaround.portal.actions import digest_of

        cursor.execute(
            "select app.portal_accept(%s, %s, %s)",
            [digest_of(made.secret), home.kofi.account.pk, home.kofi.actor().principal],
        )
        assert cursor.fetchone() == ("accepted",)
    url = agree_with(home.kofi, cast.tom)
    assert answers(home.kofi.client(), url, plan="share").status_code == 302
    assert seen_by(cast, cast.tom, home.kofi.person) == {"plan", "index"}
    with cast.as_(cast.yasmin):
        assert Basis.objects.latest("pk").understanding == "Told it back in his own words."
        PortalInvitation.objects.update(withdrawn_at=timezone.now())
    assert home.kofi.client().get(url).status_code == 404


def test_a_team_one_does_not_know_of_is_answered_by_nobody(cast: Any, home: Any) -> None:
    home.agree(home.abena, (cast.tom, "education", "refuse"), about=home.abena)
    for holder in (cast.sam.team.pk, cast.olive.team.pk, cast.yasmin.practitioner.pk):
        with pytest.raises(ProgrammingError):
            give(home.abena, holder, "plan")
    for category in ("index", "everything"):
        with pytest.raises(ProgrammingError):
            give(home.abena, cast.tom.team.pk, category)


def test_no_address_names_a_team_or_a_kind(cast: Any, agreed: Any) -> None:
    client = agreed.kofi.client()
    for name in ("sharing", "change", "agree"):
        links = re.findall(r'href="([^"]+)"', client.get(reverse(f"portal:{name}")).content.decode())
        assert not any("moor" in link or "health" in link for link in links)


def test_deciding_takes_few_queries(cast: Any, agreed: Any) -> None:
    agreed.agree(agreed.abena, (cast.tom, "education", "refuse"), about=agreed.abena)
    for own, url in (
        (agreed.kofi, stop(agreed.kofi, "all")),
        (agreed.abena, agree_with(agreed.abena, cast.tom)),
    ):
        client = own.client()
        client.get(url)
        with CaptureQueriesContext(connection) as queries:
            assert client.get(url).status_code == 200
        assert len(queries) <= 15
