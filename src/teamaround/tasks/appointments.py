"""Business events of an appointment: made, moved, cancelled. And the kinds of appointment that are made here."""

from __future__ import annotations

import datetime as dt
import re
import uuid as uuids
from collections.abc import Sequence
from dataclasses import dataclass

from django.db import IntegrityError, connection, transaction
from django.utils import timezone
from django.utils.text import slugify
from django.utils.translation import gettext as _

from teamaround.access.edits import StaleEdit, update_checked
from teamaround.access.me import Me
from teamaround.agencies.models import Membership, Team
from teamaround.agencies.refusals import Refused
from teamaround.events import actions as events
from teamaround.people.models import Person
from teamaround.ui.presentation import uk_datetime

from .models import Appointment, AppointmentKind

LONGEST = dt.timedelta(hours=12)
AHEAD = dt.timedelta(days=2 * 366)
BACK = dt.timedelta(days=1)
MOST_SUBJECTS = 30
MOST_KINDS = 60


class AppointmentRefused(Refused):
    """The appointment cannot be kept as asked; `field` names the form field, the message says what to do."""


@dataclass(frozen=True, slots=True)
class With:
    """With whom: a team and perhaps one practitioner of it, or somebody in words."""

    team: int | None = None
    practitioner: int | None = None
    words: str = ""


@transaction.atomic
def make_appointment(
    *,
    by: Me,
    team: int,
    subjects: Sequence[int],
    kind: str,
    starts_at: dt.datetime,
    ends_at: dt.datetime,
    whom: With,
    place: str = "",
    title: str = "",
    episode: int | None = None,
    occurrence: uuids.UUID | None = None,
) -> list[Appointment]:
    """Make one appointment for these people, a row for each. Made again under the same `occurrence`, it is the same;
    another one under it is refused, so that nobody believes it was made.

    `title` is what calendars show; without one, what the kind is called. Raises AppointmentRefused for a kind that
    is not made here, a time that has passed by a day or lies over two years ahead, one that ends before it starts
    or lasts over 12 hours, a title that names somebody, nobody with whom, and people the team does not work with.
    """
    occurrence = occurrence or uuids.uuid4()
    wanted = list(dict.fromkeys(subjects))
    if made := occurrence_of(by, occurrence):
        return _the_same(made, wanted, kind, starts_at)
    kept = AppointmentKind.objects.filter(pk=kind, ended_at=None).first()
    if kept is None:
        raise AppointmentRefused(_("Choose the kind of appointment."), "kind")
    if not wanted or len(wanted) > MOST_SUBJECTS:
        raise AppointmentRefused(_("Say who the appointment is for."), "people")
    _check_bookable(team, wanted)
    check_times(starts_at, ends_at)
    words = title.strip()[:60] or kept.called
    check_title(words, wanted)
    _check_whom(whom)
    try:
        with transaction.atomic():
            rows = [
                Appointment.objects.create(
                    subject_id=subject,
                    category="plan",
                    author_team_id=team,
                    occurrence=occurrence,
                    kind=kept.key,
                    called_as=kept.title,
                    assessment=kept.assessment,
                    title=words,
                    starts_at=starts_at,
                    ends_at=ends_at,
                    place=place.strip()[:200],
                    with_team_id=whom.team,
                    practitioner_id=whom.practitioner,
                    with_words=whom.words.strip()[:120],
                    episode=episode,
                )
                for subject in wanted
            ]
    except IntegrityError:
        # Pressed twice at once: the other was first.
        if made := occurrence_of(by, occurrence):
            return _the_same(made, wanted, kind, starts_at)
        raise
    # The category is the database's own statement: what happened stands under the same.
    category = Appointment.objects.values_list("category", flat=True).get(pk=rows[0].pk)
    for row in rows:
        row.category = category
    _happened(by, "appointment.made", rows)
    return rows


def _the_same(
    made: list[Appointment], subjects: Sequence[int], kind: str, starts_at: dt.datetime
) -> list[Appointment]:
    asked = (set(subjects), kind, starts_at)
    if ({row.subject_id for row in made}, made[0].kind, made[0].starts_at) != asked:
        raise AppointmentRefused(
            _("An appointment was made from this page already. Change that one, or open the form again.")
        )
    return made


