"""What an assessment asks, as versioned data. The wording is the project's own, on the public CAF domains.

A finished assessment keeps the version of the form it was written on: to change words, add a version and
leave the earlier one in place.
"""

from __future__ import annotations

from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _


@dataclass(frozen=True, slots=True)
class Domain:
    """One area that is looked at. `key` is what answers are stored under."""

    key: str
    name: Promise
    hint: Promise


@dataclass(frozen=True, slots=True)
class Group:
    """Domains that share a page."""

    key: str
    name: Promise
    intro: Promise
    domains: tuple[Domain, ...]


@dataclass(frozen=True, slots=True)
class FormDefinition:
    """One version of an assessment form."""

    kind: str
    version: str
    name: Promise
    groups: tuple[Group, ...]

    def group(self, key: str) -> Group | None:
        """The group of that key; None where the form has none."""
        return next((group for group in self.groups if group.key == key), None)

    @property
    def domains(self) -> tuple[Domain, ...]:
        """Every domain in the order of the pages."""
        return tuple(domain for group in self.groups for domain in group.domains)


EARLY_HELP = FormDefinition(
    kind="early_help",
    version="2026-1",
    name=_("Early help assessment"),
    groups=(
        Group(
            "development",
            _("The child’s development"),
            _("How the child is doing: at home, at school and with friends."),
            (
                Domain(
                    "health", _("Health"), _("Sleep, eating, teeth, illness, disability, appointments kept.")
                ),
                Domain(
                    "emotional",
                    _("Feelings and friendships"),
                    _("Mood, worries, confidence; how they get on with others and cope with change."),
                ),
                Domain(
                    "behavioural",
                    _("Behaviour"),
                    _("What they do when things are hard; risks they take; what calms them."),
                ),
                Domain(
                    "identity",
                    _("Identity"),
                    _("How they see themselves; culture, faith, sexuality, disability; being a carer."),
                ),
                Domain(
                    "relationships",
                    _("Family and social relationships"),
                    _("Who matters to them and who they can turn to; time with friends."),
                ),
                Domain(
                    "self_care",
                    _("Looking after themselves"),
                    _("Washing, dressing, getting about, for their age; care that they give to others."),
                ),
                Domain(
                    "learning",
                    _("Learning"),
                    _("Attendance, progress, homework, what they enjoy, what they hope to do."),
                ),
            ),
        ),
        Group(
            "parents",
            _("Parents and carers"),
            _(
                "What parents and carers do, and what gets in the way. An adult’s treatment or diagnosis belongs "
                "on the adult’s own record, not here."
            ),
            (
                Domain(
                    "basic_care",
                    _("Basic care, safety and protection"),
                    _("Food, warmth, clothes, supervision, keeping appointments, keeping the child safe."),
                ),
                Domain(
                    "warmth",
                    _("Emotional warmth and stability"),
                    _("Comfort, praise, time together; who stays the same in the child’s life."),
                ),
                Domain(
                    "guidance",
                    _("Guidance, boundaries and stimulation"),
                    _("Rules that hold, routines, play and learning at home."),
                ),
            ),
        ),
        Group(
            "family",
            _("Family and environment"),
            _("The family around the child, the home, money, and what is near."),
            (
                Domain(
                    "history",
                    _("Family history and well-being"),
                    _("What has happened in the family and how it is now: moves, loss, separation, caring."),
                ),
                Domain(
                    "wider_family",
                    _("Wider family"),
                    _("Kin and friends who help or could help, and what they need themselves."),
                ),
                Domain(
                    "housing",
                    _("Housing, work and money"),
                    _("The home, who works, debts, benefits not claimed."),
                ),
                Domain(
                    "community",
                    _("Community and education"),
                    _(
                        "Neighbourhood, transport, clubs, school and other services that the family can reach."
                    ),
                ),
            ),
        ),
    ),
)

RISK = FormDefinition(kind="risk", version="2026-1", name=_("Risk assessment"), groups=())

FORMS: tuple[FormDefinition, ...] = (EARLY_HELP, RISK)
"""Every version that records may have been written on; the last of a kind is the one in use."""


def current_form(kind: str) -> FormDefinition:
    """The form in use for this kind. Raises LookupError where there is none."""
    return _last([form for form in FORMS if form.kind == kind])


def form_of(kind: str, version: str) -> FormDefinition:
    """The form that a record was written on. Raises LookupError for a version that was never shipped."""
    return _last([form for form in FORMS if (form.kind, form.version) == (kind, version)])


def _last(found: list[FormDefinition]) -> FormDefinition:
    if not found:
        raise LookupError("no such assessment form")
    return found[-1]
