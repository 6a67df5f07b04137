"""Ask, put right, complain: read by whom it is for alone, answered once, and the answer is shown."""

from __future__ import annotations

import datetime as dt
import uuid
from typing import Any

import pytest
from django.db import ProgrammingError, connection, transaction
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from teamaround.database.actor import acting_as
from teamaround.database.asking import ask
from teamaround.events.models import Event
from teamaround.notices.models import Message
from teamaround.portal.messages import asking_what_waits
from teamaround.portal.models import FamilyMessage
from teamaround.ui.presentation import uk_date

ASKED = "Why does my school know about the hospital?"


def wrote(own: Any, name: str = "ask", words: str = ASKED, **more: str) -> None:
    token = str(uuid.uuid4())
    answer = own.client().post(reverse(f"portal:{name}"), {"token": token, "words": words, **more})
    assert answer.status_code == 302, answer.content.decode()


def only(cast: Any, member: Any) -> FamilyMessage:
    with cast.as_(member):
        return FamilyMessage.objects.get()


def test_a_question_reaches_the_team_that_leads_and_is_answered_on_the_own_page(cast: Any, home: Any) -> None:
    wrote(home.kofi)
    client = cast.yasmin.client()
    assert "A question from a family" in client.get(reverse("desk:my_day")).content.decode()
    message = only(cast, cast.yasmin)
    url = reverse("portal:answer", args=[message.uuid])
    page = client.get(url).content.decode()
    assert ASKED in page
    assert "Kofi Osei" in page
    assert client.post(url, {"answer": "Because Mum told them."}).status_code == 302
    assert "A question from a family" not in client.get(reverse("desk:my_day")).content.decode()
    mine = home.kofi.client().get(reverse("portal:messages")).content.decode()
    assert "Because Mum told them." in mine
    assert "Answered" in mine
    with cast.as_(cast.yasmin):
        kinds = list(
            Event.objects.filter(kind__startswith="family.").order_by("id").values_list("kind", flat=True)
        )
    assert kinds == ["family.wrote", "family.answered"]


def test_something_wrong_says_what_is_right(cast: Any, home: Any) -> None:
    wrote(home.kofi, "put_right", "My birthday.", should_be="The 3rd of May.")
    message = only(cast, cast.yasmin)
    assert (message.kind, message.should_be) == ("correction", "The 3rd of May.")
    assert "The 3rd of May." in home.kofi.client().get(reverse("portal:messages")).content.decode()


def test_a_complaint_is_read_by_the_governance_lead_and_no_team(cast: Any, home: Any) -> None:
    wrote(home.kofi, "complain", "Yasmin told my aunt.")
    with cast.as_(cast.yasmin):
        assert not FamilyMessage.objects.exists()
        assert not Event.objects.filter(kind="family.wrote").exists()
    message = only(cast, cast.greta)
    assert message.acknowledge_by == timezone.localdate() + dt.timedelta(days=30)
    lead = cast.greta.client()
    day = lead.get(reverse("desk:my_day")).content.decode()
    assert "A complaint about how information was used" in day
    assert f"Say by {uk_date(message.acknowledge_by)} that you have it." in day
    assert "Yasmin told my aunt." in lead.get(reverse("portal:answer", args=[message.uuid])).content.decode()
    assert cast.yasmin.client().get(reverse("portal:answer", args=[message.uuid])).status_code == 404


def test_a_complaint_shows_the_day_by_which_it_is_acknowledged_and_then_that_it_was(
    cast: Any, home: Any
) -> None:
    wrote(home.kofi, "complain", "Somebody told my aunt.")
    message = only(cast, cast.greta)
    own = home.kofi.client()
    assert f"by {uk_date(message.acknowledge_by)}" in own.get(reverse("portal:messages")).content.decode()
    answer = cast.greta.client().post(reverse("portal:received", args=[message.uuid]))
    assert answer.status_code == 302
    assert (
        f"We got this on {uk_date(timezone.localdate())}"
        in own.get(reverse("portal:messages")).content.decode()
    )
    only(cast, cast.greta)


def test_a_notice_says_that_there_is_a_message_and_nothing_of_it(cast: Any, home: Any) -> None:
    from django.core import mail

    wrote(home.kofi)
    wrote(home.kofi, "complain", "Somebody told my aunt.")
    sent = [(row.address, row.subject_line + row.body) for row in Message.objects.order_by("pk")]
    sent += [(each.to[0], each.subject + each.body) for each in mail.outbox]
    assert [address for address, _ in sent] == ["yasmin@northmoor.example", "greta@northmoor.example"]
    for _, body in sent:
        assert not any(word in body for word in ("Kofi", "Osei", "hospital", "aunt", "complain"))


