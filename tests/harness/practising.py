"""What the tests of changing a procedure share: addresses, answers, publishing."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.urls import reverse
from django.utils import timezone

SLUG = "stockport-families-first"


def page(name: str, *args: object) -> str:
    return reverse(f"practice:{name}", args=args or [SLUG])


def words_of(answer: Any) -> str:
    return " ".join(answer.content.decode().split())


def answers() -> dict[str, Any]:
    """The clock form for “every 10 working days”."""
    return {
        "version": "0",
        "limit": "every 10 working days",
        "start": "plan.agreed",
        "stop": ["plan.reviewed"],
        "who": "lead_practitioner",
        "reason": "The plan was agreed or last reviewed {started}; it is reviewed every {limit}.",
    }


def publish(client: Any, day: dt.date | None = None, *, slug: str = SLUG) -> Any:
    """Publish the draft as it is, from today or from `day`."""
    with_version = client.get(page("publish", slug)).context["form"]["version"].value()
    day = day or timezone.localdate()
    return client.post(
        page("publish", slug),
        {"version": with_version, "effective_on": day.strftime("%d/%m/%Y"), "note": "Weekly was too often"},
    )
