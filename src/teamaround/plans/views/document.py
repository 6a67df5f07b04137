"""The plan on paper: a page for printing, and the same as a tagged PDF."""

from __future__ import annotations

import uuid
from pathlib import Path
from typing import Any, NoReturn

from django.http import HttpResponse
from django.shortcuts import render
from django.template.loader import render_to_string
from django.utils import timezone
from django.utils.translation import gettext as _

from teamaround.access.requests import StaffRequest, load, staff
from teamaround.agencies.roles import Permission

from ..links import url
from ..loaders import plans
from ..models import Plan
from ..pages import plan_page

STYLES = Path(__file__).parent.parent / "static" / "plans" / "document.css"


def _document(request: StaffRequest, row: Plan) -> dict[str, Any]:
    return {
        "plan": plan_page(request, row, members_without_goals=False),
        "printed_at": timezone.now(),
        "printed_by": f"{request.me.name}, {request.me.team.team_name}",
        "draft": row.state == "draft",
    }


@staff(Permission.WORK_CASES)
def printed(request: StaffRequest, plan: uuid.UUID) -> HttpResponse:
    """The plan as it is printed."""
    row = load(request, plans(), uuid=plan, act="print")
    context = _document(request, row)
    return render(
        request,
        "plans/print.html",
        {**context, "back_url": url("plans:detail", row.uuid), "back_text": _("Back to the plan")},
    )


@staff(Permission.WORK_CASES)
def pdf(request: StaffRequest, plan: uuid.UUID) -> HttpResponse:
    """The plan as a tagged PDF. Where this machine cannot make one, a page that offers the print view."""
    row = load(request, plans(), uuid=plan, act="export")
    try:
        made = make_pdf(render_to_string("plans/pdf.html", _document(request, row)))
    except PdfUnavailable:
        context = {
            "heading": _("A PDF cannot be made here"),
            "explanation": [
                _("This machine lacks Pango, which lays out the letters of a PDF."),
                _("You can print the plan from your browser instead, or save it as a PDF there."),
            ],
            "next_url": url("plans:print", row.uuid),
            "next_text": _("Open the plan for printing"),
        }
        return render(request, "plans/no_pdf.html", context)
    response = HttpResponse(made, content_type="application/pdf")
    response["Content-Disposition"] = 'attachment; filename="plan.pdf"'
    response["Cache-Control"] = "no-store"
    return response


class PdfUnavailable(Exception):
    """The libraries that lay out a PDF are missing on this machine."""


def make_pdf(html: str) -> bytes:
    """The page as a tagged PDF for universal access. It may load nothing: whatever it needs is in it.

    Raises PdfUnavailable where WeasyPrint cannot find Pango.
    """
    try:
        import weasyprint
    except OSError as missing:
        raise PdfUnavailable from missing
    document = weasyprint.HTML(string=html, url_fetcher=_nothing_else)
    made: bytes = document.write_pdf(
        stylesheets=[weasyprint.CSS(filename=str(STYLES))], pdf_variant="pdf/ua-1"
    )
    return made


def _nothing_else(address: str, *args: Any, **kwargs: Any) -> NoReturn:
    raise ValueError("the document loads nothing from elsewhere")
