"""What crosses sessions: statements seen elsewhere, what a pooled session keeps, and two who act at once."""

from __future__ import annotations

import datetime as dt
import threading
import time
from collections.abc import Callable
from typing import Any

import psycopg
import pytest
from django.db import connection, connections, transaction
from django.db.utils import Error
from django.http import HttpResponse, StreamingHttpResponse
from django.test import RequestFactory
from django.utils import timezone

from teamaround.access.edits import StaleEdit
from teamaround.access.log import shown
from teamaround.access.middleware import ActorMiddleware
from teamaround.database.actor import acting_as
from teamaround.index.actions import Query, search
from teamaround.people.actions import add_person
from teamaround.procedures import actions
from teamaround.procedures.models import Allocation, Clock, Episode
from teamaround.sharing.actions import Cell, record_consent
from teamaround.sharing.models import Basis


@pytest.fixture
def case(live: Any) -> tuple[int, int]:
    """An accepted case of the young carers team: (child, episode)."""
    cast = live.cast
    with cast.as_(cast.tom) as me:
        child = add_person(by=me, team=cast.tom.team.pk, given="Kofi", family_name="Osei")
        made = actions.receive(by=me, team=cast.tom.team.pk, receiving_team=cast.yasmin.team, child=child.pk)
    with cast.as_(cast.morgan) as me:
        episode = Episode.objects.get(pk=made.pk)
        actions.accept(by=me, episode=episode, version=episode.version)
    return int(child.pk), int(made.pk)


def together(*works: Callable[[], Any]) -> list[Any]:
    """Run the works in threads of their own, all begun before any ends; what each gave or raised."""
    answers: list[Any] = [None] * len(works)
    start = threading.Barrier(len(works))

    def one(place: int) -> None:
        try:
            start.wait()
            answers[place] = works[place]()
        except Exception as error:
            answers[place] = error
        finally:
            connections.close_all()

    threads = [threading.Thread(target=one, args=(place,)) for place in range(len(works))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=60)
    return answers


def test_no_session_reads_the_stamp_or_the_words_of_another(live: Any) -> None:
    with live.cast.as_(live.cast.yasmin), connection.cursor() as cursor:
        cursor.execute("select pg_backend_pid(), %s", ["something about Kofi"])
        pid = cursor.fetchone()[0]
        other = connections["log"]
        with other.cursor() as onlooker:
            onlooker.execute("select coalesce(query, '') from pg_stat_activity where pid = %s", [pid])
            assert onlooker.fetchone()[0] == ""


def test_a_pooled_session_keeps_nothing_of_the_person_before(live: Any) -> None:
    cast = live.cast
    with cast.as_(cast.yasmin), connection.cursor() as cursor:
        cursor.execute("select pg_backend_pid()")
        first = cursor.fetchone()[0]
        cursor.execute("declare kept cursor with hold for select * from person")
        cursor.execute("select set_config('app.stamp', current_setting('app.stamp'), false)")
        cursor.execute("select set_config('search_path', 'nowhere', false)")
    connection.close()
    deadline = time.monotonic() + 20
    while time.monotonic() < deadline:
        with acting_as(cast.olive.me.actor()), transaction.atomic(), connection.cursor() as cursor:
            cursor.execute("select pg_backend_pid(), current_setting('search_path')")
            pid, path = cursor.fetchone()
            cursor.execute("select count(*) from pg_cursors where name = 'kept'")
            assert cursor.fetchone() == (0,)
            assert "nowhere" not in path
        if pid == first:
            break
        connection.close()
    with connection.cursor() as cursor, pytest.raises(Error, match="names no actor"):
        cursor.execute("select app.actor()")


def test_two_who_allocate_one_case_at_once_leave_one_worker_and_no_failure(
    live: Any, case: tuple[int, int]
) -> None:
    cast = live.cast

    def allocate(worker: int) -> Callable[[], Any]:
        def work() -> Any:
            with cast.as_(cast.morgan) as me:
                episode = Episode.objects.get(pk=case[1])
                return actions.allocate(by=me, episode=episode, practitioner=worker)

        return work

    answers = together(allocate(cast.yasmin.practitioner.pk), allocate(cast.yusuf.practitioner.pk))
    assert all(isinstance(answer, Allocation) for answer in answers), answers
    with cast.as_(cast.morgan):
        assert Allocation.objects.filter(episode=case[1], until=None).count() == 1


def test_two_who_answer_one_referral_at_once_answer_it_once(live: Any) -> None:
    cast = live.cast
    with cast.as_(cast.tom) as me:
        child = add_person(by=me, team=cast.tom.team.pk, given="Ama", family_name="Osei")
        made = actions.receive(by=me, team=cast.tom.team.pk, receiving_team=cast.yasmin.team, child=child.pk)

    def answer(how: str) -> Callable[[], Any]:
        def work() -> Any:
            with cast.as_(cast.morgan) as me:
                episode = Episode.objects.get(pk=made.pk)
                seen = episode.version
                time.sleep(0.3)
                if how == "accept":
                    return actions.accept(by=me, episode=episode, version=seen)
                return actions.decline(by=me, episode=episode, version=seen, reason="No room")

        return work

    answers = together(answer("accept"), answer("decline"))
    assert sum(isinstance(each, Episode) for each in answers) == 1
    assert sum(isinstance(each, StaleEdit) for each in answers) == 1


