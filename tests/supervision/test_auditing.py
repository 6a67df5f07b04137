"""Audits of files: a file is drawn by chance, no draw goes unseen, findings become actions."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
from django.db import DatabaseError, connection, transaction
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from harness.cases import accepted, with_procedures
from teamaround.access.edits import StaleEdit
from teamaround.supervision import auditing
from teamaround.supervision.auditing import Found
from teamaround.supervision.models import FileAudit, FileAuditAnswer
from teamaround.supervision.views import audits as views
from teamaround.tasks.models import Task


@pytest.fixture
def area(cast: Any) -> Any:
    with_procedures(cast)
    cast.child, cast.episode = accepted(cast)
    return cast


def drawn(area: Any) -> FileAudit:
    with area.as_(area.morgan) as me:
        return auditing.draw(by=me, team=area.morgan.team.pk)


def answers(area: Any, **more: Any) -> list[Found]:
    asked = auditing.questions_of(area.morgan.team.pk)
    return [Found(asked[0].pk, **{"found": "no", **more}), *(Found(each.pk, "yes") for each in asked[1:])]


def test_a_draw_takes_the_case_that_its_seed_says_and_keeps_what_it_was_drawn_from(area: Any) -> None:
    for _n in range(4):
        accepted(area)
    audit = drawn(area)
    assert len(audit.pool) == 5
    assert audit.place == auditing.place_by_seed(audit.seed, audit.pool)
    assert audit.pool[audit.place] == audit.episode_id
    assert audit.number == 1


def test_no_second_file_is_drawn_while_the_first_is_open_and_one_set_aside_stays_in_the_list(
    area: Any,
) -> None:
    first = drawn(area)
    with pytest.raises(auditing.AuditRefused, match="drawn already"):
        drawn(area)
    with area.as_(area.morgan) as me:
        with pytest.raises(auditing.AuditRefused, match="why"):
            auditing.set_aside(by=me, audit=first, version=first.version, reason=" ")
        auditing.set_aside(by=me, audit=first, version=first.version, reason="I lead this case myself.")
    assert drawn(area).number == 2
    with area.as_(area.morgan):
        assert [row.reason for row in FileAudit.objects.order_by("number")] == [
            "I lead this case myself.",
            "",
        ]


def test_nobody_picks_a_file_or_removes_a_draw_behind_the_database(area: Any) -> None:
    audit = drawn(area)
    with area.as_(area.morgan):
        for attempt in (
            lambda: FileAudit.objects.filter(pk=audit.pk).delete(),
            lambda: FileAudit.objects.filter(pk=audit.pk).update(episode_id=area.episode.pk, number=7),
            lambda: FileAudit.objects.create(
                subject_id=audit.subject_id,
                category="plan",
                author_team_id=audit.author_team_id,
                episode_id=audit.episode_id,
                number=9,
                seed=audit.seed,
                pool=audit.pool,
                place=0,
            ),
        ):
            with pytest.raises(DatabaseError), transaction.atomic():
                attempt()


def test_only_a_manager_of_the_team_draws_and_audits(area: Any) -> None:
    team = area.morgan.team.pk
    for other in (area.yasmin, area.olive):
        with area.as_(other) as me:
            with pytest.raises(PermissionError):
                auditing.draw(by=me, team=team)
            with (
                pytest.raises(DatabaseError, match="manager of the team"),
                transaction.atomic(),
                connection.cursor() as cursor,
            ):
                cursor.execute("select app.draw_file(%s)", [team])
    audit = drawn(area)
    with area.as_(area.yasmin) as me:
        with pytest.raises(PermissionError):
            auditing.finish(by=me, audit=audit, version=1, answers=answers(area), summary="")
        assert not FileAudit.objects.filter(pk=audit.pk).update(state="finished", done_at=timezone.now())


def test_another_agency_reads_no_audit_even_where_the_plan_is_shared_with_it(area: Any) -> None:
    from teamaround.sharing.actions import Cell, record_consent

    audit = drawn(area)
    with area.as_(area.yasmin) as me:
        record_consent(
            by=me,
            team=area.yasmin.team.pk,
            subject=area.child.pk,
            given_by=area.child.pk,
            capacity="self",
            how="signed",
            valid_until=timezone.now() + dt.timedelta(days=90),
            cells=[Cell(area.child.pk, area.tom.team.pk, "plan", "share")],
        )
    with area.as_(area.tom):
        assert not FileAudit.objects.exists()
    with area.as_(area.yasmin):
        assert FileAudit.objects.get() == audit


def test_a_finding_becomes_an_action_that_somebody_owes_by_a_day(area: Any) -> None:
    audit = drawn(area)
    by_when = timezone.localdate() + dt.timedelta(days=7)
    with area.as_(area.morgan) as me:
        auditing.finish(
            by=me,
            audit=audit,
            version=audit.version,
            answers=answers(area, action="See Kofi alone", owner=area.yasmin.practitioner.pk, due_on=by_when),
            summary="Good work, thin on his own words.",
        )
        task = Task.objects.get(title="See Kofi alone")
        assert (task.owner_id, task.due_on, task.subject_id) == (
            area.yasmin.practitioner.pk,
            by_when,
            area.child.pk,
        )
        assert FileAuditAnswer.objects.get(found="no").task_id == task.pk


@pytest.mark.parametrize(
    ("more", "field"),
    [
        ({"found": ""}, "found"),
        ({"action": "See him"}, "due"),
        ({"action": "See him", "due_on": dt.date(2020, 1, 1)}, "due"),
        ({"action": "See him", "owner": -1, "due_on": dt.date(2099, 1, 1)}, "owner"),
    ],
)
def test_an_audit_with_a_gap_is_not_finished(area: Any, more: dict[str, Any], field: str) -> None:
    audit = drawn(area)
    with area.as_(area.morgan) as me:
        if "due_on" in more and more["due_on"].year == 2099:
            more = {**more, "due_on": timezone.localdate()}
        with pytest.raises(auditing.AuditRefused) as refused:
            auditing.finish(by=me, audit=audit, version=1, answers=answers(area, **more), summary="")
        assert refused.value.field.startswith(field)


def test_a_team_asks_questions_of_its_own_and_leaves_the_areas_alone(area: Any) -> None:
    team = area.morgan.team.pk
    with area.as_(area.morgan) as me:
        own = auditing.add_question(by=me, team=team, text="Was the school told?")
        assert own in auditing.questions_of(team)
        with pytest.raises(auditing.AuditRefused, match="already"):
            auditing.add_question(by=me, team=team, text="was the school told?")
        shipped = auditing.questions_of(team)[0]
        with pytest.raises(PermissionError):
            auditing.withdraw_question(by=me, question=shipped)
        auditing.withdraw_question(by=me, question=own)
        assert own not in auditing.questions_of(team)
    with area.as_(area.olive):
        assert own not in auditing.questions_of(team)


def test_of_two_who_finish_one_audit_the_second_is_told_and_nothing_is_written_twice(area: Any) -> None:
    audit = drawn(area)
    with area.as_(area.morgan) as me:
        second = FileAudit.objects.get(pk=audit.pk)
        auditing.finish(by=me, audit=audit, version=1, answers=answers(area), summary="First")
        number = FileAuditAnswer.objects.count()
        with pytest.raises(StaleEdit):
            auditing.finish(by=me, audit=second, version=1, answers=answers(area), summary="Second")
        with pytest.raises(StaleEdit):
            auditing.set_aside(by=me, audit=second, version=1, reason="Mine")
        assert (FileAuditAnswer.objects.count(), FileAudit.objects.get().summary) == (number, "First")
    page = area.morgan.client().post(reverse("supervision:audit", args=[audit.uuid]), {"version": "1"})
    assert "What you wrote is not kept" in page.content.decode()


def test_an_owner_or_a_day_without_an_action_is_asked_about_and_not_dropped(area: Any) -> None:
    audit = drawn(area)
    for more in ({"owner": area.yasmin.practitioner.pk}, {"due_on": timezone.localdate()}):
        with area.as_(area.morgan) as me, pytest.raises(auditing.AuditRefused) as refused:
            auditing.finish(by=me, audit=audit, version=1, answers=answers(area, **more), summary="")
        assert refused.value.field.startswith("action_")


def test_the_list_of_draws_has_no_end_and_says_whose_files_were_shown(area: Any, monkeypatch: Any) -> None:
    monkeypatch.setattr(views, "MOST_DRAWS", 1)
    for reason in ("The first", "The second"):
        audit = drawn(area)
        with area.as_(area.morgan) as me:
            auditing.set_aside(by=me, audit=audit, version=audit.version, reason=reason)
    client, url = area.morgan.client(), reverse("supervision:audits", args=["young-carers"])
    with CaptureQueriesContext(connection) as queries:
        page = client.get(url).content.decode()
    assert ("The second" in page, "The first" in page) == (True, False)
    assert any("into access_look_line" in each["sql"] for each in queries)
    assert "?before=2" in page
    assert "The first" in client.get(url, {"before": "2"}).content.decode()
    assert client.get(url, {"before": "x' or 1"}).status_code == 200
