"""A procedure as a diagram: where each box, line and word stands. The template only draws.

The words beside the diagram say the same, so that nobody needs the picture; on a phone they stand alone.
"""

from __future__ import annotations

import textwrap
from dataclasses import dataclass
from itertools import pairwise

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from .words import ProcedureWords, StageWords

WIDE, GAP, BETWEEN = 250, 40, 56
PAD = 14
LINE = 19
MOST_CLOCKS = 4
TITLE_CHARACTERS, CLOCK_CHARACTERS = 25, 33


@dataclass(frozen=True, slots=True)
class Line:
    """A line of text: where its base line begins, and whether it is the title's."""

    x: int
    y: int
    text: str
    title: bool = False


@dataclass(frozen=True, slots=True)
class Box:
    """A stage, or the gates before closing."""

    x: int
    y: int
    wide: int
    high: int
    round: int
    dashed: bool
    lines: tuple[Line, ...]


@dataclass(frozen=True, slots=True)
class Arrow:
    """The way from one box to the next: a path, and the points of its head."""

    path: str
    head: str


@dataclass(frozen=True, slots=True)
class Picture:
    """The diagram, in units of about a pixel."""

    wide: int
    high: int
    boxes: tuple[Box, ...]
    arrows: tuple[Arrow, ...]
    description: str


def draw(words: ProcedureWords, *, columns: int = 4) -> Picture:
    """Lay the stages out in rows, from left to right and down; the last box holds what closing asks."""
    texts = [_stage_lines(stage) for stage in words.stages]
    dashed = [stage.immediate for stage in words.stages]
    texts.append(_closing_lines(words))
    dashed.append(False)
    rows = [texts[begin : begin + columns] for begin in range(0, len(texts), columns)]
    highs = [max(len(lines) for lines in row) * LINE + 2 * PAD for row in rows]
    tops = [2 + sum(highs[:row]) + row * BETWEEN for row in range(len(rows))]
    boxes = tuple(
        _box(
            2 + place % columns * (WIDE + GAP),
            tops[place // columns],
            highs[place // columns],
            lines,
            dashed=dashed[place],
            last=place == len(texts) - 1,
        )
        for place, lines in enumerate(texts)
    )
    arrows = tuple(_arrow(one, two) for one, two in pairwise(boxes))
    names = ", ".join(stage.title for stage in words.stages)
    return Picture(
        wide=columns * WIDE + (columns - 1) * GAP + 4,
        high=tops[-1] + highs[-1] + 2,
        boxes=boxes,
        arrows=arrows,
        description=_("Stages in order: %(names)s; then closing. The list says the same.") % {"names": names},
    )


def _stage_lines(stage: StageWords) -> list[tuple[str, bool]]:
    title = textwrap.wrap(f"{stage.number} {stage.title}", TITLE_CHARACTERS)
    lines = [(part, True) for part in title]
    if stage.immediate:
        lines.append((_("only where immediate"), False))
    shown = stage.clocks[:MOST_CLOCKS]
    for clock in shown:
        told = textwrap.wrap(
            f"{clock.limit[:1].upper()}{clock.limit[1:]}: {clock.title}",
            CLOCK_CHARACTERS,
        )
        lines += [(part, False) for part in told]
    more = len(stage.clocks) - len(shown)
    if more:
        others = ngettext("and %(more)s more clock", "and %(more)s more clocks", more)
        lines.append((others % {"more": more}, False))
    if not stage.clocks:
        lines.append((_("No clock"), False))
    return lines


def _closing_lines(words: ProcedureWords) -> list[tuple[str, bool]]:
    lines = [(_("Closing"), True)]
    if not words.gates:
        return [*lines, (_("Nothing is asked before"), False)]
    asked = ngettext(
        "%(number)s thing is recorded first", "%(number)s things are recorded first", len(words.gates)
    )
    return [*lines, (asked % {"number": len(words.gates)}, False)]


def _box(x: int, y: int, high: int, texts: list[tuple[str, bool]], *, dashed: bool, last: bool) -> Box:
    lines = tuple(
        Line(x + PAD, y + PAD + LINE * number - 4, text, title)
        for number, (text, title) in enumerate(texts, 1)
    )
    return Box(x, y, WIDE, high, 24 if last else 4, dashed, lines)


def _arrow(one: Box, two: Box) -> Arrow:
    if one.y == two.y:
        middle = one.y + one.high // 2
        end = two.x - 2
        return Arrow(
            f"M{one.x + one.wide} {middle}H{end - 8}",
            f"{end},{middle} {end - 10},{middle - 6} {end - 10},{middle + 6}",
        )
    start, end = one.x + one.wide // 2, two.x + two.wide // 2
    foot, between = one.y + one.high, one.y + one.high + BETWEEN // 2
    top = two.y - 2
    return Arrow(
        f"M{start} {foot}V{between}H{end}V{top - 8}",
        f"{end},{top} {end - 6},{top - 10} {end + 6},{top - 10}",
    )
