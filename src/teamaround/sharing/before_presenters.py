"""What the pages of “Before you share” and of requests show: plain sentences, and what to do instead."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from django.utils.translation import gettext as _

from teamaround.access.categories import Category
from teamaround.ui.components import SummaryRow, Tag, TagColour
from teamaround.ui.presentation import uk_date, uk_datetime

from .before import Contact, Outcome, Said, Verdict
from .decision_models import AccessRequest, AskState, Decided, ReliedOn, Reply, SharingDecision
from .models import Kind
from .why import last_day

VERDICT_COLOURS: Mapping[Verdict, TagColour] = {
    Verdict.ALLOWED: "green",
    Verdict.ASK: "yellow",
    Verdict.NOT_ALLOWED: "red",
}


def verdict_tag(verdict: Verdict, count: int | None = None) -> Tag:
    """The verdict as a tag, with how many there are of it where that is told."""
    words = {
        Verdict.ALLOWED: _("Allowed"),
        Verdict.ASK: _("Ask first"),
        Verdict.NOT_ALLOWED: _("Not allowed"),
    }[verdict]
    return Tag(words if count is None else f"{count} {words.lower()}", VERDICT_COLOURS[verdict])


@dataclass(frozen=True, slots=True)
class AnswerRow:
    """One category: the answer, why, and what to do instead."""

    category: str
    label: str
    hint: str
    tag: Tag
    why: str
    instead: str
    url: str
    action: str
    id: str
    ticked: bool


@dataclass(frozen=True, slots=True)
class Asking:
    """What the sentences need: who decides about the subject in words, whom else to ask, and the consent page."""

    deciders: str
    contact: Contact | None
    consent_url: str


def sentence(said: Said) -> str:
    """Why, in plain words: the basis, who gave it, since and until when."""
    told = {
        "who": said.giver or _("The family"),
        "since": uk_date(said.since),
        "until": last_day(said.until) if said.outcome != Outcome.TAKEN_BACK else uk_date(said.until),
    }
    if said.outcome == Outcome.OPEN:
        return _OPEN[Kind(said.ground)]() % told
    return {
        Outcome.ELSEWHERE: _("Another team recorded that they may know this."),
        Outcome.REFUSED: _("%(who)s said no on %(since)s."),
        Outcome.TAKEN_BACK: _("%(who)s took this back on %(until)s."),
        Outcome.ASK_ME: _("%(who)s asked on %(since)s to be asked each time."),
        Outcome.RAN_OUT: _("%(who)s agreed on %(since)s. That ran out on %(until)s."),
        Outcome.LAPSED: _("%(who)s agreed on %(since)s, but no longer decides this."),
        Outcome.NOT_NOW: _("%(who)s agreed on %(since)s, but that does not stand today."),
        Outcome.SHIELDED: _("They are protected. Where they live and learn must not be told."),
        Outcome.UNKNOWN: _("Nothing that your team may see lets them know this."),
    }[said.outcome] % told


_OPEN = {
    Kind.CONSENT: lambda: _("%(who)s agreed on %(since)s, until %(until)s."),
    Kind.SAFEGUARDING: lambda: _("Recorded on %(since)s to keep somebody safe. It lasts until %(until)s."),
    Kind.DUTY: lambda: _("Recorded on %(since)s: the law asks for it. It lasts until %(until)s."),
    Kind.VITAL: lambda: _("Recorded on %(since)s to protect life. It lasts until %(until)s."),
}


def instead(said: Said, asking: Asking) -> tuple[str, str]:
    """What to do where it is not simply allowed: the sentence, and the words of the link to asking again."""
    if said.outcome == Outcome.OPEN:
        return "", ""
    if said.outcome == Outcome.ELSEWHERE:
        return _("Ask %(contact)s what exactly.") % {"contact": contact_words(asking.contact)}, ""
    if said.outcome == Outcome.SHIELDED:
        return _("Talk to your manager before you say anything."), ""
    if said.outcome in (Outcome.REFUSED, Outcome.TAKEN_BACK):
        return _("Share it only to keep somebody safe, and say why below."), ""
    giver = said.giver if said.outcome in (Outcome.ASK_ME, Outcome.RAN_OUT) else ""
    whom = giver or asking.deciders
    if not whom:
        return _("Ask %(contact)s.") % {"contact": contact_words(asking.contact)}, ""
    return "", _("Ask %(who)s") % {"who": whom}


def contact_words(contact: Contact | None) -> str:
    """Whom to ask, with a number to ring where there is one."""
    if contact is None:
        return _("your manager")
    words = (
        _("the lead practitioner, %(name)s")
        if contact.lead
        else _("the information-governance lead, %(name)s")
    ) % {"name": contact.name}
    return f"{words}, {contact.phone}" if contact.phone else words


ORDER = (Verdict.ALLOWED, Verdict.ASK, Verdict.NOT_ALLOWED)


def in_order(said: Iterable[Said]) -> list[Said]:
    """Allowed first, then ask first, then not allowed; within each in the order of the categories."""
    return sorted(said, key=lambda each: ORDER.index(each.verdict))


def answer_rows(
    said: Sequence[Said],
    asking: Asking,
    *,
    hints: Mapping[str, object],
    ticked: Iterable[str],
    ids: Mapping[str, str],
) -> list[AnswerRow]:
    """The table: one row a category."""
    chosen = set(ticked)
    rows = []
    for each in said:
        words, action = instead(each, asking)
        linked = action if asking.consent_url else ""
        rows.append(
            AnswerRow(
                category=str(each.category),
                label=str(each.category.label),
                hint=str(hints.get(str(each.category), "")),
                tag=verdict_tag(each.verdict),
                why=sentence(each),
                instead=words or ("" if linked else f"{action}." if action else ""),
                url=asking.consent_url if linked else "",
                action=linked,
                id=ids.get(str(each.category), ""),
                ticked=str(each.category) in chosen,
            )
        )
    return rows


def counts(said: Sequence[Said]) -> list[Tag]:
    """How many of each answer, those that there are."""
    found = {verdict: sum(1 for each in said if each.verdict == verdict) for verdict in ORDER}
    return [verdict_tag(verdict, number) for verdict, number in found.items() if number]


@dataclass(frozen=True, slots=True)
class DecisionView:
    """A decision as it is read back."""

    title: str
    tag: Tag
    rows: tuple[SummaryRow, ...]


def decision_view(row: SharingDecision) -> DecisionView:
    """One decision with all that was recorded of it."""
    shared = row.decided == Decided.SHARED
    what = ", ".join(str(Category(line.shared_category).label) for line in row.lines.all())
    whom = f"{row.recipient.agency.name}: {row.recipient.name}" if row.recipient else row.recipient_words
    writer = getattr(row.recorded_by, "practitioner", None)
    by = f"{writer.name}, {row.author_team.name}" if writer is not None else row.author_team.name
    told = _("Yes") if row.told_family else _("No: %(why)s") % {"why": row.why_not_told}
    rows = [SummaryRow(_("What"), what), SummaryRow(_("Why"), row.reason)]
    if shared:
        rows.append(SummaryRow(_("What lets you"), str(ReliedOn(row.relied_on).label)))
    if row.advice_from:
        rows.append(SummaryRow(_("Advice from"), row.advice_from))
    rows.append(SummaryRow(_("Family told"), told))
    rows.append(
        SummaryRow(_("Recorded"), _("%(at)s, by %(who)s") % {"at": uk_datetime(row.recorded_at), "who": by})
    )
    return DecisionView(
        title=f"{uk_date(row.decided_on)}: {whom}",
        tag=Tag(str(Decided(row.decided).label), "green" if shared else "orange"),
        rows=tuple(rows),
    )


REPLIES = {
    Reply.ARRANGING: lambda: _(
        "Yes: it is being arranged with the family. You see it from the moment it is agreed."
    ),
    Reply.TALK: lambda: _("Talk to us first. Ring %(name)s on %(phone)s."),
    Reply.NO: lambda: _(
        "Not shared for now. You get the same words whether or not there is anything to see."
    ),
}


STATE_COLOURS: Mapping[str, TagColour] = {
    AskState.ASKED: "yellow",
    AskState.ANSWERED: "green",
    AskState.REFUSED: "grey",
}


@dataclass(frozen=True, slots=True)
class RequestView:
    """A request as the team that asked reads it."""

    title: str
    tag: Tag
    what: str
    reply: str


def request_view(row: AccessRequest) -> RequestView:
    """One request and the reply to it."""
    return RequestView(
        title=_("Asked on %(day)s") % {"day": uk_date(row.recorded_at)},
        tag=Tag(str(AskState(row.state).label), STATE_COLOURS[row.state]),
        what=", ".join(str(Category(each).label) for each in row.categories),
        reply=reply_words(row),
    )


def reply_words(row: AccessRequest) -> str:
    """The reply in its fixed words; empty while there is none."""
    if not row.answer:
        return ""
    answerer = getattr(row.answered_by, "practitioner", None)
    team = row.answering_team
    told = {
        "name": answerer.name if answerer is not None else (team.name if team else _("the team that leads")),
        "phone": (answerer.phone if answerer is not None else "") or (team.phone if team else "") or "–",
    }
    return REPLIES[Reply(row.answer)]() % told
