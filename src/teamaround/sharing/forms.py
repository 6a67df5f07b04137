"""Parsing of what is typed on the sharing pages. Which people and teams there are comes from the circle."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from copy import copy
from typing import Any

from django import forms as django_forms
from django.forms.utils import ErrorDict
from django.http import QueryDict
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from teamaround.access.categories import Category
from teamaround.ui import forms

from .actions import WORDING_VERSION, BasisRefused, Cell
from .circle import Circle, Offer
from .consent import CellRefused
from .models import Answer, Capacity, How
from .presenters import party_label
from .standing import Party, months_after, rules_on
from .wording import wording

SHARED = tuple(category for category in Category if category != Category.INDEX)
"""What may be shared: the entry of the index comes with anything else."""


class TeamsForm(forms.Form):
    """What both pages share: the people, the teams shown, and another team that may be added.

    What is asked about each of `teams` is the page's own.
    """

    token = django_forms.UUIDField(widget=django_forms.HiddenInput, initial=uuid.uuid4)
    subjects = django_forms.MultipleChoiceField(widget=forms.CheckboxSelectMultiple)

    def __init__(self, *args: Any, circle: Circle, offers: Sequence[Offer], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.circle = circle
        self.offers = list(offers)
        posted = self.data if isinstance(self.data, QueryDict) else QueryDict()
        wanted = {*posted.getlist("team"), posted.get("another", ""), *self.initial.get("with", ())}
        self.teams = [offer for offer in self.offers if offer.involved or offer.slug in wanted]
        # While a team is being added it leaves the list; sent along by mistake it stays a valid choice.
        shown = {o.slug for o in self.teams if o.slug != posted.get("another") or "add" in posted}
        names = [(str(party.uuid), party_label(party, circle.child)) for party in circle.parties]
        subjects: Any = self.fields["subjects"]
        subjects.choices = names
        self.initial.setdefault("subjects", [str(circle.child.uuid)])
        self.fields["another"] = django_forms.ChoiceField(
            label=_("Another team"),
            required=False,
            choices=[
                ("", _("Choose a team")),
                *[(o.slug, f"{o.agency}: {o.name}") for o in self.offers if o.slug not in shown],
            ],
        )

    def keep_without_judging(self) -> None:
        """Show what was typed so far, with no complaints: a team is being added, nothing is sent yet."""
        self._errors = ErrorDict()
        self.cleaned_data = {}

    def chosen(self, name: str) -> list[Party]:
        """The people ticked."""
        return [self.circle.party(value) for value in self.cleaned_data[name]]

    def refuse(self, refused: BasisRefused) -> None:
        """Put a refusal beside its field."""
        field = self._field_of(refused)
        self.add_error(field if field in self.fields else None, str(refused))

    def _field_of(self, refused: BasisRefused) -> str:
        if isinstance(refused, CellRefused):
            slugs = [offer.slug for offer in self.teams if offer.team == refused.holder]
            return cell_name(slugs[0], refused.category) if slugs else ""
        return refused.field


def cell_name(slug: str, category: str) -> str:
    """The name of the field for one team and category."""
    return f"{slug}--{category}"


class ConsentForm(TeamsForm):
    """Who agreed, for whom, to what, for how long."""

    given_by = django_forms.ChoiceField(label=_("Who decides?"), widget=forms.RadioSelect)
    capacity = django_forms.ChoiceField(
        label=_("In what standing?"), choices=Capacity.choices, widget=forms.RadioSelect
    )
    understanding = django_forms.CharField(
        label=_("How you know that they can decide this"),
        help_text=_(
            "Needed for a child under 16 who decides: what you explained, and how they showed that they "
            "understood. Needed for a relative who is no parent: the order or agreement."
        ),
        max_length=500,
        required=False,
        widget=django_forms.Textarea({"rows": 3}),
    )
    since = forms.DateField(label=_("From"), not_future=True, help_text=_("The day they said it."))
    until = forms.DateField(label=_("Until"), help_text=_("The last day. Ask again before then."))
    how = django_forms.ChoiceField(
        label=_("How did they say it?"), choices=How.choices, widget=forms.RadioSelect
    )
    witness = django_forms.CharField(label=_("Who heard it?"), max_length=120)
    paper = django_forms.FileField(
        label=_("The signed form, scanned or photographed"),
        help_text=_("A PDF, or a photograph as JPEG or PNG, up to 20 MB."),
        widget=django_forms.ClearableFileInput(attrs={"accept": ".pdf,.jpg,.jpeg,.png"}),
        required=False,
    )
    seen = django_forms.CharField(widget=django_forms.HiddenInput, required=False, max_length=40)

    reveals = {"how": {How.VERBAL: ["witness"], How.PAPER: ["paper"]}}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for offer in self.teams:
            self._ask_of_each_kind(offer)
        today = timezone.localdate()
        self.initial.setdefault("since", today)
        self.initial.setdefault("until", months_after(today, rules_on(today).usual_months))
        given_by: Any = self.fields["given_by"]
        subjects: Any = self.fields["subjects"]
        given_by.choices = subjects.choices
        subjects.label = _("Whose information is it about?")
        subjects.help_text = _(
            "An adult decides for themselves alone. A parent may decide for several children."
        )

    def _ask_of_each_kind(self, offer: Offer) -> None:
        for category in SHARED:
            self.fields[cell_name(offer.slug, category)] = django_forms.ChoiceField(
                label=category.label,
                help_text=str(wording(WORDING_VERSION).categories[category]),
                choices=Answer.choices,
                required=False,
                widget=forms.RadioSelect(inline=True, small=True),
            )

    def answers(self) -> list[tuple[int, str, str]]:
        """Each question that was answered: (holder, category, answer)."""
        return [
            (offer.team, str(category), answer)
            for offer in self.teams
            for category in SHARED
            if (answer := self.cleaned_data[cell_name(offer.slug, category)])
        ]

    def refuse_stale(self, now: str) -> None:
        """Somebody recorded or withdrew an answer meanwhile. All that was typed stays; a second save goes through."""
        words = _(
            "Somebody recorded or took back an answer about them while you had this open. Nothing of yours was "
            "saved, and what you typed is still here. Look at what is in force now, then record again."
        )
        self.add_error(None, django_forms.ValidationError(words, code="stale"))
        data: Any = copy(self.data)  # of a QueryDict, a copy that may be changed
        data[self.add_prefix("seen")] = now
        self.data = data

    def refuse(self, refused: BasisRefused) -> None:
        if refused.field == "cells" and not isinstance(refused, CellRefused):
            self.add_error("another" if not self.teams else self._first_cell(), str(refused))
        else:
            super().refuse(refused)

    def _first_cell(self) -> str:
        return cell_name(self.teams[0].slug, SHARED[0])


class SafeguardingForm(TeamsForm):
    """What must be shared to keep somebody safe, with whom, why, and when that is looked at again."""

    reason = django_forms.CharField(
        label=_("What is the risk, and why is sharing needed?"),
        help_text=_("Facts first, then your view. Say why consent was not asked, or what was answered."),
        max_length=1000,
        widget=django_forms.Textarea({"rows": 5}),
    )
    review_on = forms.DateField(
        label=_("When will this be reviewed?"),
        not_past=True,
        help_text=_("Within six months. It ends on that day unless you review it."),
    )
    keep_from_family = django_forms.BooleanField(
        label=_("Do not show this to the family: telling them would put somebody at risk"), required=False
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for offer in self.teams:
            self._ask_what_they_need(offer)
        subjects: Any = self.fields["subjects"]
        subjects.label = _("Whose information must be shared?")
        subjects.help_text = _("Only of those whom the risk is about.")

    def _ask_what_they_need(self, offer: Offer) -> None:
        self.fields[offer.slug] = django_forms.MultipleChoiceField(
            label=_("What they need to know"),
            choices=[(str(category), category.label) for category in SHARED],
            required=False,
            widget=forms.CheckboxSelectMultiple(
                small=True,
                hints={str(key): str(words) for key, words in wording(WORDING_VERSION).categories.items()},
            ),
        )

    def cells(self) -> list[Cell]:
        """Each thing ticked, for every person chosen."""
        return [
            Cell(party.subject, offer.team, category, Answer.SHARE)
            for party in self.chosen("subjects")
            for offer in self.teams
            for category in self.cleaned_data[offer.slug]
        ]

    def refuse(self, refused: BasisRefused) -> None:
        if refused.field == "cells":
            self.add_error(self.teams[0].slug if self.teams else "another", str(refused))
        else:
            super().refuse(refused)


class WithdrawForm(forms.Form):
    reason = django_forms.CharField(
        label=_("Why, if they said"),
        help_text=_("Nobody has to give a reason."),
        max_length=500,
        required=False,
        widget=django_forms.Textarea({"rows": 2}),
    )
