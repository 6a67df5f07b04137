"""One box for everything: how it is understood, what appears as one types, and what is asked for instead."""

from __future__ import annotations

import datetime as dt
import re
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from teamaround.access.models import Purpose
from teamaround.people.actions import add_person
from teamaround.people.models import Person
from teamaround.sharing.shields import put_up_shield

WHY = "Family asked for help"


def words(response: Any) -> str:
    return " ".join(re.sub(r"<[^>]+>", " ", response.content.decode()).split())


def main(response: Any) -> str:
    """What stands in the answers' part of the page."""
    page = response.content.decode()
    piece = page[page.index('id="found-now"') :]
    return " ".join(re.sub(r"<[^>]+>", " ", piece.split("<aside")[0]).split())


def look_for(client: Any, text: str, **typed: str) -> Any:
    answer = client.post("/search/", {"q": text, "reason": WHY, **typed})
    assert answer.status_code == 302, words(answer)
    assert answer["Location"] == "/search/"
    return client.get("/search/")


def typing(client: Any, text: str, **typed: str) -> Any:
    answer = client.post("/search/live/", {"q": text, "reason": WHY, **typed})
    assert answer.status_code == 200
    return answer


@pytest.mark.parametrize(
    "text",
    [
        "kofi osei",
        "02/03/2014 Osei",
        "SK3 2DU osei kofi 2 March 2014",
        "943 476 5919",
        "Osei, Kofi",
        "2014 kofi osei",
    ],
)
def test_one_box_finds_by_any_fact_in_any_order(cast: Any, kofi: Any, text: str) -> None:
    assert "1 person fits Kofi Osei Born 2 March 2014" in main(look_for(cast.nina.client(), text))


def test_the_page_says_how_the_line_was_understood(cast: Any, kofi: Any) -> None:
    said = main(look_for(cast.nina.client(), "Mr kofi osei 2.3.14 sk3 2du 9434765919 140312"))
    assert "Name kofi osei Born 2 March 2014 Postcode SK3 2DU NHS number 943 476 5919 Left out Mr" in said
    assert "“140312” was not used. It could be 14/3/2012 or 12/3/2014." in said


def test_why_an_answer_is_here_is_told_in_words(cast: Any, kofi: Any) -> None:
    client = cast.nina.client()
    assert "Same forename; surname one letter different; same birthday; lives nearby" in main(
        look_for(client, "Kofi Osai 2/3/2014 SK3 2AA")
    )
    assert "Same name; same year of birth" in main(look_for(client, "Kofi Osei 2014"))
    assert "Same name; same month of birth" in main(look_for(client, "Kofi Osei March 2014"))


def test_a_fact_given_by_itself_counts_before_the_same_one_in_the_box(cast: Any, kofi: Any) -> None:
    page = look_for(cast.nina.client(), "Kofi Osei 1/1/2001", born="2014-03-02")
    assert "Born 2 March 2014" in main(page)
    assert "<details" in page.content.decode()
    assert re.search(r"<details[^>]* open", page.content.decode())
    assert not re.search(r"<details[^>]* open", look_for(cast.nina.client(), "Kofi").content.decode())


def test_no_address_carries_what_was_typed_in_the_box(cast: Any, kofi: Any) -> None:
    client = cast.nina.client()
    for page in (look_for(client, "Kofi Osei 2014-03-02 sk3 2du"), typing(client, "Kofi Osei 2014-03-02")):
        for address in re.findall(r'(?:href|action|hx-\w+)="([^"]*)"', page.content.decode()):
            assert not re.search(r"kofi|osei|2014|sk3", address, re.I), address


def test_answers_appear_as_one_types_and_can_be_opened(cast: Any, kofi: Any) -> None:
    client = cast.nina.client()
    assert "1 person fits Kofi Osei" in main(typing(client, "Kofi Os"))
    piece = typing(client, "Kofi Osei")
    assert '<p id="found-said" hx-swap-oob="innerHTML">1 person fits</p>' in piece.content.decode()
    opened = client.post(f"/search/open/{kofi.uuid}/")
    assert opened["Location"] == f"/people/{kofi.uuid}/"
    with cast.as_(cast.nina):
        assert list(Purpose.objects.values_list("reason", flat=True)) == [WHY]


def test_what_was_shown_a_moment_ago_still_opens(cast: Any, kofi: Any) -> None:
    client = cast.nina.client()
    typing(client, "Kofi Osei")
    typing(client, "Kofi Oseizzzzzzz 1/1/1950")
    assert client.post(f"/search/open/{kofi.uuid}/")["Location"] == f"/people/{kofi.uuid}/"
    look_for(client, "Nobody Like That")
    assert client.post(f"/search/open/{kofi.uuid}/")["Location"] == "/search/"


