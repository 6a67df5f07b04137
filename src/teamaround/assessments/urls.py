from django.urls import path

from . import views

app_name = "assessments"
urlpatterns = [
    path("start/<uuid:episode>/", views.start, name="start"),
    path("risk/<uuid:episode>/", views.risk, name="risk"),
    path("<uuid:uuid>/", views.detail, name="detail"),
    path("<uuid:uuid>/tasks/", views.tasks, name="tasks"),
    path("<uuid:uuid>/edit/<slug:page>/", views.edit, name="edit"),
    path("<uuid:uuid>/finish/", views.finish, name="finish"),
    path("<uuid:uuid>/mistake/", views.mistake, name="mistake"),
]
