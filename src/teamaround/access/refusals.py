"""What somebody may not do, in words: raised by actions, answered in one place."""

from __future__ import annotations

from django.core.exceptions import PermissionDenied


class NotAllowed(PermissionDenied, PermissionError):
    """Whoever acts may not do this. `what` says what is not allowed, `who` says who may, each a sentence.

    Left to itself it becomes a plain page with status 403 that says both, and a refusal in the access log.
    An operating system's PermissionError is none of these: that is a failure.
    """

    def __init__(self, what: str, who: str) -> None:
        super().__init__(what)
        self.what = what
        self.who = who


__all__ = ["NotAllowed"]
