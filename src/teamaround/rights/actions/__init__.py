"""Business events of rights over one's own data."""


class RightsRefused(ValueError):
    """It cannot be done as asked; the message says what to do, `field` names the part of the form."""

    def __init__(self, message: str, field: str = "") -> None:
        super().__init__(message)
        self.field = field
