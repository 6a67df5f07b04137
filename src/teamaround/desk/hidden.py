"""“What you cannot see”: the kinds of information for which the reader has no permission, and whom to ask."""

from __future__ import annotations

import uuid
from collections.abc import Collection, Iterable
from dataclasses import dataclass

from django.utils.translation import gettext as _

from teamaround.sharing.why import Why

from .clocks import page
from .involved import Involved


@dataclass(frozen=True, slots=True)
class Hidden:
    """The section. `categories` depend on the reader's permissions alone, never on what is recorded."""

    categories: tuple[str, ...]
    ask: str
    ask_url: str
    url: str


def hidden_of(why: Why, records: Collection[int], key: uuid.UUID, involved: Iterable[Involved]) -> Hidden:
    """What the reader holds no permission for, and whom to ask: who leads, else whoever governs. No query."""
    lead = next((row for row in involved if row.lead and not row.mine), None)
    ask = _("Ask the information-governance lead.")
    if lead is not None:
        ask = _("Ask the lead practitioner, %(name)s.") % {"name": lead.worker}
    return Hidden(
        categories=tuple(str(each.label) for each in why.not_granted(records)),
        ask=ask,
        ask_url=lead.contact_url if lead is not None else "",
        url=page("sharing:hidden", key),
    )
