"""What the rights templates read."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop, ngettext

from teamaround.access.categories import Category, Retention
from teamaround.ui.components import SummaryRow, Tag
from teamaround.ui.presentation import uk_date, uk_datetime

from .loaders import Named, Withdrawal
from .models import Disposal, LegalHold, Measure, RetentionRule, RightsRequest, SharingAgreement
from .pack import section_name

SOON = 7
KEPT: Mapping[Retention, str] = {
    Retention.RECORD: gettext_noop("Records of children and families"),
    Retention.INDEX: gettext_noop("Entries in the index"),
    Retention.SHORT: gettext_noop("Stated purposes, files brought in, packs"),
    Retention.LOG: gettext_noop("Stated reasons in the access log"),
    Retention.STAFF: gettext_noop("Practitioners"),
    Retention.SYSTEM: gettext_noop("The system"),
}


def days_left(day: dt.date, today: dt.date) -> str:
    """How long until a day, in words."""
    left = (day - today).days
    if left < 0:
        return ngettext("%(n)s day late", "%(n)s days late", -left) % {"n": -left}
    if left == 0:
        return _("Today")
    return ngettext("%(n)s day left", "%(n)s days left", left) % {"n": left}


def by_date(day: dt.date, today: dt.date, *, soon: int = SOON) -> Tag:
    """How close a day is, as a tag."""
    left = (day - today).days
    return Tag(days_left(day, today), "red" if left < 0 else "yellow" if left <= soon else "green")


@dataclass(frozen=True)
class RequestLine:
    """One request in a list."""

    name: str
    url: str
    kind: str
    asked_on: dt.date
    due: dt.date
    tag: Tag
    stopped: bool


def request_tag(row: RightsRequest, today: dt.date) -> Tag:
    if row.closed_at is not None:
        return Tag(row.get_outcome_display(), "grey")
    if row.stopped:
        return Tag(_("Clock stopped"), "blue")
    return by_date(row.due(today), today)


def request_line(row: RightsRequest, names: Mapping[int, Named], today: dt.date) -> RequestLine:
    named = names.get(row.subject_id)
    return RequestLine(
        named.name if named else _("Erased"),
        reverse("rights:request", args=[row.uuid]),
        row.get_kind_display(),
        row.asked_on,
        row.due(today),
        request_tag(row, today),
        row.stopped,
    )


def request_rows(row: RightsRequest, today: dt.date) -> list[SummaryRow]:
    """What is known of a request, and its clock."""
    due = uk_date(row.due(today))
    rows = [
        SummaryRow(_("Asked for"), row.get_kind_display()),
        SummaryRow(_("Received"), uk_date(row.asked_on)),
        SummaryRow(_("Who asked"), row.asked_by),
        SummaryRow(_("How they were checked"), row.identity),
        SummaryRow(
            _("To be answered by"),
            _("The clock is stopped. Were it answered today: %(day)s") % {"day": due} if row.stopped else due,
        ),
    ]
    for pause in row.pauses.all():
        until = uk_date(pause.answered_on) if pause.answered_on else _("no answer yet")
        rows.append(
            SummaryRow(
                _("Clock stopped"),
                [
                    _("%(since)s to %(until)s") % {"since": uk_date(pause.asked_on), "until": until},
                    pause.question,
                ],
            )
        )
    if row.extended_on:
        rows.append(SummaryRow(_("Two months more"), [uk_date(row.extended_on), row.extension_reason]))
    if row.gathered_at:
        rows.append(SummaryRow(_("Gathered"), uk_datetime(row.gathered_at)))
    if row.released_at and row.released_by:
        rows.append(SummaryRow(_("Released"), f"{uk_datetime(row.released_at)}, {row.released_by.name}"))
    if row.closed_at:
        rows.append(
            SummaryRow(
                _("Closed"),
                [f"{uk_datetime(row.closed_at)}: {row.get_outcome_display()}", row.outcome_reason],
            )
        )
    return rows


@dataclass(frozen=True)
class Act:
    """Something that can be done about a request."""

    text: str
    url: str


def request_acts(row: RightsRequest) -> list[Act]:
    """What can be done now, the likeliest first."""

    def to(name: str, *args: object) -> str:
        return reverse(f"rights:{name}", args=[row.uuid, *args])

    if row.closed_at is not None:
        return [Act(_("Ask for the disposal"), to("erase"))] if row.outcome == "granted" else []
    acts = []
    if row.stopped:
        acts.append(Act(_("The answer came: start the clock"), to("act", "answer")))
    else:
        acts.append(Act(_("Ask what is meant: stop the clock"), to("act", "pause")))
    if row.extended_on is None:
        acts.append(Act(_("Take two months more"), to("act", "extend")))
    acts.append(Act(_("Close the request"), to("act", "close")))
    return acts


@dataclass(frozen=True)
class RuleLine:
    """One rule in words."""

    what: str
    how_long: str
    authority: str
    since: dt.datetime


def how_long(rule: RetentionRule) -> str:
    """A rule's length in words."""
    words = {
        Measure.BIRTHDAY: _("to the age of %(n)s"),
        Measure.AFTER_18: _("%(n)s years after the 18th birthday"),
        Measure.CLOSED: _("%(n)s months after the last case closed"),
        Measure.WRITTEN: _("%(n)s months after the last entry"),
    }[Measure(rule.measure)] % {"n": rule.length}
    if rule.retention == Retention.LOG:
        words = _("%(n)s months after they were stated") % {"n": rule.length}
    elif rule.at_least_months and rule.measure != Measure.WRITTEN:
        words += _(", and at least %(n)s months after the last entry") % {"n": rule.at_least_months}
    return words


