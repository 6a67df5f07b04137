from django.urls import path

from . import kind_views, views

app_name = "tasks"
urlpatterns = [
    path("<uuid:task>/complete/", views.complete, name="complete"),
    path("appointments/kinds/", kind_views.listing, name="kinds"),
    path("appointments/kinds/add/", kind_views.edit, name="add_kind"),
    path("appointments/kinds/<slug:key>/", kind_views.edit, name="kind"),
]
