from django.urls import path

from . import amend_view, live_view, panel_view, paper_view, record_view, type_views, views

app_name = "meetings"
urlpatterns = [
    path("", views.listing, name="list"),
    path("types/", type_views.listing, name="types"),
    path("types/add/", type_views.edit, name="add_type"),
    path("types/<slug:key>/", type_views.edit, name="type"),
    path("panels/", panel_view.overview, name="panels"),
    path("panels/plan/", panel_view.plan, name="plan_sitting"),
    path("panels/gaps/", panel_view.gaps, name="gaps"),
    path("panels/sittings/<uuid:uuid>/", panel_view.sitting, name="sitting"),
    path("panels/sittings/<uuid:uuid>/build/", panel_view.build, name="build_agenda"),
    path("panels/sittings/<uuid:uuid>/close/", panel_view.close, name="close_sitting"),
    path("panels/cases/<uuid:uuid>/", panel_view.item, name="panel_item"),
    path("call/<uuid:episode>/", views.call, name="call"),
    path("invitations/<uuid:uuid>/", views.answer, name="answer"),
    path("invitations/<uuid:uuid>/withdraw/", views.withdraw, name="withdraw"),
    path("<uuid:uuid>/", views.detail, name="detail"),
    path("<uuid:uuid>/invite/", views.invite, name="invite"),
    path("<uuid:uuid>/change/", views.change, name="change"),
    path("<uuid:uuid>/cancel/", views.cancel, name="cancel"),
    path("<uuid:uuid>/record/", record_view.record, name="record"),
    path("<uuid:uuid>/live/", live_view.live, name="live"),
    path("<uuid:uuid>/live/lines/", live_view.live_lines, name="live_lines"),
    path("lines/<uuid:uuid>/", live_view.line, name="line"),
    path("lines/<uuid:uuid>/settle/", live_view.settle_line, name="settle_line"),
    path("lines/<uuid:uuid>/remove/", live_view.remove_line, name="remove_line"),
    path("<uuid:uuid>/minutes/", views.minutes, name="minutes"),
    path("<uuid:uuid>/minutes/pdf/", paper_view.pdf, name="pdf"),
    path("<uuid:uuid>/minutes/amend/", amend_view.amend, name="amend"),
    path("<uuid:uuid>/minutes/earlier/", amend_view.earlier, name="earlier"),
]
