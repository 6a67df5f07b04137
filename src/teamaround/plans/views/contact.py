"""Recording a contact or visit, and reading one."""

from __future__ import annotations

import uuid
from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _

from teamaround.access.categories import Category
from teamaround.access.log import shown
from teamaround.access.requests import StaffRequest, load, staff
from teamaround.agencies.roles import Permission
from teamaround.people.models import Person
from teamaround.procedures.models import Episode
from teamaround.ui.components import SummaryRow, Tag
from teamaround.ui.presentation import uk_datetime

from .. import actions
from ..forms import ContactForm
from ..links import url
from ..loaders import child_of, contacts, names_of, people_of, seen_at, who_wrote
from ..models import Contact
from ..presenters import episode_identity
from .support import act_of, attempt, forget_draft, form_page, with_draft


@staff(Permission.WORK_CASES)
def record(request: StaffRequest, episode: uuid.UUID) -> HttpResponse:
    """Record a contact or visit of an episode. It may have happened earlier: a late entry says so."""
    case = load(request, Episode.objects.all(), uuid=episode, writable=True, act=act_of(request))
    people = {str(person.uuid): person for person in people_of(case).values()}
    shown(request, [person.pk for person in people.values()], Category.INDEX)
    form = ContactForm(
        request.POST or None,
        people=[(key, person.name) for key, person in people.items()],
        initial={"on": timezone.localdate()},
    )
    draft_url = with_draft(request, form, "contact", case.uuid)
    made: list[Contact] = []
    status = attempt(
        form,
        lambda typed: made.append(_record(request, case, form, people, typed)),
    )
    back = url("desk:case", case.uuid)
    if status == 302:
        forget_draft(request, "contact", case.uuid)
        messages.success(request, _("The contact was recorded."))
        return redirect("plans:contact_detail", made[0].uuid)
    names = {person.pk: person.name for person in people.values()}
    if case.family_id:
        names |= names_of([case.family_id])
    return form_page(
        request,
        form,
        heading=_("Record a contact or visit"),
        status=status,
        identity=episode_identity(case, names, child_of(case)),
        lead=_("The date and time are when it happened. It may be earlier than today."),
        submit=_("Save the contact"),
        back_url=back,
        cancel_url=back,
        draft_url=draft_url,
    )


def _record(
    request: StaffRequest, case: Episode, form: ContactForm, people: dict[str, Person], typed: dict[str, Any]
) -> Contact:
    return actions.record_contact(
        by=request.me,
        episode=case,
        kind=typed["kind"],
        happened_at=form.happened_at(),
        place=typed["place"],
        place_words=typed["place_words"],
        seen=[people[key].pk for key in typed["seen"]],
        others_seen=typed["others_seen"],
        seen_alone=typed["seen_alone"],
        child_words=typed["child_words"],
        notes=typed["notes"],
        uuid=typed["once"],
    )


@staff(Permission.WORK_CASES)
def detail(request: StaffRequest, contact: uuid.UUID) -> HttpResponse:
    """One contact, with its notes."""
    row = load(request, contacts(), uuid=contact)
    seen = [each.subject_id for each in seen_at(row)]
    shown(request, seen, Category.NOTES)
    names = names_of([row.subject_id, *seen, *([row.episode.family_id] if row.episode.family_id else [])])
    writer = who_wrote([row.recorded_by_id]).get(row.recorded_by_id, "")
    people = [names[each] for each in seen if each in names]
    mine = row.author_team_id in request.me.teams
    facts = [
        SummaryRow(_("When"), uk_datetime(row.happened_at)),
        *([SummaryRow(_("Where"), row.where)] if row.where else []),
        SummaryRow(_("Who was seen or spoken to"), [*people, row.others_seen] if row.others_seen else people),
        *([SummaryRow(_("Seen alone"), row.get_seen_alone_display())] if row.seen_alone else []),
        SummaryRow(
            _("Written by"),
            [f"{writer}, {row.author_team.name}" if writer else row.author_team.name],
            source=uk_datetime(row.recorded_at),
        ),
    ]
    context = {
        "contact": row,
        "heading": row.get_kind_display(),
        "facts": facts,
        "late": Tag(_("Late entry"), "yellow") if row.is_late else None,
        "identity": episode_identity(row.episode, names, child_of(row.episode)),
        "why": _("Your team wrote this.")
        if mine
        else _("%(team)s shares its notes with your team.") % {"team": row.author_team.name},
        "back_url": url("desk:case", row.episode.uuid) if mine else "",
        "another_url": url("plans:contact", row.episode.uuid) if mine else "",
    }
    return render(request, "plans/contact.html", context)
