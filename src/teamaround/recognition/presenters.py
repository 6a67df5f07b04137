"""What the desk's templates read."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from django.urls import reverse
from django.utils.translation import gettext as _

from teamaround.linkage.explain import explain, waterfall
from teamaround.people.models import Merge
from teamaround.people.presenters import life_line
from teamaround.ui.components import Tag
from teamaround.ui.presentation import uk_date

from .agreement import Agreement, Counted, agreement_of, by_band, limits
from .loaders import Listed
from .models import Answer, AskedAgain, Opinion, Pair, PairState
from .scores import score_of

STATE_TAGS = {
    PairState.WAITING: Tag("To decide", "blue"),
    PairState.SECOND: Tag("Second opinion", "purple"),
    PairState.SAME: Tag("Same child", "green"),
    PairState.DIFFERENT: Tag("Different children", "grey"),
    PairState.JOINED: Tag("Joined automatically", "teal"),
}
#: How wide the picture of the waterfall is, in its own units.
WIDTH = 240


@dataclass(frozen=True, slots=True)
class Line:
    """One pair of a list."""

    name: str
    url: str
    state: Tag
    cells: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Step:
    """One step of the waterfall: what it is about, in words, its bits, and its bar."""

    label: str
    words: str
    bits: str
    x: float
    width: float
    against: bool
    total: bool = False


@dataclass(frozen=True, slots=True)
class Weighed:
    """The score in words and as a waterfall. `zero` is where the bars' zero lies."""

    words: str
    chance: str
    steps: tuple[Step, ...]
    zero: float


@dataclass(frozen=True, slots=True)
class Voice:
    """What somebody said of a pair, and when."""

    tag: Tag | None
    who: str
    reason: str


@dataclass(frozen=True, slots=True)
class Band:
    """One row of the agreement table."""

    label: str
    cells: tuple[str, ...]


def lines_of(listed: Listed, *, order: str) -> list[Line]:
    """The pairs of a page, each with what tells them apart at a glance."""
    found = []
    for pair in listed.pairs:
        first, second = (listed.people[number] for number in (pair.subject_id, pair.other_id))
        agencies = dict.fromkeys(row.author_team.agency.name for row in (first, second))
        found.append(
            Line(
                name=_("%(one)s and %(other)s") % {"one": first.name, "other": second.name},
                url=f"{reverse('recognition:pair', args=[pair.uuid])}?order={order}",
                state=STATE_TAGS[PairState(pair.state)],
                cells=(
                    f"{life_line(first)}; {_lower(life_line(second))}"
                    if life_line(first) != life_line(second)
                    else life_line(first),
                    ", ".join(agencies),
                    chance_words(pair.probability),
                    uk_date(pair.found_at),
                ),
            )
        )
    return found


def headings() -> tuple[str, ...]:
    """What the columns of a list are called."""
    return _("Born"), _("Recorded by"), _("One child?"), _("Found")


def chance_words(probability: float) -> str:
    """'74 in 100', as the model has it."""
    if probability >= 0.995:
        return _("More than 99 in 100")
    if probability < 0.01:
        return _("Less than 1 in 100")
    return _("%(n)d in 100") % {"n": round(probability * 100)}


def weighed(pair: Pair) -> Weighed:
    """The score as it was when the pair was found: its steps sum to its weight."""
    score = score_of(pair)
    terms = waterfall(score)
    at, ends = 0.0, [0.0]
    for _label, _words, bits in terms:
        at += bits
        ends.append(at)
    low, high = min(0.0, *ends), max(0.0, *ends)
    scale = WIDTH / max(high - low, 1.0)
    steps, at = [], 0.0
    for label, words, bits in terms:
        left = min(at, at + bits)
        steps.append(_step(label, words, bits, (left - low) * scale, abs(bits) * scale))
        at += bits
    total = Step(
        _("Together"), "", _bits(score.weight), (min(0.0, at) - low) * scale, abs(at) * scale, at < 0, True
    )
    words = explain(score)
    return Weighed(
        f"{words[:1].upper()}{words[1:]}.", chance_words(pair.probability), (*steps, total), -low * scale
    )


