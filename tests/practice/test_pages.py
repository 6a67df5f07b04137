"""Reading, changing, trying and publishing a procedure; moving a running case."""

from __future__ import annotations

import datetime as dt
import re
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from harness.cast import Member
from harness.practising import SLUG, answers, page, publish, words_of
from teamaround.access.models import Draft
from teamaround.events.models import Event
from teamaround.practice.event_choices import SUBJECTS, grouped_kinds
from teamaround.practice.picture import MOST_CLOCKS, draw
from teamaround.practice.presenters import tried
from teamaround.practice.words import differences, procedure_words
from teamaround.procedures.clock_text import change_clock
from teamaround.procedures.format import load, load_shipped, shipped_slugs, shipped_text
from teamaround.procedures.kinds import EVENT_KINDS
from teamaround.procedures.models import Clock, Episode, ProcedureDraft, ProcedureVersion
from teamaround.procedures.whatif import Cell, Count

TEXT = shipped_text(SLUG)


@pytest.mark.parametrize("slug", shipped_slugs())
@pytest.mark.parametrize("columns", [2, 4])
def test_every_box_of_a_picture_stands_inside_it_and_over_no_other(slug: str, columns: int) -> None:
    words = procedure_words(load_shipped(slug))
    picture = draw(words, columns=columns)
    assert len(picture.boxes) == len(words.stages) + 1
    assert len(picture.arrows) == len(picture.boxes) - 1
    taken = set()
    for box in picture.boxes:
        assert 0 <= box.x <= picture.wide - box.wide
        assert 0 <= box.y <= picture.high - box.high
        assert all(line.y <= box.y + box.high - 4 for line in box.lines)
        taken.add((box.x, box.y))
    assert len(taken) == len(picture.boxes)


@pytest.mark.parametrize("slug", shipped_slugs())
def test_no_title_in_a_picture_is_cut_short(slug: str) -> None:
    words = procedure_words(load_shipped(slug))
    for stage, box in zip(words.stages, draw(words).boxes, strict=False):
        drawn = " ".join(line.text for line in box.lines)
        assert stage.title in drawn
        for clock in stage.clocks[:MOST_CLOCKS]:
            assert clock.title in drawn


def test_the_picture_and_the_list_say_the_same(cast: Any, noor: Member) -> None:
    text = words_of(cast.yasmin.client().get(page("procedure")))
    for stage in load_shipped(SLUG).stages:
        assert text.count(stage.title) >= 2, stage.title
    assert "Review the plan, every week" in text
    assert '<svg class="ta-picture__drawing"' in text
    assert "aria-labelledby" in text
    assert "30 families" in text


@pytest.mark.parametrize("name", ["list", "procedure"])
def test_everybody_who_works_in_the_area_reads_and_a_page_asks_little(
    cast: Any, noor: Member, name: str
) -> None:
    client = cast.tom.client()
    address = reverse("practice:list") if name == "list" else page(name)
    with CaptureQueriesContext(
        connection,
    ) as queries:
        assert client.get(address).status_code == 200
    assert len(queries) <= 15
    assert client.get(page("change")).status_code == 403


def test_weekly_becomes_every_10_working_days_by_a_form_and_a_remark_stays(cast: Any, noor: Member) -> None:
    client = noor.client()
    assert words_of(client.get(page("clock", SLUG, "review"))).count("every week") >= 1
    assert client.post(page("clock", SLUG, "review"), answers()).status_code == 302
    with cast.as_(noor):
        draft = ProcedureDraft.objects.get(slug=SLUG)
    assert "limit: 10 working days" in draft.text
    assert draft.text.count("#") == TEXT.count("#")
    text = words_of(client.get(page("change")))
    assert "A draft is waiting" in text
    assert "every 10 working days" in text


def test_a_limit_that_is_none_is_refused_beside_the_field(cast: Any, noor: Member) -> None:
    answer = noor.client().post(page("clock", SLUG, "review"), answers() | {"limit": "soon"})
    assert answer.status_code == 200
    assert "is not a limit" in answer.context["form"].errors["limit"][0]