def test_nobody_is_looked_for_before_a_reason_is_stated(cast: Any, kofi: Any) -> None:
    client = cast.nina.client()
    with CaptureQueriesContext(connection) as queries:
        said = main(typing(client, "Kofi Osei", reason=" "))
    assert "Say first why you are searching" in said
    assert "Born" not in said
    assert not any("search_index" in each["sql"] for each in queries)
    assert client.post(f"/search/open/{kofi.uuid}/")["Location"] == "/search/"


@pytest.mark.parametrize("text", ["", "k", "  ", "2014", "SK3", "SK3 2", "140312", "%"])
def test_too_little_looks_for_nobody_while_somebody_types(cast: Any, kofi: Any, text: str) -> None:
    with CaptureQueriesContext(connection) as queries:
        said = main(typing(cast.nina.client(), text))
    assert "Kofi Osei" not in said
    assert not any("search_index" in each["sql"] for each in queries)


def test_each_answer_while_typing_is_logged_as_a_search_with_whom_it_showed(cast: Any, kofi: Any) -> None:
    client = cast.nina.client()
    typing(client, "Ko")
    with CaptureQueriesContext(connection) as queries:
        typing(client, "Kofi Osei")
    log = [each["sql"] for each in queries if "access_look" in each["sql"]]
    assert len(log) == 1
    for told in (WHY, "'search'", str(kofi.pk)):
        assert told in log[0]
    assert len(queries) <= 15


def test_a_page_of_answers_takes_at_most_fifteen_queries(cast: Any, kofi: Any) -> None:
    client = cast.yasmin.client()
    look_for(client, "Kofi Osei")
    with CaptureQueriesContext(connection) as queries:
        client.get("/search/")
    assert len(queries) <= 15


def test_the_piece_of_a_page_is_only_ever_posted_for(cast: Any) -> None:
    assert cast.nina.client().get("/search/live/").status_code == 405


def test_the_reason_of_today_stands_below_the_box_and_can_be_changed(cast: Any, kofi: Any) -> None:
    client = cast.nina.client()
    first = client.get("/search/").content.decode()
    assert first.index("Why are you searching?") < first.index("Who are you looking for?")
    typing(client, "Kofi Osei")
    client.get("/search/?afresh=1")
    page = client.get("/search/")
    assert f"You search because: {WHY}" in words(page)
    assert f'value="{WHY}"' in page.content.decode()


def test_a_protected_entry_is_told_of_and_nothing_more(cast: Any, kofi: Any) -> None:
    with cast.as_(cast.yasmin) as me:
        put_up_shield(
            by=me,
            team=cast.yasmin.team.pk,
            subject=kofi.pk,
            level="full",
            reason="Somebody looks for him",
            review_on=timezone.localdate() + dt.timedelta(days=30),
        )
    client = cast.nina.client()
    for page in (typing(client, "Kofi Osei 2/3/2014"), look_for(client, "Kofi Osei 2/3/2014")):
        assert "An entry exists and is protected Ask the information-governance lead." in main(page)
        assert "/search/open/" not in page.content.decode()
    assert "Nobody fits" in main(typing(client, "Kofi Osei SK3 2DU"))


# What was typed goes along to adding somebody


@pytest.mark.parametrize(
    ("text", "values"),
    [
        ("aisha noor rahman 14/3/2012 sk1 3aa 943 476 5919 H801200001001",
         ("Aisha Noor", "Rahman", "14", "3", "2012", "SK1 3AA", "9434765919", "H801200001001")),
        ("o'brien, mary-kate", ("Mary-Kate", "O&#x27;Brien")),
        ("ana de la cruz 2012", ("Ana", "de la Cruz", "2012")),
        ("Aisha S1 2", ("Aisha", "S1")),
    ],
)  # fmt: skip
def test_all_that_was_read_goes_along_to_adding_a_person(
    cast: Any, text: str, values: tuple[str, ...]
) -> None:
    client = cast.yasmin.client()
    assert "Add a person" in main(typing(client, text))
    page = client.get("/people/add/").content.decode()
    for value in values:
        assert f'value="{value}"' in page, value


def test_many_of_one_name_are_a_question_before_another_is_added(cast: Any) -> None:
    many_khans(cast, 14)
    client = cast.morgan.client()
    typed = {"given": "Muhammad", "family_name": "Khan", "sex": "M"}
    asked = client.post("/people/add/", typed)
    assert "Many people fit this well" in words(asked)
    stamp = re.search(r'name="go_on" value="([0-9a-f]+)"', asked.content.decode())
    assert stamp is not None
    assert client.post("/people/add/", {**typed, "go_on": stamp.group(1)}).status_code == 302


