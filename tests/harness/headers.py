"""What every answer's headers must say, and what no page may hold for them to be worth anything."""

from __future__ import annotations

import re
from typing import Any

ALWAYS = {
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
}
POLICY = {
    "default-src": ["'none'"],
    "script-src": ["'self'"],
    "style-src": ["'self'"],
    "frame-ancestors": ["'none'"],
    "base-uri": ["'none'"],
    "form-action": ["'self'"],
}
INLINE = {
    "a style attribute": re.compile(r"<[a-z][^>]*\sstyle=", re.I),
    "a style element": re.compile(r"<style\b", re.I),
    "a script in the page": re.compile(r"<script(?![^>]*\bsrc=)(?![^>]*type=\"application/json\")", re.I),
    "a handler in an attribute": re.compile(r"<[a-z][^>]*\son[a-z]+=", re.I),
    "a javascript address": re.compile(r"(?:href|action|src)=[\"']\s*javascript:", re.I),
}


def policy_of(answer: Any) -> dict[str, list[str]]:
    """The content policy, directive by directive."""
    given = answer.headers.get("Content-Security-Policy", "")
    parts = [part.split() for part in given.split(";") if part.strip()]
    return {part[0]: part[1:] for part in parts}


def unsafe(answer: Any) -> list[str]:
    """What is missing in the headers, or stands in the page though the policy forbids it."""
    wrong = [
        f"{name}: {answer.headers.get(name)}"
        for name, value in ALWAYS.items()
        if answer.headers.get(name) != value
    ]
    policy = policy_of(answer)
    wrong += [f"{name} {policy.get(name)}" for name, value in POLICY.items() if policy.get(name) != value]
    if any(source.startswith("'unsafe") or source == "*" for each in policy.values() for source in each):
        wrong.append("an unsafe source")
    if "no-store" not in answer.headers.get("Cache-Control", ""):
        wrong.append("may be stored")
    if "camera=()" not in answer.headers.get("Permissions-Policy", ""):
        wrong.append("no permissions policy")
    if not answer.streaming and answer.headers.get("Content-Type", "").startswith("text/html"):
        page = answer.content.decode(errors="replace")
        wrong += [words for words, pattern in INLINE.items() if pattern.search(page)]
    return wrong
