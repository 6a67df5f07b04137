"""Where passkeys can work at all."""

from __future__ import annotations

import ipaddress

from django.http import HttpRequest


def passkeys_possible(request: HttpRequest) -> bool:
    """Whether browsers make passkeys for this address: for a name, never for a bare number.

    A passkey belongs to a name for good. Without https only the name `localhost` will do.
    """
    host = request.get_host().rsplit(":", 1)[0].strip("[]")
    try:
        ipaddress.ip_address(host)
    except ValueError:
        return request.is_secure() or host == "localhost" or host.endswith(".localhost")
    return False
