"""How counts of children are shown so that nobody is found in them. Pure: no database and no framework.

Three rules, each of which needs the others:

- A count under five is shown as "fewer than 5", any other rounded to the nearest five. For a school or surgery
  "none" is told from one to four, since that is what a partnership looks for; for an area it is not.
- What belongs to no listed place (no address, no school, elsewhere) is in the total and is shown nowhere. So a
  total less its parts leaves an unknown rest and gives no small count back.
- The total is rounded as coarsely as its parts need. How coarsely is decided from what is shown alone, never
  from the true total: the choice itself tells nothing.

Together: for every count shown as "fewer than 5" each of its possible values fits everything that is shown
equally well. The database does the same in `app.count_coverage`, and a test compares the two.
"""

from __future__ import annotations

from teamaround.disclosure.counts import (
    BASE,
    BASES,
    FEW,
    Shown,
    classes_of,
    publish,
    rounded,
    safe_base,
    show,
    show_total,
)

__all__ = [
    "BASE",
    "BASES",
    "FEW",
    "Shown",
    "classes_of",
    "publish",
    "rounded",
    "safe_base",
    "show",
    "show_total",
]
