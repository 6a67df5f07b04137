"""The frame that every page stands in."""

from __future__ import annotations

import pytest
from django.template.loader import render_to_string


@pytest.mark.parametrize(
    ("context", "title"),
    [
        ({"title": "Plan & goals"}, "Plan &amp; goals"),
        ({"heading": "My day"}, "My day"),
        ({"title": "Short", "heading": "A long heading"}, "Short"),
        ({}, ""),
    ],
)
def test_a_page_is_titled_by_its_title_or_else_its_heading(context: dict[str, str], title: str) -> None:
    assert f"<title>{title} – Team Around</title>" in render_to_string("ui/base.html", context)
