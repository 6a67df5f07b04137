"""The family's own pages: who can see, who looked, what is known; and what they write to us."""

from __future__ import annotations

import datetime as dt
import uuid
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from teamaround.access.categories import Category
from teamaround.access.log import shown
from teamaround.access.reading import Cursor, looks_on
from teamaround.access.requests import FamilyRequest, family
from teamaround.people.merging import records_of
from teamaround.people.models import Person
from teamaround.ui.components import SignedIn, Task
from teamaround.ui.presentation import uk_date

from . import pages
from .children import my_children
from .forms import MESSAGE_FORMS
from .messages import MOST, MessageRefused, send_message
from .models import FamilyMessage, MessageKind
from .own import may_be_of_age, may_decide, own_languages, own_sharing

LOOKS_A_PAGE = 20


def own_page(
    request: FamilyRequest, person: Person, template: str, heading: str, *, status: int = 200, **more: Any
) -> HttpResponse:
    """A page of the family's own, with its header and the way back."""
    home = reverse("portal:home")
    context = {
        "heading": heading,
        "person": person,
        "signed_in": SignedIn(person.name),
        "home_url": home,
        "back_url": home,
        **more,
    }
    return render(request, template, context, status=status)


def own_entry(request: FamilyRequest, *, act: str = "") -> Person:
    """The person who is signed in, with the line of this request in the access log."""
    person = Person.objects.get(pk=request.person.subject)
    shown(request, [person.pk], Category.INDEX, act=act)
    return person


@family
def home(request: FamilyRequest) -> HttpResponse:
    """Who is signed in, and where they can go."""
    person = own_entry(request)
    groups: tuple[tuple[str, tuple[tuple[str, str, str], ...]], ...] = (
        (
            _("Who sees what"),
            (
                (
                    _("Who can see my information"),
                    "portal:sharing",
                    _("Which teams, what they see, and why."),
                ),
                (_("Who has looked"), "portal:looks", _("When, and why.")),
                (_("Say yes or no"), "portal:agree", _("You choose who sees what.")),
                (_("Change my mind"), "portal:change", _("Stop sharing. It counts at once.")),
            ),
        ),
        (
            _("About me"),
            (
                (
                    _("My appointments"),
                    "portal:calendar",
                    _("When, where and with whom. For your phone too."),
                ),
                (_("What you know about me"), "portal:about", _("Name, birthday and languages.")),
                (_("Something is wrong"), "portal:put_right", _("Tell us what is right.")),
            ),
        ),
        (
            _("Talk to us"),
            (
                (_("Ask a question"), "portal:ask", _("We answer here.")),
                (_("Complain"), "portal:complain", _("If we used your information in a wrong way.")),
                (_("What I wrote, and your answers"), "portal:messages", ""),
            ),
        ),
    )
    parent = _may_be_a_parent(person)
    if parent:
        hint = _("Say who may see what about them.")
        groups = (
            groups[0],
            (_("My children"), ((_("Your children"), "portal:children", hint),)),
            *groups[1:],
        )
    lists = [
        (title, [Task(text=text, status="", url=reverse(name), hint=hint) for text, name, hint in entries])
        for title, entries in groups
    ]
    heading = _("Hello %(name)s") % {"name": person.given or person.name}
    return own_page(request, person, "portal/home.html", heading, groups=lists, parent=parent, back_url="")


def _may_be_a_parent(person: Person) -> bool:
    """Whether their page speaks of children: for everybody who may be 16 or over alike, so that it tells of no
    child; for somebody younger, where there is a child to answer for."""
    return may_be_of_age(person) or bool(my_children())


@family
def sharing(request: FamilyRequest) -> HttpResponse:
    """Which teams may see what, since when, until when and why."""
    person = own_entry(request)
    cards = pages.cards(own_sharing(), person, may_decide=may_decide(person))
    return own_page(request, person, "portal/sharing.html", _("Who can see my information"), cards=cards)


@family
def looks(request: FamilyRequest) -> HttpResponse:
    """Who has looked, the latest first; a page at a time, by the last look of the page before."""
    person = own_entry(request)
    found = looks_on(person.pk, before=_cursor(request.GET.get("before", "")), most=LOOKS_A_PAGE + 1)
    older = ""
    if len(found) > LOOKS_A_PAGE:
        found = found[:LOOKS_A_PAGE]
        last = found[-1].cursor
        older = f"{reverse('portal:looks')}?before={last.at.timestamp():.6f}_{last.look}"
    return own_page(
        request,
        person,
        "portal/looks.html",
        _("Who has looked"),
        looks=pages.look_lines(found),
        older=older,
        newest=reverse("portal:looks") if "before" in request.GET else "",
    )


def _cursor(typed: str) -> Cursor | None:
    """Where the page before ended; None for the first page. 404 for anything else."""
    if not typed:
        return None
    at, _, look = typed.partition("_")
    try:
        return Cursor(dt.datetime.fromtimestamp(float(at), tz=dt.UTC), uuid.UUID(look))
    except (ValueError, OverflowError, OSError) as wrong:
        raise Http404 from wrong


@family
def about(request: FamilyRequest) -> HttpResponse:
    """What is known of the person themselves; nothing of anybody else."""
    person = own_entry(request)
    rows = pages.known(person, own_languages())
    return own_page(request, person, "portal/about.html", _("What you know about me"), rows=rows)


@family
def write(request: FamilyRequest, kind: str) -> HttpResponse:
    """Ask, put right, or complain."""
    person = own_entry(request, act="change" if request.method == "POST" else "")
    wanted = MessageKind(kind)
    form = MESSAGE_FORMS[wanted](request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            send_message(by=request.person, kind=wanted, **form.cleaned_data)
        except MessageRefused as refused:
            form.add_error(refused.field, str(refused))
        else:
            messages.success(request, _("Sent. The answer will show here."))
            return redirect("portal:messages")
    headings = {
        MessageKind.QUESTION: _("Ask a question"),
        MessageKind.CORRECTION: _("Something is wrong"),
        MessageKind.COMPLAINT: _("Complain"),
    }
    by = uk_date(timezone.localdate() + dt.timedelta(days=30))
    leads = {
        MessageKind.QUESTION: _("You can ask about who sees your information, and why."),
        MessageKind.CORRECTION: _("Is something about you wrong here? Tell us, and we will look at it."),
        MessageKind.COMPLAINT: _(
            "Did somebody use your information in a way that was wrong? Tell us. The people it is about do not read "
            "this. We will tell you by %(by)s that we have it."
        )
        % {"by": by},
    }
    return own_page(
        request,
        person,
        "portal/write.html",
        headings[wanted],
        form=form,
        lead=leads[wanted],
        complaint=wanted == MessageKind.COMPLAINT,
        submit=_("Send"),
        status=422 if form.errors else 200,
    )


@family
def written(request: FamilyRequest) -> HttpResponse:
    """What the person wrote, and what came back."""
    person = own_entry(request)
    rows = FamilyMessage.objects.filter(subject_id__in=records_of(person.pk)).order_by("-sent_at", "-id")[
        :MOST
    ]
    lines = pages.message_lines(rows)
    return own_page(request, person, "portal/messages.html", _("What I wrote, and your answers"), lines=lines)
