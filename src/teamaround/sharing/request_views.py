"""What one cannot see, asking for it, and answering those who ask."""

from __future__ import annotations

import uuid as uuids

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from teamaround.access.categories import Category
from teamaround.access.log import shown
from teamaround.access.requests import StaffRequest, load, staff
from teamaround.agencies.roles import Permission
from teamaround.people.models import Family, FamilyMember, Person
from teamaround.ui.components import Identity, SummaryRow
from teamaround.ui.presentation import uk_date

from .about import about_of
from .before import TeamsAtWork, whom_to_ask
from .before_forms import AskForm, ReplyForm
from .before_presenters import contact_words, request_view
from .decision_models import AccessRequest, AskState, Reply
from .links import identity_of, page
from .pages import acted
from .requests import answer_request, ask_for_access, may_answer, not_granted, requests_about, waiting

MOST_REQUESTS = 20


@staff(Permission.WORK_CASES)
@require_http_methods(["GET", "HEAD", "POST"])
def hidden(request: StaffRequest, key: uuids.UUID) -> HttpResponse:
    """The categories for which I have no permission, whom to ask, and asking."""
    about = about_of(request, key)
    me, subject = request.me, about.row.pk
    categories = not_granted(about.records, me=me)
    form = AskForm(request.POST or None, categories=categories)

    def ask() -> None:
        typed = form.cleaned_data
        ask_for_access(
            by=me,
            team=me.team.team,
            subject=subject,
            categories=typed["categories"],
            reason=typed["reason"],
            token=typed["token"],
        )

    status = acted(form, ask) if request.method == "POST" else 200
    if status == 302:
        shown(request, [subject], Category.INDEX, act="change")
        messages.success(request, _("Asked. The answer shows here and on My day."))
        return redirect("sharing:hidden", key)
    asked = list(requests_about(about.records, me=me)[:MOST_REQUESTS])
    open_now = any(each.state == AskState.ASKED for each in asked)
    context = {
        "heading": _("What you cannot see"),
        "identity": about.identity,
        "back_url": about.url,
        "categories": [str(each.label) for each in categories],
        "contact": contact_words(whom_to_ask(me, TeamsAtWork.find(about.records))),
        "form": form if categories and (not open_now or form.is_bound) else None,
        "asked": [request_view(each) for each in asked],
        "before_url": page("sharing:before", key),
    }
    return render(request, "sharing/hidden.html", context, status=status)


@staff()
def asked(request: StaffRequest) -> HttpResponse:
    """The requests that wait for an answer of mine, and the latest replies to what I asked."""
    rows = list(waiting(request.me).select_related("author_team__agency")[:MOST_REQUESTS])
    shown(request, [row.subject_id for row in rows], Category.INDEX, act="list")
    context = {
        "heading": _("Requests to see more"),
        "rows": [
            (
                page("sharing:request", row.uuid),
                f"{row.author_team.agency.name}: {row.author_team.name}",
                request_view(row),
            )
            for row in rows
        ],
    }
    return render(request, "sharing/requests.html", context)


@staff()
@require_http_methods(["GET", "HEAD", "POST"])
def answer(request: StaffRequest, uuid: uuids.UUID) -> HttpResponse:
    """One request: for those who answer it, and for those who asked."""
    rows = AccessRequest.objects.select_related(
        "author_team__agency",
        "answering_team__agency",
        "answered_by__practitioner",
        "recorded_by__practitioner",
    )
    row = load(request, rows, uuid=uuid, act="change" if request.method == "POST" else "")
    answers = may_answer(request.me, row) and row.state == AskState.ASKED
    form = ReplyForm(request.POST or None, version=row.version)

    def reply() -> None:
        typed = form.cleaned_data
        answer_request(by=request.me, request=row, version=typed["version"], answer=typed["answer"])

    status = acted(form, reply, current=lambda: row.version) if request.method == "POST" else 200
    if status == 302:
        messages.success(request, _("Answered. They read it now."))
        return redirect(_next(request, row))
    person = Person.objects.filter(pk=row.subject_id).first()
    family = Family.objects.filter(pk=row.subject_id).first() if person is None else None
    asker = getattr(row.recorded_by, "practitioner", None)
    view = request_view(row)
    context = {
        "heading": _("A request to see more"),
        "identity": identity_of(person)
        or (Identity(family.name, url=page("desk:family", family.uuid)) if family is not None else None),
        "form": form if answers else None,
        "view": view,
        "rows": [
            SummaryRow(
                _("Who asks"),
                [
                    *([asker.name] if asker is not None else []),
                    f"{row.author_team.name}, {row.author_team.agency.name}",
                ],
            ),
            SummaryRow(_("Since"), uk_date(row.recorded_at)),
            SummaryRow(_("What they ask to see"), view.what),
            SummaryRow(_("Why"), row.reason),
        ],
        "unnamed": person is None and family is None,
        "back_url": page("sharing:requests"),
    }
    return render(request, "sharing/request.html", context, status=status)


def _next(request: StaffRequest, row: AccessRequest) -> str:
    """After a yes, the page on which the family is asked, with the asking team on it; else the request."""
    here = page("sharing:request", row.uuid)
    if row.answer != Reply.ARRANGING or not request.me.may(Permission.RECORD_CONSENT):
        return here
    person = Person.objects.filter(pk=row.subject_id).first()
    if person is None:
        member = (
            FamilyMember.objects.filter(subject_id=row.subject_id, until=None, voided_at=None)
            .select_related("person")
            .order_by("id")
            .first()
        )
        person = member.person if member is not None else None
    if person is None:
        return here
    return f"{page('sharing:consent', person.uuid)}?with={row.author_team.slug}"
