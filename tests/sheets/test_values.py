"""Names, dates and numbers as people write them."""

from __future__ import annotations

import contextlib
from datetime import date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from stdnum.gb import nhs, upn

from sheets.making import TODAY
from teamaround.sheets import RefusedError
from teamaround.sheets.dates import read_birth_date, read_date
from teamaround.sheets.identifiers import (
    read_nhs_number,
    read_postcode,
    read_sex,
    read_upn,
    read_young_carer,
)
from teamaround.sheets.names import clean, clean_text, fold, name, split_full_name


def code(reader: object, *values: object) -> str:
    assert callable(reader)
    with pytest.raises(RefusedError) as caught:
        reader(*values)
    return caught.value.reason.code


@pytest.mark.parametrize(
    ("written", "kept"),
    [
        ("MCGRATH", "McGrath"),
        ("MACVICAR", "MacVicar"),
        ("MACHIN", "Machin"),
        ("MACKIE", "Mackie"),
        ("MACEY", "Macey"),
        ("MACLEOD", "MacLeod"),
        ("O'BRIEN", "O'Brien"),
        ("O’BRIEN-D'SOUZA", "O'Brien-D'Souza"),
        ("SHA'BAN", "Sha'ban"),
        ("LONG-HOUGHTON", "Long-Houghton"),
        ("ÉLOÏSE", "Éloïse"),
        ("de la Cruz", "de la Cruz"),
        ("McQuade-Webb", "McQuade-Webb"),
        ("V", "V"),
        ("v", "v"),
        ("TJ", "TJ"),
        ("HO", "Ho"),
        ("Null", "Null"),
        ("  two   spaces ", "Two Spaces"),
        ("محمد الأحمد", "محمد الأحمد"),
        ("\u202eevil\u202c\x00\x07", "Evil"),
        ("გიორგი", "გიორგი"),
        ("Zoe\u0308", "Zoë"),
        ("n/a", ""),
        ("-", ""),
        ("Not known", ""),
    ],
)
def test_a_surname_is_cleaned_and_cased_as_it_is_carried(written: str, kept: str) -> None:
    assert name(written, family=True) == kept


def test_a_forename_in_capitals_that_begins_like_a_mac_surname_is_left_a_forename() -> None:
    assert name("MACKENZIE") == "Mackenzie"


def test_a_name_of_two_hundred_letters_is_kept_and_one_more_is_refused() -> None:
    assert name("Á" + "b" * 199) == "Á" + "b" * 199
    assert code(name, "Á" + "b" * 200) == "name_too_long"


def test_a_name_without_letters_is_refused() -> None:
    assert code(name, "12345") == "name_without_letters"


@pytest.mark.parametrize(
    ("written", "style", "parts"),
    [
        ("WHITCOMBE, Luca", "full_name_comma", ("Luca", "", "Whitcombe")),
        ("WHITCOMBE, Luca James", "full_name_comma", ("Luca", "James", "Whitcombe")),
        ("H, Han", "full_name_comma", ("Han", "", "H")),
        ("HASSAN,", "full_name_comma", ("", "", "Hassan")),
        (", Zara", "full_name_comma", ("Zara", "", "")),
        ("HASSAN", "full_name_comma", ("", "", "Hassan")),
        ("OKAFOR Kymani", "full_name_comma", ("Kymani", "", "Okafor")),
        ("Rockgate; Sophie Gracie", "full_name_semicolon", ("Sophie", "Gracie", "Rockgate")),
        ("Malik;", "full_name_semicolon", ("", "", "Malik")),
        ("الأحمد، محمد", "full_name_comma", ("محمد", "", "الأحمد")),
        ("Anna van der Berg", "full_name_plain", ("Anna", "", "van der Berg")),
        ("Anna Maria Jones", "full_name_plain", ("Anna", "Maria", "Jones")),
        ("Miss Anna Jones", "full_name_plain", ("Anna", "", "Jones")),
        ("Jones, Anna", "full_name_plain", ("Anna", "", "Jones")),
        ("Zara", "full_name_plain", ("Zara", "", "")),
        ("", "full_name_plain", ("", "", "")),
    ],
)
def test_a_full_name_is_split_by_the_style_of_the_file(
    written: str, style: str, parts: tuple[str, ...]
) -> None:
    assert split_full_name(written, style) == parts


