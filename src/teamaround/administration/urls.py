from django.urls import path

from . import area, duty, people

app_name = "administration"
urlpatterns = [
    path("", area.overview, name="overview"),
    path("agencies/new/", area.new_agency, name="new_agency"),
    path("agencies/<slug:agency>/", area.agency, name="agency"),
    path("agencies/<slug:agency>/change/", area.change_agency, name="change_agency"),
    path("agencies/<slug:agency>/sites/new/", area.new_site, name="new_site"),
    path("agencies/<slug:agency>/teams/new/", area.new_team, name="new_team"),
    path("teams/<slug:team>/", area.team, name="team"),
    path("teams/<slug:team>/change/", area.change_team, name="change_team"),
    path("panels/new/", area.new_panel, name="new_panel"),
    path("panels/<slug:panel>/", area.panel, name="panel"),
    path("panels/<slug:panel>/change/", area.change_panel, name="change_panel"),
    path("panels/<slug:panel>/members/new/", area.seat, name="seat"),
    path("panels/<slug:panel>/members/end/", area.unseat, name="unseat"),
    path("people/", people.people, name="people"),
    path("people/invite/", people.invite_somebody, name="invite"),
    path("people/invitations/", people.invitations, name="invitations"),
    path("people/invitations/again/", people.invite_again, name="invite_again"),
    path("people/invitations/withdraw/", people.withdraw, name="withdraw"),
    path("people/<uuid:person>/", people.person, name="person"),
    path("people/<uuid:person>/roles/new/", people.add_role, name="add_role"),
    path("people/<uuid:person>/roles/end/", people.end_role, name="end_role"),
    path("people/<uuid:person>/move/", people.move_person, name="move"),
    path("people/<uuid:person>/leave/", people.leaves, name="leave"),
    path("people/<uuid:person>/password/", people.reset_password, name="reset_password"),
    path("people/<uuid:person>/second-factor/", people.reset_factor, name="reset_second_factor"),
    path("duty-to-share/", duty.duty, name="duty"),
    path("duty-to-share/end/", duty.end_duty, name="end_duty"),
    path("log/", people.log, name="log"),
]