def occurrence_of(by: Me, occurrence: uuids.UUID) -> list[Appointment]:
    """The rows of one appointment that my teams made, those who have it in the order they were named."""
    return list(Appointment.objects.filter(occurrence=occurrence, author_team_id__in=by.teams).order_by("id"))


@transaction.atomic
def move_appointment(
    *,
    by: Me,
    occurrence: uuids.UUID,
    version: int,
    starts_at: dt.datetime,
    ends_at: dt.datetime,
    place: str,
    title: str,
) -> list[Appointment]:
    """Move an appointment of my team, for everybody who has it, or change its place or title.

    Raises StaleEdit where it was changed meanwhile, or AppointmentRefused as `make_appointment` does.
    """
    rows = _to_change(by, occurrence, version)
    if (starts_at, ends_at) != (rows[0].starts_at, rows[0].ends_at):
        check_times(starts_at, ends_at)
    words = title.strip()[:60] or _neutral(rows[0].kind)
    check_title(words, [row.subject_id for row in rows])
    moved = rows[0].starts_at != starts_at
    for row in rows:
        update_checked(
            row,
            version=version,
            starts_at=starts_at,
            ends_at=ends_at,
            place=place.strip()[:200],
            title=words,
        )
    if moved:
        _happened(by, "appointment.moved", rows)
    return rows


@transaction.atomic
def cancel_appointment(*, by: Me, occurrence: uuids.UUID, version: int, reason: str) -> list[Appointment]:
    """Cancel an appointment of my team, for everybody who has it, with the reason. Raises StaleEdit or
    AppointmentRefused."""
    rows = _to_change(by, occurrence, version)
    if not reason.strip():
        raise AppointmentRefused(_("Say why it is cancelled."), "reason")
    now = timezone.now()
    for row in rows:
        update_checked(row, version=version, cancelled_at=now, cancelled_reason=reason.strip()[:300])
    _happened(by, "appointment.cancelled", rows)
    return rows


def _neutral(kind: str) -> str:
    called = AppointmentKind.objects.filter(pk=kind).values_list("called", flat=True).first()
    return called or _("Appointment")


def _to_change(by: Me, occurrence: uuids.UUID, version: int) -> list[Appointment]:
    rows = list(
        Appointment.objects.select_for_update()
        .filter(occurrence=occurrence, author_team_id__in=by.teams)
        .order_by("id")
    )
    if not rows:
        raise AppointmentRefused(_("Only the team that made an appointment can change it."))
    if any(row.version != version for row in rows):
        raise StaleEdit
    if rows[0].cancelled_at is not None:
        raise AppointmentRefused(_("This appointment is cancelled."))
    return rows


def _happened(by: Me, kind: str, rows: Sequence[Appointment]) -> None:
    first = rows[0]
    events.record(
        by=by,
        team=first.author_team_id,
        kind=kind,
        subjects=[row.subject_id for row in rows],
        episode=first.episode,
        text=f"{first.called_as}: {uk_datetime(timezone.localtime(first.starts_at))}",
        category=first.category,
    )


def check_times(starts_at: dt.datetime, ends_at: dt.datetime) -> None:
    """Raise AppointmentRefused where nobody could keep these times."""
    now = timezone.now()
    if starts_at < now - BACK:
        raise AppointmentRefused(_("This time has passed. Give a time to come."), "starts_on")
    if starts_at > now + AHEAD:
        raise AppointmentRefused(_("This is more than two years away. Check the year."), "starts_on")
    if ends_at <= starts_at:
        raise AppointmentRefused(_("It ends before it starts. Check both times."), "ends")
    if ends_at - starts_at > LONGEST:
        raise AppointmentRefused(_("An appointment lasts 12 hours at most."), "ends")