@given(st.text(max_size=80))
def test_cleaning_a_name_twice_changes_nothing_more(text: str) -> None:
    try:
        once = name(text)
    except RefusedError:
        return
    assert name(once) == once


@given(st.text(max_size=80))
def test_no_control_or_direction_mark_survives(text: str) -> None:
    kept = clean(text)
    assert not set(kept) & set(
        "\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069\u200e\u200f\x00\x1b\t\r\n"
    )
    assert kept == kept.strip()


def test_folding_joins_spellings_and_keeps_scripts() -> None:
    assert fold("Ó Briain-Łuk") == "obriainluk"
    assert fold("محمد")


def test_long_free_text_is_refused_and_a_disarmed_phone_number_is_armed_again() -> None:
    assert code(clean_text, "x" * 501) == "too_long"
    assert clean_text("'+44 1632 960123") == "+44 1632 960123"


@pytest.mark.parametrize(
    ("written", "day", "precision"),
    [
        ("21/08/2019", date(2019, 8, 21), "day"),
        ("1/2/2013", date(2013, 2, 1), "day"),
        ("3 Mar 2012", date(2012, 3, 3), "day"),
        ("3rd March 2012", date(2012, 3, 3), "day"),
        ("Sat 3 March 2012", date(2012, 3, 3), "day"),
        ("March 3, 2012", date(2012, 3, 3), "day"),
        ("03-Mar-12", date(2012, 3, 3), "day"),
        ("2013-08-30", date(2013, 8, 30), "day"),
        ("2013-08-30T00:00:00", date(2013, 8, 30), "day"),
        ("30/08/2013 00:00", date(2013, 8, 30), "day"),
        ("20130830", date(2013, 8, 30), "day"),
        ("3.3.12", date(2012, 3, 3), "day"),
        ("3.3.98", date(1998, 3, 3), "day"),
        ("29 Feb 2012", date(2012, 2, 29), "day"),
        ("٣/٣/٢٠١٢", date(2012, 3, 3), "day"),
        ("March 2012", date(2012, 3, 1), "month"),
        ("Mar-12", date(2012, 3, 1), "month"),
        ("03/2012", date(2012, 3, 1), "month"),
        ("2012-03", date(2012, 3, 1), "month"),
        ("2012", date(2012, 1, 1), "year"),
        ("c. 2012", date(2012, 1, 1), "year"),
        (datetime(2013, 8, 30, 0, 0), date(2013, 8, 30), "day"),
        (date(2013, 8, 30), date(2013, 8, 30), "day"),
    ],
)
def test_dates_are_read_day_first_with_what_is_known_of_them(
    written: str | date, day: date, precision: str
) -> None:
    assert read_birth_date(written, TODAY) == (day, precision)


@pytest.mark.parametrize("written", ["", "-", "unknown", "N/A"])
def test_a_date_that_nobody_gave_is_none(written: str) -> None:
    assert read_birth_date(written, TODAY) is None


@pytest.mark.parametrize(
    ("written", "reason"),
    [
        ("31/02/2013", "impossible_date"),
        ("30 Feb 2012", "impossible_date"),
        ("29/02/2013", "impossible_date"),
        ("03/25/2012", "impossible_date"),
        ("0000", "impossible_date"),
        ("23/11/2026", "future_birth_date"),
        ("3 Mar 2029", "future_birth_date"),
        ("2027", "future_birth_date"),
        ("21/11/1906", "birth_date_too_old"),
        ("41512", "unreadable_date"),
        ("soon", "unreadable_date"),
        ("3 Foo 2012", "unreadable_date"),
        ("=TODAY()", "formula"),
    ],
)
def test_a_birth_that_cannot_be_is_refused(written: str, reason: str) -> None:
    assert code(read_birth_date, written, TODAY) == reason


def test_a_birth_today_and_one_of_a_hundred_and_twenty_years_ago_are_taken() -> None:
    assert read_birth_date("22/11/2026", TODAY) == (TODAY, "day")
    assert read_birth_date("22/11/1906", TODAY) == (date(1906, 11, 22), "day")


