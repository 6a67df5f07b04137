"""What a worker can do, as they or their manager say it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.db import IntegrityError, transaction
from django.db.models import F
from django.utils.translation import gettext as _

from .models import Practitioner, Site, Skill, WorkerProfile
from .refusals import Refused

MOST_LANGUAGES = 8


class ProfileRefused(Refused):
    """What was said of a worker cannot stand; `field` names the form field."""


class StaleProfile(Exception):
    """Somebody else changed it meanwhile. Nothing was written."""


def languages_of(typed: str) -> list[str]:
    """The languages in a text, one a line or with commas between them, each once, as they were written."""
    found: dict[str, str] = {}
    for part in typed.replace(",", "\n").replace(";", "\n").splitlines():
        name = " ".join(part.split())
        if name:
            found.setdefault(name.casefold(), name)
    return list(found.values())


def profile_of(practitioner: int) -> WorkerProfile | None:
    """What is said of a worker, as far as I may read it."""
    return WorkerProfile.objects.filter(pk=practitioner).select_related("based_at").first()


@transaction.atomic
def keep_profile(
    *,
    practitioner: Practitioner,
    version: int,
    skills: Sequence[str],
    languages: Sequence[str],
    based_at: Site | None = None,
    sex: str | None = None,
) -> WorkerProfile:
    """Say what a worker can do; `version` is 0 before anything was said. `sex` None leaves it as it is: the database
    takes it from the worker alone.

    Raises ProfileRefused, and StaleProfile where it was changed meanwhile or is not mine to change.
    """
    if len(languages) > MOST_LANGUAGES or any(len(each) > 40 for each in languages):
        raise ProfileRefused(
            _("Name at most %(n)d languages, each in at most 40 letters.") % {"n": MOST_LANGUAGES},
            "languages",
        )
    if any(each not in Skill.values for each in skills):
        raise ProfileRefused(_("Choose from the list."), "skills")
    said: dict[str, Any] = {"skills": sorted(skills), "languages": list(languages), "based_at": based_at}
    if sex is not None:
        said["sex"] = sex
    if version == 0:
        try:
            with transaction.atomic():
                return WorkerProfile.objects.create(practitioner=practitioner, **said)
        except IntegrityError as first:
            raise StaleProfile from first
    if not WorkerProfile.objects.filter(pk=practitioner.pk, version=version).update(
        version=F("version") + 1, **said
    ):
        raise StaleProfile
    return WorkerProfile.objects.get(pk=practitioner.pk)