def rule_line(rule: RetentionRule) -> RuleLine:
    what = (
        str(Retention(rule.retention).label)
        if rule.retention != "log"
        else _("Stated reasons in the access log")
    )
    if rule.category:
        what = f"{what}: {Category(rule.category).label}"
    return RuleLine(what, how_long(rule), rule.authority, rule.effective_from)


@dataclass(frozen=True)
class CountLine:
    """How much of one table goes by one rule."""

    rule: str
    table: str
    going: int
    kept: int


def table_name(table: str) -> str:
    """What a table is called."""
    return _("Reasons in the access log") if table == "access_look" else section_name(table)


def count_lines(
    rows: Sequence[tuple[int | None, str, int, int]], rules: Mapping[int, RetentionRule]
) -> list[CountLine]:
    return [
        CountLine(
            how_long(rules[rule]) if rule is not None and rule in rules else _("Erasure on request"),
            table_name(table),
            going,
            kept,
        )
        for rule, table, going, kept in rows
    ]


@dataclass(frozen=True)
class DisposalLine:
    """One disposal in a list: never whom it was about."""

    url: str
    kind: str
    by: str
    at: dt.datetime
    tag: Tag


def disposal_tag(row: Disposal) -> Tag:
    if row.done_at:
        return Tag(_("Done"), "green")
    return Tag(_("Taken back"), "grey") if row.cancelled_at else Tag(_("To be confirmed"), "yellow")


def disposal_line(row: Disposal) -> DisposalLine:
    return DisposalLine(
        reverse("rights:disposal", args=[row.uuid]),
        row.get_kind_display(),
        row.asked_by.name,
        row.asked_at,
        disposal_tag(row),
    )


@dataclass(frozen=True)
class HoldLine:
    """One hold in a list."""

    name: str
    lift_url: str
    reason: str
    since: dt.date
    until: dt.date | None
    with_family: bool
    by: str


def hold_line(row: LegalHold, names: Mapping[int, Named]) -> HoldLine:
    named = names.get(row.subject_id)
    return HoldLine(
        named.name if named else "",
        reverse("rights:lift_hold", args=[row.uuid]),
        row.reason,
        row.since,
        row.until,
        row.with_family,
        row.set_by.name,
    )


@dataclass(frozen=True)
class AgreementLine:
    """One agreement in a list."""

    agencies: str
    purpose: str
    reference: str
    since: dt.date
    review_on: dt.date
    tag: Tag
    renew_url: str
    end_url: str
    ended: bool


def agreement_line(row: SharingAgreement, today: dt.date) -> AgreementLine:
    return AgreementLine(
        ", ".join(sorted(party.agency.name for party in row.parties.all())),
        row.purpose,
        row.reference,
        row.since,
        row.review_on,
        Tag(_("Ended"), "grey") if row.ended_on else by_date(row.review_on, today, soon=60),
        reverse("rights:renew_agreement", args=[row.uuid]),
        reverse("rights:end_agreement", args=[row.uuid]),
        row.ended_on is not None,
    )


@dataclass(frozen=True)
class WithdrawalLine:
    """Consents taken back on one day."""

    day: dt.date
    who: str
    agency: str
    n: int


def withdrawal_line(row: Withdrawal) -> WithdrawalLine:
    who = _("A parent, for a child or family") if row.role == "parent" else _("The person themselves")
    return WithdrawalLine(row.day, who, row.agency, row.n)


def today() -> dt.date:
    """The civil date in London."""
    return timezone.localdate()
