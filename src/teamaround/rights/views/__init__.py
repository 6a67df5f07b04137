"""Pages of the information-governance lead. Whoever is named on one gets a line in the access log."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from django.forms import BaseForm

from teamaround.access.categories import Category
from teamaround.access.log import shown
from teamaround.access.requests import StaffRequest
from teamaround.agencies.roles import Permission

from ..actions import RightsRefused
from ..loaders import Named, names_of

HANDLE = Permission.HANDLE_RIGHTS
REASON = "A request about their own data, or a legal hold"


def named(request: StaffRequest, subjects: Iterable[int], *, act: str = "list") -> dict[int, Named]:
    """The names of these subjects; each is a look, with its reason."""
    found = names_of(subjects)
    shown(request, found, Category.INDEX, act=act, reason=REASON)
    return found


def acted(form: BaseForm, act: Callable[[], object]) -> bool:
    """Whether the form is right and the act went through; a refusal stands beside its field."""
    if not form.is_bound or not form.is_valid():
        return False
    try:
        act()
    except RightsRefused as refused:
        form.add_error(refused.field if refused.field in form.fields else None, str(refused))
        return False
    return True
