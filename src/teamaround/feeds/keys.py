"""Keys: how one is written, and what is kept of it.

A key reads `ta_` + prefix (8) + `_` + secret (43 characters, 256 random bits). The prefix is public: it names the
key on pages and in logs. Of the whole key a SHA-256 digest is kept; with 256 random bits nothing slower is needed.
"""

from __future__ import annotations

import hashlib
import re
import secrets

PREFIX = 8
_ALPHABET = "abcdefghijkmnpqrstuvwxyz23456789"
_WRITTEN = re.compile(r"ta_([a-z2-9]{8})_([A-Za-z0-9_-]{43})")


def new_key() -> tuple[str, str, str]:
    """A key as it is handed out, once; its public prefix; and the digest to keep."""
    prefix = "".join(secrets.choice(_ALPHABET) for _ in range(PREFIX))
    written = f"ta_{prefix}_{secrets.token_urlsafe(32)}"
    return written, prefix, digest_of(written)


def digest_of(written: str) -> str:
    """What is kept of a key: SHA-256, in hexadecimal."""
    return hashlib.sha256(written.encode("utf-8")).hexdigest()


def prefix_of(written: str) -> str:
    """The public prefix of what was sent; "" where it is not written like a key."""
    found = _WRITTEN.fullmatch(written)
    return found[1] if found else ""
