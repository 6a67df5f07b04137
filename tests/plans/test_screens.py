"""The screens: what they ask, what they refuse and keep, how many queries they take."""

from __future__ import annotations

import contextlib
import datetime as dt
import re
import zlib
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from teamaround.access.drafts import draft_of, keep_draft
from teamaround.events.models import Event, EventNote
from teamaround.people.models import Person
from teamaround.people.presenters import life_line
from teamaround.plans import actions
from teamaround.plans.models import Contact, Goal, Plan, Review
from teamaround.procedures.models import Clock, Episode
from teamaround.procedures.moving_on import take_back_closure
from teamaround.tasks.actions import Owner
from teamaround.tasks.models import Task

MOST = 15


def day(days: int = 0) -> str:
    return (timezone.localdate() + dt.timedelta(days=days)).isoformat()


def episode_uuid(cast: Any, case: Any) -> Any:
    with cast.as_(cast.yasmin):
        return Episode.objects.get(pk=case.episode).uuid


def person_uuid(cast: Any, number: int) -> Any:
    with cast.as_(cast.yasmin):
        return Person.objects.get(pk=number).uuid


def test_starting_makes_the_family_first_where_there_is_none(cast: Any, lone_case: Any) -> None:
    client = cast.yasmin.client()
    address = reverse("plans:start", args=[episode_uuid(cast, lone_case)])
    assert "A family that is not recorded yet" in client.get(address).content.decode()
    refused = client.post(address, {"family": "new", "name": ""}).content.decode()
    assert "Enter name of the family" in refused
    made = client.post(address, {"family": "new", "name": "Osei"})
    assert made.status_code == 302
    with cast.as_(cast.yasmin):
        plan = Plan.objects.get()
        assert plan.subject_id == Episode.objects.get(pk=lone_case.episode).family_id
        assert plan.subject_id != lone_case.child
    assert client.get(address)["Location"] == made["Location"]


def test_starting_offers_the_families_the_child_belongs_to(cast: Any, lone_case: Any) -> None:
    from teamaround.people.actions import add_family, add_member

    with cast.as_(cast.yasmin) as me:
        family = add_family(by=me, team=cast.yasmin.team.pk, name="Osei and Mensah")
        add_member(by=me, team=cast.yasmin.team.pk, family=family.pk, person=lone_case.child, role="child")
    client = cast.yasmin.client()
    address = reverse("plans:start", args=[episode_uuid(cast, lone_case)])
    assert "Osei and Mensah" in client.get(address).content.decode()
    assert client.post(address, {"family": str(family.uuid)}).status_code == 302
    with cast.as_(cast.yasmin):
        assert Plan.objects.get().subject_id == family.pk


def test_the_bar_of_a_plan_says_when_the_child_was_born_and_how_old_they_are(
    cast: Any, case: Any, plan: Any
) -> None:
    with cast.as_(cast.yasmin):
        line = f"Case of Kofi Osei · {life_line(Person.objects.get(pk=case.child))}"
    assert ", aged " in line
    client = cast.yasmin.client()
    episode = episode_uuid(cast, case)
    for name, key in (("detail", plan.uuid), ("contact", episode), ("close", episode)):
        assert line in client.get(reverse(f"plans:{name}", args=[key])).content.decode()


def test_an_episode_with_a_family_starts_with_one_button(cast: Any, case: Any) -> None:
    client = cast.yasmin.client()
    address = reverse("plans:start", args=[episode_uuid(cast, case)])
    assert client.get(address).status_code == 200
    first, second = client.post(address), client.post(address)
    assert first["Location"] == second["Location"]


def test_a_goal_sent_twice_is_one_goal(cast: Any, case: Any, plan: Plan) -> None:
    client = cast.yasmin.client()
    address = reverse("plans:add_goal", args=[plan.uuid])
    once = client.get(address).context["form"].initial["once"]
    typed = {"for_whom": "family", "words": "A quiet hour’s 100% peace", "once": str(once)}
    assert client.post(address, typed).status_code == client.post(address, typed).status_code == 302
    with cast.as_(cast.yasmin):
        assert Goal.objects.filter(words__contains="quiet").count() == 1


