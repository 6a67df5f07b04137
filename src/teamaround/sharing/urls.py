from django.urls import path

from . import (
    agenda_views,
    before_views,
    ground_views,
    request_views,
    settling_views,
    shield_views,
    taking_back,
    views,
)
from .models import Kind

app_name = "sharing"
urlpatterns = [
    path("consent/<uuid:person>/", views.consent, name="consent"),
    path("take-back/<uuid:person>/", taking_back.take_back, name="take_back"),
    path("settle/<uuid:person>/", settling_views.settling, name="settle"),
    path("settlements/<uuid:uuid>/end/", settling_views.end, name="end_settlement"),
    path("ground/<uuid:person>/", settling_views.lawful, name="lawful"),
    path("safeguarding/<uuid:person>/", views.ground, name="safeguarding"),
    path("duty/<uuid:person>/", views.ground, {"kind": Kind.DUTY}, name="duty"),
    path("vital/<uuid:person>/", views.ground, {"kind": Kind.VITAL}, name="vital"),
    path("emergency/<uuid:person>/", ground_views.emergency, name="emergency"),
    path("emergencies/", ground_views.emergencies, name="emergencies"),
    path("emergencies/<uuid:uuid>/", ground_views.emergency_review, name="emergency_review"),
    path("shield/<uuid:person>/", shield_views.shield, name="shield"),
    path("shields/<uuid:uuid>/review/", shield_views.shield_review, name="shield_review"),
    path("agenda/<uuid:person>/", agenda_views.put_on, name="put_on_agenda"),
    path("panels/<slug:panel>/", agenda_views.agenda, name="agenda"),
    path("agenda/items/<uuid:uuid>/close/", agenda_views.close, name="close_item"),
    path("before/<uuid:key>/", before_views.before, name="before"),
    path("decisions/<uuid:key>/", before_views.decisions, name="decisions"),
    path("hidden/<uuid:key>/", request_views.hidden, name="hidden"),
    path("requests/", request_views.asked, name="requests"),
    path("requests/<uuid:uuid>/", request_views.answer, name="request"),
    path("papers/<uuid:uuid>/", views.paper, name="paper"),
    path("<uuid:uuid>/", views.detail, name="detail"),
    path("<uuid:uuid>/review/", ground_views.review, name="review"),
    path("<uuid:uuid>/withdraw/", views.withdraw, name="withdraw"),
]
