"""Addresses of the family's own pages, and of the worker's invitation and answers. No address names anybody."""

from __future__ import annotations

from django.urls import path

from . import answering, calendar_views, child_views, deciding, invitations, sign_in, views

app_name = "portal"
urlpatterns = [
    path("my-information/", views.home, name="home"),
    path("my-information/who-can-see/", views.sharing, name="sharing"),
    path("my-information/who-has-looked/", views.looks, name="looks"),
    path("my-information/about-me/", views.about, name="about"),
    path("my-information/yes-or-no/", deciding.agree, name="agree"),
    path("my-information/yes-or-no/<uuid:key>/", deciding.agree_with, name="agree_with"),
    path("my-information/change-my-mind/", deciding.change, name="change"),
    path("my-information/change-my-mind/<uuid:key>/", deciding.stop, name="stop"),
    path("my-information/children/", child_views.children, name="children"),
    path("my-information/children/<uuid:key>/", child_views.child, name="child"),
    path("my-information/children/<uuid:key>/stop/", child_views.child_change, name="child_change"),
    path("my-information/children/<uuid:key>/stop/<uuid:what>/", child_views.child_stop, name="child_stop"),
    path("my-information/appointments/", calendar_views.calendar, name="calendar"),
    path("calendar/own/<str:secret>.ics", calendar_views.feed, name="feed"),
    path("my-information/ask/", views.write, {"kind": "question"}, name="ask"),
    path("my-information/put-right/", views.write, {"kind": "correction"}, name="put_right"),
    path("my-information/complain/", views.write, {"kind": "complaint"}, name="complain"),
    path("my-information/messages/", views.written, name="messages"),
    path("my-information/sign-in/", sign_in.sign_in, name="sign_in"),
    path("my-information/code/", sign_in.code, name="code"),
    path("my-information/start/", sign_in.start, name="start"),
    path("my-information/invitation/<str:secret>/", sign_in.arrive, name="invitation"),
    path("people/<uuid:person>/own-information/", invitations.invite, name="invite"),
    path("people/own-information/<uuid:uuid>/end/", invitations.end, name="end_access"),
    path("people/messages/", answering.inbox, name="inbox"),
    path("people/messages/<uuid:uuid>/", answering.answer, name="answer"),
    path("people/messages/<uuid:uuid>/received/", answering.received, name="received"),
]
