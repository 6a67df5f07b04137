"""What the pages of feeds read."""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass

from django.urls import reverse
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from teamaround.importing.models import RunState
from teamaround.ui.components import SummaryRow, Tag, TagColour
from teamaround.ui.presentation import uk_date, uk_datetime

from .loaders import Figures
from .models import CallState, Feed, FeedCall, FeedKey, Scope, Way

#: Silences that can be chosen, in hours.
SILENCES: dict[int, str | Promise] = {
    0: gettext_lazy("It may be silent for as long as it likes"),
    2: gettext_lazy("Every hour: late after 2 hours"),
    26: gettext_lazy("Every day: late after 26 hours"),
    74: gettext_lazy("Every working day: late after 3 days"),
    194: gettext_lazy("Every week: late after 8 days"),
}
SHORT: dict[int, str | Promise] = {
    0: gettext_lazy("Not expected"),
    2: gettext_lazy("Every hour"),
    26: gettext_lazy("Every day"),
    74: gettext_lazy("Every working day"),
    194: gettext_lazy("Every week"),
}
#: What is told of a caseload that came: by where its run stands.
STATES: dict[str, tuple[str | Promise, TagColour]] = {
    RunState.UPLOADED: (gettext_lazy("Waits for you: columns"), "yellow"),
    RunState.MAPPED: (gettext_lazy("Being checked"), "blue"),
    RunState.CHECKED: (gettext_lazy("Waits for you"), "yellow"),
    RunState.QUEUED: (gettext_lazy("Being brought in"), "blue"),
    RunState.RUNNING: (gettext_lazy("Being brought in"), "blue"),
    RunState.DONE: (gettext_lazy("Brought in"), "green"),
    RunState.FAILED: (gettext_lazy("Failed, nothing changed"), "red"),
    RunState.WITHDRAWING: (gettext_lazy("Being withdrawn"), "blue"),
    RunState.WITHDRAWN: (gettext_lazy("Withdrawn"), "grey"),
}


@dataclass(frozen=True, slots=True)
class FeedLine:
    """One feed of a list."""

    name: str
    url: str
    team: str
    agency: str
    way: str
    state: Tag
    last: str
    expected: str
    rows: str
    refused: str
    waiting: str
    run_url: str


@dataclass(frozen=True, slots=True)
class CallLine:
    """One caseload that came."""

    received: dt.datetime
    as_of: dt.datetime
    kind: str
    rows: int
    refused: int
    waiting: int
    tag: Tag
    run_url: str


@dataclass(frozen=True, slots=True)
class KeyLine:
    """One key of an agency. `opens` names its feeds; `may_rotate` while no other key takes its place."""

    name: str
    prefix: str
    scopes: str
    opens: str
    replaces: str
    made: str
    used: str
    ends: str
    tag: Tag
    uuid: str
    open: bool
    may_rotate: bool


def next_expected(feed: Feed, figures: Figures | None) -> dt.datetime | None:
    """When the next caseload should be there at the latest; None where none is expected."""
    if not feed.silent_hours or feed.ended_at is not None:
        return None
    since = figures.heard_at if figures else feed.added_at
    return since + dt.timedelta(hours=feed.silent_hours)


def is_late(feed: Feed, figures: Figures | None, now: dt.datetime) -> bool:
    """Whether something should have come by now."""
    expected = next_expected(feed, figures)
    return expected is not None and expected < now


def state_of(
    feed: Feed, figures: Figures | None, now: dt.datetime, *, asking: Collection[uuid.UUID] = ()
) -> Tag:
    """How a feed does, in one tag: late before all else, since silence is what nobody notices. `asking` are uploads of
    which somebody has to say who ends."""
    if feed.ended_at is not None:
        return Tag(_("Ended"), "grey")
    if is_late(feed, figures, now):
        return Tag(_("Late"), "red")
    if figures is None:
        return Tag(_("Nothing has come yet"), "grey")
    if figures.call_state == CallState.STOPPED:
        return Tag(_("Stopped"), "red")
    if figures.call_state == CallState.WAITING:
        return Tag(_("Waiting for its turn"), "blue")
    if figures.run_state == RunState.DONE and figures.undecided:
        return Tag(_("Waits for a decision"), "yellow")
    if figures.run in asking:
        return Tag(_("Waits for you: who ends"), "yellow")
    words, colour = STATES[figures.run_state]
    return Tag(str(words), colour)


def feed_line(
    feed: Feed, figures: Figures | None, *, url: str, runs: bool, asking: Collection[uuid.UUID]
) -> FeedLine:
    """A feed of a list; `runs` where the reader may open its upload."""
    expected = next_expected(feed, figures)
    return FeedLine(
        name=feed.name,
        url=url,
        team=feed.team.name,
        agency=feed.team.agency.name,
        way=_("Calls with a key") if feed.way == Way.PUSH else _("Folder"),
        state=state_of(feed, figures, timezone.now(), asking=asking),
        last=uk_datetime(figures.received_at) if figures else _("Never"),
        expected=uk_datetime(expected) if expected else _("Not expected"),
        rows=f"{figures.rows:,}" if figures else "–",
        refused=f"{figures.refused:,}" if figures else "–",
        waiting=f"{figures.undecided:,}" if figures else "–",
        run_url=reverse("importing:run", args=[figures.run]) if figures and runs else "",
    )


