"""Forms of naming a worker: what the case asks for, who gets it, and what a worker can do."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django import forms as django_forms
from django.utils.translation import gettext_lazy as _

from teamaround.agencies.models import Site, Skill, ToldSex, WorkerProfile
from teamaround.agencies.profiles import languages_of
from teamaround.procedures.allocating import Suggestion
from teamaround.procedures.models import AllocationWish, Prefers
from teamaround.ui import forms

_LANGUAGES_HELP = _("One a line. For example, Urdu.")


class WishForm(forms.VersionedForm):
    """What the worker should bring."""

    prefers = django_forms.ChoiceField(
        label=_("Whom would the young person rather talk with?"),
        choices=Prefers.choices,
        required=False,
        widget=forms.RadioSelect(inline=True, small=True),
    )
    languages = django_forms.CharField(
        label=_("Languages that are needed"),
        required=False,
        max_length=400,
        help_text=_LANGUAGES_HELP,
        widget=django_forms.Textarea({"rows": 2}),
    )
    skills = django_forms.MultipleChoiceField(
        label=_("What they should know about"),
        choices=Skill.choices,
        required=False,
        widget=forms.CheckboxSelectMultiple(small=True),
    )
    mark_optional = False

    def __init__(self, *args: Any, wish: AllocationWish | None, **kwargs: Any) -> None:
        if wish is not None:
            kwargs["initial"] = {
                "prefers": wish.prefers,
                "languages": "\n".join(wish.languages),
                "skills": wish.skills,
            }
        super().__init__(*args, version=wish.version if wish else 0, auto_id="wish_%s", **kwargs)

    def clean_languages(self) -> list[str]:
        return languages_of(self.cleaned_data["languages"])


class NameForm(forms.VersionedForm):
    """Who gets the case."""

    practitioner = django_forms.ChoiceField(label=_("Who gets the case?"), widget=forms.RadioSelect)
    words = django_forms.CharField(
        label=_("A line for the chronology"),
        required=False,
        max_length=500,
        help_text=_("Those who may read referrals of this child will read it."),
        widget=django_forms.Textarea({"rows": 2}),
    )

    def __init__(self, *args: Any, found: Sequence[Suggestion], **kwargs: Any) -> None:
        super().__init__(*args, auto_id="name_%s", **kwargs)
        free = [each for each in found if not each.worker.has_it_now]
        self.workers = {each.worker.key: each.worker.practitioner for each in free}
        field: Any = self.fields["practitioner"]
        field.choices = [(each.worker.key, each.worker.name) for each in free]
        field.widget.choices = field.choices

    @property
    def worker(self) -> int:
        """The worker chosen, from a valid form."""
        return self.workers[self.cleaned_data["practitioner"]]


class ProfileForm(forms.VersionedForm):
    """What a worker can do. Whether they tell their sex is asked of themselves alone."""

    skills = django_forms.MultipleChoiceField(
        label=_("What do you know well?"),
        choices=Skill.choices,
        required=False,
        widget=forms.CheckboxSelectMultiple(small=True),
    )
    languages = django_forms.CharField(
        label=_("Languages in which you can work"),
        required=False,
        max_length=400,
        help_text=_LANGUAGES_HELP,
        widget=django_forms.Textarea({"rows": 3}),
    )
    based_at = django_forms.ChoiceField(label=_("Where are you based?"), required=False)
    sex = django_forms.ChoiceField(
        label=_("Are you a woman or a man?"),
        choices=ToldSex.choices,
        required=False,
        widget=forms.RadioSelect,
        help_text=_(
            "Some young people ask for a woman or a man. You need not say. Only you and your managers see it."
        ),
    )
    mark_optional = False

    def __init__(
        self, *args: Any, profile: WorkerProfile | None, sites: Sequence[Site], own: bool, **kwargs: Any
    ) -> None:
        self.sites = {str(site.pk): site for site in sites}
        if profile is not None:
            kwargs["initial"] = {
                "skills": profile.skills,
                "languages": "\n".join(profile.languages),
                "based_at": str(profile.based_at_id or ""),
                "sex": profile.sex,
            }
        super().__init__(*args, version=profile.version if profile else 0, **kwargs)
        field: Any = self.fields["based_at"]
        field.choices = [
            ("", _("Where the team is")),
            *((key, site.name) for key, site in self.sites.items()),
        ]
        if not own:
            del self.fields["sex"]
            self.fields["skills"].label = _("What do they know well?")
            self.fields["languages"].label = _("Languages in which they can work")
            self.fields["based_at"].label = _("Where are they based?")

    def clean_languages(self) -> list[str]:
        return languages_of(self.cleaned_data["languages"])

    @property
    def site(self) -> Site | None:
        """The site chosen, from a valid form."""
        return self.sites.get(self.cleaned_data["based_at"])
