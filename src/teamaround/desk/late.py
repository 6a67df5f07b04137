"""What was reported late, among what happened in a case: the report stays, and what became of it is said beside it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from dataclasses import replace

from django.utils.translation import gettext as _

from teamaround.procedures.engine import ClockState, Run
from teamaround.procedures.models import ClockReport, Episode
from teamaround.ui.components import Tag, TimelineItem
from teamaround.ui.presentation import uk_datetime

from .chronology import Chronology


def late_items(episode: Episode, run: Run) -> list[TimelineItem]:
    """Every report that something of this case was late, latest first, with what is known of it now. One query."""
    rows = ClockReport.objects.filter(episode=episode).order_by("-told_at", "-id")
    return [_item(row, _now(row, run.clocks)) for row in rows]


def with_late(chronology: Chronology, items: Iterable[TimelineItem]) -> Chronology:
    """The page of a chronology with the reports that fall into its stretch of time, latest first."""
    oldest = _moment(chronology.items[-1]) if chronology.before else None
    fitting = [
        each
        for each in items
        if (chronology.until is None or _moment(each) < chronology.until)
        and (oldest is None or _moment(each) >= oldest)
    ]
    if not fitting:
        return chronology
    return replace(chronology, items=tuple(sorted([*chronology.items, *fitting], key=_moment, reverse=True)))


def _moment(item: TimelineItem) -> dt.datetime:
    assert isinstance(item.when, dt.datetime), "a chronology tells moments, not days"
    return item.when


def _now(row: ClockReport, clocks: Iterable[ClockState]) -> ClockState | None:
    """The same round of the same clock as it is reckoned now; None where nothing asks for it any more."""
    return next((each for each in clocks if each.key == row.key and each.round == row.round), None)


def _item(row: ClockReport, now: ClockState | None) -> TimelineItem:
    due = _("It was due %(due)s.") % {"due": uk_datetime(row.due_at)}
    return TimelineItem(
        title=(
            _("Reported late: %(title)s") if row.step == 0 else _("Still late, and told further: %(title)s")
        )
        % {"title": row.title},
        when=row.told_at,
        by=_("The procedure"),
        text=f"{due} {_since(now)}".strip(),
        url="",
        note="",
        tag=_tag(now),
    )


def _since(now: ClockState | None) -> str:
    if now is None:
        return _("Later corrected: it was not owed.")
    if now.state == "met" and now.stopped_at is not None:
        return _("Later corrected to have been done in time, on %(when)s.") % {
            "when": uk_datetime(now.stopped_at)
        }
    if now.state == "met_late" and now.stopped_at is not None:
        return _("Done on %(when)s.") % {"when": uk_datetime(now.stopped_at)}
    if now.state == "running":
        return _("Later corrected: it is due %(due)s.") % {"due": uk_datetime(now.due_at)}
    return ""


def _tag(now: ClockState | None) -> Tag:
    if now is None or now.state in ("met", "running"):
        return Tag(_("Later corrected"), "grey")
    return Tag(_("Done late"), "orange") if now.state == "met_late" else Tag(_("Late"), "red")
