"""Reading YAML so that every complaint names its line and says what to write instead.

Nothing is resolved to a Python type: each value is the text that a person wrote, so `22:00` stays a time
and `no` stays a word. References (`&name`, `*name`) are refused, because a short file could unfold into an
endless one.
"""

from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass
from difflib import get_close_matches
from typing import NamedTuple

import yaml

MOST_CHARACTERS = 200_000
LONGEST_KEY = 40
_DEEPEST = 12
YES = ("true", "yes")
NO = ("false", "no")


class Problem(NamedTuple):
    """What is wrong on a line (counted from 1) of a file, and what to write instead."""

    line: int
    what: str
    instead: str

    def __str__(self) -> str:
        return f"line {self.line}: {self.what} {self.instead}"


class ProcedureError(ValueError):
    """A procedure file that cannot be used. `problems` lists all that was found, by line."""

    def __init__(self, problems: Collection[Problem]) -> None:
        self.problems = tuple(sorted(problems))
        super().__init__("\n".join(map(str, self.problems)))


class Mark(NamedTuple):
    """A text and the line that it stands on."""

    text: str
    line: int


@dataclass
class Section:
    """One mapping of the file: named values, each with its line. What is wrong is gathered in `problems`."""

    name: str
    line: int
    values: dict[str, yaml.Node]
    problems: list[Problem]

    def wrong(self, line: int, what: str, instead: str) -> None:
        """Note a problem and go on, so that one reading shows them all."""
        self.problems.append(Problem(line, what, instead))

    def line_of(self, key: str) -> int:
        """The line of a value, or of the section when the value is missing."""
        node = self.values.get(key)
        return _line(node) if node else self.line

    def text(self, key: str, *, required: bool = True, most: int = 600) -> str:
        """A text; empty when it is missing, which is a problem if it is required."""
        node = self.values.get(key)
        if node is None:
            if required:
                self.wrong(self.line, f"{self.name} has no {key}.", f"Write a line '{key}: ...'.")
            return ""
        return self._scalar(key, node, most)

    def choice(self, key: str, allowed: Collection[str], *, default: str | None = None) -> str:
        """One of a few words; the default when it is missing and there is one."""
        if key not in self.values and default is not None:
            return default
        word = self.text(key)
        if word and word not in allowed:
            self.wrong(self.line_of(key), f"'{word}' is not a {key}.", suggest(word, allowed))
        return word

    def truth(self, key: str, *, default: bool) -> bool:
        """yes or no (true and false are taken as well)."""
        word = self.choice(key, YES + NO, default="yes" if default else "no")
        return word in YES

    def number(self, key: str, most: int) -> int:
        """A whole number from 1 to `most`."""
        word = self.text(key)
        if word.isascii() and word.isdigit() and len(word) < 10 and 1 <= int(word) <= most:
            return int(word)
        if word:
            self.wrong(
                self.line_of(key), f"'{word}' is not a usable {key}.", f"Write a number from 1 to {most}."
            )
        return 1

    def texts(self, key: str, *, required: bool = True) -> tuple[Mark, ...]:
        """A list of texts; a single text is taken as a list of one."""
        node = self.values.get(key)
        if node is None:
            if required:
                self.wrong(self.line, f"{self.name} has no {key}.", f"Write '{key}: [...]'.")
            return ()
        nodes = node.value if isinstance(node, yaml.SequenceNode) else [node]
        return tuple(Mark(self._scalar(key, each, 600), _line(each)) for each in nodes)

    def section(self, key: str, allowed: Collection[str]) -> "Section":
        """A mapping inside this one; an empty one, and a problem, when it is missing."""
        node = self.values.get(key)
        if node is None:
            self.wrong(self.line, f"{self.name} has no {key}.", f"Write '{key}:' with its lines below it.")
            return Section(key, self.line, {}, self.problems)
        return self._mapping(key, node, allowed)

    def sections(self, key: str, allowed: Collection[str], *, required: bool = True) -> Iterator["Section"]:
        """A list of mappings, in order."""
        node = self.values.get(key)
        if not isinstance(node, yaml.SequenceNode) or not node.value:
            if required or node is not None:
                self.wrong(
                    self.line_of(key), f"{self.name} has no {key}.", f"Write '{key}:' and a list with '- '."
                )
            return
        for number, each in enumerate(node.value, 1):
            yield self._mapping(f"number {number} of the {key}", each, allowed)

    def _scalar(self, key: str, node: yaml.Node, most: int) -> str:
        if not isinstance(node, yaml.ScalarNode):
            self.wrong(_line(node), f"{key} should be a plain text.", f"Write '{key}: ' and the words.")
            return ""
        text = " ".join(str(node.value).split())
        if not text:
            self.wrong(_line(node), f"{key} is empty.", "Write the words, or leave the line out.")
        if len(text) > most:
            self.wrong(_line(node), f"{key} has {len(text)} characters.", f"Write at most {most}.")
        return text

    def _mapping(self, name: str, node: yaml.Node, allowed: Collection[str]) -> "Section":
        if not isinstance(node, yaml.MappingNode):
            self.wrong(_line(node), f"{name} should be lines of 'name: value'.", f"Use {listed(allowed)}.")
            return Section(name, _line(node), {}, self.problems)
        values: dict[str, yaml.Node] = {}
        for key_node, value in node.value:
            key = str(key_node.value) if isinstance(key_node, yaml.ScalarNode) else ""
            if key in values:
                self.wrong(_line(key_node), f"'{key}' stands twice in {name}.", "Keep one of the two.")
            elif key not in allowed:
                instead = suggest(key, allowed)
                if node.flow_style and " " in key:
                    instead += " Words with a comma in them stand in quotes."
                self.wrong(_line(key_node), f"'{key}' means nothing in {name}.", instead)
            else:
                values[key] = value
        if isinstance(key_node := values.get("key"), yaml.ScalarNode):
            name = f"'{key_node.value}'"
        return Section(name, _line(node), values, self.problems)


