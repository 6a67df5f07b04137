"""The parts of a line of typing, one reader a kind: a date of birth, an NHS number, a pupil number, a postcode, a name.

A reader is given words that stand together, and says what they are and how sure that is; or why they cannot be what
they look like, with what to write instead; or None, where they look like nothing of its kind.
"""

from __future__ import annotations

import datetime as dt
import re
import unicodedata
from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

from teamaround.linkage import normalise
from teamaround.sheets.dates import read_birth_date
from teamaround.sheets.refusal import RefusedError

Kind = Literal["name", "title", "born", "postcode", "nhs", "upn"]
Precision = normalise.Precision

TITLES = frozenset({"mr", "mrs", "ms", "miss", "mx", "master", "dr", "rev", "sir", "lady", "prof"})
#: Labels that are nobody's name.
LABELS_ALONE = frozenset({"dob", "d.o.b", "d.o.b.", "nhs", "upn", "postcode"})

NO_YEAR = "Add the year of birth, like 14/3/2012."
ODD_NUMBER = "An NHS number has ten figures, a date of birth is written 14/3/2012."
NHS_WRONG = "NHS number does not add up. Check its ten figures."
UPN_WRONG = "Pupil number does not add up. Check its letter and twelve figures."

#: How sure a reading is: the less, the surer. A refused one is better than words that nobody can read.
WHOLE_FACT = 1.0
PART_OF_A_FACT = 2.0
WORD = 2.0
REFUSED = 8.0


@dataclass(frozen=True, slots=True)
class Part:
    """What was understood: `typed` as it was written, `value` in its written form ("S3 1QT", an ISO date, a number).

    `precision` is how much of a date of birth is known.
    """

    kind: Kind
    typed: str
    value: str
    precision: Precision = "day"


@dataclass(frozen=True, slots=True)
class Unread:
    """What could not be read, and what to write instead."""

    typed: str
    why: str


Read = tuple[float, Part | Unread]
Reader = Callable[[tuple[str, ...], dt.date], Read | None]


_MONTH = (
    r"(?:jan(?:uary)?|feb(?:ruary)?|mar(?:ch)?|apr(?:il)?|may|june?|july?|aug(?:ust)?|sept?(?:ember)?"
    r"|oct(?:ober)?|nov(?:ember)?|dec(?:ember)?)\.?"
)
_DAY = r"\d{1,2}(?:st|nd|rd|th)?"
_DATES: tuple[tuple[re.Pattern[str], float, Callable[[str], str]], ...] = tuple(
    (re.compile(form, re.IGNORECASE), cost, written)
    for form, cost, written in (
        (r"\d{1,2}([/.\-])\d{1,2}\1(?:\d{4}|\d{2})", 1.0, str),
        (r"\d{4}([/.\-])\d{1,2}\1\d{1,2}", 1.0, str),
        (r"\d{1,2} \d{1,2} (?:\d{4}|\d{2})", 1.0, lambda text: text.replace(" ", "/")),
        (r"\d{4} \d{1,2} \d{1,2}", 1.0, lambda text: text.replace(" ", "-")),
        (rf"{_DAY}(?: of)?[ /.\-]?{_MONTH}[ /.\-]?(?:\d{{4}}|\d{{2}})", 1.0, str),
        (rf"{_MONTH} {_DAY} \d{{4}}", 1.0, str),
        (rf"\d{{4}}[ /.\-]{_MONTH}[ /.\-]\d{{1,2}}", 1.0, str),
        (r"(?:19|20)\d{2}(?:0[1-9]|1[0-2])(?:0[1-9]|[12]\d|3[01])", 1.0, str),
        (
            r"(?:0[1-9]|[12]\d|3[01])(?:0[1-9]|1[0-2])(?:19|20)\d{2}",
            1.0,
            lambda text: f"{text[:2]}/{text[2:4]}/{text[4:]}",
        ),
        (rf"{_MONTH}[ /.\-]?\d{{4}}", 3.0, str),
        (r"\d{1,2}[/.\-]\d{4}", 3.0, str),
        (r"(?:19|20)\d{2}-\d{2}", 3.0, str),
        (r"(?:19|20)\d{2}", 3.0, str),
    )
)
_WEEKDAY = re.compile(r"(?:mon|tues?|wed(?:nes)?|thu(?:rs)?|fri|sat(?:ur)?|sun)(?:day)?", re.IGNORECASE)


def _a_date(tokens: tuple[str, ...], today: dt.date) -> Read | None:
    bare = tokens[1:] if len(tokens) > 2 and _WEEKDAY.fullmatch(tokens[0]) else tokens
    text = " ".join(bare)
    for form, cost, written in _DATES:
        if not form.fullmatch(text):
            continue
        typed = " ".join(tokens)
        try:
            reading = read_birth_date(written(text), today)
        except RefusedError as refused:
            return REFUSED, Unread(typed, str(refused))
        if reading is not None:
            return cost, Part("born", typed, reading[0].isoformat(), reading[1])
    if re.fullmatch(rf"\d{{1,2}}[/.\-]\d{{1,2}}|{_DAY}(?: of)?[ /.\-]?{_MONTH}", text, re.IGNORECASE):
        return REFUSED, Unread(" ".join(tokens), NO_YEAR)
    if len(tokens) == 1 and re.fullmatch(r"\d{6}", text):
        return REFUSED, Unread(text, _six_figures(text, today))
    return None


