"""Addresses of the front door. They carry random identifiers alone: no name, no number, no search."""

from __future__ import annotations

from django.urls import include, path

from .views import (
    appointments,
    calendar,
    cases,
    day,
    diary,
    drafts,
    facts,
    families,
    follow_up,
    involved,
    merges,
    moving_on,
    on_duty,
    one_click,
    people,
    search,
    team,
    worklist,
)

desk_patterns = [
    path("", day.my_day, name="my_day"),
    path("search/", search.find, name="search"),
    path("search/live/", search.suggest, name="search_live"),
    path("search/open/<uuid:key>/", search.open_found, name="open_found"),
    path("people/add/", search.add, name="add_person"),
    path("people/<uuid:key>/", people.person, name="person"),
    path("people/<uuid:key>/involve/", people.begin, name="involve"),
    path("people/<uuid:key>/add/<slug:kind>/", facts.add_fact, name="add_fact"),
    path("people/<uuid:key>/put-right/<slug:entry>/", facts.put_right, name="put_right"),
    path("people/<uuid:key>/diary/", diary.person, name="person_diary"),
    path("people/<uuid:key>/appointment/", appointments.for_person, name="appoint_person"),
    path("people/<uuid:key>/same-as/", merges.same_as, name="same_as"),
    path("people/<uuid:key>/same-as/<uuid:other_key>/", merges.compare, name="compare"),
    path("people/same-as/stop/", merges.stop_same_as, name="stop_same_as"),
    path("merges/<uuid:key>/undo/", merges.undo, name="undo_merge"),
    path("people/<uuid:key>/family/", families.begin, name="add_family"),
    path("involvements/quiet/", involved.quiet, name="quiet"),
    path("involvements/<uuid:key>/contact/", involved.contact, name="contact_details"),
    path("involvements/<uuid:key>/begin-again/", involved.again, name="begin_again"),
    path("involvements/<uuid:key>/end/", people.end, name="end_involvement"),
    path("families/<uuid:key>/", families.family, name="family"),
    path("families/<uuid:key>/diary/", diary.family, name="diary"),
    path("families/<uuid:key>/appointment/", appointments.for_family, name="appoint_family"),
    path("families/<uuid:key>/add/", families.add_by_search, name="add_member"),
    path("families/<uuid:key>/add/<uuid:person_key>/", families.join, name="join_family"),
    path("families/stop/", families.stop_joining, name="stop_joining"),
    path("my-calendar/", calendar.link, name="calendar_link"),
    path("calendar/<str:secret>.ics", calendar.feed, name="feed"),
    path("appointments/<uuid:key>/", appointments.appointment, name="appointment"),
    path("appointments/<uuid:key>/change/", appointments.move, name="move_appointment"),
    path("appointments/<uuid:key>/cancel/", appointments.cancel, name="cancel_appointment"),
    path("team/", team.team, name="team"),
    path("team/board/", team.board, name="board"),
    path("team/views/", team.keep_view, name="keep_view"),
    path("team/views/<uuid:view>/drop/", team.drop_view, name="drop_view"),
    path("team/pace/", team.set_pace, name="set_pace"),
    path("duty/", on_duty.on_duty, name="on_duty"),
    path("duty/phones/<uuid:key>/", on_duty.phones, name="duty_phones"),
    path("duty/notes/<uuid:key>/settle/", on_duty.settle, name="settle_handover"),
    path("cases/", worklist.cases, name="cases"),
    path("cases/<uuid:key>/hand-over/", on_duty.hand_over, name="hand_over"),
    path("cases/<uuid:key>/", cases.case, name="case"),
    path("cases/<uuid:key>/appointment/", appointments.for_case, name="appoint_case"),
    path("cases/<uuid:key>/move-on/", moving_on.move_on, name="move_on"),
    path("cases/<uuid:key>/re-open/", moving_on.reopen, name="reopen"),
    path("cases/<uuid:key>/follow-up/", follow_up.follow_up, name="follow_up"),
    path("cases/<uuid:key>/take-back/<slug:what>/", moving_on.take_back, name="take_back"),
    path("cases/<uuid:key>/done/<slug:clock>/", one_click.done, name="clock_done"),
    path("cases/<uuid:key>/recorded/<uuid:occurrence>/", one_click.recorded, name="recorded"),
]

draft_patterns = [
    path("<slug:form>/<str:about>/", drafts.save, name="save"),
    path("<slug:form>/<str:about>/drop/", drafts.drop, name="drop"),
]

urlpatterns = [
    path("", include((desk_patterns, "desk"))),
    path("drafts/", include((draft_patterns, "drafts"))),
]
