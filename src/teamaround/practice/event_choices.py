"""Kinds of event to choose from, in groups: an officer finds hers among those of the procedure, or by what it is about."""

from __future__ import annotations

from collections.abc import Collection, Iterable

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from teamaround.procedures.kinds import EVENT_KINDS
from teamaround.procedures.parts import Procedure

from .words import event_words

SUBJECTS = (
    (gettext_lazy("Referral and admission"), ("referral", "need", "eligibility", "allocation", "carer")),
    (gettext_lazy("Contact with the family"), ("contact", "visit", "family", "followup")),
    (gettext_lazy("Assessment and risk"), ("assessment", "risk", "records")),
    (gettext_lazy("Meetings"), ("meeting",)),
    (gettext_lazy("Plan and support"), ("plan", "support", "work")),
    (gettext_lazy("Closing"), ("outcome", "stepdown", "feedback", "episode")),
    (
        gettext_lazy("Child protection and care"),
        ("strategy", "conference", "coregroup", "protection", "care"),
    ),
    (gettext_lazy("Consent and safeguarding"), ("consent", "safeguarding")),
)
"""What the product’s own kinds are about, by the first part of their keys."""

Group = tuple[str, list[tuple[str, str]]]


def grouped_kinds(procedure: Procedure, *, first: Collection[str] = (), first_words: str = "") -> list[Group]:
    """Every kind of event that a procedure may name, each once: those of `first`; those that it names itself; those that
    it speaks of, by its stages; then the others by what they are about. Groups without a kind are left out."""
    own = [each.key for each in procedure.events]
    clocks = {kind for each in procedure.clocks for kind in (each.start, *each.stop, *each.until)}
    clocks |= {kind for each in procedure.clocks for kind in (*each.pause, *each.resume)}
    every = [*own, *EVENT_KINDS]
    here = _("Of this procedure")
    wanted = [
        (first_words, [kind for kind in every if kind in first]),
        (here, own),
        *((f"{here}: {each.title}", [each.opens_on, *each.requires]) for each in procedure.stages),
        (_("Of this procedure: closing"), [gate.event for gate in procedure.closure]),
        (_("Of this procedure: its clocks"), [kind for kind in EVENT_KINDS if kind in clocks]),
        *(
            (str(words), [kind for kind in EVENT_KINDS if kind.partition(".")[0] in about])
            for words, about in SUBJECTS
        ),
    ]
    taken: set[str] = set()
    found: list[Group] = []
    for words, kinds in wanted:
        left = [kind for kind in dict.fromkeys(kinds) if kind not in taken]
        taken.update(left)
        if left:
            found.append((words, _by_words(procedure, left)))
    return found


def _by_words(procedure: Procedure, kinds: Iterable[str]) -> list[tuple[str, str]]:
    return sorted(((kind, event_words(kind, procedure)) for kind in kinds), key=lambda pair: pair[1])
