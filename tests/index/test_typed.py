"""One line of typing, read: in any order, in any style, and nothing guessed at."""

from __future__ import annotations

import datetime as dt
from itertools import permutations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from teamaround.index.parts import NHS_WRONG, UPN_WRONG
from teamaround.index.searching import Query
from teamaround.index.typed import MOST_SIGNS, TITLE_ALONE, read

TODAY = dt.date(2026, 11, 23)
BORN = dt.date(2012, 3, 14)


def query(text: str) -> Query:
    return read(text, TODAY).query


def whys(text: str) -> dict[str, str]:
    return {each.typed: each.why for each in read(text, TODAY).unread}


@pytest.mark.parametrize(
    "written",
    [
        *("14/3/2012", "14.3.2012", "14-03-2012", "14/3/12", "14 3 2012", "14 / 3 / 2012", "14032012"),
        *("2012-03-14", "2012/3/14", "2012 3 14", "20120314", "14 March 2012", "14th of March 2012"),
        *("14 mar 12", "14-Mar-2012", "14March2012", "March 14, 2012", "Wed 14 March 2012", "2012 March 14"),
        *("dob 14/3/2012", "D.O.B.: 14/3/2012", "born on 14 March 2012", "(14/3/2012)", "١٤/٣/٢٠١٢"),
    ],
)
def test_a_date_of_birth_is_read_however_it_is_written(written: str) -> None:
    assert query(written) == Query(born=BORN)
    assert read(f"Luca {written} Whitcombe", TODAY).query.born == BORN


@pytest.mark.parametrize(
    ("written", "born", "precision"),
    [
        ("2012", dt.date(2012, 1, 1), "year"),
        ("March 2012", dt.date(2012, 3, 1), "month"),
        ("3/2012", dt.date(2012, 3, 1), "month"),
        ("2012-03", dt.date(2012, 3, 1), "month"),
    ],
)
def test_a_year_or_a_month_stands_for_itself(written: str, born: dt.date, precision: str) -> None:
    found = query(f"Khan {written}")
    assert (found.name, found.born, found.precision) == ("Khan", born, precision)


@pytest.mark.parametrize(
    ("written", "told"),
    [
        ("140312", "It could be 14/3/2012 or 12/3/2014."),
        ("140399", "write it as 14/3/1999"),
        ("999999", "An NHS number has ten figures"),
        ("3/14/2012", "the day comes first"),
        ("31 2 2014", "does not exist"),
        ("1/1/1900", "over 120 years ago"),
        ("24/11/2026", "in the future"),
        ("14 March", "Add the year"),
        ("14/3", "Add the year"),
        ("12345", "An NHS number has ten figures"),
        ("S3 1QTT", "no postcode, date or number"),
        ("ZZ993VZ", "stands for no address"),
        ("unknown", "not known"),
        ("dob", "after it"),
        ("🙂🙂", "no letters"),
        ("%_*", "not needed"),
    ],
)
def test_what_is_not_sure_is_named_and_never_guessed_at(written: str, told: str) -> None:
    found = read(written, TODAY)
    assert (found.query.born, found.query.name, found.query.identifier) == (None, "", "")
    assert any(told in each.why for each in found.unread), found


@pytest.mark.parametrize(
    ("written", "postcode"),
    [
        *(("ol8 1aa", "OL8 1AA"), ("OL81AA", "OL8 1AA"), ("sw1a1aa", "SW1A 1AA"), ("OL8IAA", "OL8 1AA")),
        *(("S1 2", "S1 2"), ("S12", "S12"), ("postcode: M1 1AE", "M1 1AE"), ("s3", "S3")),
    ],
)
def test_a_postcode_is_read_whole_or_in_part(written: str, postcode: str) -> None:
    assert query(written) == Query(postcode=postcode)


@pytest.mark.parametrize("name", ["Ian", "Ola", "Sam"])
def test_a_short_name_after_an_outward_part_stays_a_name(name: str) -> None:
    assert query(f"S3 {name}") == Query(name=name, postcode="S3")


@pytest.mark.parametrize(
    "written", ["943 476 5919", "9434765919", "943-476-5919", "NHS no. 943 476 5919", "nhs: 9434765919"]
)
def test_an_nhs_number_is_read_with_or_without_its_spaces(written: str) -> None:
    assert query(f" {written} ") == Query(identifier="9434765919")


def test_a_number_that_does_not_add_up_says_so() -> None:
    assert whys("Luca 943 476 5918") == {"943 476 5918": NHS_WRONG}
    assert whys("Z801200001001") == {"Z801200001001": UPN_WRONG}


def test_both_numbers_can_be_given_at_once() -> None:
    found = query("h801200001001 Luca 943 476 5919")
    assert (found.identifier, found.upn) == ("9434765919", "H801200001001")