def test_other_teams_and_other_family_members_read_nothing(cast: Any, home: Any) -> None:
    wrote(home.kofi)
    message = only(cast, cast.yasmin)
    for member in (cast.tom, cast.nina, cast.sam, cast.olive, cast.admin, cast.greta):
        client = member.client()
        for name in ("answer", "received"):
            url = reverse(f"portal:{name}", args=[message.uuid])
            assert client.post(url, {"answer": "No."}).status_code in (403, 404)
        assert ASKED not in client.get(reverse("portal:inbox")).content.decode()
        with cast.as_(member):
            assert not FamilyMessage.objects.exists()
    for own in (home.abena, home.efua):
        assert ASKED not in own.client().get(reverse("portal:messages")).content.decode()
        with acting_as(own.actor()), transaction.atomic():
            assert not FamilyMessage.objects.exists()


def test_an_answer_is_given_once_and_nothing_of_a_message_changes(cast: Any, home: Any) -> None:
    wrote(home.kofi)
    message = only(cast, cast.yasmin)
    url = reverse("portal:answer", args=[message.uuid])
    assert cast.yasmin.client().post(url, {"answer": "First."}).status_code == 302
    late = cast.yusuf.client().post(url, {"answer": "Second."})
    assert late.status_code == 422
    assert "answered already" in late.content.decode()
    with pytest.raises(ProgrammingError), cast.as_(cast.yasmin):
        FamilyMessage.objects.update(words="Nothing")
    assert only(cast, cast.yasmin).answer == "First."


def test_nobody_writes_in_anothers_name(cast: Any, home: Any) -> None:
    for actor in (cast.yasmin.me.actor(), home.kofi.actor()):
        with pytest.raises(ProgrammingError), acting_as(actor), transaction.atomic():
            FamilyMessage.objects.create(
                subject_id=home.abena.person.pk,
                kind="question",
                words="x",
                sender_name="Abena",
                sent_by_id=actor.principal,
                receiving_team=cast.yasmin.team,
            )
    with pytest.raises(ProgrammingError), cast.as_(cast.yasmin), connection.cursor() as cursor:
        cursor.execute("select app.send_family_message('question', 'x', '', %s)", [uuid.uuid4()])


def test_sending_twice_counts_once_and_an_empty_message_says_what_to_do(cast: Any, home: Any) -> None:
    client, token = home.kofi.client(), str(uuid.uuid4())
    for _twice in range(2):
        client.post(reverse("portal:ask"), {"token": token, "words": ASKED})
    only(cast, cast.yasmin)
    for typed in ({"token": token, "words": " "}, {"token": "x", "words": "y"}):
        assert client.post(reverse("portal:ask"), typed).status_code == 422
    assert client.post(reverse("portal:ask"), {"token": token, "words": "a" * 2001}).status_code == 422


def test_a_token_that_anothers_message_has_sends_nothing_and_tells_nothing(cast: Any, home: Any) -> None:
    token = str(uuid.uuid4())
    home.kofi.client().post(reverse("portal:ask"), {"token": token, "words": ASKED})
    answer = home.abena.client().post(reverse("portal:ask"), {"token": token, "words": "Mine."})
    assert answer.status_code == 422
    assert ASKED not in answer.content.decode()
    only(cast, cast.yasmin)


def test_my_day_and_the_workers_pages_take_at_most_fifteen_queries(cast: Any, home: Any) -> None:
    wrote(home.kofi)
    message = only(cast, cast.yasmin)
    client = cast.yasmin.client()
    for url in (
        reverse("desk:my_day"),
        reverse("portal:inbox"),
        reverse("portal:answer", args=[message.uuid]),
    ):
        client.get(url)
        with CaptureQueriesContext(connection) as queries:
            assert client.get(url).status_code == 200
        assert len(queries) <= 15, "\n".join(each["sql"][:150] for each in queries)


def test_who_asks_in_anothers_name_is_told_of_no_message_to_them(cast: Any, home: Any) -> None:
    wrote(home.kofi)
    wrote(home.kofi, "complain", "Yasmin told my aunt.")
    for reader, others in (
        (cast.yasmin, (cast.olive, cast.tom, cast.greta)),
        (cast.greta, (cast.olive, cast.yasmin)),
    ):
        question = asking_what_waits(reader.me)
        assert question is not None
        for asker, number in ((reader, 1), *((other, 0) for other in others), (reader, 1)):
            with cast.as_(asker):
                assert len(ask({"families": question})["families"]) == number
