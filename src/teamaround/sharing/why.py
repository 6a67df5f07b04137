"""The answer to “why can I see this?”: own work, or the grants that hold now."""

from __future__ import annotations

from django.db.models import Q
from django.db.models.functions import Now
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from teamaround.access.me import Me
from teamaround.access.models import BasisKind, Grant
from teamaround.ui.presentation import uk_date

from .models import Basis

_REASONS = {
    BasisKind.INVOLVEMENT: gettext_lazy("Your team works with them."),
    BasisKind.PURPOSE: gettext_lazy("You stated a professional purpose today."),
    BasisKind.EPISODE: gettext_lazy("Your team has a referral or case in hand."),
    BasisKind.PANEL: gettext_lazy("The case is on the agenda of your panel."),
    BasisKind.OWN: gettext_lazy("This is about you."),
}


def why(*, by: Me, subject: int, category: str, author_team: int | None = None) -> str:
    """Why I may see this category of this subject, in a sentence or two; empty where I may not."""
    if author_team in by.teams:
        return _("Your team wrote this.")
    grants = Grant.objects.filter(
        Q(valid_during__contains=Now()), subject_id=subject, category=category
    ).values_list("basis_kind", "basis_id")
    return " ".join(sorted({_reason(kind, basis) for kind, basis in grants}))


def _reason(kind: str, basis_id: int) -> str:
    if kind not in (BasisKind.CONSENT, BasisKind.SAFEGUARDING):
        return str(_REASONS[BasisKind(kind)])
    basis = Basis.objects.filter(pk=basis_id).select_related("given_by").first()
    if kind == BasisKind.SAFEGUARDING or basis is None:
        return _("Another team shared it to keep somebody safe.")
    who = basis.given_by.name if basis.given_by else _("The family")
    return _("%(who)s agreed on %(since)s that your team may see this, until %(until)s.") % {
        "who": who,
        "since": uk_date(basis.valid_from),
        "until": uk_date(basis.valid_until),
    }
