"""One calm page: what waits for the information-governance lead."""

from __future__ import annotations

from django.http import HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _

from teamaround.access.requests import StaffRequest, staff

from .. import loaders, presenters
from . import HANDLE, named

FEW = 5


@staff(HANDLE)
def overview(request: StaffRequest) -> HttpResponse:
    """Requests with their clocks, what was opened in an emergency, shields, withdrawals, alerts, disposals, agreements."""
    today = presenters.today()
    rows = list(loaders.open_requests())
    names = named(request, [row.subject_id for row in rows])
    withdrawn = loaders.withdrawals()
    context = {
        "heading": _("Governance"),
        "requests": [presenters.request_line(row, names, today) for row in rows],
        "counts": loaders.counts(),
        "withdrawals": [presenters.withdrawal_line(row) for row in withdrawn],
        "withdrawn": sum(row.n for row in withdrawn),
        "disposals": [presenters.disposal_line(row) for row in loaders.disposals()[:FEW]],
        "agreements": [presenters.agreement_line(row, today) for row in loaders.agreements()],
    }
    return render(request, "rights/overview.html", context)
