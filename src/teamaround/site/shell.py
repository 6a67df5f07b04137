"""What every page's frame needs: who is signed in, where they can go."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.http import HttpRequest


def shell(request: HttpRequest) -> dict[str, Any]:
    """Context of the base template."""
    return {"demonstration": settings.DEMONSTRATION, "me": getattr(request, "me", None)}