def _step(label: str, words: str, bits: float, x: float, width: float) -> Step:
    return Step(label, words, _bits(bits), round(x, 2), round(max(width, 0.5), 2), bits < 0)


def _bits(value: float) -> str:
    return f"{'−' if value < 0 else '+'}{abs(value):.1f}"


ANSWER_TAGS = {
    Answer.SAME: Tag("Same child", "green"),
    Answer.DIFFERENT: Tag("Different children", "grey"),
    Answer.UNSURE: Tag("Cannot tell", "yellow"),
}


def voices(opinions: Iterable[Opinion], again: Iterable[AskedAgain]) -> list[Voice]:
    """What was said of the pair, and why it was put again, in the order in which it was said."""
    said = [(row.asked, row.recorded_at, ANSWER_TAGS[Answer(row.answer)], row) for row in opinions]
    told: list[tuple[int, object, Tag | None, Opinion | AskedAgain]] = [*said]
    told += [(row.asked, row.recorded_at, None, row) for row in again]
    return [
        Voice(
            tag,
            _("%(name)s, %(team)s, on %(day)s")
            % {
                "name": getattr(getattr(row.recorded_by, "practitioner", None), "name", _("Somebody")),
                "team": row.team.name,
                "day": uk_date(row.recorded_at),
            },
            row.reason,
        )
        for _asked, _at, tag, row in sorted(told, key=lambda each: (str(each[1]), each[2] is not None))
    ]


def standing(pair: Pair, merge: Merge | None, *, answered: bool) -> str:
    """How the pair stands, in a sentence."""
    day = uk_date(pair.settled_at)
    if pair.state == PairState.JOINED:
        return _("The nightly search joined these records on %(day)s.") % {"day": day}
    if pair.state == PairState.SAME:
        return _("People decided on %(day)s that this is one child.") % {"day": day}
    if pair.state == PairState.DIFFERENT and merge is not None and merge.undone_at is not None:
        return _("The records were joined, and parted again on %(day)s: %(reason)s") % {
            "day": uk_date(merge.undone_at),
            "reason": merge.undo_reason,
        }
    if pair.state == PairState.DIFFERENT:
        return _("People decided on %(day)s that these are different children.") % {"day": day}
    if answered:
        return _("You have answered. Another manager who may open both records answers next.")
    if pair.state == PairState.SECOND:
        return _("Somebody has looked at this pair already. What they said is shown once you have answered.")
    if pair.hard:
        return _("The evidence is near the middle, so two people answer, each without seeing the other.")
    return ""


def figures(counted: Sequence[Counted]) -> tuple[Agreement, list[Band]]:
    """The agreement over everything, and by band of weight."""
    bands = [Band(_band(band), cells_of(found)) for band, found in by_band(counted)]
    return agreement_of(counted), bands


def cells_of(found: Agreement) -> tuple[str, ...]:
    """The figures of a row."""
    return (
        str(found.pairs),
        str(found.same),
        str(found.different),
        str(found.joined),
        str(found.open),
        str(found.twice),
        percent(found.share),
        f"{found.kappa:.2f}" if found.kappa is not None else "–",
    )


def figure_headings() -> tuple[str, ...]:
    """What the columns of the figures are called."""
    return (
        _("Pairs"),
        _("Same"),
        _("Different"),
        _("Automatic"),
        _("Open"),
        _("Seen by two"),
        _("Agreeing"),
        _("Kappa"),
    )


def percent(share: float | None) -> str:
    """'83%', or a dash where there is nothing to say."""
    return f"{share:.0%}" if share is not None else "–"


def _band(band: int) -> str:
    low, high = limits(band)
    if low is None:
        return _("Under %(high)s bits") % {"high": _signed(high or 0)}
    if high is None:
        return _("%(low)s bits and more") % {"low": _signed(low)}
    return _("%(low)s to %(high)s bits") % {"low": _signed(low), "high": _signed(high)}


def _signed(value: int) -> str:
    return f"−{-value}" if value < 0 else str(value)


def _lower(words: str) -> str:
    return words[:1].lower() + words[1:]
