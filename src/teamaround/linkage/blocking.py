"""Which pairs are worth scoring: rules that are equalities alone, so that an index or a hash join answers them.

Each rule finds pairs that another misses: a wrong date, a changed surname, a move, a missing forename. No rule
rests on forename sound and postcode sector alone: that one made 44% of all pairs for almost no child more.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from teamaround.linkage.conditions import Sides

#: What tells a child from others of the name. A record with none of it says a name and nothing more.
BESIDE_A_NAME = ("born", "outward", "nhs", "upn")


@dataclass(frozen=True, slots=True)
class Rule:
    """Records that agree on all `same` columns, none of them empty, and for each pair of `crossed` columns, the
    one of the left with the other of the right. `bare` names the side that says a name and nothing more."""

    name: str
    same: tuple[str, ...] = ()
    crossed: tuple[tuple[str, str], ...] = ()
    bare: Literal["", "left", "right"] = ""

    def sql(self, sides: Sides) -> str:
        """The rule as a condition of a join."""
        parts = [
            f"{sides.left(one)} = {sides.right(other)}"
            for one, other in (*((column, column) for column in self.same), *self.crossed)
        ]
        parts += [f"{sides.left(column)} <> ''" for column in (*self.same, *(one for one, _ in self.crossed))]
        if self.bare:
            side = sides.left if self.bare == "left" else sides.right
            parts += [f"{side(column)} = ''" for column in BESIDE_A_NAME]
        return " and ".join(parts)


RULES: tuple[Rule, ...] = (
    Rule("NHS number", ("nhs",)),
    Rule("pupil number", ("upn",)),
    Rule("birthday, surname", ("born", "family_sound")),
    Rule("birthday, last part of a double surname", ("born", "family_last")),
    Rule("birthday, forename", ("born", "given_sound")),
    Rule("birthday, district", ("born", "outward")),
    Rule("birthday changed about, district", ("outward",), (("born", "born_swapped"),)),
    Rule("birthday changed about, surname", ("family_sound",), (("born", "born_swapped"),)),
    Rule("birthday, names changed about", ("born",), (("given", "family"),)),
    Rule("birthday, names changed about the other way", ("born",), (("family", "given"),)),
    Rule("names changed about", (), (("given", "family"), ("family", "given"))),
    Rule("name, year", ("family_sound", "given_sound", "born_year")),
    Rule("name, day and month", ("family_sound", "given_letter", "born_month_day")),
    Rule("name, district", ("family_sound", "given_sound", "outward")),
    Rule("written name", ("family", "given")),
    Rule("forename, postcode", ("given_letter", "postcode")),
    Rule("surname, postcode", ("family_sound", "postcode")),
    Rule("forename, month, sector", ("given_sound", "born_year_month", "sector")),
    # A surname that changed, and one part of the birthday with it.
    Rule("forename, year and day, district", ("given_sound", "born_year_day", "outward")),
    Rule("forename, day and month, district", ("given_sound", "born_month_day", "outward")),
    Rule("name, nothing more on the left", ("family_sound", "given_sound"), bare="left"),
    Rule("name, nothing more on the right", ("family_sound", "given_sound"), bare="right"),
)
