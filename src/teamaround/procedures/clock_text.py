"""Changing one clock in the text of a procedure: the lines concerned, and nothing else of what was written.

Comments, order, blank lines and the way of writing elsewhere stay as they are, so that the text remains its
author's own. A library that writes YAML anew would not be needed for more than this.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence

import yaml

from .marks import Problem, ProcedureError, read

CHANGEABLE = ("limit", "start", "stop", "who", "reason")
"""What the form changes; a value is a text, or a list of texts for `stop`."""

_SPOKEN = {
    "daily": "1 calendar day",
    "every day": "1 calendar day",
    "each working day": "1 working day",
    "every working day": "1 working day",
    "weekly": "1 week",
    "every week": "1 week",
    "fortnightly": "2 weeks",
    "every fortnight": "2 weeks",
    "monthly": "1 month",
    "every month": "1 month",
    "quarterly": "3 months",
    "yearly": "1 year",
    "every year": "1 year",
}


def spoken_limit(words: str) -> str:
    """A limit as people say it, as the file writes it: "weekly" is "1 week", "every 10 working days" is
    "10 working days". What is not known is given back as it came."""
    plain = " ".join(words.split())
    known = _SPOKEN.get(plain.lower())
    if known:
        return known
    for beginning in ("every ", "each ", "within "):
        if plain.lower().startswith(beginning):
            return plain[len(beginning) :]
    return plain


def change_clock(text: str, key: str, changes: Mapping[str, str | Sequence[str]]) -> str:
    """The text with these values of the clock `key` written in place.

    A value that stays the same is not touched; one that the clock does not have yet gets a line of its own
    below its key. Raises KeyError where the text has no such clock or `changes` names something else than
    CHANGEABLE, ProcedureError where the text cannot be read or a value is written over several lines that
    only their author should change.
    """
    if set(changes) - set(CHANGEABLE):
        raise KeyError(", ".join(sorted(set(changes) - set(CHANGEABLE))))
    clock = _clock(text, key)
    written: dict[str, yaml.Node] = {name.value: node for name, node in clock.value}
    edits: list[tuple[int, int, str]] = []
    new_lines = ""
    for name, value in changes.items():
        node = written.get(name)
        if node is None:
            new_lines += f"\n{' ' * _column(clock)}{name}: {_written(value)}"
        elif _said(node) != ([value] if isinstance(value, str) else list(value)):
            edits.append((*_span(node, name), _written(value)))
    if new_lines:
        if clock.flow_style:
            line = int(clock.start_mark.line) + 1
            what = f"'{key}' is written in brackets on one line."
            raise ProcedureError([Problem(line, what, "Change it in the text itself.")])
        end = _end_of_line(text, _at(written["key"].end_mark))
        edits.append((end, end, new_lines))
    for start, end, new in sorted(edits, reverse=True):
        text = text[:start] + new + text[end:]
    return text


def line_of_clock(text: str, key: str) -> int:
    """The line on which a clock begins, from 1. Raises KeyError where there is none."""
    return int(_clock(text, key).start_mark.line) + 1


def _clock(text: str, key: str) -> yaml.MappingNode:
    read(text, "the procedure", ("clocks",))  # refuses what is no mapping, and references
    # The parser written in Python alone: its marks are counted in characters.
    top = yaml.compose(text, Loader=yaml.SafeLoader)
    for name, node in top.value if isinstance(top, yaml.MappingNode) else []:
        if name.value in ("clocks", "follow_up") and isinstance(node, yaml.SequenceNode):
            for each in node.value:
                if isinstance(each, yaml.MappingNode) and any(
                    field.value == "key" and value.value == key for field, value in each.value
                ):
                    return each
    raise KeyError(key)


def _said(node: yaml.Node) -> list[str]:
    nodes = node.value if isinstance(node, yaml.SequenceNode) else [node]
    return [" ".join(str(each.value).split()) for each in nodes]


def _span(node: yaml.Node, name: str) -> tuple[int, int]:
    last = node
    while isinstance(last, yaml.SequenceNode) and not last.flow_style and last.value:
        # A list in lines is said to end where the next thing begins: its own end is that of its last line.
        last = last.value[-1]
    if isinstance(last, yaml.ScalarNode) and last.style in ("|", ">"):
        line = int(node.start_mark.line) + 1
        raise ProcedureError(
            [Problem(line, f"The {name} is written over several lines.", "Change it in the text itself.")]
        )
    return _at(node.start_mark), _at(last.end_mark)


def _at(mark: yaml.Mark) -> int:
    return int(mark.index)


def _column(node: yaml.Node) -> int:
    return int(node.start_mark.column)


def _end_of_line(text: str, at: int) -> int:
    end = text.find("\n", at)
    return len(text) if end < 0 else end


def _written(value: str | Sequence[str]) -> str:
    if isinstance(value, str):
        return _plain(" ".join(value.split()))
    return f"[{', '.join(each if _fits_a_list(each) else json.dumps(each) for each in value)}]"


def _plain(value: str) -> str:
    """As it stands where YAML reads it back as the same text; else in quotes."""
    try:
        node = yaml.compose(f"k: {value}\n", Loader=yaml.SafeLoader)
        same = isinstance(node, yaml.MappingNode) and [(n.value, v.value) for n, v in node.value] == [
            ("k", value)
        ]
    except yaml.YAMLError:
        same = False
    return value if same else json.dumps(value, ensure_ascii=False)


def _fits_a_list(value: str) -> bool:
    """Whether a word can stand in a list without quotes."""
    return not any(sign in value for sign in '[]{}#&*!|>%@`"')
