"""Answers of a search, as the page lists them: no more than is needed to pick the right one."""

from __future__ import annotations

import uuid
from dataclasses import dataclass

from django.utils.translation import gettext as _

from teamaround.index.actions import Found
from teamaround.ui.presentation import age, uk_date


@dataclass(frozen=True, slots=True)
class FoundView:
    """One answer: the name, what tells people apart, and why it is here.

    `emergency` says that I may not open the record itself, and may do so in an emergency.
    """

    uuid: uuid.UUID
    name: str
    line: str
    why: str
    protected: bool = False
    emergency: bool = False


def found_view(found: Found, *, emergency: bool = False) -> FoundView:
    """An answer in words. Of a protected entry there is nothing to tell but that it exists."""
    if found.protected:
        told = _("Ask the information-governance lead.")
        return FoundView(found.uuid, _("An entry exists and is protected"), told, "", protected=True)
    parts = []
    if found.date_of_birth is not None:
        born = uk_date(found.date_of_birth, found.born_precision)
        parts.append(
            _("born %(born)s, aged %(age)s")
            % {"born": born, "age": age(found.date_of_birth, precision=found.born_precision)}
        )
    else:
        parts.append(_("date of birth not known"))
    if found.area:
        parts.append(_("lives in %(area)s") % {"area": found.area})
    line = "; ".join(parts)
    why = _joined(found.why)
    return FoundView(
        found.uuid,
        found.name,
        line[:1].upper() + line[1:],
        why[:1].upper() + why[1:],
        emergency=emergency,
    )


def _joined(words: tuple[str, ...]) -> str:
    if len(words) < 2:
        return words[0] if words else _("close to what you typed")
    return f"{', '.join(words[:-1])} {_('and')} {words[-1]}"
