from django.urls import path

from . import views

app_name = "oversight"
urlpatterns = [
    path("log/", views.log, name="log"),
    path("alerts/", views.alerts, name="alerts"),
    path("alerts/rules/", views.rules, name="rules"),
    path("alerts/rules/<slug:kind>/", views.change_rule, name="change_rule"),
    path("alerts/names/", views.names, name="names"),
    path("alerts/names/end/", views.end_name, name="end_name"),
    path("alerts/<uuid:alert>/", views.alert, name="alert"),
]
