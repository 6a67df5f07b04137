from django.urls import path

from . import after_views, memory_views, views

app_name = "importing"
urlpatterns = [
    path("", views.start, name="start"),
    path("<uuid:uuid>/", views.run, name="run"),
    path("<uuid:uuid>/columns/", views.columns, name="columns"),
    path("<uuid:uuid>/progress/", views.progress, name="progress"),
    path("<uuid:uuid>/refused.csv", views.refused, name="refused"),
    path("<uuid:uuid>/decide/", views.decide, name="decide"),
    path("<uuid:uuid>/confirm/", views.confirm, name="confirm"),
    path("<uuid:uuid>/again/", views.again, name="again"),
    path("<uuid:uuid>/take-up/", views.take_up, name="take_up"),
    path("<uuid:uuid>/unlisted/", after_views.unlisted, name="unlisted"),
    path("<uuid:uuid>/withdraw/", after_views.withdraw, name="withdraw"),
    path("remembered/", memory_views.remembered, name="remembered"),
    path("remembered/<uuid:uuid>/forget/", memory_views.forget, name="forget"),
]
