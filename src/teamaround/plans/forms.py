"""Forms of plans, contacts and reviews: they parse, and say what is missing. Rules stand in the actions."""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Mapping, Sequence
from typing import Any

from django import forms as django_forms
from django.utils.translation import gettext_lazy as _

from teamaround.tasks.actions import Owner
from teamaround.ui import forms

from .loaders import OwnerChoices, Owners
from .models import ContactKind, Goal, GoalState, Progress, SeenAlone, ServiceStillRight
from .models.contact import Place
from .moments import moment_of

Choices = Sequence[tuple[str, str]]


class OnceForm(forms.Form):
    """A form that adds a row: the row's own key is drawn when the form is shown, so that it is added once."""

    once = django_forms.UUIDField(widget=django_forms.HiddenInput, required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.initial.setdefault("once", uuid.uuid4())


def _long(limit: int, rows: int = 4) -> dict[str, Any]:
    return {"max_length": limit, "widget": django_forms.Textarea({"rows": rows})}


class StartForm(forms.Form):
    """For which family the plan is."""

    family = django_forms.ChoiceField(label=_("Who is the plan for?"), widget=forms.RadioSelect)
    name = django_forms.CharField(
        label=_("Name of the family"),
        max_length=200,
        help_text=_("For example, the surnames: Osei and Mensah."),
    )
    reveals = {"family": {"new": ["name"]}}

    def __init__(self, *args: Any, families: Choices, child: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["family"]
        assert isinstance(field, django_forms.ChoiceField)
        field.choices = [
            *families,
            ("new", _("A family that is not recorded yet")),
            ("alone", _("%(child)s alone") % {"child": child}),
        ]


class GoalForm(OnceForm):
    """A goal of one member, or of the whole family."""

    for_whom = django_forms.ChoiceField(label=_("Whose goal is it?"), widget=forms.RadioSelect)
    words = django_forms.CharField(
        label=_("What do they want to be different?"),
        help_text=_("In their own words, where you can."),
        **_long(500, 3),
    )
    why = django_forms.CharField(label=_("Why it matters to them"), required=False, **_long(2000, 3))
    measure = django_forms.CharField(
        label=_("How will we know?"),
        help_text=_("Something that can be seen or counted, such as days at school."),
        required=False,
        **_long(500, 2),
    )

    def __init__(self, *args: Any, whom: Choices, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["for_whom"]
        assert isinstance(field, django_forms.ChoiceField)
        field.choices = list(whom)
        if len(whom) == 1:
            self.initial["for_whom"] = whom[0][0]


class ChangeGoalForm(forms.VersionedForm):
    """A goal's words, and what became of it."""

    words = django_forms.CharField(label=_("What do they want to be different?"), **_long(500, 3))
    why = django_forms.CharField(label=_("Why it matters to them"), required=False, **_long(2000, 3))
    measure = django_forms.CharField(label=_("How will we know?"), required=False, **_long(500, 2))
    state = django_forms.ChoiceField(
        label=_("Where does it stand?"), choices=GoalState.choices, widget=forms.RadioSelect
    )
    outcome = django_forms.CharField(label=_("What became of it"), required=False, **_long(2000, 3))


class OwnerForm(forms.Form):
    """Who owes something: a worker of an involved team, or somebody named in words."""

    owner = django_forms.ChoiceField(
        label=_("Who does this?"),
        choices=[
            ("worker", _("Someone who works with the family")),
            ("family", _("Someone in the family, or a friend")),
        ],
        widget=forms.RadioSelect,
    )
    worker = django_forms.ChoiceField(
        label=_("Which worker or team?"), help_text=_("They will read the words of this action.")
    )
    named = django_forms.CharField(label=_("Name"), max_length=120, help_text=_("For example, Mum or Nan."))
    reveals = {"owner": {"worker": ["worker"], "family": ["named"]}}

    def __init__(self, *args: Any, workers: OwnerChoices, owners: Owners, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.owners = owners
        field = self.fields["worker"]
        assert isinstance(field, django_forms.ChoiceField)
        field.choices = [("", _("Choose a worker or team")), *workers]

    def chosen(self) -> Owner:
        """The owner chosen on a valid form."""
        if self.cleaned_data["owner"] == "worker":
            return self.owners[self.cleaned_data["worker"]]
        return Owner(words=self.cleaned_data["named"])


class ActionForm(OwnerForm, OnceForm):
    """An action towards a goal."""

    menu = django_forms.ChoiceField(
        label=_("Support from the procedure’s menu"),
        required=False,
        help_text=_("Choose it here, and say below what else is to be done."),
    )
    title = django_forms.CharField(label=_("What is to be done?"), **_long(300, 2))
    due_on = forms.DateField(label=_("By when"), not_past=True)
    field_order = ["menu", "title", "owner", "worker", "named", "due_on", "once"]

    def __init__(self, *args: Any, menu: Sequence[str], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if not menu:
            del self.fields["menu"]
            return
        offered = self.fields["menu"]
        assert isinstance(offered, django_forms.ChoiceField)
        offered.choices = [("", _("Something else")), *((each, each) for each in menu)]
        self.fields["title"].required = False

    def clean(self) -> dict[str, Any]:
        """What is to be done begins with what was chosen from the menu."""
        found = super().clean() or self.cleaned_data
        if "title" in found and "menu" in self.fields:
            found["title"] = ": ".join(part for part in (found.get("menu"), found["title"]) if part)
            if not found["title"]:
                self.add_error("title", _("Say what is to be done, or choose it from the menu"))
            elif len(found["title"]) > 300:
                self.add_error("title", _("Say it in fewer words: 300 characters with those of the menu"))
        return found


class PlanForm(forms.VersionedForm):
    """What the family says of its plan, and the next review."""

    family_words = django_forms.CharField(
        label=_("How the family sees it"),
        help_text=_("Their own view of things, in their words."),
        required=False,
        **_long(4000, 8),
    )
    next_review_on = forms.DateField(label=_("Date of the next review"), required=False, not_past=True)


class AgreeForm(forms.VersionedForm):
    """Who agreed the plan, and when."""

    agreed_on = forms.DateField(label=_("Date on which it was agreed"), not_future=True)
    members = django_forms.MultipleChoiceField(
        label=_("Who in the family agreed?"), widget=forms.CheckboxSelectMultiple, required=False
    )
    others = django_forms.CharField(
        label=_("Who else agreed"),
        max_length=300,
        required=False,
        help_text=_("Workers, or friends and relatives who help."),
    )
    next_review_on = forms.DateField(label=_("Date of the first review"), not_past=True)

    def __init__(self, *args: Any, members: Choices, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["members"]
        assert isinstance(field, django_forms.MultipleChoiceField)
        field.choices = list(members)


class ReviewForm(forms.VersionedForm):
    """A review: each member's view first, then goal by goal, then risks and the support itself."""

    held_on = forms.DateField(label=_("Date of the review"), not_future=True)
    risks = django_forms.CharField(
        label=_("Risks and worries now"), help_text=_("Say so too if there are none."), **_long(4000, 4)
    )
    service_right = django_forms.ChoiceField(
        label=_("Is this still the right kind of support?"),
        choices=ServiceStillRight.choices,
        widget=forms.RadioSelect,
    )
    service_words = django_forms.CharField(label=_("What needs to change?"), **_long(2000, 3))
    further = django_forms.ChoiceField(
        label=_("Will there be another review?"),
        choices=[("yes", _("Yes")), ("no", _("No, this was the last"))],
        widget=forms.RadioSelect,
    )
    next_review_on = forms.DateField(label=_("Date of the next review"), not_past=True)
    reveals = {"service_right": {"change": ["service_words"]}, "further": {"yes": ["next_review_on"]}}

    def __init__(
        self, *args: Any, members: Choices, goals: Sequence[tuple[Goal, str]], **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        self.goals = {f"goal_{goal.uuid.hex}": goal for goal, _name in goals}
        self.view_names = [f"view_{key}" for key, _name in members]
        for key, name in members:
            self.fields[f"view_{key}"] = self._kind(
                django_forms.CharField(
                    label=str(_("What %(name)s says")) % {"name": name}, required=False, **_long(2000, 3)
                )
            )
        for goal, name in goals:
            self.fields[f"goal_{goal.uuid.hex}"] = self._kind(
                django_forms.ChoiceField(
                    label=f"{name}: {goal.words}",
                    choices=Progress.choices,
                    widget=forms.RadioSelect(small=True),
                    error_messages={"required": str(_("Select how far this has come: %s")) % goal.words[:80]},
                )
            )
            self.fields[f"said_{goal.uuid.hex}"] = self._kind(
                django_forms.CharField(
                    label=str(_("What has helped, or got in the way of “%s”")) % goal.words[:80],
                    required=False,
                    **_long(2000, 2),
                )
            )
        pairs = [name for key in self.goals for name in (key, key.replace("goal_", "said_"))]
        rest = ["risks", "service_right", "service_words", "further", "next_review_on", "version"]
        self.order_fields(["held_on", *self.view_names, *pairs, *rest])

    def _kind(self, field: django_forms.Field) -> django_forms.Field:
        self._kinder_messages(field)
        # The label holds words that people typed, which must not be read as a pattern.
        field.error_messages["max_length"] = str(
            _("This must be %(limit_value)d characters or fewer. You typed %(show_value)d.")
        )
        return field

    def progress(self) -> list[tuple[Goal, str, str]]:
        """Goal, how far it has come, and what is said of it, from a valid form."""
        typed = self.cleaned_data
        return [(goal, typed[key], typed[key.replace("goal_", "said_")]) for key, goal in self.goals.items()]

    def views(self, people: Mapping[str, int]) -> dict[int, str]:
        """What each member said, by number."""
        return {number: self.cleaned_data[f"view_{key}"] for key, number in people.items()}


class ContactForm(OnceForm):
    """A visit, call or message."""

    kind = django_forms.ChoiceField(
        label=_("What kind of contact was it?"), choices=ContactKind.choices, widget=forms.RadioSelect
    )
    place = django_forms.ChoiceField(
        label=_("Where was it?"), choices=Place.choices, widget=forms.RadioSelect(small=True)
    )
    place_words = django_forms.CharField(label=_("Which place?"), max_length=120)
    seen_alone = django_forms.ChoiceField(
        label=_("Was the child seen alone?"),
        choices=SeenAlone.choices,
        widget=forms.RadioSelect(small=True),
    )
    on = forms.DateField(label=_("Date"), not_future=True)
    at = forms.TimeField(
        label=_("Time"), widget=forms.TextInput(width=5), help_text=_("For example, 4pm or 16:00.")
    )
    seen = django_forms.MultipleChoiceField(
        label=_("Who did you see or speak to?"), widget=forms.CheckboxSelectMultiple, required=False
    )
    others_seen = django_forms.CharField(
        label=_("Who else"),
        max_length=200,
        required=False,
        help_text=_("For example, the class teacher or the social worker."),
    )
    child_words = django_forms.CharField(
        label=_("What the child said"),
        help_text=_("In the child’s own words."),
        required=False,
        **_long(4000, 4),
    )
    notes = django_forms.CharField(
        label=_("What happened, and what comes next"), required=False, **_long(8000, 8)
    )
    reveals = {
        "kind": {ContactKind.VISIT.value: ["place", "seen_alone"]},
        "place": {Place.OTHER.value: ["place_words"], Place.NEUTRAL.value: ["place_words"]},
    }

    def __init__(self, *args: Any, people: Choices, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["seen"]
        assert isinstance(field, django_forms.MultipleChoiceField)
        field.choices = list(people)

    def happened_at(self) -> dt.datetime:
        """The moment, from a valid form."""
        return moment_of(self.cleaned_data["on"], self.cleaned_data["at"])
