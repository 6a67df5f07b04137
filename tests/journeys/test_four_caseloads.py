"""The four caseload files of one area, walked as people walk them: uploads, a night's search, the review desk."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable

import pytest
from django.urls import reverse

from harness.live import Site
from journeys.bringing_in import do_the_waiting_jobs
from journeys.four_files import DATA, PUT_RIGHT, Area, an_area_of_four, child_of
from journeys.walking import Walker
from teamaround.importing.models import ImportRun, RunState
from teamaround.people.models import Person
from teamaround.recognition.models import Pair, PairState
from teamaround.recognition.nightly import recognise

pytestmark = [pytest.mark.browser, pytest.mark.long]

LAST = "caseload-social-care.csv"
CHILDREN = 1_667
#: Pairs of which somebody is asked, at the upload or at the desk: an upload asks wherever anything stands out.
ASKED_AT_MOST = 0.10
#: Pairs of records that nothing brings together: of one child one file says a forename and nothing else, and another
#: the same forename with another surname. Nobody is asked; who knows the family joins them by hand.
TOLD_BY_NOTHING = 1


@pytest.fixture(scope="module")
def three_in(live: Site) -> Area:
    """Three of the four files, brought in."""
    area = an_area_of_four(live.cast)
    for name in area.files:
        if name != LAST:
            area.bring_in(name)
    return area


def test_four_files_of_one_area_end_as_its_children_and_no_two_are_taken_for_one(
    three_in: Area, live: Site, somebody: Callable[..., Walker]
) -> None:
    area = three_in
    upload_the_last(area, somebody(live, "Cora", area.files[LAST]))
    assert [area.complete(name) for name in PUT_RIGHT] == [4, 4]
    recognise()

    true, joined = area.pairs()
    assert not joined - true, "two children were taken for one"
    assert len(true - joined) <= 0.05 * len(true)
    _true, unasked = area.pairs(unasked=True)
    assert len(true - unasked) <= ASKED_AT_MOST * len(true)

    iris = somebody(live, "Iris", area.first)
    answer_the_first_by_keys(area, iris)
    area.answer_the_desk()
    # What was joined may bring another pair before people; after that a night finds nothing.
    recognise()
    area.answer_the_desk()
    assert recognise().review == 0

    assert not [told for told in area.children().values() if len(told) > 1]
    assert {child_of(place) for place, _row in area.rows()} == set().union(*area.children().values())
    assert len(set().union(*area.children().values())) == CHILDREN
    assert len(set(area.roots().values())) == CHILDREN + TOLD_BY_NOTHING

    join_by_hand(area, iris)
    assert len(set(area.roots().values())) == CHILDREN
    assert not [told for told in area.children().values() if len(told) > 1]


def upload_the_last(area: Area, cora: Walker) -> None:
    """The last file from the page: its columns, its check, what is uncertain, and in."""
    cora.open(reverse("importing:start")).give_file(DATA / LAST).press("Upload and read").sees(
        "355 rows were read"
    )
    cora.picture("four-columns").press("Check the rows")
    do_the_waiting_jobs()
    cora.open(cora.page.url).sees("may be children who are already known").picture("four-checked")
    with area.cast.as_(area.files[LAST]):
        run = ImportRun.objects.get(filename=LAST)
    said = area.answers(LAST, run)
    cora.follow("Decide them")
    for page in range(1 + (len(said) - 1) // 10):
        for number, (_version, answer) in list(said.items())[10 * page : 10 * page + 10]:
            cora.page.locator(f'input[name="answer-{number}"][value="{answer}"]').check()
        if page == 0:
            cora.picture("four-decide")
        cora.press("Save these decisions")
    cora.sees("Nothing is changed yet").picture("four-decided").press("Bring them in")
    do_the_waiting_jobs()
    cora.open(cora.page.url).sees("The caseload is brought in").picture("four-in")
    with area.cast.as_(area.files[LAST]):
        area.runs[LAST] = ImportRun.objects.get(filename=LAST, state=RunState.DONE)


def answer_the_first_by_keys(area: Area, iris: Walker) -> None:
    """Pairs at the desk by keys; one joining is undone, put again with a reason, and joined once more."""
    iris.open(reverse("recognition:desk")).picture("four-desk").follow("Start with the first")
    joined = None
    while joined is None or not joined[1]:
        joined = answer_by_keys(area, iris)
    iris.picture("four-next").follow("See the pair you answered just now").picture("four-joined")
    iris.follow("Undo the joining").picture("four-undo")
    iris.type("Why are they not the same person?", "I chose the wrong key.").press("Undo the joining")
    iris.sees("nothing is lost", where="body")
    again = area_pair(area, joined[0])
    assert again.state == PairState.DIFFERENT
    iris.open(reverse("recognition:pair", args=[again.uuid])).picture("four-parted")
    iris.follow("Ask again").type("What is known now", "The school says it is one child.").press("Ask again")
    iris.picture("four-again")
    press_keys(iris, "s", "The school says it is one child.")
    assert area_pair(area, joined[0]).state == PairState.SAME


def join_by_hand(area: Area, iris: Walker) -> None:
    """The two records that nothing brings together, by somebody whom the school told."""
    by_child: dict[int, set[int]] = defaultdict(set)
    for record, children in area.children().items():
        for child in children:
            by_child[child].add(area.roots()[record])
    ((one, other),) = (records for records in by_child.values() if len(records) > 1)
    with area.cast.as_(area.first):
        people = Person.objects.in_bulk([one, other])
    iris.open(reverse("desk:person", args=[people[one].uuid])).add_to_record("This may be the same person as")
    iris.press("Find the other record")
    iris.type("Why are you searching?", "The school says it is one child")
    iris.type("Who are you looking for?", f"{people[other].given} {people[other].family_name}")
    iris.press("Search").picture("four-by-hand").press("Choose")
    iris.type("How do you know", "The school and the family say that it is one child.")
    iris.press("Join the records").sees("Also recorded as", where="body")


def answer_by_keys(area: Area, iris: Walker) -> tuple[str, bool]:
    """Answer the pair on the page as it is: its key, and whether the two were joined by that."""
    key = iris.page.url.split("?")[0].rstrip("/").rsplit("/", 1)[-1]
    pair = area_pair(area, key)
    same = area.same(pair)
    press_keys(iris, "s" if same else "d", "The family told us.")
    return key, area_pair(area, key).state == PairState.SAME


def press_keys(iris: Walker, key: str, reason: str) -> None:
    iris.page.keyboard.press(key)
    iris.page.keyboard.type(reason)
    with iris.page.expect_navigation(wait_until="load"):
        iris.page.keyboard.press("Control+Enter")
    iris.arrived().sees("Saved", where="body")


def area_pair(area: Area, key: str) -> Pair:
    with area.cast.as_(area.first):
        return Pair.objects.get(uuid=key)
