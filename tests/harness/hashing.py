"""Passwords of tests: hashed in the product's own way, with so few turns that a sign-in costs nothing."""

from __future__ import annotations

from django.contrib.auth.hashers import PBKDF2PasswordHasher


class FewTurns(PBKDF2PasswordHasher):
    """Django's own, which reads and writes the same; only the turns are fewer."""

    iterations = 2
