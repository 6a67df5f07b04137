"""Pages that everybody may read: help, accessibility, privacy."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _


def help_page(request: HttpRequest) -> HttpResponse:
    """How to begin, and whom to ask."""
    return render(request, "desk/help.html", {"heading": _("Help")})


def accessibility(request: HttpRequest) -> HttpResponse:
    """What was done so that everybody can use this, and what to do where it fails."""
    return render(request, "desk/accessibility.html", {"heading": _("Accessibility statement")})


def privacy(request: HttpRequest) -> HttpResponse:
    """What is kept about people and about those who look."""
    return render(request, "desk/privacy.html", {"heading": _("Privacy")})
