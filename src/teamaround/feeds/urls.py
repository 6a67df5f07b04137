from django.urls import path

from . import views

app_name = "feeds"
urlpatterns = [
    path("", views.feeds, name="feeds"),
    path("<uuid:uuid>/", views.feed, name="feed"),
]
