"""One way of writing: every name, date, postcode and number is brought to it before anything is compared.

All results are plain text, "" where nothing is known, of the letters a-z, figures and spaces only: the same
text is then compared by Python, DuckDB and PostgreSQL without a difference of collation or encoding. Every
function is idempotent on what it returns.
"""

from __future__ import annotations

import re
import unicodedata
from datetime import date
from functools import lru_cache
from typing import Literal

from anyascii import anyascii
from stdnum.exceptions import InvalidComponent, ValidationError
from stdnum.gb import nhs, upn

Precision = Literal["day", "month", "year"]

#: Longer names are cut: PostgreSQL's levenshtein refuses more than 255 characters, and no name needs them.
MAX_NAME = 60
#: Nobody is compared by more forenames or parts of a surname than these.
MAX_PARTS = 6

_TITLES = frozenset(
    {"mr", "mrs", "miss", "ms", "mx", "dr", "master", "sir", "rev", "baby", "boy", "girl", "infant", "twin"}
)
_SUFFIXES = frozenset({"jr", "jnr", "snr", "sr"})
_NOTHING = frozenset(
    {"unknown", "notknown", "notstated", "notrecorded", "notgiven", "nk", "tbc", "tbd", "none", "nil", "null"}
    | {"xx", "xxx", "missing", "blank"}
)
_PARTICLES = frozenset(
    {"de", "da", "di", "la", "le", "el", "al", "van", "von", "bin", "ibn", "o", "st"}
    | {"der", "den", "dos", "das", "bint"}
)
_APOSTROPHES = re.compile("['’‘ʼʻ`´＇]")
_NOT_LETTERS = re.compile(r"[^a-z]+")
_POSTCODE = re.compile(r"([A-Z]{1,2}[0-9][0-9A-Z]?)([0-9][A-Z]{2})")
_SECTOR = re.compile(r"([A-Z]{1,2}[0-9][0-9A-Z]?) [0-9]")
_OUTWARD = re.compile(r"[A-Z]{1,2}[0-9][0-9A-Z]?")


def is_particle(word: str) -> bool:
    """Whether a word of a name is one that goes with the name after it: "van", "al"."""
    return words(word) != () and set(words(word)) <= _PARTICLES


@lru_cache(maxsize=200_000)
def words(text: str) -> tuple[str, ...]:
    """The words of a name in small letters a-z: accents, marks, signs of writing direction and emoji dropped,
    other scripts transliterated, an apostrophe closed up ("O'Brien" is one word), a hyphen or a space a division.

    Titles ("Miss", "Baby") are no part of a name, nor is what says that nothing is known. () for nothing.
    """
    text = text[:500]
    if not text.isascii():
        kept = []
        for letter in unicodedata.normalize("NFKC", text):
            kind = unicodedata.category(letter)
            if kind[0] in "LM" or letter in "'’‘ʼʻ`´-":
                kept.append(letter)
            elif kind not in {"Cf", "Cc", "Sk"}:
                kept.append(" ")
        text = anyascii("".join(kept))
    text = _APOSTROPHES.sub("", text.lower())
    found = [word[:MAX_NAME] for word in _NOT_LETTERS.split(text) if word]
    plain = [word for word in found if word not in _TITLES and word not in _SUFFIXES]
    if "".join(found) in _NOTHING or "".join(plain) in _NOTHING:
        return ()
    return tuple(plain[:MAX_PARTS])


def surname(text: str) -> tuple[str, tuple[str, ...]]:
    """A surname closed up, and its parts of three letters or more (the halves of a double-barrelled name).

    ("", ()) for nothing. "al-Khatib" and "Khatib" share a part; a part that is a particle alone is none.
    """
    found = words(text)
    if not found:
        return "", ()
    whole = "".join(found)[:MAX_NAME]
    parts = tuple(dict.fromkeys(word for word in found if len(word) > 2 and word not in _PARTICLES))
    return whole, parts or (whole,)


def birth(value: date | None, precision: Precision | None = "day") -> str:
    """Eight figures, "20120331", or "" for none. What is known to the month or the year alone is written as the
    first day of it, as registers do themselves: 1 January says little, whoever wrote it."""
    if value is None:
        return ""
    if precision == "year":
        value = value.replace(month=1, day=1)
    elif precision == "month":
        value = value.replace(day=1)
    return f"{value.year:04d}{value.month:02d}{value.day:02d}"


def day_and_month_changed_about(figures: str) -> str:
    """The date with day and month changed about, "" where that is no date or the same one."""
    if not figures or int(figures[6:]) > 12:
        return ""
    changed = figures[:4] + figures[6:] + figures[4:6]
    return "" if changed == figures else changed


@lru_cache(maxsize=200_000)
def postcode(text: str) -> tuple[str, str]:
    """(whole, outward) without a space, such as ("S12AB", "S1"); ("", "S1") where the outward part alone is
    written; ("", "") for what is no postcode or stands for no address (ZZ99)."""
    sector = _SECTOR.fullmatch(" ".join(text.upper().split()))
    if sector is not None:
        return "", sector[1]
    packed = re.sub(r"[^A-Z0-9]", "", text.upper())[:8] if text.isascii() else ""
    if not packed or packed.startswith("ZZ99"):
        return "", ""
    whole = _POSTCODE.fullmatch(packed)
    if whole is None and len(packed) > 4:
        # In the inward part the first sign is a figure, the others are letters: O, I and S were meant as such.
        inward = packed[-3].translate(str.maketrans("OIS", "015")) + packed[-2:].translate(
            str.maketrans("015", "OIS")
        )
        whole = _POSTCODE.fullmatch(packed[:-3] + inward)
    if whole is not None:
        return whole[1] + whole[2], whole[1]
    return ("", packed) if _OUTWARD.fullmatch(packed) else ("", "")


@lru_cache(maxsize=200_000)
def nhs_number(text: str) -> str:
    """Ten figures whose check digit fits (modulus 11), else "". Ten times one figure is nobody's number."""
    packed = re.sub(r"[^0-9]", "", text) if text.isascii() else ""
    if len(packed) != 10 or len(set(packed)) == 1:
        return ""
    try:
        return str(nhs.validate(packed))
    except ValidationError:
        return ""


@lru_cache(maxsize=200_000)
def pupil_number(text: str) -> str:
    """A UPN of thirteen signs whose check letter fits (weights 2 to 13, modulus 23), else ""."""
    packed = re.sub(r"[^A-Z0-9]", "", text.upper()) if text.isascii() else ""
    if not re.fullmatch(r"[A-HJ-NP-RT-Z][0-9]{11}[0-9A-HJ-NP-RT-Z]", packed):
        return ""
    try:
        return str(upn.validate(packed))
    except InvalidComponent:
        # Wales and the authorities formed since 2019 are not on the library's list: the letter decides.
        return packed if upn.calc_check_digit(packed[1:]) == packed[0] else ""
    except ValidationError:
        return ""


def sex(text: str) -> str:
    """ "F" or "M"; "" for anything else."""
    first = text.strip()[:1].upper()
    return first if first in {"F", "M"} else ""