@given(
    st.dates(TODAY - timedelta(days=36_000), TODAY),
    st.sampled_from(
        ["%d/%m/%Y", "%d-%m-%Y", "%d.%m.%Y", "%d %b %Y", "%d %B %Y", "%Y-%m-%d", "%d%b%Y", "%Y%m%d"]
    ),
)
def test_every_day_is_read_back_in_every_style(day: date, style: str) -> None:
    assert read_birth_date(day.strftime(style), TODAY) == (day, "day")


@given(st.text(max_size=30))
def test_no_text_breaks_the_readers(text: str) -> None:
    for reader in (read_sex, read_postcode, read_nhs_number, read_upn, read_young_carer):
        with contextlib.suppress(RefusedError):
            assert isinstance(reader(text), str)
    with contextlib.suppress(RefusedError):
        read_date(text, TODAY)


@pytest.mark.parametrize(
    ("written", "sex"),
    [("Boy", "M"), ("girl", "F"), ("MALE", "M"), ("f", "F"), ("Not known", "U"), ("", "U"), ("9", "U")],
)
def test_sex_is_read_into_the_codes_of_the_school_census(written: str, sex: str) -> None:
    assert read_sex(written) == sex


def test_a_word_that_is_no_sex_is_refused() -> None:
    assert code(read_sex, "blue") == "sex_unread"


@pytest.mark.parametrize(
    ("written", "kept"),
    [
        ("LS165NA", "LS16 5NA"),
        ("s1 2ab", "S1 2AB"),
        ("S1  2AB", "S1 2AB"),
        ("W1A0AX", "W1A 0AX"),
        ("EC1A 1BB", "EC1A 1BB"),
        ("S1 OAB", "S1 0AB"),
        ("SK11", "SK11"),
        ("M9", "M9"),
        ("SK11 2", "SK11"),
        ("GIR 0AA", "GIR 0AA"),
        ("", ""),
    ],
)
def test_a_postcode_gets_its_one_space(written: str, kept: str) -> None:
    assert read_postcode(written) == kept


@pytest.mark.parametrize("written", ["12345", "S1 2CI", "Leeds", "QX1 1AA", "LS16 5NAA"])
def test_what_cannot_be_a_postcode_is_refused(written: str) -> None:
    assert code(read_postcode, written) == "postcode_invalid"


def test_the_code_for_no_fixed_address_is_not_an_address() -> None:
    assert code(read_postcode, "ZZ99 3VZ") == "postcode_stands_for_none"


def test_an_nhs_number_is_taken_with_spaces_and_hyphens() -> None:
    assert read_nhs_number("943 476 5919") == read_nhs_number("943-476-5919") == "9434765919"


@pytest.mark.parametrize("written", ["9434765918", "0000000000", "999 999 9999"])
def test_an_nhs_number_whose_check_digit_fails_or_is_nobodys_is_refused(written: str) -> None:
    assert code(read_nhs_number, written) == "nhs_check_digit"


@given(st.integers(0, 9), st.integers(0, 9), st.from_regex(r"[4679][0-9]{9}", fullmatch=True))
def test_one_wrong_figure_in_an_nhs_number_is_always_noticed(place: int, figure: int, number: str) -> None:
    changed = number[:place] + str(figure) + number[place + 1 :]
    if nhs.is_valid(number) and changed != number:
        assert code(read_nhs_number, changed) == "nhs_check_digit"


def test_a_upn_is_checked_by_its_letter() -> None:
    assert read_upn("b801200005001") == "B801200005001"
    assert code(read_upn, "B801200005002") == "upn_check_letter"
    assert code(read_upn, "B8012") == "upn_shape"


def test_a_upn_of_an_authority_formed_since_is_decided_by_its_letter() -> None:
    rest = "941200005001"
    assert read_upn(upn.calc_check_digit(rest) + rest) == upn.calc_check_digit(rest) + rest


@pytest.mark.parametrize(
    ("written", "kept"),
    [("p", "P"), ("S", "S"), ("N", "N"), ("Yes", "Y"), ("no", "N"), ("", ""), ("Maybe", "Maybe")],
)
def test_the_young_carer_indicator_keeps_the_census_codes(written: str, kept: str) -> None:
    assert read_young_carer(written) == kept
