"""Which agencies sign their people in themselves: read from one private file, never from the database.

The file named by `TEAMAROUND_SIGN_ON` (mode 0600) is a YAML list, one entry an agency:

    - agency: northmoor-council            # the agency's short name here
      issuer: https://login.northmoor.example/tenant
      client_id: team-around
      client_secret: ...
      email_domains: [northmoor.example]   # addresses that this issuer alone gives out, verified by that
      second_factor:                       # what in its answer counts as a second factor; without it ours is asked
        amr: [mfa, otp, hwk]
        acr: [urn:northmoor:two-factor]
"""

from __future__ import annotations

import ipaddress
import stat
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import yaml


class SignOnError(Exception):
    """The file cannot be used; the message says what, where and what to do."""


@dataclass(frozen=True, slots=True)
class SignOn:
    """One agency's own sign-on. The secret never shows in `repr`."""

    agency: str
    issuer: str
    client_id: str
    client_secret: str = field(repr=False)
    email_domains: tuple[str, ...] = ()
    amr: frozenset[str] = frozenset()
    acr: frozenset[str] = frozenset()


KNOWN = {"agency", "issuer", "client_id", "client_secret", "email_domains", "second_factor"}


def read_sign_on(path: str) -> dict[str, SignOn]:
    """The agencies' sign-ons by the agency's short name; none without a path.

    Raises SignOnError for a file that is missing, damaged, or can be read by other users, for two entries of
    one agency or issuer, and for an issuer that is not reached by https.
    """
    if not path:
        return {}
    place = Path(path)
    try:
        if stat.S_IMODE(place.stat().st_mode) & 0o077:
            raise SignOnError(f"The sign-on file {path} can be read by other users. Run: chmod 600 '{path}'")
        listed = yaml.safe_load(place.read_text("utf-8"))
    except OSError as error:
        raise SignOnError(f"The sign-on file {path} cannot be read: {error.strerror or error}.") from error
    except yaml.YAMLError:
        # Its words would quote the line, and the line may hold the secret.
        raise SignOnError(f"The sign-on file {path} is no valid YAML.") from None
    if not isinstance(listed, list):
        raise SignOnError(f"The sign-on file {path} must be a list of agencies.")
    found: dict[str, SignOn] = {}
    for number, entry in enumerate(listed, start=1):
        made = _entry(entry, f"entry {number} of the sign-on file {path}")
        if made.agency in found or any(made.issuer == other.issuer for other in found.values()):
            raise SignOnError(f"The sign-on file {path} names an agency or issuer twice: {made.agency}.")
        found[made.agency] = made
    return found


def providers(sign_ons: Mapping[str, SignOn]) -> dict[str, Any]:
    """The same for the sign-in library, with PKCE."""
    return {
        "openid_connect": {
            "OAUTH_PKCE_ENABLED": True,
            "APPS": [
                {
                    "provider_id": each.agency,
                    "name": each.agency,
                    "client_id": each.client_id,
                    "secret": each.client_secret,
                    "settings": {"server_url": each.issuer, "fetch_userinfo": False},
                }
                for each in sign_ons.values()
            ],
        }
    }


def reached_safely(address: str) -> bool:
    """Whether an address is reached by https; plain http only on this machine itself, for trying things out."""
    parts = urlsplit(address)
    if parts.scheme == "https" and parts.hostname:
        return True
    try:
        return parts.scheme == "http" and ipaddress.ip_address(parts.hostname or "").is_loopback
    except ValueError:
        return False


def _entry(entry: Any, where: str) -> SignOn:
    if not isinstance(entry, dict) or set(entry) - KNOWN:
        raise SignOnError(f"{where}: only {', '.join(sorted(KNOWN))} are known.")
    second = entry.get("second_factor") or {}
    if not isinstance(second, dict) or set(second) - {"amr", "acr"}:
        raise SignOnError(f"{where}: second_factor holds the lists amr and acr, nothing else.")
    words = {name: entry.get(name) for name in ("agency", "issuer", "client_id", "client_secret")}
    for name, value in words.items():
        if not isinstance(value, str) or not value.strip():
            raise SignOnError(f"{where}: {name} is missing.")
    issuer = str(words["issuer"]).strip()
    if not reached_safely(issuer):
        raise SignOnError(f"{where}: the issuer must be an https address.")
    return SignOn(
        agency=str(words["agency"]).strip(),
        issuer=issuer,
        client_id=str(words["client_id"]).strip(),
        client_secret=str(words["client_secret"]).strip(),
        email_domains=tuple(each.lower() for each in _words(entry.get("email_domains"), where)),
        amr=frozenset(_words(second.get("amr"), where)),
        acr=frozenset(_words(second.get("acr"), where)),
    )


def _words(listed: Any, where: str) -> Iterable[str]:
    if listed is None:
        return ()
    if not isinstance(listed, list) or not all(isinstance(each, str) for each in listed):
        raise SignOnError(f"{where}: domains, amr and acr are lists of words.")
    return listed