# Bad input


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("Mr", "That is a title. Enter a first name or a last name."),
        ("🙂🙂", "It has no letters or figures"),
        ("x" * 500, "must be 300 characters or fewer. You typed 500."),
        ("%", "Signs like % _ * are not needed"),
        ("_ *", "Signs like % _ * are not needed"),
        ("1/1/1900", "The date of birth is over 120 years ago."),
        ("1/1/2999", "The date of birth is in the future."),
        ("943 476 5918", "NHS number does not add up."),
        ("140312", "It could be 14/3/2012 or 12/3/2014."),
        ("31/2/2014", "The date does not exist."),
        ("2014", "A month or a year alone fits too many people. Add a name."),
        ("Ko\x00fi", "Null characters are not allowed"),
        ("unknown", "It stands for something that is not known."),
        ("", "Enter at least one"),
    ],
)
def test_what_cannot_be_searched_by_is_told_beside_the_box(
    cast: Any, kofi: Any, text: str, told: str
) -> None:
    client = cast.nina.client()
    answer = client.post("/search/", {"q": text, "reason": WHY})
    assert answer.status_code == 200
    assert told in words(answer)
    assert "There is a problem" in words(answer)
    assert typing(client, text)


@pytest.mark.parametrize(
    "text",
    [
        *("a", "ab%", "k_f*", "\\", "'; drop table person; --", "' or 1=1 --", "<script>alert(1)</script>", "ﷺ", "李"),
        *("\u202eisoK\u202c \u200fعمر", "Kofi " * 40, "1" * 299, "O’Neill-Ståhl", "null", "Kofi 🙂 Osei", ";;,,||"),
    ],
)  # fmt: skip
def test_no_line_breaks_the_search(cast: Any, kofi: Any, text: str) -> None:
    client = cast.nina.client()
    found = client.post("/search/", {"q": text, "reason": WHY}, follow=True)
    assert found.status_code == 200
    assert "<script>alert" not in found.content.decode()
    assert "<script>alert" not in typing(client, text).content.decode()
    with cast.as_(cast.yasmin):
        assert Person.objects.filter(pk=kofi.pk).exists()


def test_marks_of_writing_direction_and_emoji_do_not_hide_a_child(cast: Any, kofi: Any) -> None:
    client = cast.nina.client()
    assert "1 person fits Kofi Osei" in main(look_for(client, "\u200f\u202eKofi\u202c 🙂 Osei\u200e"))
    assert "1 person fits Kofi Osei" in main(look_for(client, "Kofi% Osei*"))


def test_one_letter_asks_for_more_of_the_name(cast: Any, kofi: Any) -> None:
    said = main(look_for(cast.nina.client(), "K"))
    assert "Type more of the name" in said
    assert "Kofi" not in said


def test_of_400_children_of_one_name_none_is_shown_and_one_more_fact_is_asked_for(cast: Any) -> None:
    many_khans(cast, 400)
    client = cast.nina.client()
    for page in (look_for(client, "Muhammad Khan"), typing(client, "muhammad khan")):
        said = main(page)
        assert "Too many people fit" in said
        assert "More than ten people fit equally well, so none is shown." in said
        assert "Add one more fact: date of birth, postcode or number." in said
        assert "/search/open/" not in page.content.decode()
    with cast.as_(cast.yasmin) as me:
        one = add_person(
            by=me, team=me.team.team, given="Muhammad", family_name="Khan", date_of_birth=dt.date(2013, 5, 9)
        )
    page = look_for(client, "Muhammad Khan 9/5/2013")
    assert "Muhammad Khan Born 9 May 2013" in main(page)
    assert f"/search/open/{one.uuid}/" in page.content.decode()


def many_khans(cast: Any, number: int) -> None:
    """Children of one name and no further fact, written in one go."""
    with cast.as_(cast.yasmin) as me, connection.cursor() as cursor:
        first = add_person(by=me, team=me.team.team, given="Muhammad", family_name="Khan")
        cursor.execute(
            "select string_agg(quote_ident(attname), ',' order by attnum) from pg_attribute where attrelid = 'person'::regclass"
            " and attnum > 0 and not attisdropped and attname not in ('subject_id', 'uuid', 'recorded_at', 'changed_at')"
        )
        columns = cursor.fetchone()[0]
        cursor.execute(
            f"with made as (insert into subject (kind) select 'person' from generate_series(2, %s) returning id)"
            f" insert into person (subject_id, uuid, recorded_at, changed_at, {columns})"
            f" select made.id, gen_random_uuid(), statement_timestamp(), statement_timestamp(), {columns}"
            " from made, person where person.subject_id = %s",
            [number, first.pk],
        )
