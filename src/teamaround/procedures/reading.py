"""One mapping of a procedure file, read by the table of its lines."""

from collections.abc import Collection, Iterator
from typing import Literal

from teamaround.procedures.kinds import EVENT_KINDS, LONGEST_KIND, OWN_PREFIX
from teamaround.procedures.lines import TABLES, Line, Table
from teamaround.procedures.marks import Mark, Section, once, read, suggest
from teamaround.workingtime import Limit

LONGEST_DAYS = 25 * 365
"""Days of the longest limit: beyond, a due date would leave the years whose bank holidays are known."""

_DAYS = {
    "minute": 1 / 1440,
    "hour": 1 / 24,
    "same day": 1.0,
    "working day": 1.0,
    "calendar day": 1.0,
    "week": 7.0,
    "month": 30.0,
}


def days_of(limit: Limit) -> float:
    """Roughly how many days a limit takes."""
    return limit.amount * _DAYS[limit.unit]


class Part:
    """A mapping and its table. `known` are the kinds of event that the file may name."""

    def __init__(self, section: Section, table: Table, known: Collection[str] = EVENT_KINDS) -> None:
        self.section = section
        self.table = table
        self.known = known

    @classmethod
    def outermost(cls, text: str) -> "Part":
        """The whole file. Raises ProcedureError when it is no mapping at all."""
        table = TABLES["procedure"]
        return cls(read(text, "the procedure", table), table)

    @property
    def name(self) -> str:
        """How a problem names it."""
        return self.section.name

    def __contains__(self, key: str) -> bool:
        return key in self.section.values

    def line_of(self, key: str) -> int:
        """The line of a value, or of the mapping where it is missing."""
        return self.section.line_of(key)

    def wrong(self, key: str, what: str, instead: str) -> None:
        """Note a problem at the line of a value."""
        self.section.wrong(self.line_of(key), what, instead)

    def text(self, key: str) -> str:
        """A text; empty where it is missing."""
        line = self.table[key]
        return self.section.text(key, required=line.required, most=line.most)

    def key(self, key: str) -> str:
        """A short name in small letters."""
        word = self.text(key)
        plain = word.replace("-", "").replace("_", "")
        if self.table is TABLES["events"]:
            plain = plain.replace(".", "", 1)
        if word and not (plain.isascii() and plain.isalnum() and plain == plain.lower()):
            self.wrong(
                key,
                f"'{word}' is not a usable {key}.",
                "Use small letters, numbers, '-' and '_', such as 'first-contact'.",
            )
        return word

    def choice(self, key: str, default: str | None = None) -> str:
        """One of the words of the line; the default where it is missing."""
        return self.section.choice(key, self.table[key].choices, default=default)

    def choices(self, key: str) -> tuple[str, ...]:
        """Some of the words of the line."""
        allowed = self.table[key].choices
        found = self._marks(key)
        for mark in found:
            if mark.text and mark.text not in allowed:
                self.section.wrong(mark.line, f"'{mark.text}' is not a {key}.", suggest(mark.text, allowed))
        return tuple(mark.text for mark in found)

    def truth(self, key: str) -> bool:
        """yes or no; no where it is missing."""
        return self.section.truth(key, default=False)

    def number(self, key: str, default: int | None = None) -> int:
        """A whole number from 1; the default where it is missing and there is one."""
        if default is not None and key not in self:
            return default
        return self.section.number(key, self.table[key].most)

    def event(self, key: str) -> str:
        """A kind of event."""
        return self._event(Mark(self.text(key), self.line_of(key)))

    def events(self, key: str) -> tuple[str, ...]:
        """Some kinds of event."""
        return tuple(self._event(mark) for mark in self._marks(key))

    def keys(self, key: str, allowed: Collection[str], of: str) -> tuple[str, ...]:
        """Keys of other entries of the file; `of` says of what."""
        found = self._marks(key)
        for mark in found:
            if mark.text and mark.text not in allowed:
                instead = suggest(mark.text, allowed) if allowed else "Leave the line out."
                self.section.wrong(mark.line, f"'{mark.text}' is not the key of {of}.", instead)
        return tuple(mark.text for mark in found)

    def limit(self, key: str, *, of: str = "elapsed", if_closed: str = "next open day") -> Limit:
        """A length of time; the same day, and a problem, where it is none."""
        return self._limit(Mark(self.text(key), self.line_of(key)), of, if_closed)

    def limits(self, key: str, *, of: str = "elapsed", if_closed: str = "next open day") -> tuple[Limit, ...]:
        """Some lengths of time."""
        return tuple(self._limit(mark, of, if_closed) for mark in self._marks(key))

    def one(self, key: str) -> "Part":
        """The mapping below a line; an empty one, and a problem, where it is missing."""
        table = TABLES[self.table[key].table]
        return Part(self.section.section(key, table), table, self.known)

    def many(self, key: str, by: str = "key") -> Iterator["Part"]:
        """The mappings listed below a line, each told where its `by` stood before."""
        line = self.table[key]
        table = TABLES[line.table]
        found = list(self.section.sections(key, table, required=line.required))
        if len(found) > line.most:
            self.wrong(key, f"There are {len(found)} {key}.", f"Write at most {line.most}.")
        for each in once(found, by) if by else found:
            yield Part(each, table, self.known)

    def _marks(self, key: str) -> tuple[Mark, ...]:
        line: Line = self.table[key]
        found = self.section.texts(key, required=False)
        if len(found) > line.most:
            self.wrong(key, f"{key} has {len(found)} entries.", f"Write at most {line.most}.")
        return found

    def _event(self, mark: Mark) -> str:
        if mark.text and mark.text not in self.known:
            instead = suggest(mark.text, self.known)
            if mark.text.startswith(OWN_PREFIX):
                instead += f" Or name '{mark.text[:LONGEST_KIND]}' under 'events:'."
            self.section.wrong(mark.line, f"'{mark.text}' is not a kind of event.", instead)
        return mark.text

    def _limit(self, mark: Mark, of: str, if_closed: str) -> Limit:
        how: Literal["elapsed", "opening"] = "opening" if of == "opening" else "elapsed"
        shut: Literal["next open day", "last open day"] = (
            "last open day" if if_closed == "last open day" else "next open day"
        )
        try:
            limit = Limit.parse(mark.text or "same day", of=how, if_closed=shut)
            if days_of(limit) > LONGEST_DAYS:
                raise ValueError(f'A limit of {limit} is longer than a childhood. Write such as "6 months".')
            return limit
        except ValueError as refused:
            what, _, instead = str(refused).partition(" Write ")
            self.section.wrong(mark.line, what, f"Write {instead}")
            return Limit(1, "same day")
