from django.urls import path

from . import views

app_name = "api"
urlpatterns = [
    path("openapi.json", views.openapi, name="openapi"),
    path("v1/feeds", views.feeds, name="feeds"),
    path("v1/caseloads", views.caseloads, name="caseloads"),
    path("v1/runs/<uuid:uuid>", views.run, name="run"),
    path("v1/runs/<uuid:uuid>/rows", views.rows, name="rows"),
]