@pytest.mark.parametrize(
    ("written", "name"),
    [
        ("O'Brien, Mary-Kate", "O'Brien, Mary-Kate"),
        ("Luca Whitcombe, 21/8/2019, S3 1QT", "Luca Whitcombe"),
        ("S3 1QT, O’Neill-Ståhl, Åsa, 21/8/2019", "O’Neill-Ståhl, Åsa"),
        ("Khan, Muhammad, Ali", "Khan, Muhammad Ali"),
        ("Name: Luca\tWhitcombe; 21/8/2019", "Luca Whitcombe"),
        ("Mrs Farah Rahman", "Farah Rahman"),
        ("‏محمد خان‏ 14/3/2012", "محمد خان"),
        ("April Jones 14/3/2012", "April Jones"),
        ("Max Born", "Max Born"),
        ("Kha%", "Kha"),
        ("'; drop table person; --", "drop table person"),
    ],
)
def test_a_name_stays_as_it_was_typed(written: str, name: str) -> None:
    assert query(written).name == name


def test_a_title_alone_is_no_name() -> None:
    assert whys("Mr") == {"Mr": TITLE_ALONE}
    assert query("Mr") == Query()


def test_two_different_dates_are_a_question_and_the_same_one_twice_is_not() -> None:
    assert query("Luca 14/3/2012 15/3/2012") == Query(name="Luca")
    assert set(whys("Luca 14/3/2012 15/3/2012")) == {"14/3/2012", "15/3/2012"}
    assert query("Luca 14/3/2012 2012 14 March 2012") == Query(name="Luca", born=BORN)
    assert query("S3 1QT S3") == Query(postcode="S3 1QT")


@pytest.mark.parametrize(
    "pair", [("S1 2", "14 3 2012"), ("S1", "2 3 2012"), ("M1", "1/2/12"), ("S1 2", "3 4 12")]
)
def test_figures_of_one_part_never_become_another_parts(pair: tuple[str, str]) -> None:
    one, other = query(" ".join(pair)), query(" ".join(reversed(pair)))
    assert one == other == Query(born=query(pair[1]).born, postcode=pair[0])


@pytest.mark.parametrize(
    ("written", "worth"),
    [("a", False), ("ab", True), ("2012", False), ("S1 2", False), ("S1 2AB", True), ("14/3/2012", True)],
)
def test_an_answer_while_typing_takes_two_letters_or_one_whole_fact(written: str, worth: bool) -> None:
    assert read(written, TODAY).worth_a_look is worth


def test_what_is_past_the_longest_line_is_named() -> None:
    found = read("Luca " + "x" * 500, TODAY)
    assert found.query.name.startswith("Luca")
    assert "Only the first" in found.unread[-1].why


# In any order. A month that is a name too is read with the figures beside it, so it is no name here.

NAMES = st.sampled_from(
    [
        "Luca Whitcombe",
        "khan",
        "O'Brien, Mary-Kate",
        "van der Berg Anna",
        "Ståhl Åsa",
        "李 小龍",
        "de la Cruz",
    ]
)
DATES = st.dates(dt.date(1930, 1, 1), TODAY).flatmap(
    lambda day: st.sampled_from(
        [
            f"{day:%d/%m/%Y}",
            f"{day:%Y-%m-%d}",
            f"{day.day} {day.month} {day.year}",
            f"{day:%d %B %Y}",
            f"{day:%Y%m%d}",
        ]
    )
)
PLACES = st.sampled_from(["S3 1QT", "sk32du", "SW1A 1AA", "S1", "S1 2", "OL8 1AA"])
NUMBERS = st.sampled_from(["943 476 5919", "9434765919", "H801200001001", "401-023-2137"])


@given(parts=st.tuples(NAMES, DATES, PLACES, NUMBERS), between=st.sampled_from([" ", ", ", "\t", "; "]))
def test_the_order_of_the_parts_never_matters(parts: tuple[str, ...], between: str) -> None:
    found = {between.join(order): query(between.join(order)) for order in permutations(parts)}
    first = query(" ".join(parts))
    assert first.name
    assert first.born
    assert first.postcode
    assert first.identifier
    assert set(found.values()) == {first}


@given(
    text=st.text(max_size=MOST_SIGNS) | st.lists(st.text(max_size=8) | NAMES | DATES | PLACES).map(" ".join)
)
def test_no_letter_and_no_figure_that_was_typed_is_lost(text: str) -> None:
    found = read(text, TODAY)
    told = "".join(part.typed for part in found.parts) + "".join(each.typed for each in found.unread)
    once = {sign for sign in told.casefold() if sign.isalnum()}
    assert {sign for sign in _as_read(text)[:MOST_SIGNS] if sign.isalnum()} <= once


def _as_read(text: str) -> str:
    import unicodedata

    plain = unicodedata.normalize("NFKC", text)
    return "".join(
        str(unicodedata.digit(sign)) if unicodedata.category(sign) == "Nd" else sign for sign in plain
    ).casefold()


@given(text=st.text(max_size=MOST_SIGNS))
def test_reading_never_fails_and_what_was_read_reads_the_same_again(text: str) -> None:
    found = read(text, TODAY)
    assert read(text, TODAY) == found
    assert found.query.empty == (not any(part.kind != "title" for part in found.parts))