def test_a_goal_for_somebody_outside_the_family_is_refused(cast: Any, case: Any, plan: Plan) -> None:
    from teamaround.people.actions import add_person

    with cast.as_(cast.yasmin) as me:
        other = add_person(by=me, team=cast.yasmin.team.pk, given="Ama", family_name="Boateng")
    page = cast.yasmin.client().post(
        reverse("plans:add_goal", args=[plan.uuid]), {"for_whom": str(other.uuid), "words": "Sleep"}
    )
    assert "Choose one of the answers listed" in page.content.decode()


def test_an_action_names_a_worker_of_an_involved_team_or_somebody_in_words(
    cast: Any, case: Any, plan: Plan
) -> None:
    with cast.as_(cast.yasmin):
        goal = Goal.objects.get(subject_id=case.child)
    client = cast.yasmin.client()
    address = reverse("plans:add_action", args=[goal.uuid])
    words = client.get(address).content.decode()
    assert "Tom Reyes" in words
    assert "Olive Marsh" not in words
    worker = f"{cast.tom.practitioner.uuid}:moor-lane"
    due = {"due_on": day(7)}
    assert (
        client.post(
            address, {"title": "Ask the coach", "owner": "worker", "worker": worker, **due}
        ).status_code
        == 302
    )
    assert (
        client.post(
            address, {"title": "Walk him there", "owner": "family", "named": "Nan", **due}
        ).status_code
        == 302
    )
    with cast.as_(cast.yasmin):
        owners = {task.title: task.owner_name for task in Task.objects.with_owner()}
    assert owners == {"Ask the coach": "Tom Reyes, Pastoral team", "Walk him there": "Nan"}


def test_support_is_chosen_from_the_procedures_menu_alone_or_with_words_to_it(
    cast: Any, case: Any, plan: Plan
) -> None:
    with cast.as_(cast.yasmin):
        goal = Goal.objects.get(subject_id=case.child)
    client, address = cast.yasmin.client(), reverse("plans:add_action", args=[goal.uuid])
    typed = {"title": "", "owner": "family", "named": "Nan", "due_on": day(7)}
    assert "or choose it from the menu" in client.post(address, typed).content.decode()
    assert client.post(address, typed | {"menu": "Not on it"}).status_code == 200
    assert client.post(address, typed | {"menu": "Mediation"}).status_code == 302
    with_words = typed | {"menu": "Short break", "title": "At the lake"}
    assert client.post(address, with_words).status_code == 302
    assert "Say it in fewer words" in client.post(address, with_words | {"title": "x" * 295}).content.decode()
    with cast.as_(cast.yasmin):
        titles = set(Task.objects.values_list("title", flat=True))
    assert titles == {"Mediation", "Short break: At the lake"}


def test_a_date_that_cannot_be_stands_beside_its_field_and_keeps_what_was_typed(
    cast: Any, case: Any, plan: Plan
) -> None:
    with cast.as_(cast.yasmin):
        goal = Goal.objects.get(subject_id=case.child)
    typed = {
        "title": "Ask the coach",
        "owner": "family",
        "named": "Nan",
        "due_on_day": "31",
        "due_on_month": "2",
        "due_on_year": "2027",
    }
    page = cast.yasmin.client().post(reverse("plans:add_action", args=[goal.uuid]), typed)
    words = page.content.decode()
    assert "By when must be a real date" in words
    assert "Ask the coach" in words
    with cast.as_(cast.yasmin):
        assert not Task.objects.exists()


def test_a_stale_plan_is_refused_with_everything_typed_kept(cast: Any, plan: Plan) -> None:
    address = reverse("plans:change", args=[plan.uuid])
    mine, theirs = cast.yasmin.client(), cast.yusuf.client()
    version = plan.version
    assert theirs.post(address, {"family_words": "Theirs", "version": version}).status_code == 302
    page = mine.post(address, {"family_words": "Mine, typed at length", "version": version})
    assert page.status_code == 409
    words = page.content.decode()
    assert "Mine, typed at length" in words
    assert "Yusuf Brand changed this record" in words
    again = page.context["form"].data["version"]
    assert mine.post(address, {"family_words": "Mine", "version": again}).status_code == 302


