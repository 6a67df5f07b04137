"""What the screens of this room read: one named queryset each, never more than the policies show."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from django.db.models import Count, DateTimeField, OuterRef, Q, QuerySet, Subquery, Value
from django.db.models.functions import Coalesce
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from teamaround.access.me import Me
from teamaround.agencies.models import Membership, Practitioner, Team
from teamaround.database.asking import Question, ask
from teamaround.index.models import Involvement
from teamaround.people.merging import records_of
from teamaround.procedures.models import Allocation, Clock, Episode
from teamaround.ui.addresses import around_key

from .codes import StepKind
from .models import Referral, ReferralStep

PAGE = 50
NEWS_DAYS = 7
NEVER = dt.datetime(2999, 1, 1, tzinfo=dt.UTC)
"""Stands for the due time of a referral without a running clock, so that it sorts last."""

Tone = Literal["good", "bad", "question", "plain"]


def receiving_teams() -> QuerySet[Team]:
    """Teams that take referrals now."""
    return (
        Team.objects.filter(takes_referrals=True, ended_at=None)
        .exclude(procedure_slug="")
        .select_related("agency")
        .order_by("agency__name", "name")
    )


def _rows() -> QuerySet[Referral]:
    return Referral.objects.select_related("episode", "author_team__agency", "receiving_team__agency").defer(
        "others_in_family", "worries", "going_well", "hoped_for", "childs_words", "assessments_known"
    )


def waiting_rows(me: Me) -> QuerySet[Referral]:
    """Referrals that wait for an answer of my teams, the first to fall due first; with `due` and `due_title`."""
    running = Clock.objects.filter(episode=OuterRef("episode_id"), stopped_at=None).order_by("due_at", "id")
    return (
        _rows()
        .filter(
            receiving_team_id__in=me.teams, episode__author_team_id__in=me.teams, episode__status="waiting"
        )
        .annotate(
            due=Coalesce(Subquery(running.values("due_at")[:1]), Value(NEVER), output_field=DateTimeField()),
            due_title=Subquery(running.values("title")[:1]),
        )
        .order_by("due", "id")
    )


def answered_rows(me: Me) -> QuerySet[Referral]:
    """Referrals that my teams answered, the latest sent first."""
    return _rows().filter(receiving_team_id__in=me.teams).exclude(episode__status="waiting").order_by("-id")


def sent_rows(me: Me) -> QuerySet[Referral]:
    """Referrals that my teams sent, the latest first; with the words and kind of the last step."""
    last = ReferralStep.objects.filter(referral=OuterRef("pk")).order_by("-id")
    return (
        _rows()
        .filter(author_team_id__in=me.teams)
        .annotate(last_kind=Subquery(last.values("kind")[:1]), last_words=Subquery(last.values("words")[:1]))
        .order_by("-id")
    )


def after_waiting(rows: QuerySet[Referral], cursor: str) -> QuerySet[Referral]:
    """The waiting list from a cursor on; a cursor that says nothing is the beginning."""
    moment, _sep, last = cursor.partition("_")
    try:
        due, number = dt.datetime.fromtimestamp(int(moment) / 1_000_000, dt.UTC), int(last)
    except (ValueError, OverflowError, OSError):
        return rows
    return rows.filter(Q(due__gt=due) | Q(due=due, pk__gt=number))


def waiting_cursor(row: Referral) -> str:
    """Where the next page of the waiting list begins."""
    due: dt.datetime = row.due  # type: ignore[attr-defined]  # annotated by waiting_rows
    since = due - dt.datetime(1970, 1, 1, tzinfo=dt.UTC)
    return f"{since // dt.timedelta(microseconds=1)}_{row.pk}"


def before(rows: QuerySet[Referral], cursor: str) -> QuerySet[Referral]:
    """A list that runs from the latest to the first, from a cursor on."""
    return rows.filter(pk__lt=int(cursor)) if cursor.isdecimal() and len(cursor) < 19 else rows


def whole() -> QuerySet[Referral]:
    """A referral with all that its page names."""
    return Referral.objects.select_related(
        "episode",
        "author_team__agency",
        "receiving_team__agency",
        "recorded_by__practitioner",
        "check_on_receipt__changed_by__practitioner",
        "whereabouts",
    )


def steps_of(referral: Referral) -> list[ReferralStep]:
    """The steps, the latest first, with who took them."""
    return list(
        referral.steps.select_related("recorded_by__practitioner", "author_team__agency").order_by("-id")
    )


def running_clocks(referral: Referral) -> list[Clock]:
    """Running clocks of the referral's episode, the first to fall due first."""
    return list(Clock.objects.filter(episode=referral.episode_id, stopped_at=None).order_by("due_at", "id"))


