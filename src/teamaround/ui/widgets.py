"""Widgets that tell the renderer a little more than Django's own: width, hints per choice, layout."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any

from django import forms

WIDTHS = (2, 3, 4, 5, 10, 20, 30)


class TextInput(forms.TextInput):
    """A text box as wide as what is typed into it: `width` in characters, one of 2, 3, 4, 5, 10, 20, 30."""

    def __init__(self, attrs: dict[str, Any] | None = None, width: int | None = None) -> None:
        if width is not None and width not in WIDTHS:
            raise ValueError(f"width must be one of {WIDTHS}")
        self.width = width
        super().__init__(attrs)


class _Choices:
    """`hints` by value; `inline` for two short answers; `small` for filters; `exclusive` ones stand alone."""

    def __init__(
        self,
        attrs: dict[str, Any] | None = None,
        choices: Any = (),
        *,
        hints: Mapping[str, str] | None = None,
        inline: bool = False,
        small: bool = False,
        exclusive: Collection[str] = (),
    ) -> None:
        super().__init__(attrs, choices)  # type: ignore[call-arg]  # the next class in line is a Django widget
        self.hints = dict(hints or {})
        self.inline = inline
        self.small = small
        self.exclusive = frozenset(exclusive)


class RadioSelect(_Choices, forms.RadioSelect):
    """One of a few choices, all in view."""


class CheckboxSelectMultiple(_Choices, forms.CheckboxSelectMultiple):
    """Any of a few choices, all in view."""
