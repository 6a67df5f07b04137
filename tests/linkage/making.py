"""Records for tests: named ones, and any that hypothesis thinks of, near enough to each other to be interesting."""

from __future__ import annotations

from datetime import date
from typing import Any

from hypothesis import strategies as st

from teamaround.linkage import Features, Record, features_of

GIVENS = (
    *("", "A", "Ali", "Aly", "Mohammed", "Muhammad", "Mohamed", "Robert", "Bob", "Rob", "Maria", "Marie", "Emma", "Emam"),
    *("Tara", "Taa", "Wojciech", "Wojtek", "Nguyen", "Oluwaseun", "Seun", "Hassan", "Anne-Marie", "Áine", "محمد", "Ollie"),
)  # fmt: skip
FAMILIES = (
    *("", "K", "Khan", "Kahn", "Twyworth", "Twyford", "O'Brien", "Obrien", "West-Orman", "West", "Orman West", "Hassan"),
    *("Witkowski", "Witkowska", "al-Khatib", "Khatib", "Smith", "Smyth", "Ali", "Robert", "Nguyen", "Macdonald", "McDonald"),
)  # fmt: skip
DATES = (
    *(None, date(2012, 1, 1), date(2012, 3, 4), date(2012, 4, 3), date(2012, 3, 14), date(2013, 3, 4), date(2012, 11, 28)),
    *(date(2012, 5, 4), date(2021, 3, 4), date(2012, 3, 1)),
)  # fmt: skip
POSTCODES = (
    *((), ("S1 2AB",), ("S1 2AD",), ("S1",), ("S1 3AB",), ("S11 2AB",), ("LS8 7SD", "S1 2AB"), ("LS8 7SD",), ("ZZ99 3VZ",)),
)  # fmt: skip
NUMBERS = ("", "9434765919", "943 476 5870", "9434765918")
PUPILS = ("", "B801200005001", "T801200425211")


def record(**parts: Any) -> Record:
    """A record that is Maria Twyworth of Sheffield's, but for what is said."""
    usual: dict[str, Any] = {
        "given": "Maria",
        "family": "Twyworth",
        "born": date(2012, 3, 14),
        "sex": "F",
        "postcodes": ("S1 2AB",),
    }
    return Record(**(usual | parts))


def features(**parts: Any) -> Features:
    """Its features."""
    return features_of(record(**parts))


records = st.builds(
    Record,
    given=st.sampled_from(GIVENS),
    middle=st.sampled_from(("", "", "M", "Marie", "Robert", "Ali Khan")),
    family=st.sampled_from(FAMILIES),
    born=st.sampled_from(DATES),
    precision=st.sampled_from(("day", "day", "day", "month", "year")),
    sex=st.sampled_from(("F", "M", "U", "")),
    postcodes=st.sampled_from(POSTCODES),
    nhs=st.sampled_from(NUMBERS),
    upn=st.sampled_from(PUPILS),
)
any_features = records.map(features_of)
