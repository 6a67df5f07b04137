"""The family's own pages."""

from __future__ import annotations

from django.http import HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _

from teamaround.access.categories import Category
from teamaround.access.log import shown
from teamaround.access.requests import FamilyRequest, family
from teamaround.people.models import Person
from teamaround.ui.components import SignedIn


@family
def home(request: FamilyRequest) -> HttpResponse:
    """Who is signed in, and where they can go."""
    person = Person.objects.get(pk=request.person.subject)
    shown(request, [person.pk], Category.INDEX)
    context = {
        "person": person,
        "heading": _("Your information, %(name)s") % {"name": person.given or person.name},
        "signed_in": SignedIn(person.name),
    }
    return render(request, "portal/home.html", context)