def test_a_wrong_text_is_kept_and_each_mistake_has_its_line(cast: Any, noor: Member) -> None:
    client = noor.client()
    wrong = TEXT.replace("limit: 1 week", "limit: 1 weak")
    line = wrong.split("\n").index("    limit: 1 weak") + 1
    checked = words_of(client.post(page("check"), {"text": wrong}))
    assert f"Line {line}" in checked
    with cast.as_(noor):
        assert not ProcedureDraft.objects.exists()
    assert client.post(page("change"), {"version": "0", "text": wrong}).status_code == 302
    assert "1 weak" in words_of(client.get(page("change")))
    assert client.get(page("publish")).status_code == 302
    assert client.get(page("what_if")).status_code == 302


def test_who_saves_second_gets_409_and_keeps_what_was_typed(cast: Any, noor: Member) -> None:
    client = noor.client()
    theirs, mine = TEXT.replace("1 week", "2 weeks"), TEXT.replace("1 week", "3 weeks")
    client.post(page("change"), {"version": "0", "text": theirs})
    answer = client.post(page("change"), {"version": "0", "text": mine})
    assert answer.status_code == 409
    text = words_of(answer)
    assert "3 weeks" in text
    assert "2 weeks" in text
    assert client.post(page("change"), {"version": "1", "text": mine}).status_code == 302


def test_what_was_typed_and_not_saved_is_put_back(cast: Any, noor: Member) -> None:
    client = noor.client()
    kept = client.post(
        reverse("drafts:save", args=["procedure", SLUG]), {"text": "half a thought", "began": "0"}
    )
    assert kept.status_code == 200
    assert "half a thought" in words_of(client.get(page("change")))
    client.post(page("change"), {"version": "0", "text": TEXT})
    with cast.as_(noor):
        assert not Draft.objects.filter(form="procedure").exists()


def test_a_draft_is_thrown_away(cast: Any, noor: Member) -> None:
    client = noor.client()
    client.post(page("clock", SLUG, "review"), answers())
    assert client.post(page("discard"), {"version": "1"}).status_code == 302
    assert "A draft is waiting" not in words_of(client.get(page("change")))


def test_what_if_shows_counts_side_by_side_and_none_under_five(cast: Any, noor: Member, case: str) -> None:
    client = noor.client()
    client.post(page("clock", SLUG, "review"), answers())
    text = words_of(client.post(page("what_if")))
    assert "Late with the change" in text
    assert "Cases of the last year: Fewer than 5" in text
    assert "Kofi" not in text
    assert "Fewer late" not in text


def test_counts_are_rounded_and_sums_come_from_what_is_shown() -> None:
    told = tried(
        [
            Cell("review", 1, Count(60, 23), Count(60, 7)),
            Cell("review", 2, Count(9, 3), Count(9, 1)),
        ],
        cases=23,
        stages={"review": "Review"},
        teams={1: "A", 2: "B"},
    )
    assert [(line.today, line.changed) for line in told.differing] == [("25", "5")]
    assert [(line.today, line.changed) for line in told.alike] == [("Fewer than 5", "Fewer than 5")]
    assert (told.cases, told.today, told.changed) == ("25", "from 23 to 31", "from 5 to 11")


def test_a_new_version_is_published_and_a_second_on_that_day_refused(cast: Any, noor: Member) -> None:
    client = noor.client()
    client.post(page("clock", SLUG, "review"), answers())
    assert publish(client).status_code == 302
    text = words_of(cast.yasmin.client().get(page("procedure")))
    assert "Version 2" in text
    assert "Weekly was too often" in text
    assert "Noor Haddad" in text
    with cast.as_(noor):
        version = ProcedureDraft.objects.get().version
    client.post(page("clock", SLUG, "review"), answers() | {"version": version, "limit": "3 weeks"})
    again = publish(client)
    assert again.status_code == 200
    assert "already" in again.context["form"].errors["effective_on"][0]
    assert publish(client, timezone.localdate() + dt.timedelta(days=1)).status_code == 302


