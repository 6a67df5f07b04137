"""A procedure is changed, tried on past cases and published; running cases stay, and are moved by an act."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
from django.db import transaction
from django.db.utils import Error, IntegrityError
from django.utils import timezone

from harness.cast import Member
from harness.officer import officer
from teamaround.access.edits import StaleEdit
from teamaround.agencies.models import AdministrationLog, Team
from teamaround.database.actor import ANONYMOUS, SET_UP, acting_as
from teamaround.events.models import Event
from teamaround.people.actions import add_person
from teamaround.procedures import actions, drafts, engine, moving
from teamaround.procedures.clock_text import change_clock
from teamaround.procedures.format import load, load_shipped, shipped_text
from teamaround.procedures.models import Clock, Episode, EpisodeMove, ProcedureDraft, ProcedureVersion
from teamaround.procedures.past import past_streams
from teamaround.procedures.publishing import publish
from teamaround.procedures.versions import current_version, install_shipped, reset_cache
from teamaround.procedures.whatif import Stream, compare, stage_of

SLUG = "stockport-families-first"


@pytest.fixture
def noor(cast: Any) -> Member:
    reset_cache()
    install_shipped()
    return officer(cast)


def an_open_case(cast: Any, name: str = "Kofi") -> int:
    """Tom refers a child, Morgan accepts, a plan is agreed."""
    with cast.as_(cast.tom) as me:
        child = add_person(by=me, team=cast.tom.team.pk, given=name, family_name="Osei")
        sent = actions.receive(by=me, team=cast.tom.team.pk, receiving_team=cast.yasmin.team, child=child.pk)
    with cast.as_(cast.morgan) as me:
        episode = Episode.objects.get(pk=sent.pk)
        actions.accept(by=me, episode=episode, version=episode.version)
        actions.happened(by=me, episode=episode, kind="plan.agreed", subjects=[child.pk])
    return int(sent.pk)


def changed(cast: Any, noor: Member, limit: str = "10 working days") -> ProcedureDraft:
    with cast.as_(noor) as me:
        text = change_clock(drafts.latest_version(SLUG).text, "review", {"limit": limit})
        found = drafts.draft_of(SLUG)
        return drafts.save_draft(by=me, slug=SLUG, version=found.version if found else 0, text=text)


def published(cast: Any, noor: Member, on: dt.date | None = None) -> ProcedureVersion:
    draft = changed(cast, noor)
    with cast.as_(noor) as me:
        draft = ProcedureDraft.objects.select_related("based_on").get(pk=draft.pk)
        return publish(
            by=me,
            draft=draft,
            version=draft.version,
            effective_on=on or timezone.localdate(),
            note="Weekly was too often",
        )


def test_a_new_case_follows_the_new_version_and_a_running_one_does_not(cast: Any, noor: Member) -> None:
    running = an_open_case(cast)
    made = published(cast, noor)
    assert (made.number, made.published_by_id) == (2, None)  # the database's statement is read below
    new = an_open_case(cast, "Efua")
    with cast.as_(cast.morgan):
        versions = dict(Episode.objects.filter(pk__in=[running, new]).values_list("pk", "procedure__number"))
        assert versions == {running: 1, new: 2}
        why = dict(Clock.objects.filter(key="review").values_list("episode_id", "why"))
        assert "10 working days" in why[new]
        assert "10 working days" not in why[running]
        assert ProcedureVersion.objects.get(number=2).published_by_id == noor.practitioner.pk
        assert AdministrationLog.objects.filter(act="publish_procedure", by=noor.practitioner).count() == 1


def test_two_versions_on_one_day_are_refused(cast: Any, noor: Member) -> None:
    published(cast, noor)
    draft = changed(cast, noor, "3 weeks")
    with cast.as_(noor) as me:
        draft = ProcedureDraft.objects.select_related("based_on").get(pk=draft.pk)
        with pytest.raises(drafts.ChangeRefused, match="already") as refused:
            publish(
                by=me, draft=draft, version=draft.version, effective_on=timezone.localdate(), note="Again"
            )
        assert refused.value.field == "effective_on"
        with pytest.raises(IntegrityError), transaction.atomic():
            ProcedureVersion.objects.create(slug=SLUG, number=9, text="x", effective_from=timezone.now())


def test_a_version_of_a_later_day_is_not_followed_before(cast: Any, noor: Member) -> None:
    published(cast, noor, timezone.localdate() + dt.timedelta(days=3))
    with cast.as_(cast.tom):
        assert current_version(SLUG).number == 1


@pytest.mark.parametrize(
    ("days", "note", "field"), [(-1, "x", "effective_on"), (400, "x", "effective_on"), (0, " ", "note")]
)
def test_a_day_that_has_passed_or_no_reason_is_refused(
    cast: Any, noor: Member, days: int, note: str, field: str
) -> None:
    draft = changed(cast, noor)
    with cast.as_(noor) as me:
        draft = ProcedureDraft.objects.select_related("based_on").get(pk=draft.pk)
        day = timezone.localdate() + dt.timedelta(days=days)
        with pytest.raises(drafts.ChangeRefused) as refused:
            publish(by=me, draft=draft, version=draft.version, effective_on=day, note=note)
        assert refused.value.field == field


def test_a_draft_that_is_wrong_is_kept_and_not_published(cast: Any, noor: Member) -> None:
    with cast.as_(noor) as me:
        drafts.save_draft(by=me, slug=SLUG, version=0, text="name: half a\r\nthought")
        draft = ProcedureDraft.objects.select_related("based_on").get()
        assert draft.text == "name: half a\nthought\n"
        with pytest.raises(drafts.ChangeRefused, match="cannot be read"):
            publish(by=me, draft=draft, version=1, effective_on=timezone.localdate(), note="x")


def test_a_draft_under_another_name_is_wrong(cast: Any, noor: Member) -> None:
    with cast.as_(noor):
        text = drafts.latest_version(SLUG).text.replace(f"slug: {SLUG}", "slug: another")
    procedure, problems = drafts.read_draft(SLUG, text)
    assert procedure is None
    assert text.splitlines()[problems[0].line - 1] == "slug: another"


def test_who_saves_second_is_told_and_loses_nothing(cast: Any, noor: Member) -> None:
    changed(cast, noor)
    with cast.as_(noor) as me:
        with pytest.raises(StaleEdit):
            drafts.save_draft(by=me, slug=SLUG, version=0, text="mine")
        drafts.save_draft(by=me, slug=SLUG, version=1, text="theirs")
        with pytest.raises(StaleEdit):
            drafts.save_draft(by=me, slug=SLUG, version=1, text="mine")
        assert ProcedureDraft.objects.get().text == "theirs\n"
        assert ProcedureDraft.objects.get().by_id == noor.practitioner.pk


def test_nobody_but_a_partnership_officer_changes_or_publishes(cast: Any, noor: Member) -> None:
    draft = changed(cast, noor)
    with cast.as_(cast.morgan) as me:
        with pytest.raises(drafts.ChangeRefused):
            drafts.save_draft(by=me, slug=SLUG, version=1, text="mine")
        with pytest.raises(Error, match="only a partnership officer"), transaction.atomic():
            ProcedureDraft.objects.filter(pk=draft.pk).update(text="mine")
        with pytest.raises(Error, match="only a partnership officer"), transaction.atomic():
            ProcedureVersion.objects.create(slug=SLUG, number=2, text="mine")
        with pytest.raises(Error, match="only a partnership officer"), transaction.atomic():
            past_streams(SLUG)
    # A name that nobody uses yet is nobody else's either: a text that cannot be read would close every page of procedures.
    for member in (cast.morgan, cast.admin, cast.tom):
        with pytest.raises(Error, match="only a partnership officer"), cast.as_(member):
            ProcedureVersion.objects.create(slug="unused", number=1, text="mine")
    with acting_as(ANONYMOUS), pytest.raises(Error, match="only a partnership officer"), transaction.atomic():
        ProcedureVersion.objects.create(slug="unused", number=1, text="mine")
    with cast.as_(noor), pytest.raises(Error, match="from now or later"), transaction.atomic():
        ProcedureVersion.objects.create(
            slug=SLUG, number=2, text="mine", effective_from=timezone.now() - dt.timedelta(days=9)
        )


def test_past_cases_come_without_names_and_each_reading_is_logged(cast: Any, noor: Member) -> None:
    pk = an_open_case(cast)
    with cast.as_(cast.morgan) as me:
        episode = Episode.objects.get(pk=pk)
        event = Event.objects.get(episode=pk, kind="plan.agreed")
        earlier = timezone.now() - dt.timedelta(minutes=1)
        actions.put_right(
            by=me, episode=episode, occurrence=event.occurrence, happened_at=earlier, text="Earlier"
        )
        keys = set(Event.objects.filter(episode=pk).values_list("pk", flat=True))
        expected = engine.run(load_shipped(SLUG), actions.events_of(episode), timezone.now())
    with cast.as_(noor):
        assert not Episode.objects.filter(pk=pk).exists()
        (stream,) = past_streams(SLUG)
        assert (stream.number, stream.team) == (1, cast.yasmin.team.pk)
        found = engine.run(load_shipped(SLUG), stream.events, timezone.now())
        assert [(c.key, c.due_at, c.state) for c in found.clocks] == [
            (c.key, c.due_at, c.state) for c in expected.clocks
        ]
        assert {each.id for each in stream.events} != keys
        assert AdministrationLog.objects.filter(act="try_procedure", reason=SLUG).count() == 1


def test_a_sensitive_service_is_left_out_of_past_cases(cast: Any, noor: Member) -> None:
    with acting_as(SET_UP), transaction.atomic():
        Team.objects.filter(pk=cast.sam.team.pk).update(takes_referrals=True, procedure_slug=SLUG)
    with cast.as_(cast.tom) as me:
        child = add_person(by=me, team=cast.tom.team.pk, given="Kofi", family_name="Osei")
        for team in (cast.sam.team, cast.yasmin.team):
            team.refresh_from_db()
            actions.receive(by=me, team=cast.tom.team.pk, receiving_team=team, child=child.pk)
    with cast.as_(noor):
        assert {stream.team for stream in past_streams(SLUG)} == {cast.yasmin.team.pk}


def _event(number: int, kind: str, day: int) -> engine.Event:
    at = dt.datetime(2026, 3, 2, 10, tzinfo=dt.UTC) + dt.timedelta(days=day)
    return engine.Event(id=number, kind=kind, happened_at=at, recorded_at=at)


def test_what_if_counts_late_clocks_by_stage_and_team_beside_todays() -> None:
    weekly = load_shipped(SLUG)
    text = change_clock(shipped_text(SLUG), "review", {"limit": "10 working days"})
    streams = [
        Stream(n, team, (_event(1, "plan.agreed", 0), _event(2, "plan.reviewed", after)))
        for n, (team, after) in enumerate([(7, 5), (7, 10), (8, 12), (8, 30)], 1)
    ]
    cells = compare(
        weekly, load(text), streams, dt.datetime(2026, 3, 3, tzinfo=dt.UTC) + dt.timedelta(days=31)
    )
    review = {cell.team: cell for cell in cells if cell.stage == "review"}
    assert [review[team].today.late for team in (7, 8)] == [3, 3]  # the round after the review is late too
    assert [review[team].changed.late for team in (7, 8)] == [2, 2]
    assert stage_of(weekly, weekly.clock("review")) == "review"
    assert stage_of(weekly, weekly.clock("first-visit")) == "crisis"
    assert {stage_of(weekly, clock) for clock in weekly.clocks if clock.follow_up} == {"closure"}


def test_a_running_case_is_moved_by_an_act_and_back(cast: Any, noor: Member) -> None:
    pk = an_open_case(cast)
    made = published(cast, noor)
    with cast.as_(cast.morgan) as me:
        episode = Episode.objects.select_related("procedure").get(pk=pk)
        seen = episode.version
        newer = moving.newer_version(episode)
        assert newer is not None
        assert newer.pk == made.pk
        told = moving.what_changes(episode, newer.pk)
        assert [each.after.key for each in told.moved] == ["review"]
        assert (told.begins, told.ends, told.nothing) == ((), (), False)
        due = Clock.objects.get(episode=pk, key="review").due_at
        with pytest.raises(actions.EpisodeRefused, match="Say why"):
            moving.move(by=me, episode=episode, version=seen, to=newer, reason=" ")
        with pytest.raises(StaleEdit):
            moving.move(by=me, episode=episode, version=seen + 7, to=newer, reason="Fits better")
        moving.move(by=me, episode=episode, version=seen, to=newer, reason="Fits better")
        assert Clock.objects.get(episode=pk, key="review").due_at > due
        assert Event.objects.filter(episode=pk, kind="procedure.moved").count() == 1
        episode = Episode.objects.select_related("procedure").get(pk=pk)
        assert moving.newer_version(episode) is None
        moving.move_back(by=me, episode=episode, version=episode.version, reason="A mistake")
        assert Clock.objects.get(episode=pk, key="review").due_at == due
        episode = Episode.objects.select_related("procedure").get(pk=pk)
        assert moving.last_move(episode) is None
        assert [m.undoes_id is None for m in EpisodeMove.objects.order_by("pk")] == [True, False]
        with pytest.raises(Error, match="permission denied"), transaction.atomic():
            EpisodeMove.objects.update(reason="Another")
    with cast.as_(cast.olive):
        assert not EpisodeMove.objects.exists()


def test_another_team_does_not_move_a_case(cast: Any, noor: Member) -> None:
    pk = an_open_case(cast)
    published(cast, noor)
    with cast.as_(cast.tom) as me:
        episode = Episode.objects.select_related("procedure").get(pk=pk)
        newer = moving.newer_version(episode)
        assert newer is not None
        with pytest.raises(actions.EpisodeRefused, match="team whose case"):
            moving.move(by=me, episode=episode, version=episode.version, to=newer, reason="Fits")
