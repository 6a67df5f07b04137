"""Every component on one page, for those who build screens and for the accessibility tests.

Mounted under demonstration mode only; it shows made-up people and saves nothing.
"""

from __future__ import annotations

import datetime

from django import forms as django_forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_http_methods

from . import forms
from .components import Clock, Identity, NavigationItem, Part, SignedIn, SummaryRow, Tag, Task, TimelineItem

NAVIGATION = (
    NavigationItem("My day", "#", current=True),
    NavigationItem("Children and families", "#"),
    NavigationItem("Referrals", "#", count=3),
    NavigationItem("Meetings", "#"),
)
IDENTITY = Identity(
    name="Aisha Rahman",
    line="She/her. Born 14 March 2012, aged 14. Reference TAM-4471. Speaks English and Urdu.",
    url="#",
    tags=(
        Tag("Early help plan", "teal"),
        Tag("Young carer", "purple"),
        Tag("Consent: 3 of 4 services", "yellow"),
    ),
)
CLOCKS = (
    Clock(
        title="Send the plan to the family",
        url="#",
        state="late",
        left="2 working days late",
        subject="Kofi Osei, 11",
        reason="The family gets the plan within 5 working days of the meeting on 9 November.",
    ),
    Clock(
        title="Ring the social worker",
        url="#",
        state="today",
        left="1 hour 5 minutes left",
        by="by 11:20am",
        subject="Kai Mercer, 7",
        reason="Contact the social worker within 2 hours of the referral. It came at 9:20am.",
        urgent=True,
    ),
    Clock(
        title="Reply to Hill Primary’s referral",
        url="#",
        state="today",
        left="6 hours 45 minutes left",
        by="by 5pm",
        subject="Poppy Lowe, 8",
        reason="Reply within 1 day. It came yesterday at 2:40pm.",
    ),
    Clock(
        title="Visit Maisie",
        url="#",
        state="week",
        left="Tomorrow",
        by="Thursday 19",
        subject="Maisie Dunn, 9",
        reason="See her every 10 working days. Last seen on 5 November.",
    ),
)
TIMELINE = (
    TimelineItem(
        title="Home visit",
        when=datetime.date(2026, 11, 18),
        by="Dana Price, Early Help",
        text="Saw Aisha alone. She wants to have Wednesdays free from looking after Sami.",
    ),
    TimelineItem(
        title="Team around the family meeting",
        when=datetime.date(2026, 11, 4),
        by="Tom Okafor, Moor Lane School",
        text="Mum, Nan and four services came. Three goals agreed; review in six weeks.",
        note="Recorded 6 November",
        tag=Tag("Late entry", "grey"),
    ),
    TimelineItem(title="Consent given", when=datetime.date(2026, 10, 20), by="Dana Price, Early Help"),
)
FACTS = (
    SummaryRow("Date of birth", "14 March 2012", "Moor Lane School, since 2 September 2023", "Change", "#"),
    SummaryRow(
        "Address", ("12 Mill Row", "Northmoor", "NM4 7TQ"), "Early Help, since 20 October 2026", "Change", "#"
    ),
    SummaryRow("Looks after", "Sami, 6, and Mum. 20 to 34 hours a week."),
)
TASKS = (
    Task("Check who else is involved", "Done", "#"),
    Task("Meet the family", "In progress", "#", "First visit is within 5 working days", "teal"),
    Task("Agree the plan", "Cannot start yet", "", "The assessment has to be finished first", "grey"),
)
PEOPLE = (
    ("Dana Price", "Early Help", "Lead worker, family support", "01632 960101", Tag("Lead", "teal")),
    ("Tom Okafor", "Moor Lane School", "Pastoral lead", "01632 960145", Tag("Active", "green")),
    (
        "Dr Sana Iqbal",
        "Child and adolescent mental health",
        "Clinical psychologist",
        "01632 960177",
        Tag("Waiting list", "yellow"),
    ),
)


class GalleryForm(forms.VersionedForm):
    """One of each kind of field."""

    name = django_forms.CharField(
        label="Full name", max_length=200, widget=forms.TextInput({"autocomplete": "name"}, width=30)
    )
    nhs_number = django_forms.CharField(
        label="NHS number",
        required=False,
        help_text="10 numbers, like 943 476 5919",
        widget=forms.TextInput(width=10),
    )
    email = django_forms.EmailField(
        label="E-mail address", required=False, widget=forms.TextInput({"type": "email"})
    )
    born = forms.ApproximateDateField(
        label="Date of birth",
        not_future=True,
        help_text="For example, 14 3 2012. Leave out what is not known.",
    )
    visit = forms.DateField(label="Date of the visit", help_text="For example, 27 11 2026")
    visit_time = forms.TimeField(
        label="Time of the visit", widget=forms.TextInput(width=5), help_text="Like 2:30pm"
    )
    caring = django_forms.ChoiceField(
        label="Does the child look after someone?",
        choices=[("yes", "Yes"), ("no", "No"), ("unknown", "Not known yet")],
        widget=forms.RadioSelect(hints={"unknown": "You can add it after the first visit"}),
    )
    hours = django_forms.ChoiceField(
        label="Hours of caring a week",
        choices=[
            ("", "Choose one"),
            ("1", "1 to 19 hours"),
            ("2", "20 to 49 hours"),
            ("3", "50 hours or more"),
        ],
    )
    tasks = django_forms.MultipleChoiceField(
        label="What does the child do?",
        choices=[
            ("meals", "Meals and shopping"),
            ("medicine", "Medicines"),
            ("siblings", "Brothers and sisters"),
        ],
        widget=forms.CheckboxSelectMultiple,
    )
    interpreter = django_forms.BooleanField(label="An interpreter is needed", required=False)
    language = django_forms.CharField(label="Language", widget=forms.TextInput(width=20))
    note = django_forms.CharField(
        label="What happened",
        max_length=400,
        widget=django_forms.Textarea,
        help_text="The family can read this.",
    )
    letter = django_forms.FileField(
        label="Letter", required=False, help_text="A PDF or a picture, up to 20 MB."
    )
    password = django_forms.CharField(
        label="Password",
        widget=django_forms.PasswordInput({"autocomplete": "current-password"}),
        required=False,
    )

    reveals = {"caring": {"yes": ["hours", "tasks"]}, "interpreter": {"on": ["language"]}}


@require_http_methods(["GET", "POST"])
def gallery(request: HttpRequest) -> HttpResponse:
    """All components. A POST checks the form and shows it again; `stale` in the query shows that refusal."""
    form = GalleryForm(request.POST or None, request.FILES or None, version=3)
    if request.method == "POST" and form.is_valid():
        if "stale" in request.GET:
            form.refuse_stale(forms.StaleForm(current_version=4, changed_by="Priya Shah"))
        else:
            messages.success(request, "Everything in the form is right. Nothing was saved.")
    return render(
        request,
        "ui/gallery.html",
        {
            "form": form,
            "navigation": NAVIGATION,
            "signed_in": SignedIn("Dana Price", "Early Help"),
            "identity": IDENTITY,
            "clocks": CLOCKS,
            "parts": [
                Part("appointments", "Today’s appointments"),
                Part("due", "Due"),
                Part("facts", "Facts"),
            ],
            "timeline_items": TIMELINE,
            "facts": FACTS,
            "tasks": TASKS,
            "people": PEOPLE,
            "demonstration": True,
            "today": datetime.date(2026, 11, 18),
        },
    )