def test_a_stale_goal_is_refused(cast: Any, case: Any, plan: Plan) -> None:
    with cast.as_(cast.yasmin):
        goal = Goal.objects.get(subject_id=case.child)
    address = reverse("plans:goal", args=[goal.uuid])
    typed = {"words": "Football twice", "state": "active", "version": goal.version}
    assert cast.yasmin.client().post(address, typed).status_code == 302
    assert cast.yusuf.client().post(address, typed).status_code == 409


def test_a_draft_is_put_back_and_forgotten_once_saved(cast: Any, case: Any) -> None:
    about = episode_uuid(cast, case)
    typed = {
        "kind": "call",
        "on_day": "3",
        "on_month": "March",
        "on_year": "2026",
        "notes": "Half a sen",
        "seen": [str(person_uuid(cast, case.mum))],
    }
    with cast.as_(cast.yasmin) as me:
        keep_draft(by=me, form="contact", about=str(about), typed=typed)
    client = cast.yasmin.client()
    address = reverse("plans:contact", args=[about])
    words = client.get(address).content.decode()
    assert "Half a sen" in words
    assert 'value="March"' in words
    assert "We put back what you typed" in words
    sent = {"kind": "call", "on": day(), "at": "00:01", "notes": "Whole", "once": ""}
    assert client.post(address, sent).status_code == 302
    with cast.as_(cast.yasmin) as me:
        assert draft_of(by=me, form="contact", about=str(about)) is None


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ({"on": day(1), "at": "10:00"}, "Date must be today or in the past"),
        ({"on": day(), "at": "25:00"}, "Enter a time, like 9:30am or 2pm"),
        ({"on": day(-900), "at": "10:00"}, "more than a year before the case began"),
    ],
)
def test_a_contact_at_an_impossible_time_is_refused_in_words(
    cast: Any, case: Any, typed: dict[str, str], said: str
) -> None:
    page = cast.yasmin.client().post(
        reverse("plans:contact", args=[episode_uuid(cast, case)]), {"kind": "call", "notes": "Rang", **typed}
    )
    assert said in page.content.decode()
    with cast.as_(cast.yasmin):
        assert not Contact.objects.exists()


def test_a_visit_is_recorded_and_shown_with_who_was_seen(cast: Any, case: Any) -> None:
    sent = {
        "kind": "visit",
        "place": "neutral",
        "place_words": "Library",
        "seen_alone": "yes",
        "on": day(-3),
        "at": "4pm",
        "seen": [str(person_uuid(cast, case.child)), str(person_uuid(cast, case.mum))],
        "others_seen": "The class teacher",
        "child_words": "It’s loud at home",
        "notes": "A <b>long</b> talk",
    }
    page = cast.yasmin.client().post(
        reverse("plans:contact", args=[episode_uuid(cast, case)]), sent, follow=True
    )
    words = page.content.decode()
    for expected in ("Library", "Efua Osei", "The class teacher", "Late entry", "A &lt;b&gt;long"):
        assert expected in words


def test_a_review_needs_every_goal_answered_and_is_recorded_once(cast: Any, case: Any, agreed: Plan) -> None:
    client = cast.yasmin.client()
    address = reverse("plans:review", args=[agreed.uuid])
    with cast.as_(cast.yasmin):
        keys = [goal.uuid.hex for goal in Goal.objects.order_by("id")]
    sent: dict[str, Any] = {
        "version": agreed.version,
        "held_on": day(),
        "risks": "None",
        "service_right": "yes",
        "further": "yes",
        "next_review_on": day(14),
        f"view_{person_uuid(cast, case.child).hex}": "It is better",
        f"goal_{keys[0]}": "better",
        f"goal_{keys[1]}": "achieved",
        f"said_{keys[1]}": "x" * 2001,
    }
    words = client.post(address, sent).content.decode()
    assert "Select how far this has come: I take my tablets without Kofi" in words
    assert "2000 characters or fewer" in words
    assert "It is better" in words
    sent |= {f"goal_{keys[2]}": "same", f"said_{keys[1]}": "He plays"}
    assert client.post(address, sent).status_code == 302
    assert client.post(address, sent).status_code == 409
    with cast.as_(cast.yasmin):
        assert Review.objects.count() == 1
    assert "It is better" in client.get(reverse("plans:detail", args=[agreed.uuid])).content.decode()


