"""Making an appointment from a person's, a family's or a case's page; one appointment; moving and cancelling it."""

from __future__ import annotations

import datetime as dt
import uuid as uuids
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from teamaround.access.categories import Category
from teamaround.access.edits import StaleEdit
from teamaround.access.log import shown
from teamaround.access.requests import StaffRequest, load, staff
from teamaround.agencies.models import Practitioner
from teamaround.agencies.roles import Permission
from teamaround.people.models import Family, Person
from teamaround.people.one_person import load_person, records_of_each
from teamaround.procedures.models import Episode
from teamaround.tasks import appointments as actions
from teamaround.tasks.models import Appointment
from teamaround.ui.components import SummaryRow, Tag
from teamaround.ui.forms import StaleForm
from teamaround.ui.presentation import uk_day

from ..appointing import CancelForm, MakeForm, MoveForm, WhenForm, booking, hosts_of, names_of
from ..diary import Who, taken, taken_of_worker
from ..diary_page import relatives_of, span
from ..family import members_of
from ..person import identity_of


@dataclass(frozen=True, slots=True)
class From:
    """Where the form was opened: whom it offers, the first ticked, and the way back."""

    team: int
    who: Sequence[Who]
    back: str
    back_text: str
    diary: str
    ticked: Sequence[int] = ()
    person: Person | None = None
    episode: int | None = None


@staff(Permission.WORK_CASES)
@require_http_methods(["GET", "HEAD", "POST"])
def for_person(request: StaffRequest, key: uuids.UUID) -> HttpResponse:
    """For somebody whom my team works with, and their family."""
    person, records = load_person(request, key, act=_act(request))
    opened = _from_person(request, person, records, back=("desk:person", person.uuid), back_text=person.name)
    return _make(request, opened)


@staff(Permission.WORK_CASES)
@require_http_methods(["GET", "HEAD", "POST"])
def for_case(request: StaffRequest, key: uuids.UUID) -> HttpResponse:
    """For the child of a case of my team, and their family."""
    rows = Episode.objects.select_related("subject__person")
    episode = load(request, rows, uuid=key, writable=True, act=_act(request))
    row: Person | None = getattr(episode.subject, "person", None)
    if row is None:
        messages.error(request, _("Say first which child this referral is about."))
        return redirect("desk:case", key)
    person, records = load_person(request, row.uuid, act=_act(request))
    opened = _from_person(
        request, person, records, back=("desk:case", key), back_text=_("The case"), episode=episode.pk
    )
    return _make(request, opened)


def _from_person(
    request: StaffRequest,
    person: Person,
    records: tuple[int, ...],
    *,
    back: tuple[str, uuids.UUID],
    back_text: str,
    episode: int | None = None,
) -> From:
    everybody = [Who(records, person.name, person.uuid), *relatives_of(records)]
    team, who = booking(request.me, person.pk, everybody)
    if team is None:
        raise PermissionDenied
    return From(
        team=team,
        who=who,
        back=reverse(back[0], args=[back[1]]),
        back_text=back_text,
        diary=reverse("desk:person_diary", args=[person.uuid]),
        ticked=[person.pk],
        person=person,
        episode=episode,
    )


@staff(Permission.WORK_CASES)
@require_http_methods(["GET", "HEAD", "POST"])
def for_family(request: StaffRequest, key: uuids.UUID) -> HttpResponse:
    """For members of a family that my team works with."""
    family = load(request, Family.objects.all(), uuid=key, act=_act(request))
    everybody = [Who(member.records, member.name, member.uuid) for member in members_of(family.pk)]
    team, who = booking(request.me, family.pk, everybody)
    if team is None:
        raise PermissionDenied
    opened = From(
        team=team,
        who=who,
        back=reverse("desk:family", args=[family.uuid]),
        back_text=_("Team around the family"),
        diary=reverse("desk:diary", args=[family.uuid]),
    )
    return _make(request, opened)


def _act(request: StaffRequest) -> str:
    return "change" if request.method == "POST" else ""


