from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from linkage.making import records
from teamaround.linkage import Record, features_of
from teamaround.linkage.normalise import (
    birth,
    day_and_month_changed_about,
    nhs_number,
    postcode,
    pupil_number,
    surname,
    words,
)


@pytest.mark.parametrize(
    ("written", "read"),
    [
        ("Miss Olivia", ("olivia",)),
        ("Baby", ()),
        ("Mr.", ()),
        ("O’Brien", ("obrien",)),
        ("Anne-Marie", ("anne", "marie")),
        ("ŁUKASZ", ("lukasz",)),
        ("Zoë", ("zoe",)),
        ("\u202eAli\u202c", ("ali",)),
        ("Nia 🌈", ("nia",)),
        ("🌈🌈", ()),
        ("A", ("a",)),
        ("not known", ()),
        ("Robert'); DROP TABLE person;--", ("robert", "drop", "table", "person")),
        ("%_*", ()),
        ("Иван", ("ivan",)),
    ],
)
def test_a_name_is_read_as_small_letters_without_titles_and_marks(
    written: str, read: tuple[str, ...]
) -> None:
    assert words(written) == read


def test_an_arabic_name_is_transliterated_not_lost() -> None:
    assert words("محمد") == ("mhmd",)


def test_a_name_of_500_characters_is_cut_to_what_every_engine_can_compare() -> None:
    assert len(words("a" * 5_000)[0]) == 60
    assert len(surname("ab " * 200)[0]) <= 60


def test_the_halves_of_a_double_barrelled_surname_are_its_parts() -> None:
    assert surname("West-Orman") == ("westorman", ("west", "orman"))
    assert surname("al-Khatib")[1] == ("khatib",)


def test_a_date_known_to_the_year_alone_is_the_first_of_january() -> None:
    assert birth(date(2012, 7, 9), "year") == "20120101"
    assert birth(date(2012, 7, 9), "month") == "20120701"
    assert birth(None) == ""


def test_day_and_month_change_about_only_where_that_is_a_date() -> None:
    assert day_and_month_changed_about("20120304") == "20120403"
    assert day_and_month_changed_about("20120314") == ""
    assert day_and_month_changed_about("20120303") == ""


@pytest.mark.parametrize(
    ("written", "read"),
    [
        ("ls8 7sd", ("LS87SD", "LS8")),
        ("LS8 7S D", ("LS87SD", "LS8")),
        ("S1 OAB", ("S10AB", "S1")),
        ("S1", ("", "S1")),
        ("S1 2", ("", "S1")),
        ("ZZ99 3VZ", ("", "")),
        ("nowhere", ("", "")),
        ("é", ("", "")),
    ],
)
def test_a_postcode_is_read_whole_or_outward_or_not_at_all(written: str, read: tuple[str, str]) -> None:
    assert postcode(written) == read


def test_numbers_count_only_when_their_check_fits() -> None:
    assert nhs_number("943 476 5919") == "9434765919"
    assert nhs_number("9434765918") == nhs_number("1111111111") == nhs_number("43") == ""
    assert pupil_number("b801200005001") == "B801200005001"
    assert pupil_number("A801200005001") == ""


@given(st.text(max_size=80))
def test_reading_a_name_again_changes_nothing(text: str) -> None:
    once = words(text)
    assert words(" ".join(once)) == once
    assert all(word.isascii() and word.isalpha() and word.islower() for word in once)


@given(st.text(max_size=12))
def test_reading_a_postcode_again_changes_nothing(text: str) -> None:
    whole, outward = postcode(text)
    assert postcode(whole or outward) == (whole, outward)


@given(
    st.builds(
        Record,
        given=st.text(max_size=40),
        middle=st.text(max_size=40),
        family=st.text(max_size=40),
        born=st.none() | st.dates(),
        postcodes=st.lists(st.text(max_size=9), max_size=3),
        nhs=st.text(max_size=14),
        upn=st.text(max_size=14),
    )
)
def test_no_record_is_too_odd_to_have_features(record: Record) -> None:
    assert features_of(record).given == features_of(record).given


@given(records)
def test_what_is_not_known_is_empty_and_never_none(record: Record) -> None:
    found = features_of(record)
    assert all(getattr(found, name) is not None for name in found.__slots__)
