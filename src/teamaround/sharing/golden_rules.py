"""Seven rules to think of before sharing or not sharing, beside every decision. In words of our own, by version.

Source: the seven golden rules of the government's advice on information sharing, 2024.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _


@dataclass(frozen=True, slots=True)
class Rule:
    """One rule: what to do in a few words, and what that means."""

    title: Promise
    words: Promise


RULES: tuple[tuple[dt.date, tuple[Rule, ...]], ...] = (
    (
        dt.date(2024, 5, 1),
        (
            Rule(
                _("Keep the child safe."), _("Data protection law does not stop you from protecting a child.")
            ),
            Rule(
                _("Be open."), _("Tell the family what you share, with whom and why, unless that adds risk.")
            ),
            Rule(
                _("A risk of harm needs no consent."), _("Ask where you can. Do not wait where you cannot.")
            ),
            Rule(_("Not sure? Ask."), _("Take advice, without naming the family where you can.")),
            Rule(_("Hide people from an abuser."), _("Never let one learn where somebody is or who spoke.")),
            Rule(
                _("Only what they need."),
                _(
                    "What is right and matters here, to those with a part in it. Say what is fact and what is view."
                ),
            ),
            Rule(_("Write it down."), _("What you shared and why; or why you did not.")),
        ),
    ),
)


def golden_rules(on: dt.date) -> tuple[Rule, ...]:
    """The rules that stand on a day; before the first version, the first."""
    begun = [rules for since, rules in RULES if since <= on]
    return begun[-1] if begun else RULES[0][1]