def _make(request: StaffRequest, opened: From) -> HttpResponse:
    subjects = [each.subject for each in opened.who]
    shown(request, subjects, Category.INDEX)
    form = MakeForm(
        request.POST or None,
        kinds=actions.kinds_offered(),
        who=opened.who,
        hosts=hosts_of(opened.team),
        initial={
            "token": uuids.uuid4(),
            "starts_on": request.GET.get("on", ""),
            "whom": f"worker-{request.me.principal}",
            "people": [str(each.key) for each in opened.who if each.subject in opened.ticked],
        },
    )
    if request.method == "POST" and form.is_valid():
        starts_at, ends_at = form.times(form.minutes())
        chosen = [each for each in opened.who if each.subject in form.chosen()]
        host = form.host()
        token = form.cleaned_data["token"]
        if not _clashes(request, form, chosen, starts_at, ends_at, worker=host.practitioner, but=token):
            try:
                actions.make_appointment(
                    by=request.me,
                    team=opened.team,
                    subjects=form.chosen(),
                    kind=form.cleaned_data["kind"],
                    starts_at=starts_at,
                    ends_at=ends_at,
                    whom=host,
                    place=form.cleaned_data["place"],
                    title=form.cleaned_data["title"],
                    episode=opened.episode,
                    occurrence=token,
                )
            except actions.AppointmentRefused as refused:
                form.add_error(refused.field if refused.field in form.fields else None, str(refused))
            else:
                messages.success(request, _("The appointment stands in the diary."))
                return redirect(f"{opened.diary}?week={form.cleaned_data['starts_on']}")
    context = {
        "form": form,
        "heading": _("Make an appointment"),
        "identity": identity_of(opened.person) if opened.person is not None else None,
        "submit": _("Make the appointment"),
        "back_url": opened.back,
        "back_text": opened.back_text,
        "cancel_url": opened.back,
    }
    return render(request, "ui/form_page.html", context, status=422 if form.errors else 200)


def _clashes(
    request: StaffRequest,
    form: WhenForm,
    who: Sequence[Who],
    starts_at: dt.datetime,
    ends_at: dt.datetime,
    *,
    worker: int | None,
    but: uuids.UUID,
) -> bool:
    """Whether any of these people, or the worker whom it is with, has something else at that time: the form says so,
    unless it was told to keep to the time."""
    if form.cleaned_data.get("despite"):
        return False
    theirs = taken(who, starts_at, ends_at, me=request.me, but=but)
    if theirs:
        form.refuse_clash(theirs, names_of(who))
    own = []
    if worker is not None:
        told = {each.occurrence or each.url for each in theirs}
        own = taken_of_worker(worker, starts_at, ends_at, me=request.me, but=but)
        own = [each for each in own if (each.occurrence or each.url) not in told]
    if own:
        form.refuse_clash(own, {}, worker=Practitioner.objects.get(pk=worker).name)
    for entry in (*theirs, *own):
        for subject, category in entry.shown:
            shown(request, [subject], category)
    return bool(theirs or own)


def _people_of(rows: Sequence[Appointment]) -> list[Who]:
    """Everybody whom an appointment is for, each with all their records, by the names that the reader may see."""
    records = records_of_each(row.subject_id for row in rows)
    known = {record for each in records.values() for record in each}
    names = {person.pk: person.name for person in Person.objects.filter(pk__in=known)}
    return [
        Who(each, next((names[record] for record in each if record in names), ""))
        for each in dict.fromkeys(records.values())
    ]


@staff(Permission.WORK_CASES)
def appointment(request: StaffRequest, key: uuids.UUID) -> HttpResponse:
    """When, where, with whom and for whom, as far as the reader may see."""
    row = load(request, Appointment.objects.with_whom(), uuid=key)
    rows = list(
        Appointment.objects.filter(
            occurrence=row.occurrence, author_team_id=row.author_team_id
        ).select_related("subject__person")
    )
    for each in rows:
        shown(request, [each.subject_id], each.category)
    mine = row.author_team_id in request.me.teams
    person = getattr(row.subject, "person", None)
    names = [each.subject.person.name for each in rows if getattr(each.subject, "person", None) is not None]
    facts = [
        SummaryRow(_("Day"), uk_day(timezone.localtime(row.starts_at))),
        SummaryRow(_("Time"), span(row.starts_at, row.ends_at)),
        SummaryRow(_("For"), ", ".join(names) or _("Somebody whose entry is not open to you")),
        SummaryRow(_("With"), row.whom),
        SummaryRow(_("Place"), row.place or _("Not said")),
        SummaryRow(_("Calendars show"), row.title),
        SummaryRow(_("Made by"), f"{row.author_team.name}, {row.author_team.agency.name}"),
    ]
    if row.cancelled_at is not None:
        facts.append(SummaryRow(_("Why it is cancelled"), row.cancelled_reason))
    context: dict[str, Any] = {
        "appointment": row,
        "heading": row.called_as,
        "facts": facts,
        "tag": _state(row),
        "may_change": mine and row.cancelled_at is None,
        "identity": identity_of(person) if person is not None else None,
        # Whoever may not open the child's entry comes from their own day or calendar, and goes back there.
        "back_url": reverse("desk:my_day"),
        "back_text": _("My day"),
    }
    if person is not None:
        shown(request, [person.pk], Category.INDEX)
        week = timezone.localtime(row.starts_at).date()
        context |= {
            "back_url": f"{reverse('desk:person_diary', args=[person.uuid])}?week={week}",
            "back_text": _("Diary"),
        }
    return render(request, "desk/appointment.html", context)


