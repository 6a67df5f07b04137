"""The family's diary in words: days, load, clashes."""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from teamaround.people.models import FamilyMember
from teamaround.people.one_person import joined
from teamaround.ui.components import Tag
from teamaround.ui.presentation import uk_date, uk_day, uk_time, week_day, week_in_words, week_moment

from .diary import (
    WEEK,
    Clash,
    Diary,
    Entry,
    ManyAssessments,
    Week,
    Who,
    clashes,
    loads,
    many_assessments,
)

MEANS = {
    "meeting": Tag("Meeting", "purple"),
    "visit": Tag("Visit made", "green"),
}
ASSESSMENT = Tag("Assessment", "blue")
CLASHES = Tag("Clash", "red")


@dataclass(frozen=True, slots=True)
class Line:
    """One entry of a day."""

    time: str
    title: str
    url: str
    people: str
    whom: str
    place: str
    tags: tuple[Tag, ...]
    clash: str


@dataclass(frozen=True, slots=True)
class Day:
    """One day of the week."""

    date: dt.date
    name: str
    day: str
    today: bool
    lines: tuple[Line, ...]


@dataclass(frozen=True, slots=True)
class LoadLine:
    """What one person has in the week."""

    name: str
    number: str
    hours: str
    whom: str


@dataclass(frozen=True, slots=True)
class Assessed:
    """Somebody who is assessed again and again: in how many days, and each of them, with whom and when."""

    words: str
    each: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class DiaryPage:
    """Everything the page shows."""

    title: str
    days: tuple[Day, ...]
    empty: bool
    loads: tuple[LoadLine, ...]
    clashes: tuple[str, ...]
    assessments: tuple[Assessed, ...]
    previous: str
    next: str
    now: str
    make_url: str


def diary_page(
    diary: Diary, who: Sequence[Who], *, family: int | None, today: dt.date, make_url: str
) -> DiaryPage:
    """The page of a week. No query."""
    names = {each.subject: each.name for each in who}
    if family is not None:
        names[family] = _("The family")
    together = clashes(diary.entries, list(names))
    monday = diary.week.monday
    return DiaryPage(
        title=week_in_words(monday),
        days=tuple(_days(diary, names, together, today)),
        empty=not diary.entries,
        loads=tuple(
            LoadLine(
                name=names[each.subject],
                number=str(each.number),
                hours=_length(each.hours),
                whom=str(each.teams),
            )
            for each in loads(diary.entries, names)
        ),
        clashes=tuple(_clash(each, names) for each in together),
        assessments=tuple(_assessed(each, names) for each in many_assessments(diary, names)),
        previous=f"?week={monday - WEEK}",
        next=f"?week={monday + WEEK}",
        now="" if monday <= today < monday + WEEK else "?",
        make_url=make_url,
    )


def _length(hours: float) -> str:
    whole, minutes = divmod(round(hours * 60), 60)
    words = ngettext("%(n)d hour", "%(n)d hours", whole) % {"n": whole} if whole or not minutes else ""
    rest = ngettext("%(n)d minute", "%(n)d minutes", minutes) % {"n": minutes} if minutes else ""
    return f"{words} {rest}".strip()


def _days(diary: Diary, names: Mapping[int, str], together: Sequence[Clash], today: dt.date) -> Iterable[Day]:
    for date in diary.week.days:
        own = [entry for entry in diary.entries if _day_of(entry, diary.week) == date]
        yield Day(
            date=date,
            name=uk_day(date).partition(" ")[0],
            day=uk_date(date),
            today=date == today,
            lines=tuple(_line(entry, names, together) for entry in own),
        )


def _day_of(entry: Entry, week: Week) -> dt.date:
    return max(timezone.localdate(entry.starts_at), week.monday)


def span(starts_at: dt.datetime, ends_at: dt.datetime) -> str:
    """'3:30pm to 4:30pm', in London."""
    words = {
        "start": uk_time(timezone.localtime(starts_at)),
        "end": uk_time(timezone.localtime(ends_at)),
    }
    return _("%(start)s to %(end)s") % words


def _line(entry: Entry, names: Mapping[int, str], together: Sequence[Clash]) -> Line:
    clashing = [each for each in together if entry in (each.one, each.other)]
    tags = [MEANS[entry.what]] if entry.what in MEANS else []
    if entry.assessment and entry.title != ASSESSMENT.text:
        tags.append(ASSESSMENT)
    if clashing:
        tags.append(CLASHES)
    return Line(
        time=span(entry.starts_at, entry.ends_at)
        if entry.what == "appointment"
        else uk_time(timezone.localtime(entry.starts_at)),
        title=entry.title,
        url=entry.url,
        people=_named(entry.people, names),
        whom=entry.whom,
        place=entry.place,
        tags=tuple(tags),
        clash="; ".join(
            dict.fromkeys(
                _("Same time as: %(what)s")
                % {"what": each.other.title if each.one == entry else each.one.title}
                for each in clashing
            )
        ),
    )


def _named(people: Iterable[int], names: Mapping[int, str]) -> str:
    return ", ".join(names[subject] for subject in people if subject in names)


def _clash(clash: Clash, names: Mapping[int, str]) -> str:
    at = timezone.localtime(clash.other.starts_at)
    return _("%(name)s has two things at once on %(day)s at %(time)s: %(one)s, and %(other)s.") % {
        "name": names[clash.subject],
        "day": week_day(at),
        "time": uk_time(at),
        "one": f"{clash.one.title} ({clash.one.whom})",
        "other": f"{clash.other.title} ({clash.other.whom})",
    }


def _assessed(many: ManyAssessments, names: Mapping[int, str]) -> Assessed:
    words = {
        "name": names[many.subject],
        "n": len(many.assessments),
        "days": ngettext("%(d)d day", "%(d)d days", many.days) % {"d": many.days},
    }
    return Assessed(
        _("%(name)s has %(n)s assessments within %(days)s") % words,
        tuple(f"{week_moment(entry.starts_at)}: {entry.whom}" for entry in many.assessments),
    )


def relatives_of(records: Sequence[int]) -> list[Who]:
    """The members of the families of somebody (all their records), whose entries the reader may see. One query."""
    mine = FamilyMember.objects.filter(person_id__in=records, until=None, voided_at=None)
    rows = (
        FamilyMember.objects.filter(subject_id__in=mine.values("subject_id"), until=None, voided_at=None)
        .exclude(person_id__in=records)
        .select_related("person")
        .annotate(records=joined("person_id"))
        .order_by("id")
    )
    found: dict[int, Who] = {}
    for row in rows:
        found.setdefault(row.records[0], Who(tuple(row.records), row.person.name, row.person.uuid))
    return list(found.values())


def family_key(records: Sequence[int]) -> uuid.UUID | None:
    """The family of somebody that the reader may see, where there is one and no other. One query."""
    rows = FamilyMember.objects.filter(person_id__in=records, until=None, voided_at=None)
    keys = list(rows.values_list("subject__family__uuid", flat=True).distinct()[:2])
    return keys[0] if len(keys) == 1 else None
