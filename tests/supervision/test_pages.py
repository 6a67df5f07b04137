"""Pages of supervision and audits: what they show, to whom, with how many questions to the database."""

from __future__ import annotations

from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from harness.cases import accepted, with_procedures
from teamaround.events.models import Event
from teamaround.supervision import actions, auditing
from teamaround.supervision.models import FileAudit, Supervision
from teamaround.tasks.models import Task


@pytest.fixture
def area(cast: Any) -> Any:
    with_procedures(cast)
    cast.child, cast.episode = accepted(cast)
    return cast


def day(name: str, when: Any) -> dict[str, str]:
    return {f"{name}_day": str(when.day), f"{name}_month": str(when.month), f"{name}_year": str(when.year)}


def recorded(area: Any) -> str:
    url = reverse("supervision:record", args=[area.morgan.team.slug, area.yasmin.practitioner.uuid])
    answer = area.morgan.client().post(
        url, {"version": "1", "reflection": "Endings weigh on her.", **day("held_on", timezone.localdate())}
    )
    assert answer.status_code == 302
    return str(answer["Location"])


def test_a_supervision_is_recorded_read_by_the_two_and_answered_by_the_worker(area: Any) -> None:
    url = recorded(area)
    page = area.yasmin.client().get(url)
    assert "Endings weigh on her." in page.content.decode()
    assert "and nobody else." in page.content.decode()
    said = area.yasmin.client().post(f"{url}words/", {"version": "1", "words": "Cover would help."})
    assert said.status_code == 302
    assert "Cover would help." in area.morgan.client().get(url).content.decode()
    for other in (area.yusuf, area.olive, area.greta):
        assert other.client().get(url).status_code in (403, 404)
        assert other.client().post(f"{url}words/", {"version": "2", "words": "x"}).status_code in (403, 404)


def test_notes_that_the_other_has_answered_meanwhile_are_not_written_over_unseen(area: Any) -> None:
    url = recorded(area)
    with area.as_(area.yasmin) as me:
        actions.say_own_words(by=me, supervision=Supervision.objects.get(), version=1, words="Mine.")
    stale = area.morgan.client().post(url, {"version": "1", "reflection": "Typed before."})
    assert stale.status_code == 409
    assert "Typed before." in stale.content.decode()


def test_my_own_page_shows_my_load_and_takes_my_word_for_it(area: Any) -> None:
    client = area.yasmin.client()
    assert client.post(reverse("supervision:say_load"), {"feels": ""}).status_code == 200
    client.post(reverse("supervision:say_load"), {"feels": "too_much", "words": "Three visits an evening."})
    team = area.morgan.client().get(reverse("supervision:team")).content.decode()
    assert "Too much" in team
    assert "Three visits an evening." in team


def test_a_case_that_no_manager_decided_on_is_overdue_until_one_does(area: Any) -> None:
    client, url = area.morgan.client(), reverse("supervision:team")
    assert "looked at every case in time" in client.get(url).content.decode()
    with connection.cursor() as cursor, area.as_(area.morgan):
        cursor.execute("update episode set opened_at = opened_at - interval '43 days'")
    assert "Kofi Osei" in client.get(url).content.decode()
    decide = reverse("supervision:decide", args=[area.episode.uuid])
    assert client.post(decide, {"decision": ""}).status_code == 200
    today = day("decided_on", timezone.localdate())
    assert (
        client.post(decide, {"decision": "Go on as planned.", "why": "It helps.", **today}).status_code == 302
    )
    assert "looked at every case in time" in client.get(url).content.decode()
    with area.as_(area.yasmin):
        assert Event.objects.filter(kind="supervision.decided").count() == 1
    chronology = area.yasmin.client().get(reverse("desk:case", args=[area.episode.uuid])).content.decode()
    assert "Go on as planned." in chronology


def test_a_worker_decides_nothing_draws_nothing_and_sees_no_team(area: Any) -> None:
    client, team = area.yasmin.client(), area.morgan.team.slug
    assert client.get(reverse("supervision:decide", args=[area.episode.uuid])).status_code == 403
    assert client.get(reverse("supervision:team")).status_code == 403
    for name in ("audits", "measures"):
        assert client.get(reverse(f"supervision:{name}", args=[team])).status_code == 403
    assert client.post(reverse("supervision:draw", args=[team])).status_code == 403


def test_a_file_is_drawn_audited_and_its_finding_becomes_an_action(area: Any) -> None:
    client = area.morgan.client()
    url = client.post(reverse("supervision:draw", args=[area.morgan.team.slug]))["Location"]
    page = client.get(url).content.decode()
    assert "Drawn again from its recorded number, it gives the same file" in page
    with area.as_(area.morgan):
        asked = auditing.questions_of(area.morgan.team.pk)
    typed = {f"found_{each.pk}": "yes" for each in asked} | {"version": "1", "summary": "Clear."}
    first = asked[0].pk
    typed |= {f"found_{first}": "no", f"action_{first}": "See Kofi alone", f"note_{first}": "Not yet"}
    missing = client.post(url, typed)
    assert missing.status_code == 200
    assert "by which day" in missing.content.decode()
    done = client.post(url, typed | day(f"due_{first}", timezone.localdate()))
    assert done.status_code == 302
    assert "See Kofi alone" in client.get(url).content.decode()
    with area.as_(area.yasmin):
        assert Task.objects.filter(title="See Kofi alone").count() == 1


def test_a_draw_that_was_set_aside_stays_in_the_list_with_its_reason(area: Any) -> None:
    client, team = area.morgan.client(), area.morgan.team.slug
    url = client.post(reverse("supervision:draw", args=[team]))["Location"]
    assert client.post(f"{url}set-aside/", {"version": "1", "reason": ""}).status_code == 200
    assert client.post(f"{url}set-aside/", {"version": "1", "reason": "My own case"}).status_code == 302
    assert "My own case" in client.get(reverse("supervision:audits", args=[team])).content.decode()
    with area.as_(area.morgan):
        assert FileAudit.objects.get().state == "set_aside"


def test_the_team_is_told_who_manages_supervision(area: Any) -> None:
    url = reverse("supervision:measures", args=[area.morgan.team.slug])
    typed = {"oversight_weeks": "4", "supervision_weeks": "4", "lead": str(area.yusuf.practitioner.pk)}
    assert area.morgan.client().post(url, typed).status_code == 302
    assert (
        "Yusuf Brand, who manages supervision"
        in area.yasmin.client().get(reverse("supervision:mine")).content.decode()
    )
    recorded(area)
    assert area.yusuf.client().get(reverse("supervision:team")).status_code == 200


@pytest.mark.parametrize("name", ["mine", "team"])
def test_a_page_asks_the_database_few_questions(area: Any, name: str) -> None:
    client = area.morgan.client()
    client.get(reverse(f"supervision:{name}"))
    with CaptureQueriesContext(connection) as asked:
        assert client.get(reverse(f"supervision:{name}")).status_code == 200
    assert len(asked) <= 15
