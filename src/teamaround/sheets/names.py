"""Names as people carry them: cleaned of what cannot be seen, cased with care, split by the file's style."""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache

from teamaround.sheets.refusal import Reason, RefusedError

MAX_NAME = 200
MAX_TEXT = 500

_APOSTROPHES = str.maketrans(dict.fromkeys("\u2019\u2018\u02bc\u02bb\u0060\u00b4\uff07", "'"))
# Cf holds the marks that turn or hide the writing order; the rest are controls and what is no character.
_UNSEEN = frozenset({"Cc", "Cf", "Cs", "Co", "Cn"})
# Persian and several Indian scripts are spelt with these two, though they show nothing of themselves.
_JOINERS = "\u200c\u200d"
_PLAIN = re.compile(r"[\x20-\x7e]*")
_NOTHING = frozenset(
    {"n/a", "n\\a", "unknown", "notknown", "notrecorded", "notstated", "notprovided", "nodata"}
    | {"tbc", "tbd", "xx", "xxx", "nk", "n/k", "missing", "blank"}
)
_COMMA = re.compile(r"[,،，]")
_SEMICOLON = re.compile(r"[;؛；]")
_PARTICLES = frozenset(
    {
        "de",
        "del",
        "della",
        "di",
        "da",
        "dos",
        "das",
        "du",
        "la",
        "le",
        "van",
        "von",
        "der",
        "den",
        "ten",
        "ter",
    }
    | {"bin", "binti", "ibn", "abu", "al", "el", "st"}
)
_TITLES = re.compile(r"^(mr|mrs|miss|ms|mx|master|dr)\.?\s+(?=\S)", re.IGNORECASE)
_TITLE = re.compile(r"(mr|mrs|miss|ms|mx|master|dr)\.?", re.IGNORECASE)
# Surnames that begin with these letters without being "son of": Machin, Mackie, Macey, Mace.
_MAC = re.compile(r"^mac(?=[bcdfglmnpqrstvw])(?!h)(\w{4,})$")
_FOLD_LETTERS = str.maketrans(
    {"ł": "l", "ø": "o", "đ": "d", "ð": "d", "þ": "th", "æ": "ae", "œ": "oe", "ı": "i"}
)


def clean(text: str) -> str:
    """Text without control, direction-changing and invisible characters, spaces single, letters composed."""
    if _PLAIN.fullmatch(text):
        return " ".join(text.split())
    kept = "".join(
        " " if letter.isspace() else letter
        for letter in text
        if letter.isspace() or letter in _JOINERS or unicodedata.category(letter) not in _UNSEEN
    )
    return " ".join(unicodedata.normalize("NFC", kept).split())


def clean_text(text: str) -> str:
    """Free text, cleaned. RefusedError over 500 characters. An apostrophe that disarmed a sign is dropped."""
    text = clean(text)
    if len(text) > MAX_TEXT:
        raise RefusedError(Reason("too_long", f"The text is longer than {MAX_TEXT} characters. Shorten it."))
    if len(text) > 1 and text[0] == "'" and text[1] in "+-@":
        text = text[1:]
    return "" if is_nothing(text) else text


def is_nothing(text: str) -> bool:
    """Whether a cell says that nothing is known: blank, "-", "?", "N/A", "not known". "Null" is a surname."""
    if not text.strip(" -–—.?_*#/\\"):
        return True
    return len(text) < 16 and text.lower().replace(" ", "").strip(".()[]") in _NOTHING


@lru_cache(maxsize=65_536)
def name(text: str, *, family: bool = False) -> str:
    """One part of a name: cleaned, and cased where it came all in capitals or all in small letters.

    "" where it says nothing. A single letter stays as it is. RefusedError over 200 characters, and for text
    without any letter.
    """
    text = clean(text).translate(_APOSTROPHES).strip(" ,;")
    if is_nothing(text):
        return ""
    if len(text) > MAX_NAME:
        raise RefusedError(
            Reason("name_too_long", f"The name is longer than {MAX_NAME} characters. Shorten it.")
        )
    if not any(letter.isalpha() for letter in text):
        raise RefusedError(
            Reason("name_without_letters", "The name has no letters in it. Write the name in full.")
        )
    return recase(text, family=family)


def recase(text: str, *, family: bool = False) -> str:
    """Capitals as a name carries them. Text of mixed case is its owner's choice and stays as written."""
    if text != text.upper() and text != text.lower():
        return text
    return " ".join(
        "-".join(_recase_part(part, family=family) for part in word.split("-")) for word in text.split(" ")
    )


def _recase_part(part: str, *, family: bool) -> str:
    if len(part) < 2 or (
        len(part) == 2 and part.isupper() and (part[1] == "J" or not set(part) & set("AEIOUY"))
    ):
        return part
    if len(part) <= 4 and "." in part:
        return part
    low = part.lower()
    if len(low) > 3 and low.startswith("mc"):
        return "Mc" + low[2].upper() + low[3:]
    mac = _MAC.match(low) if family else None
    if mac:
        return "Mac" + mac[1][0].upper() + mac[1][1:]
    if len(low) > 3 and low[1] == "'":
        return low[0].title() + "'" + low[2].title() + low[3:]
    return low[0].title() + low[1:]


@lru_cache(maxsize=65_536)
def split_full_name(text: str, style: str) -> tuple[str, str, str]:
    """(given, middle, family) from one cell. `style` is one of the full name fields of a mapping.

    A separator that is present is always believed. Without one, a lone word is a surname in the styles that
    begin with the surname and a forename in the other. Refusals as in `name`.
    """
    text = clean(text)
    if is_nothing(text):
        return "", "", ""
    if style == "full_name_semicolon" and _SEMICOLON.search(text):
        family, _, rest = _SEMICOLON.sub(";", text).partition(";")
    elif _COMMA.search(text):
        family, _, rest = _COMMA.sub(",", text).partition(",")
    elif _SEMICOLON.search(text):
        family, _, rest = _SEMICOLON.sub(";", text).partition(";")
    else:
        return _split_plain(text, surname_first=style != "full_name_plain")
    rest = _TITLES.sub("", rest.strip())
    given, _, middle = rest.partition(" ")
    return name(given), name(middle), name(family, family=True)


def _split_plain(text: str, *, surname_first: bool) -> tuple[str, str, str]:
    words = _TITLES.sub("", text).split(" ")
    if len(words) == 1:
        return ("", "", name(words[0], family=True)) if surname_first else (name(words[0]), "", "")
    # "OKAFOR Kymani": capitals before a mixed word are the surname, whatever the style says.
    leading = 0
    while leading < len(words) and len(words[leading]) > 1 and words[leading].isupper():
        leading += 1
    if 0 < leading < len(words) and not words[-1].isupper():
        return (
            name(words[leading]),
            name(" ".join(words[leading + 1 :])),
            name(" ".join(words[:leading]), family=True),
        )
    start = len(words) - 1
    while start > 1 and words[start - 1].lower().strip(".") in _PARTICLES:
        start -= 1
    return name(words[0]), name(" ".join(words[1:start])), name(" ".join(words[start:]), family=True)


def is_title(text: str) -> bool:
    """Whether a name is nothing but a title: "Mr", "Miss."."""
    return bool(_TITLE.fullmatch(text.strip()))


@lru_cache(maxsize=65_536)
def fold(text: str) -> str:
    """A name for comparing only: small letters of any script, without accents, spaces and marks."""
    text = unicodedata.normalize("NFKD", text.casefold().translate(_FOLD_LETTERS))
    return "".join(letter for letter in text if letter.isalpha())
