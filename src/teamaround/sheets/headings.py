"""The words agencies put above their columns, and the field each of them means."""

from __future__ import annotations

import re
from functools import lru_cache

#: Every field a column may be mapped to, with the words a person reads beside it.
FIELDS: dict[str, str] = {
    "reference": "Your own reference for the child",
    "full_name_comma": "Full name, written SURNAME, first",
    "full_name_semicolon": "Full name, written Surname; First Middle",
    "full_name_plain": "Full name, written First Last",
    "given": "Forename",
    "middle": "Middle names",
    "family": "Surname",
    "date_of_birth": "Date of birth",
    "sex": "Sex",
    "postcode": "Postcode",
    "address": "A line of the address",
    "nhs_number": "NHS number",
    "upn": "Unique pupil number (UPN)",
    "school": "School",
    "young_carer": "Young carer indicator",
    "cares_for": "Who the child cares for",
    "reason_for_care": "Reason for the care",
    "registered_on": "Date registered",
    "plan_type": "Type of plan",
    "worker": "Allocated worker",
    "phone": "Phone number",
    "ignore": "Leave this column out",
}
FULL_NAME_FIELDS = ("full_name_comma", "full_name_semicolon", "full_name_plain")
#: What a heading alone can say of a full name: its style is read from the cells.
FULL_NAME = "full_name"

# Read from the top: the first rule that fits decides. Someone else's particulars come first, because
# "Mother's date of birth" is not the child's; "cared for" comes before them, because it is about the care.
_RULES: tuple[tuple[str, re.Pattern[str]], ...] = tuple(
    (meaning, re.compile(words))
    for meaning, words in (
        (
            "ignore",
            r"\b(why refused|e ?mail|ethnic\w*|religion|language|title|age|year group|nc year|year)\b",
        ),
        (
            "ignore",
            r"\b(team|agency|organisation|company|group|file|user) name\b|\bcontact (name|person)\b"
            r"|\b(main|primary) carer\b",
        ),
        ("ignore", r"\bcared for\b.*\b(dob|d o b|birth\w*|phone|address|postcode|nhs|gender|sex)\b"),
        (
            "reason_for_care",
            r"\b(because|reason|condition|why)\b|\bcared for\b.*\b(needs?|illness|disability)\b",
        ),
        ("cares_for", r"\b(cares for|caring for|cared for|care for|looks after|caree)\b"),
        (
            "ignore",
            r"\b(parents?|mothers?|fathers?|mums?|dads?|guardians?|siblings?|next of kin|nok|emergency"
            r"|referrer|referred by|gp|doctor|partners?|head ?teacher)\b",
        ),
        ("nhs_number", r"\bnhs\b"),
        ("upn", r"\bupn\b|\bunique pupil\b"),
        ("date_of_birth", r"\b(d o b|dob|date of birth|birth ?dates?|birthday|born|date birth|birth dt)\b"),
        ("sex", r"\b(sex|gender)\b|^(boy girl|girl boy|m f|f m)$"),
        ("postcode", r"\b(post ?code|postal code|pcode|p code|zip|zip code)\b"),
        ("full_name", r"\b(surname|last|family)\b.*\b(first|forenames?|given)\b"),
        ("full_name", r"\b(first|forenames?|given)( names?)?( and)? (surname|last|family)\b"),
        (
            "young_carer",
            r"^(yc|young carer|carer)( y n| ind| indicator| flag| status| identified)?$"
            r"|\bcarers? register\b|\b(is|identified) .*\bcarer\b|\byc (ind\w*|flag|status)\b"
            r"|\byoung carers? (ind\w*|flag|status|y n|yes no|code)\b",
        ),
        (
            "registered_on",
            r"\b(registered|registration|joined|start date|date started|date opened|referral date"
            r"|date referred|date of referral|date of registration|enrolled|enrolment)\b",
        ),
        (
            "worker",
            r"\b(worker|keyworker|practitioner|caseholder|case holder|allocated|staff|lead professional)\b",
        ),
        ("phone", r"\b(phone|mobile|telephone|tel|contact (no|number))\b"),
        ("middle", r"\bmiddle\b|\bother names?\b"),
        (
            "given",
            r"\b(fore ?names?|first ?names?|given ?names?|christian names?|preferred name|known as)\b"
            r"|^first$",
        ),
        ("family", r"\b(sur ?names?|last ?names?|family ?names?|second name)\b|^last$"),
        ("plan_type", r"\bplan\b|\blegal status\b|\bcase type\b"),
        (
            "reference",
            r"\b(ref|refs|reference|id|identifier|record|urn|admission (no|number)|case (no|number)"
            r"|(pupil|child|client|person|patient|student|member|service user) (no|number))\b",
        ),
        ("address", r"\b(address|street|town|city|county|house|addr|locality)\b"),
        ("school", r"\b(school|college|academy|nursery|education setting|setting)\b"),
        (
            "full_name",
            r"\b(name|names|full name|child|pupil|student|patient|young person|yp|young carer|client"
            r"|service user)\b",
        ),
        ("reference", r"^(no|number|key)$"),
    )
)
_NOT_WORDS = re.compile(r"[\W_]+")
_CAMEL = re.compile(r"(?<=[a-z])(?=[A-Z])")


@lru_cache(maxsize=4096)
def meaning_of(heading: str) -> str | None:
    """The field a heading names, `FULL_NAME` for a whole name in any style, None where no rule knows it."""
    # Headings are short: a long cell is a sentence, and a sentence is not searched for field words.
    if len(heading) > 80:
        return None
    words = _NOT_WORDS.sub(" ", _CAMEL.sub(" ", heading.replace("'s", "s"))).strip().lower()
    if not words:
        return None
    for meaning, pattern in _RULES:
        if pattern.search(words):
            return meaning
    return None
