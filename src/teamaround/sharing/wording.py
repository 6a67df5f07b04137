"""The words that a family hears when consent is asked, by version. A record names the version it was given on.

To change words, add a version and name it in `actions.WORDING_VERSION`; earlier ones stay, so that a record
can always show what was said.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from teamaround.access.categories import Category


@dataclass(frozen=True, slots=True)
class Wording:
    """One version: what is said first, and what each category means."""

    version: str
    statements: tuple[Promise, ...]
    categories: Mapping[str, Promise]


OWN_PHONE = "2026-1-own-phone"
"""What somebody reads who answers on their own phone, in words for the age of nine."""
PARENTS_PHONE = "2026-1-parents-phone"
"""What a parent reads who answers for a child on their own phone, in words for the age of nine."""

WORDINGS: Mapping[str, Wording] = {
    wording.version: wording
    for wording in (
        Wording(
            version="2026-1",
            statements=(
                _("You choose who sees what. You can say no, and we will still help."),
                _("You can change your mind at any time. It counts from that moment."),
                _(
                    "If somebody is in danger we may have to share without asking. We tell you if that is safe."
                ),
                _("We ask you again before this runs out."),
            ),
            categories={
                Category.IDENTITY: _("Name, address, telephone, birthday, school, language."),
                Category.REFERRAL: _("Why help was asked for, and what came of it."),
                Category.ASSESSMENT: _(
                    "What is going well and what is hard, and the caring that a child does."
                ),
                Category.PLAN: _("What we agreed to do, who does it, and what meetings decided."),
                Category.NOTES: _("What was said and seen on visits and in calls."),
                Category.HEALTH: _("Illness, disability, feelings and treatment."),
                Category.EDUCATION: _("Attendance, learning and support at school."),
                Category.SAFEGUARDING: _("Worries that somebody could be harmed."),
                Category.SUBSTANCE: _("Drinking or drug use, and help with it."),
                Category.JUSTICE: _("Trouble with the police or the courts."),
                Category.MONEY: _("Housing, rent, debts, benefits."),
            },
        ),
        Wording(
            version=OWN_PHONE,
            statements=(
                _("You choose who sees what. You can say no, and we will still help."),
                _("You can change your mind at any time. It counts from that moment."),
                _(
                    "If somebody is in danger we may have to share without asking. We tell you if that is safe."
                ),
                _("We ask you again before this runs out."),
            ),
            categories={
                Category.IDENTITY: _("Your name, birthday, address and phone"),
                Category.REFERRAL: _("Why somebody asked for help"),
                Category.ASSESSMENT: _("What is going well, and what is hard"),
                Category.PLAN: _("Your plan, and what meetings decide"),
                Category.NOTES: _("What you said on visits and calls"),
                Category.HEALTH: _("Your health and how you feel"),
                Category.EDUCATION: _("How school is going"),
                Category.SAFEGUARDING: _("Worries about you being safe"),
                Category.SUBSTANCE: _("Drinking or drugs"),
                Category.JUSTICE: _("Trouble with the police"),
                Category.MONEY: _("Home and money"),
            },
        ),
        Wording(
            version=PARENTS_PHONE,
            statements=(
                _(
                    "You answer for your child. You choose who sees what. You can say no, and we will still help."
                ),
                _("You can change your mind at any time. It counts from that moment."),
                _(
                    "If somebody is in danger we may have to share without asking. We tell you if that is safe."
                ),
                _("If your child has answered, your child’s own answer counts."),
                _("If not everybody who may answer agrees, we do not share. Somebody will talk with you."),
                _("We ask you again before this runs out."),
            ),
            categories={
                Category.IDENTITY: _("Their name, birthday, address and phone"),
                Category.REFERRAL: _("Why somebody asked for help"),
                Category.ASSESSMENT: _("What is going well, and what is hard"),
                Category.PLAN: _("Their plan, and what meetings decide"),
                Category.NOTES: _("What they said on visits and calls"),
                Category.HEALTH: _("Their health and how they feel"),
                Category.EDUCATION: _("How school is going"),
                Category.SAFEGUARDING: _("Worries about them being safe"),
                Category.SUBSTANCE: _("Drinking or drugs"),
                Category.JUSTICE: _("Trouble with the police"),
                Category.MONEY: _("Home and money"),
            },
        ),
    )
}


def wording(version: str) -> Wording:
    """The wording of that version. Raises LookupError for one that was never shipped."""
    try:
        return WORDINGS[version]
    except KeyError as unknown:
        raise LookupError("no such wording") from unknown