def _six_figures(text: str, today: dt.date) -> str:
    """Six figures are a date in one order or another: which, only the writer knows."""
    ways = []
    for day, month, year in ((text[:2], text[2:4], text[4:]), (text[4:], text[2:4], text[:2])):
        try:
            reading = read_birth_date(f"{day}/{month}/{year}", today)
        except RefusedError:
            continue
        if reading is not None and (said := f"{reading[0]:%-d/%-m/%Y}") not in ways:
            ways.append(said)
    if not ways:
        return ODD_NUMBER
    if len(ways) == 1:
        return (
            f"Six figures can be read in more than one way. If it is a date of birth, write it as {ways[0]}."
        )
    return f"It could be {ways[0]} or {ways[1]}. Write the date of birth with its strokes, like {ways[0]}."


_FIGURES = re.compile(r"[\d\-]+")
_GROUPINGS = {(10,), (3, 3, 4), (5, 5), (3, 7)}


def _an_nhs_number(tokens: tuple[str, ...], today: dt.date) -> Read | None:
    if len(tokens) > 3 or not all(_FIGURES.fullmatch(token) for token in tokens):
        return None
    groups = tuple(len(group) for token in tokens for group in token.split("-") if group)
    figures = "".join(tokens).replace("-", "")
    if groups not in _GROUPINGS:
        return None
    typed = " ".join(tokens)
    if normalise.nhs_number(figures):
        return WHOLE_FACT, Part("nhs", typed, figures)
    return (REFUSED, Unread(typed, NHS_WRONG)) if groups in {(10,), (3, 3, 4)} else None


_UPN = re.compile(r"[A-Z]\d{11}[0-9A-Z]")


def _a_pupil_number(tokens: tuple[str, ...], today: dt.date) -> Read | None:
    packed = "".join(tokens).replace("-", "").upper()
    if not packed.isascii() or not _UPN.fullmatch(packed):
        return None
    typed = " ".join(tokens)
    if normalise.pupil_number(packed):
        return WHOLE_FACT, Part("upn", typed, packed)
    return (REFUSED, Unread(typed, UPN_WRONG)) if len(tokens) == 1 else None


_OUTWARD = re.compile(r"[A-Z]{1,2}\d[\dA-Z]?")
_INWARD = re.compile(r"\d[A-Z0-9]{2}")


def _a_postcode(tokens: tuple[str, ...], today: dt.date) -> Read | None:
    upper = [token.upper().rstrip(".") for token in tokens]
    typed = " ".join(tokens)
    if len(upper) == 2 and _OUTWARD.fullmatch(upper[0]):
        if re.fullmatch(r"\d", upper[1]):
            return PART_OF_A_FACT, Part("postcode", typed, f"{upper[0]} {upper[1]}")
        if not _INWARD.fullmatch(upper[1]):
            return None
    elif len(upper) != 1 or not any(sign.isdigit() for sign in upper[0]):
        return None
    packed = "".join(upper)
    if not packed.isascii() or not packed.isalnum() or packed.isdigit():
        return None
    whole, outward = normalise.postcode(packed)
    if whole:
        return WHOLE_FACT, Part("postcode", typed, f"{whole[:-3]} {whole[-3:]}")
    return (PART_OF_A_FACT, Part("postcode", typed, outward)) if outward and len(upper) == 1 else None


def _a_name(tokens: tuple[str, ...], today: dt.date) -> Read | None:
    if len(tokens) > 1 or any(sign.isdigit() for sign in tokens[0]):
        return None
    if tokens[0].lower() in LABELS_ALONE:
        return None
    if tokens[0].strip(".").lower() in TITLES:
        return WORD, Part("title", tokens[0], tokens[0])
    bare = _letters(tokens[0])
    if not any(sign.isalpha() for sign in bare) or _nothing(bare):
        return None
    return WORD, Part("name", tokens[0], bare)


def _letters(token: str) -> str:
    """What of a token can stand in a name."""
    kept = (sign for sign in token if unicodedata.category(sign)[0] in "LM" or sign in "'’‘ʼʻ`´-.")
    return "".join(kept).strip("-")


def _nothing(bare: str) -> bool:
    """Whether a word says that nothing is known ("unknown"). "Baby" and "Junior" are left to the search."""
    # Beside a name, what is no part of one is dropped, and what stands for nothing is not.
    return not normalise.words(bare) and len(normalise.words(f"{bare} x")) > 1


READERS: tuple[Reader, ...] = (_a_date, _an_nhs_number, _a_pupil_number, _a_postcode, _a_name)
