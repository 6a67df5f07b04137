from django.urls import path

from . import sending, taking_back, views

app_name = "referrals"
urlpatterns = [
    path("", views.inbox, name="inbox"),
    path("new/", sending.new, name="new"),
    path("<uuid:uuid>/", views.detail, name="detail"),
    path("<uuid:uuid>/check/", views.check, name="check"),
    path("<uuid:uuid>/child/", views.child, name="child"),
    path("<uuid:uuid>/decide/", views.decide, name="decide"),
    path("<uuid:uuid>/allocate/", views.allocate, name="allocate"),
    path("<uuid:uuid>/write/", views.write, name="write"),
    path("<uuid:uuid>/answer/", views.answer, name="answer"),
    path("<uuid:uuid>/take-back/", taking_back.take_back, name="take_back"),
]