def involved_with(subject: int, *, but: int) -> list[Involvement]:
    """Who else works with the child now, as far as I may see, without the team `but`."""
    return list(
        Involvement.objects.filter(subject_id__in=records_of(subject))
        .filter(Q(until=None) | Q(until__gt=timezone.localdate()))
        .exclude(author_team_id=but)
        .select_related("author_team__agency", "practitioner")
        .order_by("author_team__agency__name", "id")
    )


def workers_of(team: int) -> list[Practitioner]:
    """Who may be allocated a case of the team, with `open_cases`: how many they have in it now."""
    members = Membership.objects.current().filter(team_id=team).values("practitioner_id")
    counted = (
        Allocation.objects.filter(practitioner=OuterRef("pk"), author_team_id=team, until=None)
        .order_by()
        .values("practitioner")
        .annotate(n=Count("pk"))
        .values("n")
    )
    return list(
        Practitioner.objects.filter(pk__in=members, left_at=None)
        .annotate(open_cases=Coalesce(Subquery(counted), 0))
        .order_by("name", "pk")
    )


def worker_now(referral: Referral) -> Practitioner | None:
    """The named worker; None where there is none, or where I am not of the team."""
    found = (
        Allocation.objects.filter(episode=referral.episode_id, until=None)
        .select_related("practitioner")
        .first()
    )
    return found.practitioner if found else None


@dataclass(frozen=True, slots=True)
class News:
    """One line of referral news. `tone`: good, bad, question or plain. Whoever shows it logs `subject`."""

    text: str
    tone: Tone
    name: str
    url: str
    at: dt.datetime
    subject: int | None = None
    detail: str = ""


_TONES: dict[str, Tone] = {
    StepKind.ACCEPTED: "good",
    StepKind.ALLOCATED: "good",
    StepKind.DECLINED: "bad",
    StepKind.QUESTION: "question",
    StepKind.WITHDRAWN: "bad",
}


CLOSED = "closed"
"""What stands for a step where the case behind a referral was closed."""


_TEXTS: dict[str, str] = {
    StepKind.RECEIVED: gettext_noop("Sent to you by %(team)s"),
    StepKind.CHECKED: gettext_noop("Checked by %(team)s"),
    StepKind.QUESTION: gettext_noop("%(team)s has a question"),
    StepKind.ANSWERED: gettext_noop("%(team)s answered"),
    StepKind.ACCEPTED: gettext_noop("Accepted by %(team)s"),
    StepKind.DECLINED: gettext_noop("Not accepted by %(team)s"),
    StepKind.ALLOCATED: gettext_noop("%(team)s named a worker"),
    StepKind.WAITING: gettext_noop("On the waiting list of %(team)s"),
    StepKind.WITHDRAWN: gettext_noop("Taken back by %(team)s"),
    StepKind.PUT_RIGHT: gettext_noop("Put right by %(team)s"),
    CLOSED: gettext_noop("Closed by %(team)s"),
}


def asking_news(me: Me, *, limit: int = 5, since: dt.datetime | None = None) -> Question:
    """News of my teams' referrals, as a question among others: for `told_news`."""
    start = since or timezone.now() - dt.timedelta(days=NEWS_DAYS)
    return Question("app.referral_news(%s::int[], %s, %s)", (list(me.teams), start, limit))


def told_news(answer: Iterable[Sequence[Any]]) -> list[News]:
    """The lines of what `asking_news` was answered, the latest first."""
    before, after = around_key("referrals:detail")
    return [
        News(
            _(_TEXTS[kind]) % {"team": team},
            _TONES.get(kind, "plain"),
            f"{given} {family_name}".strip(),
            f"{before}{key}{after}",
            dt.datetime.fromisoformat(at),
            subject,
            words,
        )
        for kind, team, given, family_name, key, at, subject, words in answer
    ]


def news_for(me: Me, *, limit: int = 5, since: dt.datetime | None = None) -> list[News]:
    """What other teams did with my teams' referrals, and what they sent or answered us, in the last 7 days.

    The latest first, at most `limit`. Closings count among them. The caller logs each `subject` shown. One query.
    """
    return told_news(ask({"news": asking_news(me, limit=limit, since=since)})["news"])


def waiting_for(me: Me, *, limit: int = PAGE) -> Sequence[Referral]:
    """Referrals that wait for an answer of my teams, the first to fall due first, at most `limit`."""
    return list(waiting_rows(me)[:limit])


def referrals_of(episodes: Iterable[Episode]) -> dict[int, Referral]:
    """The referral that began each episode, by the episode's key, as far as I may read it."""
    found = _rows().filter(episode__in=[episode.pk for episode in episodes])
    return {referral.episode_id: referral for referral in found}
