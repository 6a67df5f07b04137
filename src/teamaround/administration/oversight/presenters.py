"""What the oversight templates read."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop, ngettext

from teamaround.access.categories import Category
from teamaround.access.models import Alert, AlertKind, AlertOutcome, AlertRule, FamousName
from teamaround.access.reading import LoggedLook
from teamaround.ui.components import SummaryRow, Tag
from teamaround.ui.presentation import uk_datetime, uk_time

PAGES = (
    ("account_login", gettext_noop("Sign-in")),
    ("mfa_", gettext_noop("Second step of signing in")),
    ("portal:", gettext_noop("Family’s own pages")),
    ("desk:search_live", gettext_noop("Search, while typing")),
    ("desk:search", gettext_noop("Search")),
    ("desk:open_found", gettext_noop("Search")),
    ("desk:person", gettext_noop("Person’s page")),
    ("desk:family", gettext_noop("Family’s page")),
    ("desk:cases", gettext_noop("List of cases")),
    ("desk:case", gettext_noop("Case")),
    ("desk:my_day", gettext_noop("My day")),
    ("desk:", gettext_noop("Person’s or family’s details")),
    ("referrals:", gettext_noop("Referral")),
    ("assessments:", gettext_noop("Assessment")),
    ("plans:", gettext_noop("Plan")),
    ("tasks:", gettext_noop("Task")),
    ("meetings:", gettext_noop("Meeting")),
    ("sharing:", gettext_noop("Sharing")),
    ("importing:", gettext_noop("Caseload from a file")),
    ("oversight:", gettext_noop("Oversight")),
    ("erased:", gettext_noop("Reasons erased")),
)
ACTS = {
    "view": gettext_noop("looked"),
    "list": gettext_noop("listed"),
    "search": gettext_noop("searched"),
    "export": gettext_noop("took a copy"),
    "print": gettext_noop("printed"),
    "change": gettext_noop("changed"),
    "refused": gettext_noop("was refused"),
    "sign_in": gettext_noop("could not sign in"),
    "erase": gettext_noop("erased"),
}


def page_name(page: str) -> str:
    """What a page is called, by the name of its URL pattern; the name itself where it has no other."""
    return next((_(words) for prefix, words in PAGES if page.startswith(prefix)), page)


@dataclass(frozen=True)
class LookLine:
    """One line of the access log."""

    at: dt.datetime
    who: str
    where: str
    what: str
    about: str
    reason: str
    tag: Tag | None


def about(look: LoggedLook) -> str:
    """Whom a look was at: at most five names, and how many more."""
    named = ", ".join(name for name in look.names if name)
    more = look.total - len(look.names)
    if more > 0:
        return _("%(names)s and %(more)s more") % {"names": named, "more": more}
    return named


def look_line(look: LoggedLook) -> LookLine:
    refused = look.outcome != "shown" and look.act in ("refused", "sign_in")
    return LookLine(
        at=look.at,
        who=look.who or _("Not signed in"),
        where=", ".join(part for part in (look.team, look.agency) if part),
        what=f"{page_name(look.page)}: {_(ACTS.get(look.act, look.act))}",
        about=about(look),
        reason=look.reason,
        tag=Tag(_("Refused"), "red") if refused else None,
    )


@dataclass(frozen=True)
class AlertLine:
    """One alert in a list."""

    kind: str
    url: str
    who: str
    about: str
    at: dt.datetime
    tag: Tag


def alert_about(alert: Alert, names: Mapping[int, str]) -> str:
    """Whom an alert is about, or how many."""
    if alert.kind == AlertKind.MANY:
        return ngettext("%(n)s person", "%(n)s people", alert.subjects) % {"n": alert.subjects}
    return names.get(alert.subject_id or 0, "")


def alert_line(alert: Alert, names: Mapping[int, str]) -> AlertLine:
    return AlertLine(
        str(AlertKind(alert.kind).label),
        reverse("oversight:alert", args=[alert.uuid]),
        alert.practitioner.name,
        alert_about(alert, names),
        alert.at,
        Tag(_("Settled"), "green") if alert.settled_at else Tag(_("To settle"), "yellow"),
    )


def alert_facts(alert: Alert, look: LoggedLook | None, names: Mapping[int, str]) -> list[SummaryRow]:
    """Everything that is known of an alert."""
    rows = [
        SummaryRow(
            _("Practitioner"), f"{alert.practitioner.name}, {alert.practitioner.job_title}".strip(", ")
        ),
        SummaryRow(_("When"), uk_datetime(alert.at)),
        SummaryRow(
            _("About"), alert_about(alert, names) or (about(look) if look else "") or _("Nobody named")
        ),
    ]
    if look is not None:
        line = look_line(look)
        categories = [str(Category(each).label) for each in look.categories if each in Category.values]
        rows += [
            SummaryRow(_("Team"), line.where or _("None")),
            SummaryRow(_("What they did"), line.what),
            SummaryRow(_("What was shown"), ", ".join(categories) or _("Nothing")),
            SummaryRow(_("Reason they stated"), look.reason or _("None")),
        ]
    if alert.settled_at and alert.settled_by:
        rows += [
            SummaryRow(_("Found"), str(AlertOutcome(alert.outcome).label)),
            SummaryRow(_("What was found out"), alert.reason),
            SummaryRow(_("Settled"), f"{alert.settled_by.name}, {uk_datetime(alert.settled_at)}"),
        ]
    return rows


@dataclass(frozen=True)
class RuleLine:
    """One kind of alert, and when it is raised."""

    kind: str
    url: str
    words: str
    since: dt.datetime


def rule_line(rule: AlertRule) -> RuleLine:
    words = _("On") if rule.active else _("Off")
    if rule.active and rule.limit:
        words = _("More than %(n)s different people in an hour") % {"n": rule.limit}
    if rule.active and rule.opens and rule.closes:
        words = _("Before %(opens)s, from %(closes)s, weekends and bank holidays") % {
            "opens": uk_time(rule.opens),
            "closes": uk_time(rule.closes),
        }
    kind = str(AlertKind(rule.kind).label)
    if rule.agency:
        kind = f"{kind}: {rule.agency.name}"
    return RuleLine(kind, reverse("oversight:change_rule", args=[rule.kind]), words, rule.effective_from)


@dataclass(frozen=True)
class NameLine:
    """One well-known name."""

    pk: int
    name: str
    by: str
    since: dt.datetime


def name_line(name: FamousName) -> NameLine:
    return NameLine(name.pk, f"{name.given} {name.family_name}", name.added_by.name, name.added_at)
