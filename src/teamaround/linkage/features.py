"""What blocking and comparing need of a record, worked out once by the one normaliser.

The same fields are a row of a table in DuckDB (batch) and in PostgreSQL (live): text is "" and an array is empty
where nothing is known, never null, so that no three-valued logic tells the engines apart.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, fields
from datetime import date

from teamaround.linkage import normalise
from teamaround.linkage.sounds import sound
from teamaround.linkage.spellings import forms


@dataclass(frozen=True, slots=True)
class Record:
    """A child as one agency writes it. `postcodes` are the present one first, then former ones.

    `nhs_traced` says that the number was confirmed against the national service, not merely written down.
    """

    given: str = ""
    middle: str = ""
    family: str = ""
    born: date | None = None
    precision: normalise.Precision | None = "day"
    sex: str = ""
    postcodes: Sequence[str] = ()
    nhs: str = ""
    upn: str = ""
    nhs_traced: bool = False


@dataclass(frozen=True, slots=True)
class Features:
    """A record made ready. Names are a-z, dates eight figures, postcodes without a space."""

    given: str = ""
    given_start: str = ""
    given_letter: str = ""
    given_letters: str = ""
    given_sound: str = ""
    given_forms: tuple[str, ...] = ()
    middle: str = ""
    middle_letter: str = ""
    family: str = ""
    family_letter: str = ""
    family_letters: str = ""
    family_sound: str = ""
    family_last: str = ""
    family_parts: tuple[str, ...] = ()
    family_forms: tuple[str, ...] = ()
    family_sounds: tuple[str, ...] = ()
    born: str = ""
    born_swapped: str = ""
    born_year: str = ""
    born_year_month: str = ""
    born_year_day: str = ""
    born_month_day: str = ""
    sex: str = ""
    postcode: str = ""
    postcodes: tuple[str, ...] = ()
    sector: str = ""
    outward: str = ""
    area: str = ""
    nhs: str = ""
    nhs_traced: bool = False
    upn: str = ""


#: Column name and whether it is an array of text, in the order of a features table.
COLUMNS: dict[str, str] = {
    one.name: "boolean"
    if one.name == "nhs_traced"
    else "text[]"
    if str(one.type).startswith("tuple")
    else "text"
    for one in fields(Features)
}


def features_of(record: Record) -> Features:
    """The features of a record. Never fails: what cannot be read counts as not known."""
    names = normalise.words(record.given) + normalise.words(record.middle)
    given = names[0] if normalise.words(record.given) else ""
    rest = names[1:] if given else names
    family, parts = normalise.surname(record.family)
    born = normalise.birth(record.born, record.precision)
    found = [normalise.postcode(text) for text in record.postcodes]
    whole = tuple(dict.fromkeys(code for code, _ in found if code))
    postcode, outward = next((pair for pair in found if pair[1]), ("", ""))
    middle = rest[0] if rest else ""
    return Features(
        given=given,
        given_start=given[:3],
        given_letter=given[:1],
        given_letters="".join(sorted(given)),
        given_sound=sound(given),
        given_forms=forms(given),
        middle=middle,
        middle_letter=middle[:1],
        family=family,
        family_letter=family[:1],
        family_letters="".join(sorted(family)),
        family_sound=sound(family),
        family_last=parts[-1] if parts else "",
        family_parts=parts,
        family_forms=tuple(dict.fromkeys(form for part in parts for form in forms(part, "surnames"))),
        family_sounds=tuple(dict.fromkeys(sound(part) for part in parts)),
        born=born,
        born_swapped=normalise.day_and_month_changed_about(born),
        born_year=born[:4],
        born_year_month=born[:6],
        born_year_day=born[:4] + born[6:],
        born_month_day=born[4:],
        sex=normalise.sex(record.sex),
        postcode=postcode,
        postcodes=whole,
        sector=postcode[:-2],
        outward=outward,
        area=outward[:2] if outward[:2].isalpha() else outward[:1],
        nhs=normalise.nhs_number(record.nhs),
        nhs_traced=record.nhs_traced,
        upn=normalise.pupil_number(record.upn),
    )
