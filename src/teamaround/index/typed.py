"""One line of typing, read: a name, a date of birth, a postcode, an NHS number and a pupil number in any order and style.

Nothing is guessed at. What could be two things, or cannot be what it looks like, is named with what to write instead.
Every letter and figure that was typed stands in a part or in what was not read.
"""

from __future__ import annotations

import datetime as dt
import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass, replace

from teamaround.linkage import normalise

from .parts import LABELS_ALONE, ODD_NUMBER, READERS, Kind, Part, Unread
from .searching import Query

#: Longer lines are cut before they are read; what was cut off is named.
MOST_SIGNS = 300

TITLE_ALONE = "That is a title. Enter a first name or a last name."
NO_LETTERS = "It has no letters or figures. Type a name, a date of birth, a postcode or a number."
NOT_NEEDED = "Signs like % _ * are not needed: part of a name is enough."
SAYS_NOTHING = "It stands for something that is not known. Leave it out."
NEITHER = "It is no postcode, date or number. Check the letters and figures."
NO_ADDRESS = "That postcode stands for no address. Leave it out."
NOTHING_AFTER = "Type the date or the number after it."
TWO_OF_A_KIND = {
    "born": "Two dates of birth were typed, so none is used. Leave one out.",
    "postcode": "Two postcodes were typed, so none is used. Leave one out.",
    "nhs": "Two NHS numbers were typed, so none is used. Leave one out.",
    "upn": "Two pupil numbers were typed, so none is used. Leave one out.",
}
CUT_OFF = f"Only the first {MOST_SIGNS} signs are read."


@dataclass(frozen=True, slots=True)
class Typed:
    """A line as it was understood."""

    query: Query
    parts: tuple[Part, ...] = ()
    unread: tuple[Unread, ...] = ()

    def of(self, kind: Kind) -> Part | None:
        """The part of a kind; None where none was typed."""
        return next((part for part in self.parts if part.kind == kind), None)

    @property
    def worth_a_look(self) -> bool:
        """Whether it is enough to answer while somebody still types: two letters of a name, or one whole fact."""
        query = self.query
        whole = query.born is not None and query.precision == "day"
        if whole or query.identifier or normalise.postcode(query.postcode)[0]:
            return True
        return sum(map(len, normalise.words(query.name))) >= 2


def read(text: str, today: dt.date | None = None) -> Typed:
    """What somebody typed into one box. The order of the parts does not matter.

    `today` bounds dates of birth and settles years of two figures. Never fails. Two different dates, postcodes or
    numbers leave each of them unread; months that are also names ("June") are read with the figures beside them.
    """
    now = today or dt.date.today()
    line = _plain(text)
    cut = line[MOST_SIGNS:].strip()
    tokens = _tokens(line[:MOST_SIGNS])
    found = list(_segments(tuple(token.text for token in tokens), now))
    parts: list[Part] = []
    unread: list[Unread] = []
    names: list[_NameWord] = []
    at = 0
    for width, one in found:
        taken = tokens[at : at + width]
        at += width
        if isinstance(one, Unread):
            unread.append(one)
        elif one.kind == "name":
            names.append(_NameWord(one.value, at - 1, taken[-1].comma))
            unread.extend(_left_over(one))
        else:
            parts.append(one)
    name = _name(names)
    once, doubled = _once(parts)
    if name:
        once.insert(0, Part("name", name, name))
    elif not any(part.kind != "title" for part in once):
        unread.extend(Unread(part.typed, TITLE_ALONE) for part in once)
        once = []
    if cut:
        doubled.append(Unread(cut[:40], CUT_OFF))
    return Typed(_query(once), tuple(once), tuple(unread + doubled))


# From signs to tokens


@dataclass(frozen=True, slots=True)
class _Token:
    text: str
    comma: bool


@dataclass(frozen=True, slots=True)
class _NameWord:
    text: str
    place: int
    comma: bool


_TRIPLE = re.compile(r"(?<!\S)(\d{1,4})\s*([/.\-])\s*(\d{1,2})\s*\2\s*(\d{1,4})(?!\S)")
_DIVIDES = re.compile(r"[\s;|,]")
_EDGES = '"“”„«»()[]{}<>:=!?…'
_DASHES = frozenset("-–—·•/\\&+.'’")


def _plain(text: str) -> str:
    """Without marks of writing direction and the like; figures of any script as 0-9; narrow signs for wide ones."""
    signs = []
    for sign in unicodedata.normalize("NFKC", text):
        kind = unicodedata.category(sign)
        if kind == "Nd":
            signs.append(str(unicodedata.digit(sign)))
        elif kind == "Cf":
            continue
        elif kind[0] in "CZ":
            signs.append(" ")
        elif kind == "Pd":
            signs.append("-")
        else:
            signs.append({"،": ",", "٫": ".", "、": ","}.get(sign, sign))
    return _TRIPLE.sub(r"\1\2\3\2\4", "".join(signs))


def _tokens(line: str) -> list[_Token]:
    found: list[_Token] = []
    word = ""
    for sign in line + " ":
        if not _DIVIDES.match(sign):
            word += sign
            continue
        bare = word.strip(_EDGES)
        word = ""
        if bare and not set(bare) <= _DASHES:
            found.append(_Token(bare, False))
        if sign == "," and found:
            found[-1] = _Token(found[-1].text, True)
    return found


# From tokens to segments: of all the ways to divide the line, the one that leaves the least unread

_LONGEST = 6
_UNREADABLE = 20.0