def read(text: str, name: str, allowed: Collection[str]) -> Section:
    """The outermost mapping of a file. Raises ProcedureError when the text is no YAML mapping at all."""
    if len(text) > MOST_CHARACTERS:
        raise ProcedureError(
            [Problem(1, f"The file has {len(text)} characters.", f"Write at most {MOST_CHARACTERS}.")]
        )
    try:
        _refuse_tricks(text)
        node = yaml.compose(text, Loader=yaml.SafeLoader)
    except yaml.MarkedYAMLError as error:
        line = _line_at(error.problem_mark or error.context_mark)
        what = f"This cannot be read: {error.problem or error.context}."
        raise ProcedureError([Problem(line, what, "Check the indent, the colons and the quotes.")]) from None
    except yaml.YAMLError:
        what = "The file holds a character that is no text."
        raise ProcedureError([Problem(1, what, "Save it as plain text in UTF-8.")]) from None
    problems: list[Problem] = []
    outermost = Section(name, 1, {}, problems)
    if node is None:
        raise ProcedureError([Problem(1, "The file is empty.", f"Write {listed(allowed)}.")])
    found = outermost._mapping(name, node, allowed)
    found.line = 1
    return found


def once(sections: Iterable[Section], field: str) -> Iterator[Section]:
    """The sections as they come, each told when the one name that marks it was used before."""
    seen: dict[str, int] = {}
    for each in sections:
        key = each.text(field, most=LONGEST_KEY) if field in each.values else ""
        line = each.line_of(field)
        if key in seen:
            each.wrong(
                line, f"The {field} '{key}' was used on line {seen[key]}.", f"Write a {field} of its own."
            )
        elif key:
            seen[key] = line
        yield each


def suggest(word: str, allowed: Collection[str]) -> str:
    """What to write instead of an unknown word: the nearest known one, or else all of them."""
    near = get_close_matches(word, allowed, n=1)
    return f"Write '{near[0]}'." if near else f"Use {listed(allowed)}."


def listed(words: Collection[str]) -> str:
    """Words in a row, with 'or' before the last."""
    *most, last = words
    return f"{', '.join(most)} or {last}" if most else last


def _line(node: yaml.Node) -> int:
    return _line_at(node.start_mark)


def _line_at(mark: object) -> int:
    # The parsers written in Python and in C have marks of unrelated types.
    return int(getattr(mark, "line", 0)) + 1


def _refuse_tricks(text: str) -> None:
    depth = 0
    for event in yaml.parse(text, Loader=yaml.SafeLoader):
        line = _line_at(event.start_mark)
        if isinstance(event, yaml.AliasEvent) or getattr(event, "anchor", None):
            raise ProcedureError(
                [Problem(line, "The file refers to another place ('&' or '*').", "Write the value out.")]
            )
        depth += isinstance(event, yaml.CollectionStartEvent) - isinstance(event, yaml.CollectionEndEvent)
        if depth > _DEEPEST:
            raise ProcedureError([Problem(line, "Too many levels inside one another.", "Write it flatter.")])
