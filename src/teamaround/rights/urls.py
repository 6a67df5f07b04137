from django.urls import path

from .views import agreements, overview, requests, retention

app_name = "rights"
urlpatterns = [
    path("", overview.overview, name="overview"),
    path("requests/", requests.every, name="requests"),
    path("requests/new/", requests.new, name="new"),
    path("requests/<uuid:uuid>/", requests.one, name="request"),
    path("requests/<uuid:uuid>/gather/", requests.gather, name="gather"),
    path("requests/<uuid:uuid>/review/", requests.review, name="review"),
    path("requests/<uuid:uuid>/release/", requests.release, name="release"),
    path("requests/<uuid:uuid>/pack.pdf", requests.pdf, name="pdf"),
    path("requests/<uuid:uuid>/pack.json", requests.json, name="json"),
    path("requests/<uuid:uuid>/erase/", retention.erase, name="erase"),
    path("requests/<uuid:uuid>/act/<slug:act>/", requests.act, name="act"),
    path("retention/", retention.retention, name="retention"),
    path("retention/rule/", retention.new_rule, name="new_rule"),
    path("retention/dispose/", retention.dispose, name="dispose"),
    path("disposals/", retention.disposals, name="disposals"),
    path("disposals/<uuid:uuid>/", retention.disposal, name="disposal"),
    path("holds/", retention.holds, name="holds"),
    path("holds/new/", retention.new_hold, name="new_hold"),
    path("holds/<uuid:uuid>/lift/", retention.lift_hold, name="lift_hold"),
    path("agreements/", agreements.every, name="agreements"),
    path("agreements/new/", agreements.new, name="new_agreement"),
    path("agreements/<uuid:uuid>/renew/", agreements.renew, name="renew_agreement"),
    path("agreements/<uuid:uuid>/end/", agreements.end, name="end_agreement"),
]
