"""Business events of rights over one's own data."""

from teamaround.agencies.refusals import Refused


class RightsRefused(Refused):
    """It cannot be done as asked; the message says what to do, `field` names the part of the form."""
