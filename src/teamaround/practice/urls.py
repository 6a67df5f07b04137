from django.urls import path

from .views import changing, choosing, moving, publishing, reading

app_name = "practice"
urlpatterns = [
    path("", reading.procedures, name="list"),
    path("new/", choosing.new, name="new"),
    path("teams/<slug:team>/runs/", choosing.team_runs, name="team"),
    path("cases/<uuid:uuid>/procedure/", choosing.follow_case, name="follow"),
    path("cases/<uuid:uuid>/move/", moving.move_case, name="move"),
    path("cases/<uuid:uuid>/move-back/", moving.move_case_back, name="move_back"),
    path("<slug:slug>/", reading.procedure, name="procedure"),
    path("<slug:slug>/versions/<int:number>/", reading.procedure, name="version"),
    path("<slug:slug>/versions/<int:number>/withdraw/", publishing.withdraw_version, name="withdraw"),
    path("<slug:slug>/change/", changing.change, name="change"),
    path("<slug:slug>/check/", changing.check, name="check"),
    path("<slug:slug>/discard/", changing.discard, name="discard"),
    path("<slug:slug>/clocks/<str:key>/", changing.clock, name="clock"),
    path("<slug:slug>/what-if/", publishing.what_if, name="what_if"),
    path("<slug:slug>/publish/", publishing.publish_draft, name="publish"),
]
