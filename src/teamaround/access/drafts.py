"""What was typed and not yet saved: kept for its author alone, for 30 days."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.db.models.functions import Now
from django.utils import timezone

from .me import Me
from .models import Draft

KEPT_DAYS = 30
LARGEST = 200_000


def keep_draft(*, by: Me, form: str, about: str, typed: dict[str, Any]) -> Draft:
    """Keep what was typed in this form about this thing; a later draft replaces it. Never keeps secrets."""
    clean = {
        name: value
        for name, value in typed.items()
        if name not in {"csrfmiddlewaretoken", "version"} and "password" not in name
    }
    draft, _ = Draft.objects.update_or_create(
        practitioner_id=by.principal,
        form=form,
        about=about,
        defaults={
            "typed": clean,
            "saved_at": Now(),
            "purge_on": timezone.localdate() + dt.timedelta(days=KEPT_DAYS),
        },
    )
    return draft


def draft_of(*, by: Me, form: str, about: str) -> Draft | None:
    """The draft of this form about this thing, if there is one."""
    return Draft.objects.filter(practitioner_id=by.principal, form=form, about=about).first()


def drop_draft(*, by: Me, form: str, about: str) -> None:
    """Forget the draft: it was saved, or its author does not want it."""
    Draft.objects.filter(practitioner_id=by.principal, form=form, about=about).delete()
