"""The signed stamp: what the database believes about who is asking.

A plain setting could be forged by anybody who can run SQL on the application's connection. The stamp
therefore carries a keyed digest (HMAC-SHA-256, RFC 2104) over its content, the backend's process id and
an expiry; the database verifies it with a key that only the engine role can read.
"""

from __future__ import annotations

import hashlib
import hmac
import time

from .actor import Actor

LIFETIME_SECONDS = 3600
BLOCK = 64


def padded_keys(key: bytes) -> tuple[bytes, bytes]:
    """The inner and outer padded keys of HMAC-SHA-256, as the database stores them."""
    if len(key) > BLOCK:
        key = hashlib.sha256(key).digest()
    key = key.ljust(BLOCK, b"\0")
    return bytes(b ^ 0x36 for b in key), bytes(b ^ 0x5C for b in key)


def sign(actor: Actor, *, backend_pid: int, key: bytes, now: float | None = None) -> str:
    """The value of `app.stamp` for one transaction of one backend.

    Form: `kind|principal|account|p1,p2,...|expiry|pid|hex digest`; the expiry is in seconds since 1970.
    """
    expiry = int(now if now is not None else time.time()) + LIFETIME_SECONDS
    principals = ",".join(map(str, actor.principals))
    body = f"{actor.kind}|{actor.principal}|{actor.account}|{principals}|{expiry}|{backend_pid}"
    return f"{body}|{hmac.new(key, body.encode(), hashlib.sha256).hexdigest()}"