def _state(row: Appointment) -> Tag:
    if row.cancelled_at is not None:
        return Tag(_("Cancelled"), "grey")
    if row.ends_at <= timezone.now():
        return Tag(_("Past"), "grey")
    return Tag(_("Booked"), "teal")


@staff(Permission.WORK_CASES)
@require_http_methods(["GET", "HEAD", "POST"])
def move(request: StaffRequest, key: uuids.UUID) -> HttpResponse:
    """Move an appointment of my team, or say where it is."""
    row = load(request, Appointment.objects.with_whom(), uuid=key, writable=True, act=_act(request))
    starts, ends = timezone.localtime(row.starts_at), timezone.localtime(row.ends_at)
    form = MoveForm(
        request.POST or None,
        version=row.version,
        initial={
            "starts_on": starts.date(),
            "starts": starts.time(),
            # One that ends on the next day keeps its length: the form has one date.
            "ends": ends.time() if ends.date() == starts.date() else None,
            "place": row.place,
            "title": row.title,
        },
    )
    status = 200
    if request.method == "POST" and form.is_valid():
        starts_at, ends_at = form.times(int((row.ends_at - row.starts_at) / dt.timedelta(minutes=1)))
        # Saying where it is, at the time that was kept to before, asks nothing again.
        moved = (starts_at, ends_at) != (row.starts_at, row.ends_at)
        who = _people_of(actions.occurrence_of(request.me, row.occurrence)) if moved else []
        if not moved or not _clashes(
            request, form, who, starts_at, ends_at, worker=row.practitioner_id, but=row.occurrence
        ):
            try:
                actions.move_appointment(
                    by=request.me,
                    occurrence=row.occurrence,
                    version=form.cleaned_data["version"],
                    starts_at=starts_at,
                    ends_at=ends_at,
                    place=form.cleaned_data["place"],
                    title=form.cleaned_data["title"],
                )
            except actions.AppointmentRefused as refused:
                form.add_error(refused.field if refused.field in form.fields else None, str(refused))
            except StaleEdit:
                status = _stale(form, row)
            else:
                messages.success(request, _("The appointment is changed."))
                return redirect("desk:appointment", row.uuid)
    words = _("Save the change")
    return _form_page(request, row, form, _("Change the appointment"), words, status=status)


@staff(Permission.WORK_CASES)
@require_http_methods(["GET", "HEAD", "POST"])
def cancel(request: StaffRequest, key: uuids.UUID) -> HttpResponse:
    """Cancel an appointment of my team, with the reason."""
    row = load(request, Appointment.objects.with_whom(), uuid=key, writable=True, act=_act(request))
    form = CancelForm(request.POST or None, version=row.version)
    status = 200
    if request.method == "POST" and form.is_valid():
        try:
            actions.cancel_appointment(
                by=request.me,
                occurrence=row.occurrence,
                version=form.cleaned_data["version"],
                reason=form.cleaned_data["reason"],
            )
        except actions.AppointmentRefused as refused:
            form.add_error(refused.field if refused.field in form.fields else None, str(refused))
        except StaleEdit:
            status = _stale(form, row)
        else:
            messages.success(request, _("The appointment is cancelled."))
            return redirect("desk:appointment", row.uuid)
    words = _("Cancel the appointment")
    return _form_page(request, row, form, words, words, status=status, submit_class="warning")


def _stale(form: MoveForm | CancelForm, row: Appointment) -> int:
    current = Appointment.objects.values_list("version", flat=True).get(pk=row.pk)
    form.refuse_stale(StaleForm(current))
    return 409


def _form_page(
    request: StaffRequest,
    row: Appointment,
    form: MoveForm | CancelForm,
    heading: str,
    submit: str,
    *,
    status: int,
    submit_class: str = "",
) -> HttpResponse:
    back = reverse("desk:appointment", args=[row.uuid])
    context = {
        "form": form,
        "heading": heading,
        "caption": f"{row.called_as}: {row.whom}",
        "submit": submit,
        "submit_class": submit_class,
        "back_url": back,
        "back_text": _("The appointment"),
        "cancel_url": back,
        "cancel": _("Leave it as it is"),
    }
    return render(
        request,
        "ui/form_page.html",
        context,
        status=status if status != 200 else (422 if form.errors else 200),
    )
