"""Addresses of pages, of rooms above this one too: by name alone."""

from __future__ import annotations

from django.urls import NoReverseMatch, reverse


def url(name: str, *args: object) -> str:
    """The address of a page of any room; empty where that page is not there."""
    try:
        return reverse(name, args=args)
    except NoReverseMatch:
        return ""
