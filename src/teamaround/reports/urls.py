from django.urls import path

from .views import coverage, planning

app_name = "reports"
urlpatterns = [
    path("coverage/", coverage.coverage, name="coverage"),
    path("coverage/file/", coverage.export, name="export"),
    path("planning/", planning.planning, name="planning"),
    path("planning/add/", planning.add, name="add"),
    path("planning/file/", planning.load, name="load"),
    path("planning/example/", planning.example, name="example"),
    path("planning/rates/", planning.choose, name="choose"),
    path("planning/rates/add/", planning.add_rate, name="add_rate"),
    path("planning/services/", planning.services, name="services"),
    path("planning/places/<uuid:uuid>/", planning.place, name="place"),
    path("planning/places/<uuid:uuid>/end/", planning.end, name="end"),
]
