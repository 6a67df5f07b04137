"""The words that somebody aged nine reads: kinds of information, answers, reasons."""

from __future__ import annotations

from collections.abc import Mapping

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from teamaround.access.categories import Category
from teamaround.access.reading import PageKind
from teamaround.sharing.models import Answer
from teamaround.sharing.wording import OWN_PHONE, PARENTS_PHONE, wording

KINDS: Mapping[str, Promise] = {
    Category.INDEX: _("Who works with you"),
    **wording(OWN_PHONE).categories,
}
"""What may be seen, in the order of the categories."""

CHILDS_KINDS: Mapping[str, Promise] = {
    Category.INDEX: _("Who works with them"),
    **wording(PARENTS_PHONE).categories,
}
"""The same, as one says it of one's child."""

ASKED = tuple(category for category in KINDS if category != Category.INDEX)
"""The kinds that somebody says yes or no to."""

ANSWERS: Mapping[str, Promise] = {
    Answer.SHARE: _("Yes"),
    Answer.REFUSE: _("No"),
    Answer.ASK: _("Ask me first"),
}

WHY: Mapping[str, Promise] = {
    "involvement": _("They work with you."),
    "episode": _("They were asked to help you."),
    "safeguarding": _("To keep you safe."),
    "vital": _("To keep you safe."),
    "duty": _("The law says that they must know."),
    "panel": _("They meet to plan help for you."),
}

CHILDS_WHY: Mapping[str, Promise] = {
    "involvement": _("They work with %(name)s."),
    "episode": _("They were asked to help %(name)s."),
    "safeguarding": _("To keep %(name)s safe."),
    "vital": _("To keep %(name)s safe."),
    "duty": _("The law says that they must know."),
    "panel": _("They meet to plan help for %(name)s."),
}

SAID_YES: Mapping[str, Promise] = {
    "self": _("You said yes on %(day)s."),
    "mum": _("Your mum said yes on %(day)s."),
    "dad": _("Your dad said yes on %(day)s."),
    "family": _("Somebody in your family said yes on %(day)s."),
}

LOOKED_AT: Mapping[str, Promise] = {
    PageKind.SEARCH: _("Looked for your name"),
    PageKind.RECORD: _("Looked at your page"),
    PageKind.FAMILY: _("Looked at your family’s page"),
    PageKind.CASE: _("Looked at the help you get"),
    PageKind.REFERRAL: _("Looked at why somebody asked for help"),
    PageKind.ASSESSMENT: _("Looked at what is going well and what is hard"),
    PageKind.PLAN: _("Looked at your plan"),
    PageKind.MEETING: _("Looked at a meeting about you"),
    PageKind.SHARING: _("Looked at what you agreed to share"),
    PageKind.LIST: _("Saw your name in a list of people they help"),
    PageKind.OVERSIGHT: _("Checked who had looked"),
    PageKind.OTHER: _("Looked at a page about you"),
}
