from django.urls import path

from . import views

app_name = "tasks"
urlpatterns = [path("<uuid:task>/complete/", views.complete, name="complete")]
