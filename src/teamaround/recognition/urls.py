"""Addresses of the review desk. They carry a pair's random identifier alone."""

from __future__ import annotations

from django.urls import path

from . import views

app_name = "recognition"
urlpatterns = [
    path("", views.desk, name="desk"),
    path("next/", views.next_one, name="next"),
    path("agreement/", views.agreement, name="agreement"),
    path("<uuid:key>/", views.pair, name="pair"),
    path("<uuid:key>/again/", views.ask_again, name="ask_again"),
]
