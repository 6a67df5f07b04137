"""Addresses of the family's own pages, and of the worker's invitation to them. No address names anybody."""

from __future__ import annotations

from django.urls import path

from . import invitations, sign_in, views

app_name = "portal"
urlpatterns = [
    path("my-information/", views.home, name="home"),
    path("my-information/sign-in/", sign_in.sign_in, name="sign_in"),
    path("my-information/code/", sign_in.code, name="code"),
    path("my-information/start/", sign_in.start, name="start"),
    path("my-information/invitation/<str:secret>/", sign_in.arrive, name="invitation"),
    path("people/<uuid:person>/own-information/", invitations.invite, name="invite"),
    path("people/own-information/<uuid:uuid>/end/", invitations.end, name="end_access"),
]
