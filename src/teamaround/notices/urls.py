from django.urls import path

from . import choice_view, views

app_name = "notices"
urlpatterns = [
    path("outbox/", views.outbox, name="outbox"),
    path("choice/", choice_view.choice, name="choice"),
]