def test_closing_refuses_naming_what_is_missing_and_then_closes(cast: Any, case: Any, agreed: Plan) -> None:
    client = cast.yasmin.client()
    address = reverse("plans:close", args=[episode_uuid(cast, case)])
    page = client.get(address)
    words = page.content.decode()
    assert "Outcomes are recorded, achieved or not, and why" in words
    version = page.context["ending"].initial["version"]
    refused = client.post(address, {"part": "close", "version": version}).content.decode()
    assert "Before closing: A final review was held" in refused
    with cast.as_(cast.yasmin) as me:
        actions.review(
            by=me,
            plan=agreed,
            version=agreed.version,
            held_on=timezone.localdate(),
            views={},
            progress=[],
            risks="None",
            service_right="yes",
            is_final=True,
        )
    areas = {"behaviour", "school", "relationships", "confidence", "aspirations", "living", "health", "risk"}
    outcomes = {
        **dict.fromkeys(areas, "none"),
        "missing": "yes",
        "achieved": "yes",
        "why": "Home nightly",
    }
    assert "Select taken together" not in words
    assert client.post(address, {"part": "outcomes", "version": 0, **outcomes}).status_code == 302
    stepdown = {"owner": "family", "named": "Nan Osei", "agreed_on": day(), "who_stays": "School"}
    stepdown |= {"asks_after": "no", "no_follow_up": "They asked us not to", "exit_strategy": "Nan rings"}
    stepdown |= {"future_contact": "By telephone"}
    stale = client.post(address, {"part": "stepdown", "version": 0, **stepdown})
    assert stale.status_code == 409
    assert "Nan Osei" in stale.content.decode()
    assert client.post(address, {"part": "stepdown", "version": 1, **stepdown}).status_code == 302
    assert client.post(address, {"part": "feedback", "version": 2, "asked_on": day()}).status_code == 302
    ready = client.get(address)
    assert "Nothing is missing" in ready.content.decode()
    version = ready.context["ending"].initial["version"]
    told = {"outcome": "He is home each night. The school leads from here."}
    too_long = client.post(address, {"part": "close", "version": version, "outcome": "x" * 301})
    assert too_long.status_code == 200
    assert client.post(address, {"part": "close", "version": version, **told}).status_code == 302
    with cast.as_(cast.yasmin):
        closed = Episode.objects.get(pk=case.episode)
        assert (closed.status, closed.outcome_for_referrer) == ("closed", told["outcome"])
        # Nobody asks: the procedure's own follow-up is over, and the chronology says why.
        assert not Clock.objects.filter(episode=closed, stopped_at=None).exists()
        waived = EventNote.objects.filter(event__episode=closed.pk, event__kind="followup.waived")
        assert set(waived.values_list("text", flat=True)) == {"They asked us not to"}
        take_back_closure(
            by=cast.yasmin.me, episode=closed, version=closed.version, reason="The wrong child."
        )
        struck = Event.objects.filter(episode=closed.pk, voids=True).values_list("kind", flat=True)
        assert set(struck) == {"episode.closed", "followup.waived"}
        actions.close_case(by=cast.yasmin.me, episode=closed, version=closed.version)
    assert "This case was closed on" in client.get(address).content.decode()
    assert client.get(reverse("plans:detail", args=[agreed.uuid])).status_code == 200