def feed_lines(
    feeds: list[Feed],
    figures: Mapping[int, Figures],
    page: str,
    *,
    runs: bool,
    asking: Collection[uuid.UUID] = (),
) -> list[FeedLine]:
    """The feeds of a list, those that are late first; `page` names the URL of each one's own page."""
    now = timezone.now()
    return [
        feed_line(feed, figures.get(feed.pk), url=reverse(page, args=[feed.uuid]), runs=runs, asking=asking)
        for feed in sorted(feeds, key=lambda each: not is_late(each, figures.get(each.pk), now))
    ]


def feed_facts(feed: Feed, figures: Figures | None) -> list[SummaryRow]:
    """A feed's own page."""
    expected = next_expected(feed, figures)
    facts = [
        SummaryRow(_("Team"), f"{feed.team.name}, {feed.team.agency.name}"),
        SummaryRow(_("How it comes"), feed.get_way_display()),
        SummaryRow(_("Last caseload"), uk_datetime(figures.received_at) if figures else _("Never")),
        SummaryRow(_("Expected"), str(SHORT.get(feed.silent_hours or 0, f"{feed.silent_hours} h"))),
        SummaryRow(_("Next one at the latest"), uk_datetime(expected) if expected else "–"),
        SummaryRow(_("Caseloads so far"), f"{figures.calls:,}" if figures else "0"),
    ]
    if feed.ended_at is not None:
        facts.append(SummaryRow(_("Ended"), uk_datetime(feed.ended_at)))
    return facts


def call_line(call: FeedCall, *, asking: Collection[uuid.UUID] = ()) -> CallLine:
    """One caseload of a feed's page; `asking` as in `state_of`."""
    words, colour = STATES[call.run.state]
    tag = Tag(str(words), colour)
    if call.state == CallState.WAITING:
        tag = Tag(_("Waiting for its turn"), "blue")
    elif call.state == CallState.STOPPED:
        tag = Tag(_("Stopped: its key or feed ended first"), "red")
    elif call.run.state == RunState.DONE and call.run.undecided:
        tag = Tag(_("Waits for a decision"), "yellow")
    elif call.run.uuid in asking:
        tag = Tag(_("Waits for you: who ends"), "yellow")
    return CallLine(
        received=call.received_at,
        as_of=call.as_of,
        kind=_("Whole caseload") if call.whole else _("Part of it"),
        rows=call.rows,
        refused=call.run.refused,
        waiting=call.run.undecided,
        tag=tag,
        run_url=reverse("importing:run", args=[call.run.uuid]),
    )


def key_lines(keys: Iterable[FeedKey], used: Mapping[int, dt.datetime]) -> list[KeyLine]:
    """The keys of a page for administrators; `used` is when each was last used, by its number."""
    found = list(keys)
    replaced = {key.replaces_id for key in found if key.replaces_id and _is_open(key)}
    return [_key_line(key, used.get(key.pk), replaced=key.pk in replaced) for key in found]


def _is_open(key: FeedKey) -> bool:
    return key.revoked_at is None and key.expires_at > timezone.now()


def _key_line(key: FeedKey, used_at: dt.datetime | None, *, replaced: bool) -> KeyLine:
    last_day = timezone.localtime(key.expires_at - dt.timedelta(microseconds=1)).date()
    if key.revoked_at is not None:
        tag = Tag(_("Ended %s") % uk_date(timezone.localdate(key.revoked_at)), "grey")
    elif key.expires_at <= timezone.now():
        tag = Tag(_("Expired"), "grey")
    elif replaced:
        tag = Tag(_("Works, replaced"), "yellow")
    elif key.expires_at < timezone.now() + dt.timedelta(days=30):
        tag = Tag(_("Ends soon"), "orange")
    else:
        tag = Tag(_("Works"), "green")
    maker = key.made_by.name if key.made_by else _("the command line")
    named = [f"{feed.name} ({feed.team.name})" for feed in key.feeds.all()]
    return KeyLine(
        name=key.name,
        prefix=f"ta_{key.prefix}_…",
        scopes="; ".join(str(Scope(scope).label) for scope in key.scopes),
        opens=_("Every feed of the agency") if key.every_feed else "; ".join(named),
        replaces=f"ta_{key.replaces.prefix}_…" if key.replaces else "",
        made=_("%(day)s by %(name)s") % {"day": uk_date(timezone.localdate(key.made_at)), "name": maker},
        used=uk_datetime(used_at) if used_at else _("Never"),
        ends=uk_date(last_day),
        tag=tag,
        uuid=str(key.uuid),
        open=_is_open(key),
        may_rotate=_is_open(key) and not replaced,
    )
