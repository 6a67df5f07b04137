"""Early help assessments: started once, filled in page by page, finished when complete, read by whoever may."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from typing import Any

import pytest
from django.db import connection, transaction
from django.db.utils import Error
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from teamaround.access.drafts import draft_of, keep_draft
from teamaround.assessments.forms_data import EARLY_HELP, FORMS, current_form, form_of
from teamaround.assessments.models import Assessment, AssessmentAnswer
from teamaround.events.models import Event
from teamaround.people.actions import add_person
from teamaround.procedures.acting import WrongRole
from teamaround.procedures.actions import accept, decline, receive
from teamaround.procedures.models import Clock, Episode
from teamaround.procedures.versions import install_shipped, reset_cache
from teamaround.sharing.actions import Cell, record_consent


@pytest.fixture(autouse=True)
def procedures(cast: Any) -> Iterator[None]:
    reset_cache()
    install_shipped()
    yield
    reset_cache()


@pytest.fixture
def case(cast: Any) -> Episode:
    with cast.as_(cast.morgan) as me:
        kofi = add_person(
            by=me, team=me.team.team, given="Kofi", family_name="Osei", date_of_birth=dt.date(2014, 3, 2)
        )
        episode = receive(by=me, team=me.team.team, receiving_team=cast.teams["young-carers"], child=kofi.pk)
        return accept(by=me, episode=episode, version=episode.version)


@pytest.fixture
def assessment(cast: Any, case: Episode) -> Assessment:
    cast.yasmin.client().post(reverse("assessments:start", args=[case.uuid]))
    with cast.as_(cast.yasmin):
        return Assessment.objects.get(episode=case)


def share(cast: Any, case: Episode, team: int, category: str = "assessment") -> None:
    with cast.as_(cast.yasmin) as me:
        mum = add_person(by=me, team=me.team.team, given="Efua", family_name="Osei")
        record_consent(
            by=me,
            team=me.team.team,
            subject=int(case.subject_id or 0),
            given_by=mum.pk,
            capacity="parent",
            how="signed",
            valid_until=timezone.now() + dt.timedelta(days=180),
            cells=[Cell(int(case.subject_id or 0), team, category, "share")],
        )


def edit_url(assessment: Assessment, page: str) -> str:
    return reverse("assessments:edit", args=[assessment.uuid, page])


def version_shown(client: Any, url: str) -> str:
    return str(client.get(url).context["form"].initial["version"])


def save(client: Any, url: str, **typed: str) -> Any:
    return client.post(url, {"version": version_shown(client, url), **typed})


def complete(cast: Any, assessment: Assessment) -> None:
    client = cast.yasmin.client()
    save(client, edit_url(assessment, "about"), took_part="Kofi and Efua, at home", agreement="both")
    for group in EARLY_HELP.groups:
        typed = {}
        for domain in group.domains:
            typed[f"{domain.key}_going"] = "well"
            typed[f"{domain.key}_strengths"] = "Much."
        save(client, edit_url(assessment, group.key), **typed)
    save(client, edit_url(assessment, "views"), child_views="I like school.", parents_views="We are tired.")
    save(
        client,
        edit_url(assessment, "summary"),
        summary="A close family.",
        needs_to_change="Time for himself.",
    )


def test_opening_the_start_page_starts_nothing(cast: Any, case: Episode) -> None:
    page = cast.yasmin.client().get(reverse("assessments:start", args=[case.uuid]))
    assert page.status_code == 200
    with cast.as_(cast.yasmin):
        assert not Assessment.objects.exists()


def test_a_second_click_continues_the_assessment_in_progress(cast: Any, case: Episode) -> None:
    url = reverse("assessments:start", args=[case.uuid])
    first = cast.yasmin.client().post(url)
    second = cast.yusuf.client().post(url)
    assert first.status_code == 302
    assert first.url == second.url
    assert cast.yusuf.client().get(url).url == first.url
    with cast.as_(cast.yasmin):
        assert Assessment.objects.count() == 1
        assert Event.objects.filter(kind="assessment.started").count() == 1


def test_a_case_that_is_not_open_gets_no_assessment(cast: Any) -> None:
    with cast.as_(cast.morgan) as me:
        ada = add_person(by=me, team=me.team.team, given="Ada", family_name="Byrne")
        waiting = receive(by=me, team=me.team.team, receiving_team=cast.teams["young-carers"], child=ada.pk)
    refused = cast.morgan.client().post(reverse("assessments:start", args=[waiting.uuid]))
    assert refused.status_code == 409
    assert "This case is not open" in refused.content.decode()
    with cast.as_(cast.morgan) as me:
        waiting.refresh_from_db()
        decline(by=me, episode=waiting, version=waiting.version, reason="Lives elsewhere")
        assert not Assessment.objects.exists()


def test_who_may_not_start_one_by_the_procedure_is_told_who_may(
    cast: Any, case: Episode, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(**_said: Any) -> None:
        raise WrongRole("“Assessment started” is for a manager of the team.")

    monkeypatch.setattr("teamaround.assessments.actions.happened", refuse)
    answer = cast.yusuf.client().post(reverse("assessments:start", args=[case.uuid]))
    assert answer.status_code == 409
    assert "is for a manager of the team" in answer.content.decode()


def test_each_page_saves_and_leads_to_the_next(cast: Any, assessment: Assessment) -> None:
    client = cast.yasmin.client()
    answer = save(client, edit_url(assessment, "about"), took_part="Kofi", agreement="child")
    assert answer.url == edit_url(assessment, "development")
    url = edit_url(assessment, "development")
    answer = client.post(
        url,
        {
            "version": version_shown(client, url),
            "health_going": "worries",
            "health_needs": "Sleeps little",
            "list": "yes",
        },
    )
    assert answer.url == reverse("assessments:tasks", args=[assessment.uuid])
    with cast.as_(cast.yusuf):
        found = AssessmentAnswer.objects.get(assessment=assessment)
        assert (found.domain, found.going, found.needs) == ("health", "worries", "Sleeps little")
    assert "Sleeps little" in cast.yusuf.client().get(url).content.decode()


def test_the_task_list_says_what_each_page_lacks(cast: Any, assessment: Assessment) -> None:
    url = reverse("assessments:tasks", args=[assessment.uuid])
    statuses = [task.status for task in cast.yasmin.client().get(url).context["tasks"]]
    assert statuses == [
        "2 answers missing",
        "7 answers missing",
        "3 answers missing",
        "4 answers missing",
        "2 answers missing",
        "2 answers missing",
    ]
    save(cast.yasmin.client(), edit_url(assessment, "about"), took_part="Kofi", agreement="both")
    assert cast.yasmin.client().get(url).context["tasks"][0].status == "Done"


def test_an_incomplete_assessment_lists_what_is_missing_and_is_not_finished(
    cast: Any, assessment: Assessment
) -> None:
    complete(cast, assessment)
    client = cast.yasmin.client()
    save(client, edit_url(assessment, "about"), took_part="Kofi", agreement="nobody")
    save(
        client,
        edit_url(assessment, "parents"),
        basic_care_going="well",
        basic_care_strengths="Fed and warm",
        warmth_going="help",
        warmth_strengths="Some",
    )
    refused = client.post(reverse("assessments:finish", args=[assessment.uuid]))
    assert refused.status_code == 422
    assert [each.words for each in refused.context["missing"]] == [
        "Nobody has agreed to the assessment yet: ask the family first",
        "Emotional warmth and stability: say what the worry is",
        "Guidance, boundaries and stimulation: say how it is going",
    ]
    assert refused.context["missing"][1].url.endswith("/edit/parents/#id_warmth_needs")
    with cast.as_(cast.yasmin):
        assessment.refresh_from_db()
        assert assessment.status == "in-progress"
        assert not Event.objects.filter(kind="assessment.finished").exists()


def test_what_is_not_written_yet_is_named_in_one_line_a_page(cast: Any, assessment: Assessment) -> None:
    group = EARLY_HELP.groups[0]
    first, *others = group.domains
    with cast.as_(cast.yasmin):
        AssessmentAnswer.objects.create(
            subject_id=assessment.subject_id,
            category=assessment.category,
            author_team_id=assessment.author_team_id,
            assessment=assessment,
            domain=first.key,
            going="well",
            strengths="Plays outside",
        )
    page = cast.yasmin.client().get(reverse("assessments:detail", args=[assessment.uuid]))
    shown = page.context["groups"]
    assert [each.name for each in shown[0].findings] == [str(first.name)]
    assert shown[0].missing == "; ".join(str(each.name) for each in others)
    assert page.content.decode().count("Not written yet:") == len(EARLY_HELP.groups)


def test_finishing_records_one_event_and_stops_the_clock_however_often_it_is_clicked(
    cast: Any, case: Episode, assessment: Assessment
) -> None:
    complete(cast, assessment)
    with cast.as_(cast.yasmin):
        assert Clock.objects.filter(episode=case, key="assess", stopped_at=None).exists()
    for _click in range(2):
        answer = cast.yasmin.client().post(reverse("assessments:finish", args=[assessment.uuid]))
        assert answer.url == reverse("assessments:detail", args=[assessment.uuid])
    with cast.as_(cast.yasmin):
        assessment.refresh_from_db()
        assert assessment.status == "completed"
        assert Event.objects.filter(kind="assessment.finished", episode=case.pk).count() == 1
        assert not Clock.objects.filter(episode=case, key="assess", stopped_at=None).exists()


def test_a_finished_assessment_is_read_and_no_longer_changed(cast: Any, assessment: Assessment) -> None:
    complete(cast, assessment)
    client = cast.yasmin.client()
    version = version_shown(client, edit_url(assessment, "summary"))
    client.post(reverse("assessments:finish", args=[assessment.uuid]))
    late = client.post(edit_url(assessment, "summary"), {"version": version, "summary": "Otherwise"})
    assert late.url == reverse("assessments:detail", args=[assessment.uuid])
    with cast.as_(cast.yasmin):
        assessment.refresh_from_db()
        assert assessment.summary == "A close family."


@pytest.mark.parametrize(
    ("page", "first", "second"),
    [
        ("about", {"took_part": "Kofi"}, {"took_part": "Efua, by telephone"}),
        ("development", {"health_needs": "Sleep"}, {"health_needs": "Teeth", "identity_strengths": "Proud"}),
    ],
)
def test_a_stale_page_is_refused_with_everything_that_was_typed_kept(
    cast: Any, assessment: Assessment, page: str, first: dict[str, str], second: dict[str, str]
) -> None:
    url = edit_url(assessment, page)
    client = cast.yusuf.client()
    version = version_shown(client, url)
    save(cast.yasmin.client(), url, **first)
    refused = client.post(url, {"version": version, **second})
    text = refused.content.decode()
    assert refused.status_code == 409
    assert "Yasmin Okoro changed this record" in text
    assert all(value in text for value in second.values())
    again = client.post(url, {"version": refused.context["form"].data["version"], **second})
    assert again.status_code == 302


def test_two_people_may_fill_in_different_pages_at_once(cast: Any, assessment: Assessment) -> None:
    one, two = edit_url(assessment, "development"), edit_url(assessment, "parents")
    first, second = version_shown(cast.yasmin.client(), one), version_shown(cast.yusuf.client(), two)
    assert cast.yasmin.client().post(one, {"version": first, "health_needs": "Sleep"}).status_code == 302
    assert cast.yusuf.client().post(two, {"version": second, "warmth_needs": "Time"}).status_code == 302


def test_what_was_typed_and_not_saved_comes_back_to_its_author_alone(
    cast: Any, assessment: Assessment
) -> None:
    with cast.as_(cast.yasmin) as me:
        keep_draft(
            by=me, form="assessment", about=f"{assessment.uuid}-about", typed={"took_part": "Half a sentence"}
        )
    url = edit_url(assessment, "about")
    assert "Half a sentence" in cast.yasmin.client().get(url).content.decode()
    assert "Half a sentence" not in cast.yusuf.client().get(url).content.decode()
    save(cast.yasmin.client(), url, took_part="A whole sentence")
    with cast.as_(cast.yasmin) as me:
        assert draft_of(by=me, form="assessment", about=f"{assessment.uuid}-about") is None


def test_another_agency_reads_with_a_grant_and_never_writes(
    cast: Any, case: Episode, assessment: Assessment
) -> None:
    complete(cast, assessment)
    share(cast, case, cast.tom.team.pk)
    client = cast.tom.client()
    page = client.get(reverse("assessments:detail", args=[assessment.uuid]))
    assert page.status_code == 200
    assert "A close family." in page.content.decode()
    assert "Efua Osei agreed on" in page.content.decode() or "The family agreed on" in page.content.decode()
    for name in ("tasks", "finish", "mistake"):
        assert client.get(reverse(f"assessments:{name}", args=[assessment.uuid])).status_code == 403
    assert client.post(reverse("assessments:finish", args=[assessment.uuid])).status_code == 403
    assert client.post(edit_url(assessment, "summary"), {"version": 1, "summary": "x"}).status_code == 403


def test_without_a_grant_the_assessment_does_not_exist(
    cast: Any, case: Episode, assessment: Assessment
) -> None:
    share(cast, case, cast.nina.team.pk, "education")
    for member in (cast.olive, cast.nina, cast.sam):
        client = member.client()
        for name in ("detail", "tasks", "finish", "mistake"):
            assert client.get(reverse(f"assessments:{name}", args=[assessment.uuid])).status_code == 404
        assert client.get(edit_url(assessment, "about")).status_code == 404
        for name in ("start", "risk"):
            assert client.post(reverse(f"assessments:{name}", args=[case.uuid])).status_code == 404
    assert cast.admin.client().get(reverse("assessments:detail", args=[assessment.uuid])).status_code == 403


def test_the_database_refuses_an_answer_of_another_team(
    cast: Any, case: Episode, assessment: Assessment
) -> None:
    share(cast, case, cast.tom.team.pk)
    with pytest.raises(Error), cast.as_(cast.tom), transaction.atomic():
        AssessmentAnswer.objects.create(
            assessment=assessment,
            subject_id=assessment.subject_id,
            category="assessment",
            author_team=cast.tom.team,
            domain="health",
        )


def test_a_mistake_stays_on_the_record_and_says_so(cast: Any, assessment: Assessment) -> None:
    url = reverse("assessments:mistake", args=[assessment.uuid])
    client = cast.yasmin.client()
    assert client.post(url, {"version": 1, "reason": ""}).status_code == 200
    client.post(url, {"version": version_shown(client, url), "reason": "Wrong child"})
    page = client.get(reverse("assessments:detail", args=[assessment.uuid])).content.decode()
    assert "Recorded by mistake: do not rely on it" in page
    assert "Wrong child" in page


RISK = {
    "token": "0b8d5c1e-6c6a-4a54-9d0e-1f6f1f4f8f10",
    "worries": "He walks home alone after dark.",
    "likelihood": "possible",
    "keeps_safe": "His aunt lives next door.",
}


def test_a_risk_assessment_is_one_record_however_often_it_is_sent(cast: Any, case: Episode) -> None:
    url = reverse("assessments:risk", args=[case.uuid])
    answers = [cast.yasmin.client().post(url, RISK) for _click in range(2)]
    assert answers[0].url == answers[1].url
    assert "His aunt lives next door." in cast.yasmin.client().get(answers[0].url).content.decode()
    with cast.as_(cast.yasmin):
        assert Assessment.objects.filter(kind="risk").count() == 1
        assert Event.objects.filter(kind="risk.assessed", episode=case.pk).count() == 1


def test_a_risk_assessment_asks_for_the_worry_and_for_what_keeps_safe(cast: Any, case: Episode) -> None:
    url = reverse("assessments:risk", args=[case.uuid])
    page = cast.yasmin.client().post(
        url, {**RISK, "worries": " ", "keeps_safe": "", "look_again_on": "1 2 2020"}
    )
    assert set(page.context["form"].errors) == {"worries", "keeps_safe", "look_again_on"}
    with cast.as_(cast.yasmin):
        assert not Assessment.objects.exists()


def test_the_pages_stay_within_their_queries(cast: Any, case: Episode, assessment: Assessment) -> None:
    complete(cast, assessment)
    share(cast, case, cast.tom.team.pk)
    urls = [
        (cast.yasmin, edit_url(assessment, "development")),
        (cast.yasmin, reverse("assessments:tasks", args=[assessment.uuid])),
        (cast.yasmin, reverse("assessments:detail", args=[assessment.uuid])),
        (cast.tom, reverse("assessments:detail", args=[assessment.uuid])),
        (cast.yasmin, reverse("assessments:risk", args=[case.uuid])),
    ]
    for member, url in urls:
        client = member.client()
        with CaptureQueriesContext(
            connection,
        ) as seen:
            assert client.get(url).status_code == 200
        assert len(seen) <= 15, [query["sql"][:120] for query in seen]


def test_every_form_has_its_own_keys_and_can_be_found_again() -> None:
    for form in FORMS:
        keys = [domain.key for domain in form.domains]
        assert len(keys) == len(set(keys))
        assert form_of(form.kind, form.version) is form
    assert len(EARLY_HELP.domains) == 14
    assert current_form("early_help") is EARLY_HELP
    with pytest.raises(LookupError):
        form_of("early_help", "never")
