"""What the family's own pages show. No total and no number: what is withheld leaves no gap."""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from teamaround.access.categories import Category
from teamaround.access.reading import LookOnMe
from teamaround.people.models import Person
from teamaround.ui.components import SummaryRow, Tag
from teamaround.ui.presentation import uk_date, uk_datetime

from .models import FamilyMessage, MessageKind, MessageState
from .own import Holder, Said, Shared, holders, key_of
from .words import KINDS, LOOKED_AT, SAID_YES, WHY

ORDER = list(KINDS)


@dataclass(frozen=True, slots=True)
class Reason:
    """Some kinds of information that one team sees for one reason."""

    kinds: Sequence[str]
    why: str
    period: str


@dataclass(frozen=True, slots=True)
class HolderCard:
    """One team: what it may see, why and for how long, and what can be done about it."""

    name: str
    team: str
    reasons: Sequence[Reason]
    agree_url: str = ""
    stop_url: str = ""


def why_words(each: Shared) -> str:
    """Why it is shared, in one short sentence."""
    if each.agreed and each.said_at is not None:
        return str(SAID_YES[each.by_whom]) % {"day": uk_date(timezone.localdate(each.said_at))}
    return str(WHY[each.why])


def cards(shared: Sequence[Shared], person: Person, *, may_decide: bool) -> list[HolderCard]:
    """The teams and panels, by agency."""
    grouped: dict[int, list[Shared]] = {}
    for each in shared:
        grouped.setdefault(each.holder, []).append(each)
    teams = {holder.team for holder in holders(shared)}
    return [
        HolderCard(
            name=rows[0].agency or rows[0].team,
            team=rows[0].team if rows[0].agency else "",
            reasons=_reasons(rows),
            agree_url=_url("portal:agree_with", person, f"team:{holder}")
            if may_decide and holder in teams
            else "",
            stop_url=_url("portal:stop", person, f"team:{holder}") if any(row.agreed for row in rows) else "",
        )
        for holder, rows in grouped.items()
    ]


def _reasons(rows: Sequence[Shared]) -> list[Reason]:
    found: dict[tuple[str, str], list[str]] = {}
    told = False
    for row in sorted(rows, key=lambda row: (row.agreed, row.why != "involvement", row.since)):
        # Every reason shows who works with you as well; once is enough.
        if row.category == Category.INDEX and told:
            continue
        told = told or row.category == Category.INDEX
        kinds = found.setdefault((why_words(row), _period(row)), [])
        if row.category not in kinds:
            kinds.append(row.category)
    return [Reason(_named(kinds), why, period) for (why, period), kinds in found.items()]


def _named(kinds: Iterable[str]) -> list[str]:
    return [str(KINDS[kind]) for kind in sorted(kinds, key=ORDER.index)]


def _period(row: Shared) -> str:
    since = uk_date(timezone.localdate(row.since))
    if row.until is None:
        return _("Since %(since)s.") % {"since": since}
    last = uk_date(timezone.localdate(row.until - dt.timedelta(microseconds=1)))
    # The day on which somebody said yes is told with who said it.
    if (
        row.agreed
        and row.said_at is not None
        and timezone.localdate(row.said_at) == timezone.localdate(row.since)
    ):
        return _("Until %(until)s.") % {"until": last}
    return _("From %(since)s until %(until)s.") % {"since": since, "until": last}


@dataclass(frozen=True, slots=True)
class LookLine:
    """One look at the record."""

    when: str
    who: str
    what: str
    reason: str


def look_lines(looks: Iterable[LookOnMe]) -> list[LookLine]:
    """Who looked, the latest first: role and agency, never a name."""
    return [
        LookLine(uk_datetime(look.at), f"{look.role}, {look.agency}", str(LOOKED_AT[look.page]), look.reason)
        for look in looks
    ]


@dataclass(frozen=True, slots=True)
class Choice:
    """Something that can be stopped, and the way to its page."""

    what: str
    text: str
    url: str


def choices(shared: Sequence[Shared], person: Person) -> tuple[list[Choice], list[Choice]]:
    """What can be stopped: team by team, and kind by kind."""
    agreed = [each for each in shared if each.agreed]
    teams = [
        Choice(f"team:{holder.team}", team_name(holder), _url("portal:stop", person, f"team:{holder.team}"))
        for holder in holders(agreed)
    ]
    kinds = sorted({each.category for each in agreed} - {Category.INDEX}, key=ORDER.index)
    return teams, [
        Choice(f"kind:{kind}", str(KINDS[kind]), _url("portal:stop", person, f"kind:{kind}"))
        for kind in kinds
    ]


def team_name(holder: Holder | Shared) -> str:
    """Agency and team, as one reads them; a panel has a name alone."""
    name = holder.name if isinstance(holder, Holder) else holder.team
    return f"{holder.agency}, {name}" if holder.agency else name