_LABELS: dict[str, tuple[tuple[str, ...], ...]] = {
    "born": (("dob",), ("d.o.b",), ("d.o.b.",), ("born",), ("b",), ("b.",), ("born", "on"), ("date", "of", "birth")),
    "nhs": (("nhs",), ("nhs", "no"), ("nhs", "no."), ("nhs", "number"), ("nhs", "num")),
    "upn": (("upn",), ("pupil", "number"), ("pupil", "no")),
    "postcode": (("postcode",), ("post", "code"), ("pc",)),
    "name": (("name",),),
}  # fmt: skip
_LABELLED = {words: kind for kind, ways in _LABELS.items() for words in ways}


def _segments(tokens: tuple[str, ...], today: dt.date) -> list[tuple[int, Part | Unread]]:
    """The line divided: how many tokens each part takes, and what it is."""
    best: list[tuple[float, int, Part | Unread | None]] = [(0.0, 0, None)]
    for end in range(1, len(tokens) + 1):
        ways = []
        for width in range(1, min(_LONGEST, end) + 1):
            cost, one = _segment(tokens[end - width : end], today)
            if one is not None:
                ways.append((best[end - width][0] + cost, width, one))
        best.append(min(ways, key=lambda way: (way[0], -way[1])))
    found: list[tuple[int, Part | Unread]] = []
    end = len(tokens)
    while end:
        _, width, one = best[end]
        if one is not None:
            found.append((width, one))
        end -= width
    return found[::-1]


def _segment(tokens: tuple[str, ...], today: dt.date) -> tuple[float, Part | Unread | None]:
    typed = " ".join(tokens)
    for words in range(min(3, len(tokens) - 1), 0, -1):
        kind = _LABELLED.get(tuple(token.lower().rstrip(":") for token in tokens[:words]))
        if kind is not None:
            cost, one = _unlabelled(tokens[words:], today)
            if isinstance(one, Unread) and len(tokens) - words > 0 and cost < _UNREADABLE:
                return cost, Unread(typed, one.why)
            if isinstance(one, Part) and one.kind == kind:
                return cost, Part(one.kind, typed, one.value, one.precision)
    return _unlabelled(tokens, today)


def _unlabelled(tokens: tuple[str, ...], today: dt.date) -> tuple[float, Part | Unread | None]:
    ways = [found for reader in READERS if (found := reader(tokens, today)) is not None]
    if ways:
        return min(ways, key=lambda way: way[0])
    if len(tokens) > 1:
        return 0.0, None
    return _UNREADABLE, Unread(tokens[0], _why_not(tokens[0]))


def _why_not(token: str) -> str:
    if not any(sign.isalnum() for sign in token):
        return NOT_NEEDED if set(token) & set("%_*?") else NO_LETTERS
    if token.lower() in LABELS_ALONE:
        return NOTHING_AFTER
    if not any(sign.isalpha() for sign in token):
        return ODD_NUMBER
    if not any(sign.isdigit() for sign in token):
        return SAYS_NOTHING
    return NO_ADDRESS if token.upper().startswith("ZZ99") else NEITHER


# Names


def _left_over(part: Part) -> Iterator[Unread]:
    """The signs of a word that no name has."""
    signs = "".join(dict.fromkeys(sign for sign in part.typed if sign not in part.value))
    signs = "".join(sign for sign in signs if sign not in _DASHES)
    if signs:
        yield Unread(signs, NOT_NEEDED if set(signs) & set("%_*?") else NO_LETTERS)


def _name(found: list[_NameWord]) -> str:
    """The words of a name as they were typed; a comma stays where it tells the surname from the rest."""
    said = ""
    divided = False
    for number, word in enumerate(found):
        said += word.text
        if number + 1 == len(found):
            break
        next_to = found[number + 1].place == word.place + 1
        if word.comma and next_to and not divided:
            said, divided = f"{said},", True
        said += " "
    return said


# Taking the parts together


def _once(parts: list[Part]) -> tuple[list[Part], list[Unread]]:
    """Each kind once. The same fact written twice is one; two different ones are two questions, and not guessed at."""
    once: list[Part] = []
    doubled: list[Unread] = []
    for kind in ("born", "postcode", "nhs", "upn"):
        mine = [part for part in parts if part.kind == kind]
        if not mine:
            continue
        fullest = max(
            mine, key=lambda part: (part.precision == "day", part.precision == "month", len(part.value))
        )
        if all(_fits(part, fullest) for part in mine):
            once.append(replace(fullest, typed=" ".join(part.typed for part in mine)))
        else:
            doubled.extend(Unread(part.typed, TWO_OF_A_KIND[kind]) for part in mine)
    return once + [part for part in parts if part.kind == "title"], doubled


def _fits(part: Part, fullest: Part) -> bool:
    if part.kind == "born":
        signs = {"day": 10, "month": 7, "year": 4}[part.precision]
        return part.value[:signs] == fullest.value[:signs]
    return fullest.value.startswith(part.value)


def _query(parts: list[Part]) -> Query:
    by_kind = {part.kind: part for part in parts}
    name, born, postcode = by_kind.get("name"), by_kind.get("born"), by_kind.get("postcode")
    nhs, upn = by_kind.get("nhs"), by_kind.get("upn")
    return Query(
        name=name.value if name else "",
        born=dt.date.fromisoformat(born.value) if born else None,
        postcode=postcode.value if postcode else "",
        identifier=nhs.value if nhs else upn.value if upn else "",
        upn=upn.value if upn and nhs else "",
        precision=born.precision if born else "day",
    )