def check_title(words: str, subjects: Sequence[int]) -> None:
    """Raise AppointmentRefused where what calendars show would name whom the appointment is for."""
    said = set(re.findall(r"\w+", words.casefold()))
    names = Person.objects.filter(pk__in=subjects).values_list("given", "family_name")
    for name in (part for pair in names for part in pair):
        parts = [part for part in re.findall(r"\w+", name.casefold()) if len(part) > 1]
        if any(part in said for part in parts):
            raise AppointmentRefused(
                _("Calendars show this on telephones, so it must not name anybody."), "title"
            )


def _check_bookable(team: int, subjects: Sequence[int]) -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            "select bool_and(app.may_book(%s, s)) from unnest(%s::bigint[]) s", [team, list(subjects)]
        )
        (may,) = cursor.fetchone() or (False,)
    if not may:
        raise AppointmentRefused(_("Your team does not work with everybody named here."), "people")


def _check_whom(whom: With) -> None:
    if whom.team is None and not whom.words.strip():
        raise AppointmentRefused(_("Say with whom the appointment is."), "with_words")
    if whom.team is not None and whom.words.strip():
        raise AppointmentRefused(_("Name one: a team, or somebody else in words."), "with_words")
    if whom.team is not None and not Team.objects.filter(pk=whom.team, ended_at=None).exists():
        raise AppointmentRefused(_("Choose a team that still works."), "with_team")
    if whom.practitioner is not None and not (
        Membership.objects.current()
        .filter(practitioner_id=whom.practitioner, team_id=whom.team, practitioner__left_at=None)
        .exists()
    ):
        raise AppointmentRefused(_("Choose somebody who works in that team now."), "practitioner")


def kinds_offered() -> list[AppointmentKind]:
    """The kinds that may be made now, in the partnership's order."""
    return list(AppointmentKind.objects.filter(ended_at=None))


@transaction.atomic
def add_kind(*, by: Me, title: str, called: str, assessment: bool, lasts: int) -> AppointmentKind:
    """Add a kind of appointment. Raises AppointmentRefused for words that are missing or a title that is taken."""
    title, called = _kind_words(title, called, lasts)
    if AppointmentKind.objects.filter(title__iexact=title, ended_at=None).exists():
        raise AppointmentRefused(_("There is an appointment of this name already."), "title")
    if AppointmentKind.objects.count() >= MOST_KINDS:
        raise AppointmentRefused(
            _("There are %(most)s kinds already. Change one of them.") % {"most": MOST_KINDS}
        )
    base = slugify(title)[:26] or "appointment"
    taken = {"add", *AppointmentKind.objects.filter(key__startswith=base).values_list("key", flat=True)}
    names = (base, *(f"{base}-{n}" for n in range(2, MOST_KINDS + 3)))
    key = next(each for each in names if each not in taken)
    return AppointmentKind.objects.create(
        key=key, title=title, called=called, assessment=assessment, lasts=lasts
    )


@transaction.atomic
def change_kind(
    *,
    by: Me,
    kind: AppointmentKind,
    version: int,
    title: str,
    called: str,
    assessment: bool,
    lasts: int,
    ended: bool,
) -> AppointmentKind:
    """Say a kind in other words, end it, or offer it again. Appointments made before keep its words.

    Raises AppointmentRefused, or StaleEdit where somebody changed it meanwhile.
    """
    title, called = _kind_words(title, called, lasts)
    others = AppointmentKind.objects.filter(title__iexact=title, ended_at=None).exclude(pk=kind.pk)
    if not ended and others.exists():
        raise AppointmentRefused(_("There is an appointment of this name already."), "title")
    at = (kind.ended_at or timezone.now()) if ended else None
    update_checked(
        kind, version=version, title=title, called=called, assessment=assessment, lasts=lasts, ended_at=at
    )
    return kind


def _kind_words(title: str, called: str, lasts: int) -> tuple[str, str]:
    if not title.strip():
        raise AppointmentRefused(_("Say what the appointment is called."), "title")
    if not called.strip():
        raise AppointmentRefused(_("Say what a calendar shows."), "called")
    if not 5 <= lasts <= 720:
        raise AppointmentRefused(_("Give minutes from 5 to 720."), "lasts")
    return title.strip()[:80], called.strip()[:60]
