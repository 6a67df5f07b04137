from django.urls import path

from .views import audits, supervising

app_name = "supervision"
urlpatterns = [
    path("", supervising.mine, name="mine"),
    path("load/", supervising.say_load, name="say_load"),
    path("support/", supervising.support, name="support"),
    path("team/", supervising.of_team, name="team"),
    path("team/<slug:team>/", supervising.of_team, name="of_team"),
    path("team/<slug:team>/measures/", supervising.measures, name="measures"),
    path("team/<slug:team>/record/<uuid:worker>/", supervising.record, name="record"),
    path("team/<slug:team>/audits/", audits.audits, name="audits"),
    path("team/<slug:team>/audits/draw/", audits.draw_one, name="draw"),
    path("team/<slug:team>/audits/questions/", audits.new_question, name="new_question"),
    path("audits/questions/<uuid:uuid>/withdraw/", audits.drop_question, name="drop_question"),
    path("audits/<uuid:uuid>/", audits.audit, name="audit"),
    path("audits/<uuid:uuid>/set-aside/", audits.aside, name="set_aside"),
    path("decide/<uuid:episode>/", supervising.decide, name="decide"),
    path("<uuid:uuid>/", supervising.detail, name="detail"),
    path("<uuid:uuid>/words/", supervising.words, name="words"),
]