def test_no_screen_takes_more_queries_than_allowed_however_much_the_plan_holds(
    cast: Any, case: Any, agreed: Plan
) -> None:
    with cast.as_(cast.yasmin) as me:
        for goal in Goal.objects.filter(plan=agreed):
            for number in range(6):
                actions.add_action(
                    by=me,
                    goal=goal,
                    title=f"Step {number}",
                    owner=Owner(team=cast.tom.team.pk),
                    due_on=timezone.localdate(),
                )
        actions.review(
            by=me,
            plan=agreed,
            version=agreed.version,
            held_on=timezone.localdate(),
            views={case.child: "Better", case.mum: "The same"},
            progress=[actions.GoalProgress(goal.pk, "better") for goal in agreed.goals.all()],
            risks="None",
            service_right="yes",
            next_review_on=timezone.localdate() + dt.timedelta(days=7),
        )
        actions.record_outcomes(
            by=me, episode=case.load(), version=0, areas={"school": "yes"}, achieved="yes", why="Daily"
        )
    client = cast.yasmin.client()
    case_key = episode_uuid(cast, case)
    with cast.as_(cast.yasmin):
        goal_key = Goal.objects.first().uuid  # type: ignore[union-attr]
    for name, key in (
        ("detail", agreed.uuid),
        ("print", agreed.uuid),
        ("add_goal", agreed.uuid),
        ("agree", agreed.uuid),
        ("change", agreed.uuid),
        ("review", agreed.uuid),
        ("goal", goal_key),
        ("add_action", goal_key),
        ("contact", case_key),
        ("close", case_key),
    ):
        address = reverse(f"plans:{name}", args=[key])
        client.get(address)
        with CaptureQueriesContext(
            connection,
        ) as queries:
            assert client.get(address).status_code == 200
        assert len(queries) <= MOST, (name, [query["sql"][:150] for query in queries])


def unpacked(pdf: bytes) -> bytes:
    """The PDF with its compressed streams opened."""
    found = [pdf]
    for packed in re.findall(rb"stream\r?\n(.*?)\r?\nendstream", pdf, re.DOTALL):
        with contextlib.suppress(zlib.error):
            found.append(zlib.decompress(packed))
    return b"".join(found)


def test_the_pdf_is_tagged_names_its_language_and_holds_the_goals(
    cast: Any, agreed: Plan, monkeypatch: pytest.MonkeyPatch
) -> None:
    from teamaround.plans.views import document

    laid_out: list[str] = []
    make = document.make_pdf

    def keep(html: str) -> bytes:
        laid_out.append(html)
        return make(html)

    monkeypatch.setattr(document, "make_pdf", keep)
    answer = cast.yasmin.client().get(reverse("plans:pdf", args=[agreed.uuid]))
    assert answer["Content-Type"] == "application/pdf"
    assert answer.content.startswith(b"%PDF")
    inside = unpacked(answer.content)
    for mark in (b"/MarkInfo", b"/StructTreeRoot", b"/Lang", b"pdfuaid"):
        assert mark in inside
    for words in ("We eat together on Sundays", "football", "tablets", "Efua Osei"):
        assert words in laid_out[0]
    assert "no-store" in answer["Cache-Control"]


def test_without_pango_the_plan_is_offered_for_printing(
    cast: Any, agreed: Plan, monkeypatch: pytest.MonkeyPatch
) -> None:
    from teamaround.plans.views import document

    def lacking(html: str) -> bytes:
        raise document.PdfUnavailable

    monkeypatch.setattr(document, "make_pdf", lacking)
    page = cast.yasmin.client().get(reverse("plans:pdf", args=[agreed.uuid]))
    assert page.status_code == 200
    assert reverse("plans:print", args=[agreed.uuid]) in page.content.decode()
    assert "Pango" in page.content.decode()


def test_a_pdf_loads_nothing_from_elsewhere() -> None:
    from teamaround.plans.views import document

    with pytest.raises(ValueError, match="nothing from elsewhere"):
        document._nothing_else("file:///etc/passwd")


def test_an_export_says_so_in_the_log(cast: Any, agreed: Plan, monkeypatch: pytest.MonkeyPatch) -> None:
    from teamaround.access import middleware

    kept: list[tuple[str, str, set[int]]] = []

    def write(**line: Any) -> None:
        looks = line["looks"]
        kept.append((line["page"], looks.act, set(looks.lines)))

    monkeypatch.setattr(middleware, "write_look", write)
    client = cast.yasmin.client()
    for name in ("detail", "print", "pdf"):
        client.get(reverse(f"plans:{name}", args=[agreed.uuid]))
    assert [(page, act) for page, act, _ in kept] == [
        ("plans:detail", "view"),
        ("plans:print", "print"),
        ("plans:pdf", "export"),
    ]
    assert len({frozenset(subjects) for _, _, subjects in kept}) == 1
    assert len(kept[0][2]) == 3
