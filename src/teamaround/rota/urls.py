from django.urls import path

from . import duty_views, views

app_name = "rota"
urlpatterns = [
    path("", views.week, name="week"),
    path("mine/", views.mine, name="mine"),
    path("people/<uuid:worker>/", views.person, name="person"),
    path("people/<uuid:worker>/hours/", views.hours, name="hours"),
    path("people/<uuid:worker>/away/", views.away, name="away"),
    path("away/<uuid:uuid>/withdraw/", views.back, name="back"),
    path("duty/", duty_views.own_duty, name="own_duty"),
    path("duty/<slug:team>/", duty_views.team_duty, name="duty"),
    path("duty/<slug:team>/add/", duty_views.add, name="add_shift"),
    path("shifts/<uuid:uuid>/withdraw/", duty_views.off_duty, name="off_duty"),
    path("shifts/<uuid:uuid>/swap/", duty_views.swap, name="swap"),
    path("swaps/<uuid:uuid>/", duty_views.answer, name="answer"),
    path("swaps/<uuid:uuid>/take-back/", duty_views.unask, name="unask"),
]
