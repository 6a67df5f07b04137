"""What every refusal of an act has in common, whichever room refuses."""

from __future__ import annotations


class Refused(ValueError):
    """The act cannot be done as asked: the message says what to do, `field` names the part of the form."""

    def __init__(self, message: str, field: str = "") -> None:
        super().__init__(message)
        self.field = field
