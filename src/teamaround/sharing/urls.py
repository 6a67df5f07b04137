from django.urls import path

from . import views

app_name = "sharing"
urlpatterns = [
    path("consent/<uuid:person>/", views.consent, name="consent"),
    path("safeguarding/<uuid:person>/", views.safeguarding, name="safeguarding"),
    path("<uuid:uuid>/", views.detail, name="detail"),
    path("<uuid:uuid>/withdraw/", views.withdraw, name="withdraw"),
]
