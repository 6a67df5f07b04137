"""Numbers and codes that stand for a child or a place, tested by their check digits where they have them."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Literal

from stdnum.exceptions import InvalidComponent, ValidationError
from stdnum.gb import nhs, upn

from teamaround.sheets.names import clean, is_nothing
from teamaround.sheets.refusal import Reason, RefusedError

Sex = Literal["F", "M", "U"]

_SEXES: dict[str, Sex] = {
    **dict.fromkeys(("f", "female", "girl", "woman", "2", "fem", "g"), "F"),
    **dict.fromkeys(("m", "male", "boy", "man", "1", "b"), "M"),
    **dict.fromkeys(
        ("u", "i", "x", "0", "9", "3", "unknown", "not known", "not specified", "indeterminate", "other"), "U"
    ),
    **dict.fromkeys(("not stated", "not recorded", "prefer not to say", "non binary", "unspecified"), "U"),
}  # fmt: skip
_AREA = r"[A-PR-UWYZ](?:\d|[A-HK-Y]\d)"
_OUTWARD = re.compile(_AREA + r"[A-Z\d]?")
_INWARD = re.compile(r"\d[ABD-HJLNP-UW-Z]{2}")
_SECTOR = re.compile("(" + _AREA + r"[A-Z\d]?) \d")
_YES = frozenset({"y", "yes", "true", "1", "x", "✓", "✔", "carer", "young carer", "declared"})
_NO = frozenset({"n", "no", "false", "0"})

SEX_UNREAD = Reason("sex_unread", "The sex cannot be read and was left as unknown. Write F, M or U.")
BAD_POSTCODE = Reason(
    "postcode_invalid",
    "The postcode is not a United Kingdom postcode and was left out. Check its letters and figures.",
)
NO_ADDRESS = Reason(
    "postcode_stands_for_none",
    "The postcode is a code for no known address and was left out. Add one when it is known.",
)
NHS_CHECK = Reason(
    "nhs_check_digit",
    "The check digit does not fit the rest of the NHS number. The row is kept without it; check the number.",
)
NHS_SHAPE = Reason(
    "nhs_shape", "An NHS number has ten figures. The row is kept without it; check the number."
)
UPN_CHECK = Reason(
    "upn_check_letter",
    "The check letter does not fit the rest of the UPN. Check it, sign by sign, against the school's record.",
)
UPN_SHAPE = Reason(
    "upn_shape",
    "A UPN is a letter, eleven figures and a last figure or letter. Check it against the school's record.",
)


@lru_cache(maxsize=4096)
def read_sex(value: str) -> Sex:
    """F, M or U by the DfE's codes; U where the cell says nothing. RefusedError for anything else."""
    text = re.sub(r"[\W_]+", " ", clean(value).lower()).strip()
    if is_nothing(text):
        return "U"
    try:
        return _SEXES[text]
    except KeyError:
        raise RefusedError(SEX_UNREAD) from None


@lru_cache(maxsize=65_536)
def read_postcode(value: str) -> str:
    """A postcode in capitals with its one space, "S1 2AB", or the outward part alone, "S1". "" for nothing.

    A sector ("S1 2") is kept as its outward part. RefusedError for what cannot be one, and for the codes that
    stand for no address (ZZ99).
    """
    text = clean(value).upper()
    if is_nothing(text):
        return ""
    sector = _SECTOR.fullmatch(text)
    if sector:
        return sector[1]
    packed = re.sub(r"[\s.\-]", "", text)
    if packed.startswith("ZZ99"):
        raise RefusedError(NO_ADDRESS)
    if packed == "GIR0AA":
        return "GIR 0AA"
    if _OUTWARD.fullmatch(packed):
        return packed
    outward, inward = packed[:-3], packed[-3:]
    # The inward part begins with a figure: a letter O or I there was meant as one.
    inward = inward[:1].translate(str.maketrans("OI", "01")) + inward[1:]
    if _OUTWARD.fullmatch(outward) and _INWARD.fullmatch(inward):
        return f"{outward} {inward}"
    raise RefusedError(BAD_POSTCODE)


@lru_cache(maxsize=65_536)
def read_nhs_number(value: str) -> str:
    """Ten figures without spaces, check digit tested (modulus 11). "" for nothing. RefusedError otherwise;
    ten times the same figure passes the arithmetic but is never anybody's number."""
    text = clean(value)
    if is_nothing(text):
        return ""
    packed = nhs.compact(re.sub(r"[\s.\-–—/]", "", text))
    if not re.fullmatch(r"[0-9]{10}", packed):
        raise RefusedError(NHS_SHAPE)
    if len(set(packed)) == 1:
        raise RefusedError(NHS_CHECK)
    try:
        return nhs.validate(packed)
    except ValidationError:
        raise RefusedError(NHS_CHECK) from None


@lru_cache(maxsize=65_536)
def read_upn(value: str) -> str:
    """Thirteen characters in capitals, check letter tested (weights 2 to 13, modulus 23). "" for nothing."""
    text = clean(value)
    if is_nothing(text):
        return ""
    packed = upn.compact(re.sub(r"[\s.\-]", "", text))
    if not re.fullmatch(r"[A-Z][0-9]{11}[0-9A-HJ-NP-RT-Z]", packed):
        raise RefusedError(UPN_SHAPE)
    try:
        return upn.validate(packed)
    except InvalidComponent:
        # Wales and the authorities formed since 2019 are not on the library's list: the letter decides.
        if upn.calc_check_digit(packed[1:]) != packed[0]:
            raise RefusedError(UPN_CHECK) from None
        return packed
    except ValidationError:
        raise RefusedError(UPN_CHECK) from None


def read_young_carer(value: str) -> str:
    """The school census code P (parent says), S (school says) or N, Y for a plain yes, "" for nothing said.

    Anything else is kept as it was written: an agency's own words are not thrown away.
    """
    text = clean(value)
    if is_nothing(text):
        return ""
    low = text.lower()
    if low in {"p", "s"}:
        return low.upper()
    return "Y" if low in _YES else "N" if low in _NO else text
