"""What somebody declares of their own family, so that a look at a record of theirs is noticed."""

from __future__ import annotations

from django import forms as django_forms
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_POST

from teamaround.access.alerts import AlertRefused, declare_family, end_family_link
from teamaround.access.models import FamilyLink
from teamaround.access.requests import StaffRequest, staff
from teamaround.ui import forms


class OwnFamilyForm(forms.Form):
    """A name, and where they live if that tells them from others of the name."""

    given = django_forms.CharField(label=gettext_lazy("First name"), required=False, max_length=200)
    family_name = django_forms.CharField(label=gettext_lazy("Family name"), max_length=200)
    postcode = django_forms.CharField(
        label=gettext_lazy("Postcode"),
        required=False,
        max_length=8,
        widget=forms.TextInput(width=10),
        help_text=gettext_lazy("Where many share the name, the postcode tells your family from the others."),
    )


@staff()
@require_http_methods(["GET", "HEAD", "POST"])
def own_family(request: StaffRequest) -> HttpResponse:
    """My own declarations, and a form for another."""
    form = OwnFamilyForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            declare_family(by=request.me, **form.cleaned_data)
        except AlertRefused as refused:
            form.add_error(refused.field or None, str(refused))
        else:
            messages.success(request, _("Noted. Nobody reads this but you and whoever governs information."))
            return redirect("own_family")
    declared = FamilyLink.objects.filter(practitioner_id=request.me.principal, ended_at=None)
    context = {
        "heading": _("People I know"),
        "form": form,
        "declared": declared.order_by("family_name", "given", "pk"),
        "back_url": reverse("help"),
        "back_text": _("Help"),
    }
    return render(request, "site/own_family.html", context)


@require_POST
@staff()
def end(request: StaffRequest) -> HttpResponse:
    """Take one of my own declarations back."""
    wanted = request.POST.get("link", "")
    if wanted.isdecimal() and len(wanted) < 18:
        end_family_link(by=request.me, link=int(wanted))
        messages.success(request, _("Taken off the list."))
    return redirect("own_family")
