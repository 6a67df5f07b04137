"""What the pages of counts show, in words and lengths of bars. All of it is reckoned from what is shown anyway."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from teamaround.disclosure import FEW
from teamaround.ui.presentation import uk_date

from .loaders import PlaceRow, Total, Whole
from .models import Choice, Figure, Place, PlaceKind, Rate, Way

WAYS = {
    Way.REGISTERED: gettext_lazy(
        "Children with whom a young carers’ service works today, waiting ones left out."
    ),
    Way.CENSUS: gettext_lazy(
        "Pupils whose school’s record says young carer, told by the school or by a parent."
    ),
    Way.CARING: gettext_lazy("Children for whom any agency recorded a caring role that goes on today."),
}
KINDS = {
    PlaceKind.AREA: gettext_lazy("By area"),
    PlaceKind.SCHOOL: gettext_lazy("By school"),
    PlaceKind.SURGERY: gettext_lazy("By surgery"),
}
THEY = {
    PlaceKind.AREA: gettext_lazy("Area"),
    PlaceKind.SCHOOL: gettext_lazy("School"),
    PlaceKind.SURGERY: gettext_lazy("Surgery"),
}
MINIMUM_BAR = 0.6


def number(value: int) -> str:
    """A number as one reads it: 1,234."""
    return f"{value:,}"


def span(low: int, high: int, *, unit: str = "") -> str:
    """From low to high, as one number where they are the same."""
    if low == high:
        return f"{number(low)}{unit}"
    return _("%(low)s to %(high)s") % {"low": f"{number(low)}{unit}", "high": f"{number(high)}{unit}"}


def known_words(row: PlaceRow) -> str:
    """How many are known, as it may be shown."""
    if not row.counted:
        return _("Not counted yet")
    if row.known is None:
        return _("Fewer than %(few)d") % {"few": FEW}
    return number(row.known) if row.known else _("None")


def bounds(row: PlaceRow) -> tuple[int, int]:
    """The least and the most that what is shown may stand for, for shares and gaps."""
    return (0, FEW - 1) if row.known is None else (row.known, row.known)


def share_bounds(row: PlaceRow) -> tuple[int, int] | None:
    """Of a hundred expected, how many are known: at the high and at the low expectation. None without either."""
    if not row.counted or row.high == 0:
        return None
    least, most = bounds(row)
    return min(100, round(100 * least / row.high)), min(100, round(100 * most / max(row.low, 1)))


def share_words(row: PlaceRow) -> str:
    """The share found, in words."""
    shares = share_bounds(row)
    if shares is None:
        return "–"
    if row.known is None:
        return _("Up to %(most)d%%") % {"most": shares[1]}
    if shares[0] == 100:
        return _("All")
    return span(*shares, unit="%")


def gap_bounds(row: PlaceRow) -> tuple[int, int] | None:
    """How many may not be found yet, least and most."""
    if not row.counted:
        return None
    least, most = bounds(row)
    return max(0, row.low - most), max(0, row.high - least)


def gap_words(row: PlaceRow) -> str:
    """The gap, in words."""
    gap = gap_bounds(row)
    if gap is None:
        return "–"
    return span(*gap) if gap[1] else _("None")


@dataclass(frozen=True, slots=True)
class Bar:
    """A place as a line of the chart. Lengths are percentages of its width, with their unit."""

    name: str
    words: str
    none: bool
    few: bool
    known: str
    expected_from: str
    expected_long: str


@dataclass(frozen=True, slots=True)
class Line:
    """A place as a line of the table."""

    name: str
    known: str
    expected: str
    share: str
    gap: str
    children: str
    none: bool


def lines(rows: Iterable[PlaceRow]) -> list[Line]:
    """The table."""
    return [
        Line(
            row.name,
            known_words(row),
            span(row.low, row.high),
            share_words(row),
            gap_words(row),
            number(row.children),
            row.counted and row.known == 0,
        )
        for row in rows
    ]


def stated(rows: Iterable[PlaceRow]) -> list[str]:
    """By whose statement there are so many children, each once."""
    said = dict.fromkeys((row.source, row.as_of) for row in rows)
    return [
        _("Children: %(source)s, as of %(day)s.") % {"source": source, "day": uk_date(day)}
        for source, day in said
    ]


@dataclass(frozen=True, slots=True)
class Chart:
    """The bars and the marks of their scale."""

    bars: list[Bar]
    marks: list[tuple[str, str, str]]


def chart(rows: Sequence[PlaceRow]) -> Chart:
    """Known beside expected, all on one scale."""
    most = nice(max((max(row.high, row.known or 0) for row in rows), default=1))
    return Chart(
        bars=[_bar(row, most) for row in rows],
        marks=[
            ("0%", "start", "0"),
            ("50%", "middle", number(most // 2) if most % 2 == 0 else ""),
            ("100%", "end", number(most)),
        ],
    )


def nice(value: int) -> int:
    """The next round number: 1, 2, 4, 5 or 10 with noughts."""
    size = 1
    while True:
        for step in (1, 2, 4, 5):
            if step * size >= value:
                return max(2, step * size)
        size *= 10


def _bar(row: PlaceRow, most: int) -> Bar:
    known = (FEW - 1 if row.known is None else row.known) if row.counted else 0
    return Bar(
        name=row.name,
        words=_("%(known)s known, %(expected)s expected")
        % {"known": known_words(row), "expected": span(row.low, row.high)}
        if row.counted
        else known_words(row),
        none=row.counted and row.known == 0,
        few=row.counted and row.known is None,
        known=_percent(known, most),
        expected_from=_percent(row.low, most),
        expected_long=f"{max(MINIMUM_BAR, 100 * (row.high - row.low) / most):.2f}%",
    )


def _percent(value: int, most: int) -> str:
    return f"{100 * value / most:.2f}%"


@dataclass(frozen=True, slots=True)
class Headline:
    """One of the figures at the head of the page."""

    figure: str
    what: str
    note: str


def headlines(total: Total | None, areas: Whole, schools: Whole, surgeries: Whole) -> list[Headline]:
    """What a board reads first."""
    if total is None:
        known, share = _("Not counted yet"), "–"
    elif total.known is not None:
        known = _("About %(known)s") % {"known": number(total.known)}
        share = _share(total.known, areas)
    elif total.fewer_than is not None:
        known = _("Fewer than %(few)d") % {"few": total.fewer_than}
        share = _("Under %(most)d%%") % {"most": min(100, round(100 * total.fewer_than / max(areas.low, 1)))}
    else:
        known, share = _("Not shown"), "–"
    found = [
        Headline(known, _("children known"), _("in the whole area, counted this way")),
        Headline(span(areas.low, areas.high), _("expected"), _("in the areas that are planned for")),
        Headline(share, _("of those expected are found"), _("by the high and by the low rate")),
    ]
    if schools.places:
        found.append(_none(schools, _("schools know of none")))
    if surgeries.places:
        found.append(_none(surgeries, _("surgeries have registered none")))
    return found


def _share(known: int, areas: Whole) -> str:
    if areas.high == 0:
        return "–"
    shares = (min(100, round(100 * known / each)) for each in (areas.high, max(areas.low, 1)))
    return span(*shares, unit="%")


def _none(all_of: Whole, what: str) -> Headline:
    return Headline(
        _("%(none)d of %(all)d") % {"none": all_of.none, "all": all_of.places}, what, _("where to look first")
    )


def rate_words(rate: Rate) -> str:
    """A rate in words: 1.4% of children aged 5 to 17."""
    percent = f"{rate.percent.normalize():f}"
    return _("%(percent)s%% of children aged %(from)d to %(to)d") % {
        "percent": percent,
        "from": rate.from_age,
        "to": rate.to_age,
    }


@dataclass(frozen=True, slots=True)
class RateLine:
    """A rate with its source and meaning."""

    name: str
    words: str
    source: str
    meaning: str
    used: str


def rate_lines(rates: Iterable[Rate], choice: Choice | None) -> list[RateLine]:
    """All rates, and for what each is used."""
    used = {choice.low_id: _("Low"), choice.high_id: _("High")} if choice else {}
    if choice and choice.low_id == choice.high_id:
        used = {choice.low_id: _("Low and high")}
    return [
        RateLine(rate.name, rate_words(rate), rate.source, rate.meaning, used.get(rate.pk, ""))
        for rate in rates
    ]


def choice_sentences(choice: Choice | None) -> list[str]:
    """How the expectation is reckoned, for the foot of the chart."""
    if choice is None:
        return [_("No rates are chosen yet, so nothing is expected.")]
    return [
        _("Low: %(words)s (%(source)s).") % {"words": rate_words(choice.low), "source": choice.low.source},
        _("High: %(words)s (%(source)s). Children of other ages count at the low rate.")
        % {"words": rate_words(choice.high), "source": choice.high.source},
    ]


@dataclass(frozen=True, slots=True)
class PlannedLine:
    """A place of the planning page with its number in force."""

    uuid: str
    name: str
    children: str
    ages: str
    as_of: dt.date | None
    source: str
    more: str
    earlier: str


def planned_lines(places: Iterable[Place]) -> list[PlannedLine]:
    """The planning page's table."""
    return [_planned(place, place.stated) for place in places]  # type: ignore[attr-defined]


def _planned(place: Place, figures: Sequence[Figure]) -> PlannedLine:
    latest = figures[0] if figures else None
    earlier = len(figures) - 1
    return PlannedLine(
        uuid=str(place.uuid),
        name=place.name,
        children=number(latest.children) if latest else "–",
        ages=_("%(from)d\N{NO-BREAK SPACE}to\N{NO-BREAK SPACE}%(to)d")
        % {"from": latest.from_age, "to": latest.to_age}
        if latest
        else "–",
        as_of=latest.as_of if latest else None,
        source=latest.source if latest else "",
        more=", ".join(place.postcodes)
        if place.kind == PlaceKind.AREA
        else (place.agency.name if place.agency else ""),
        earlier=ngettext("%(n)d earlier number", "%(n)d earlier numbers", earlier) % {"n": earlier}
        if earlier > 0
        else "",
    )