def test_a_running_case_is_moved_from_its_page_with_a_reason_and_back(
    cast: Any, noor: Member, case: str
) -> None:
    officer, client = noor.client(), cast.morgan.client()
    officer.post(page("clock", SLUG, "review"), answers())
    publish(officer)
    workspace = reverse("desk:case", args=[case])
    assert "see what it would change" in words_of(client.get(workspace))
    assert "see what it would change" not in words_of(cast.yasmin.client().get(workspace))
    move, back = page("move", case), page("move_back", case)
    assert client.get(back).status_code == 404
    shown = client.get(move)
    assert "Review the plan" in words_of(shown)
    version = shown.context["form"]["version"].value()
    assert client.post(move, {"version": version, "reason": ""}).status_code == 200
    assert client.post(move, {"version": "99", "reason": "Fits"}).status_code == 409
    assert client.post(move, {"version": version, "reason": "Fits"}).status_code == 302
    assert "version 2" in words_of(client.get(workspace))
    assert "Go back to the version before the move" in words_of(client.get(workspace))
    version = client.get(back).context["form"]["version"].value()
    assert client.post(back, {"version": version, "reason": "A mistake"}).status_code == 302
    with cast.as_(cast.morgan):
        episode = Episode.objects.select_related("procedure").get(uuid=case)
        assert episode.procedure.number == 1
        assert Event.objects.filter(episode=episode.pk, kind="procedure.moved").count() == 2
        assert Clock.objects.filter(episode=episode, key="review").exists()
        assert ProcedureVersion.objects.filter(slug=SLUG).count() == 2
    assert cast.olive.client().get(move).status_code == 403


def test_differences_are_told_in_words() -> None:
    after = load(change_clock(TEXT, "review", {"limit": "10 working days"}))
    (told,) = differences(load_shipped(SLUG), after)
    assert "Review the plan" in told.what
    assert "every week" in told.before
    assert "every 10 working days" in told.after


@pytest.mark.parametrize("slug", shipped_slugs())
def test_the_events_to_choose_from_stand_in_groups_each_once_those_of_the_procedure_first(slug: str) -> None:
    procedure = load_shipped(slug)
    rule = procedure.clocks[0]
    groups = grouped_kinds(procedure, first=rule.stop, first_words="Now")
    listed = [kind for _words, inside in groups for kind, _title in inside]
    assert len(listed) == len(set(listed))
    assert set(listed) == {*EVENT_KINDS, *(each.key for each in procedure.events)}
    assert groups[0][0] == "Now"
    assert {kind for kind, _title in groups[0][1]} == set(rule.stop)
    spoken = {kind for stage in procedure.stages for kind in (stage.opens_on, *stage.requires)}
    spoken |= {each.key for each in procedure.events} | {each.start for each in procedure.clocks}
    ours = [words.startswith("Of this procedure") for words, _inside in groups[1:]]
    assert ours == sorted(ours, reverse=True)
    assert {kind for words, inside in groups if words.startswith("Of this") for kind, _title in inside} >= (
        spoken - set(rule.stop)
    )
    # Whatever is added to the vocabulary is found by what it is about.
    about = [part for _words, parts in SUBJECTS for part in parts]
    assert {kind.partition(".")[0] for kind in EVENT_KINDS} == set(about)
    assert len(about) == len(set(about))


def test_the_form_of_one_clock_has_its_events_in_groups(cast: Any, noor: Member) -> None:
    text = words_of(noor.client().get(page("clock", SLUG, "review")))
    assert '<optgroup label="Of this procedure: Request and allocation">' in text
    assert '<optgroup label="Child protection and care">' in text
    legends = re.findall(
        r'<legend class="govuk-fieldset__legend ta-quiet govuk-!-margin-bottom-2">([^<]+)</legend>', text
    )
    assert legends[0] == "What stops it now"
    assert all(words.startswith("Of this procedure: ") for words in legends[1:5])
    assert "Consent and safeguarding" in legends
    now = text[text.index("What stops it now") : text.index(f"{legends[1]}</legend>")]
    assert re.findall(r'value="([a-z.]+)" checked', now) == ["plan.reviewed"]
