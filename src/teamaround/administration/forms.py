"""What an administrator types. The rules are the actions' own; these forms only read."""

from __future__ import annotations

from typing import Any

from django import forms as django_forms
from django.utils.translation import gettext_lazy as _

from teamaround.agencies.models import Agency, Membership, Practitioner, Sector, Sensitivity, Site, Team
from teamaround.agencies.roles import ROLES
from teamaround.procedures.format import load_shipped, shipped_slugs
from teamaround.procedures.versions import names_in_force
from teamaround.ui import forms


def _text(label: Any, *, most: int = 120, required: bool = True, **options: Any) -> Any:
    return django_forms.CharField(label=label, max_length=most, required=required, **options)


def _phone() -> Any:
    return _text(
        _("Telephone"),
        most=30,
        required=False,
        widget=forms.TextInput(width=20, attrs={"type": "tel", "autocomplete": "off"}),
    )


def _role() -> Any:
    return django_forms.ChoiceField(
        label=_("Role"),
        choices=[(role.key, role.display_name) for role in ROLES.values()],
        widget=forms.RadioSelect(hints={role.key: role.description for role in ROLES.values()}),
    )


class TeamChoice(django_forms.ModelChoiceField):
    """Teams by the name of their agency and their own."""

    def __init__(self, *, label: Any = None, **options: Any) -> None:
        teams = Team.objects.filter(ended_at=None).select_related("agency").order_by("agency__name", "name")
        super().__init__(queryset=teams, label=label or _("Team"), empty_label=_("Choose a team"), **options)

    def label_from_instance(self, obj: Any) -> str:
        return f"{obj.agency.name}: {obj.name}"


class DutyForm(forms.Form):
    """From when until when the legal duty to share is in force, and by what authority."""

    authority = _text(_("By what authority?"), most=300)
    effective_from = forms.DateField(label=_("From"))
    effective_until = forms.DateField(label=_("Last day"), required=False)


class AgencyForm(forms.Form):
    name = _text(_("Name of the agency"))
    sector = django_forms.ChoiceField(label=_("Sector"), choices=Sector.choices, widget=forms.RadioSelect)
    phone = _phone()


class SiteForm(forms.Form):
    name = _text(_("Name of the site"))
    address = _text(_("Address"), most=200, required=False)
    postcode = _text(_("Postcode"), most=8, required=False, widget=forms.TextInput(width=10))


class TeamForm(forms.Form):
    name = _text(_("Name of the team"))
    site = django_forms.ModelChoiceField(
        label=_("Site"), queryset=Site.objects.none(), required=False, empty_label=_("No site")
    )
    phone = _phone()
    email = django_forms.EmailField(label=_("E-mail address of the team"), required=False)
    sensitivity = django_forms.ChoiceField(
        label=_("Is this a sensitive service?"),
        choices=[(value or "no", label) for value, label in Sensitivity.choices],
        initial="no",
        widget=forms.RadioSelect,
        help_text=_("That a child or an adult uses it is then hidden from everybody outside the team."),
    )
    takes_referrals = django_forms.BooleanField(label=_("This team takes referrals"), required=False)
    procedure_slug = django_forms.ChoiceField(
        label=_("Procedure that the team works to"),
        help_text=_("It sets the steps and the clocks of each case."),
    )
    reveals = {"takes_referrals": {"on": ["procedure_slug"]}}

    def __init__(self, *args: Any, agency: Agency, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        sites: Any = self.fields["site"]
        sites.queryset = Site.objects.filter(agency=agency)
        procedures: Any = self.fields["procedure_slug"]
        shipped = {slug: load_shipped(slug).name for slug in shipped_slugs()}
        procedures.choices = sorted((shipped | names_in_force()).items(), key=lambda each: each[1])

    def clean_sensitivity(self) -> str:
        chosen = str(self.cleaned_data["sensitivity"])
        return "" if chosen == "no" else chosen


class ChangeTeamForm(forms.VersionedForm, TeamForm):
    """A team as it is: its manager may change some of it at the same time."""


class PanelForm(forms.Form):
    name = _text(_("Name of the panel"))
    chair_team = TeamChoice(label=_("Team that chairs it"))


class SeatForm(forms.Form):
    practitioner = django_forms.ModelChoiceField(
        label=_("Person"),
        queryset=Practitioner.objects.filter(left_at=None).order_by("name"),
        empty_label=_("Choose a person"),
    )


class InviteForm(forms.Form):
    email = django_forms.EmailField(
        label=_("E-mail address"),
        max_length=254,
        help_text=_("Their own work address. They sign in with it."),
    )
    name = _text(_("Full name"))
    job_title = _text(_("Job title"), required=False)
    team = TeamChoice()
    role = _role()


class RoleForm(forms.Form):
    team = TeamChoice()
    role = _role()


class MoveForm(forms.Form):
    membership = django_forms.ModelChoiceField(
        label=_("Which role ends?"),
        queryset=Membership.objects.none(),
        empty_label=None,
        widget=forms.RadioSelect,
    )
    team = TeamChoice(label=_("Team to move to"))
    role = _role()

    def __init__(self, *args: Any, practitioner: Practitioner, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        ending: Any = self.fields["membership"]
        ending.queryset = (
            Membership.objects.current().filter(practitioner=practitioner).select_related("team__agency")
        )
        ending.label_from_instance = lambda held: f"{ROLES[held.role].display_name}, {held.team.name}"


class LeaveForm(forms.Form):
    reason = _text(
        _("Why does their access end?"),
        most=300,
        help_text=_("For example, moved to another job. Do not name a child or a family."),
    )


class AcceptForm(forms.Form):
    """A new person's password."""

    password = django_forms.CharField(
        label=_("Choose a password"),
        strip=False,
        max_length=200,
        widget=django_forms.PasswordInput(attrs={"autocomplete": "new-password"}),
        help_text=_(
            "At least 12 characters. Three or four words that do not belong together are easy to keep."
        ),
    )
    again = django_forms.CharField(
        label=_("Type the password again"),
        strip=False,
        max_length=200,
        widget=django_forms.PasswordInput(attrs={"autocomplete": "new-password"}),
    )

    def clean(self) -> dict[str, Any]:
        typed = self.cleaned_data
        if "password" in typed and "again" in typed and typed["password"] != typed["again"]:
            self.add_error("again", _("The two passwords differ. Type the same one twice."))
        return typed