def test_clocks_follow_both_of_two_things_that_are_recorded_at_once(live: Any, case: tuple[int, int]) -> None:
    cast = live.cast
    with cast.as_(cast.morgan):
        running = set(Clock.objects.filter(episode=case[1], stopped_at=None).values_list("key", flat=True))

    def happened(kind: str) -> Callable[[], Any]:
        def work() -> Any:
            with cast.as_(cast.yasmin) as me:
                episode = Episode.objects.get(pk=case[1])
                actions.happened(by=me, episode=episode, kind=kind, subjects=[case[0]])
                time.sleep(0.3)

        return work

    kinds = ("contact.recorded", "visit.made", "assessment.started", "assessment.finished")
    answers = together(*[happened(kind) for kind in kinds])
    assert answers == [None] * len(kinds)
    with cast.as_(cast.morgan):
        episode = Episode.objects.get(pk=case[1])
        kept = set(Clock.objects.filter(episode=case[1], stopped_at=None).values_list("key", flat=True))
        assert kept == {
            c.key for c in actions.standing(episode).clocks if c.state != "ended" and not c.stopped_at
        }
        assert kept != running


def test_two_later_answers_of_one_giver_at_once_leave_one_that_stands(
    live: Any, case: tuple[int, int]
) -> None:
    cast = live.cast

    def say(answer: str) -> Callable[[], Any]:
        def work() -> Any:
            with cast.as_(cast.yasmin) as me:
                basis = record_consent(
                    by=me,
                    team=cast.yasmin.team.pk,
                    subject=case[0],
                    given_by=case[0],
                    capacity="self",
                    how="signed",
                    understanding="Explained it back",
                    valid_until=timezone.now() + dt.timedelta(days=90),
                    cells=[Cell(case[0], cast.nina.team.pk, "plan", answer)],
                )
                time.sleep(0.3)
                return basis

        return work

    answers = together(say("share"), say("refuse"))
    assert all(isinstance(each, Basis) for each in answers), answers
    with cast.as_(cast.yasmin):
        assert Basis.objects.filter(given_by=case[0], withdrawn_at=None).count() == 1


def test_a_worker_of_the_same_person_twice_at_once_stays_found_by_every_name(live: Any) -> None:
    from teamaround.people.actions import add_name

    cast = live.cast
    with cast.as_(cast.yasmin) as me:
        child = add_person(by=me, team=cast.yasmin.team.pk, given="Quill", family_name="Zephyr").pk

    def name(given: str) -> Callable[[], Any]:
        def work() -> Any:
            with cast.as_(cast.yasmin) as me:
                add_name(by=me, team=cast.yasmin.team.pk, person=child, given=given, family_name="Zephyr")
                time.sleep(0.3)

        return work

    assert together(name("Quillan"), name("Quilliam")) == [None, None]
    with cast.as_(cast.yasmin) as me:
        for given in ("Quill", "Quillan", "Quilliam"):
            (found,) = search(by=me, query=Query(name=f"{given} Zephyr"), reason="Duty")
            assert (found.subject, found.why[0].startswith("same name")) == (child, True), given


def looked(server_report: dict[str, str], page: str) -> list[tuple[Any, ...]]:
    address = server_report["auditor"].replace("DATABASE", connections.settings["default"]["NAME"])
    with psycopg.connect(address) as auditor:
        return auditor.execute(
            "select l.subject_id from access_look k join access_look_line l on l.look = k.id where k.page = %s",
            [page],
        ).fetchall()


def ask(live: Any, view: Callable[[Any], Any], page: str) -> Any:
    request = RequestFactory().get("/")
    request.session = live.cast.yasmin.client().session
    request.user = live.cast.yasmin.account
    request.resolver_match = type("Match", (), {"view_name": page})()
    return ActorMiddleware(view)(request)


def test_a_form_shown_again_after_a_refusal_is_logged_like_any_page(
    live: Any, case: tuple[int, int], server_report: dict[str, str]
) -> None:
    def view(request: Any) -> HttpResponse:
        shown(request, [case[0]], "plan")
        return HttpResponse("Kofi", status=422)

    assert ask(live, view, "try:again").status_code == 422
    assert looked(server_report, "try:again") == [(case[0],)]


def test_what_a_streaming_answer_shows_is_logged_even_when_the_reader_goes_away(
    live: Any, case: tuple[int, int], server_report: dict[str, str]
) -> None:
    def view(request: Any) -> StreamingHttpResponse:
        def rows() -> Any:
            for _ in range(3):
                shown(request, [case[0]], "plan", act="export")
                yield "Kofi"

        return StreamingHttpResponse(rows())

    response = ask(live, view, "try:stream")
    assert next(iter(response)) == b"Kofi"
    response.close()
    assert looked(server_report, "try:stream") == [(case[0],)]