@dataclass(frozen=True, slots=True)
class Line:
    """A team, what of it, and why."""

    who: str
    kinds: Sequence[str]
    why: str = ""


def stops_and_goes_on(shared: Sequence[Shared], what: str) -> tuple[list[Line], list[Line]]:
    """What ends when `what` (all, team:…, kind:…) is taken back, and what the same teams go on seeing, and why."""
    ending = [each for each in shared if each.agreed and _matches(each, what)]
    teams = {each.holder for each in ending}
    staying = [
        each
        for each in shared
        if not each.agreed
        or (each not in ending and each.holder in teams and each.category != Category.INDEX)
        if what == "all" or each.holder in teams
    ]
    # Who works with you goes on being seen for another reason: then it does not stop.
    kept = {(each.holder, each.category) for each in staying}
    ending = [each for each in ending if (each.holder, each.category) not in kept]
    return _lines(ending, why=False), _lines(staying, why=True)


def _matches(each: Shared, what: str) -> bool:
    return what in ("all", f"team:{each.holder}", f"kind:{each.category}")


def _lines(rows: Iterable[Shared], *, why: bool) -> list[Line]:
    found: dict[tuple[str, str], list[str]] = {}
    for row in rows:
        kinds = found.setdefault((team_name(row), why_words(row) if why else ""), [])
        if row.category not in kinds:
            kinds.append(row.category)
    return [Line(who, _named(kinds), reason) for (who, reason), kinds in found.items()]


def answers_now(
    shared: Iterable[Shared], said: Iterable[Said], team: int
) -> tuple[dict[str, str], dict[str, str]]:
    """For one team: what stands of each kind in words, and the person's own answer as the form takes it."""
    words: dict[str, str] = {}
    own: dict[str, str] = {}
    for each in shared:
        if each.holder == team:
            words[each.category] = _("Now: yes. %(why)s") % {"why": why_words(each)}
    for said_so in said:
        if said_so.holder != team:
            continue
        day = {"day": uk_date(timezone.localdate(said_so.said_at))}
        if said_so.answer == "refuse":
            words[said_so.category] = _("You said no on %(day)s.") % day
        elif said_so.answer == "ask":
            words[said_so.category] = _("You said “ask me first” on %(day)s.") % day
        elif said_so.answer == "ended":
            words[said_so.category] = (
                _("You said yes on %(day)s. That has run out. Do you still say yes?") % day
            )
        if said_so.answer != "ended":
            own[said_so.category] = said_so.answer
    return words, own


def known(person: Person, languages: Sequence[str]) -> list[SummaryRow]:
    """Name, birthday and languages, each with the way to put it right."""
    wrong = reverse("portal:put_right")
    born = (
        uk_date(person.date_of_birth, person.born_precision) if person.date_of_birth else _("We do not know")
    )
    rows = (
        (_("Your name"), person.name),
        (_("Your birthday"), born),
        (_("Languages you speak"), ", ".join(languages) or _("We do not know")),
    )
    return [SummaryRow(key, value, action_text=_("Is this right?"), action_url=wrong) for key, value in rows]


@dataclass(frozen=True, slots=True)
class MessageLine:
    """One message as its sender sees it."""

    title: str
    sent: str
    words: str
    should_be: str
    tag: Tag
    then: str
    answer: str


_TITLES = {
    MessageKind.QUESTION: lambda: _("You asked"),
    MessageKind.CORRECTION: lambda: _("You said that something is wrong"),
    MessageKind.COMPLAINT: lambda: _("You complained"),
}


def message_lines(messages: Iterable[FamilyMessage]) -> list[MessageLine]:
    """What somebody wrote, the latest first, and how it stands."""
    return [_message(each) for each in messages]


def _message(message: FamilyMessage) -> MessageLine:
    tag, then = Tag(_("Sent"), "blue"), _("We will answer here.")
    if message.state == MessageState.ANSWERED and message.answered_at is not None:
        tag = Tag(_("Answered"), "green")
        then = _("We answered on %(day)s.") % {"day": uk_date(timezone.localdate(message.answered_at))}
    elif message.state == MessageState.RECEIVED and message.received_at is not None:
        tag = Tag(_("We have it"), "teal")
        then = _("We got this on %(day)s.") % {"day": uk_date(timezone.localdate(message.received_at))}
        then = f"{then} {_('We will answer here.')}"
    elif message.acknowledge_by is not None:
        words = _("We will tell you by %(day)s that we have it.")
        then = words % {"day": uk_date(message.acknowledge_by)}
    return MessageLine(
        title=_TITLES[MessageKind(message.kind)](),
        sent=uk_datetime(message.sent_at),
        words=message.words,
        should_be=message.should_be,
        tag=tag,
        then=then,
        answer=message.answer,
    )


def _url(name: str, person: Person, what: str) -> str:
    key: uuid.UUID = key_of(person.pk, what)
    return reverse(name, args=[key])
