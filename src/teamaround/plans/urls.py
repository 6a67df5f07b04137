from django.urls import path

from .views import closing, contact, document, plan

app_name = "plans"
urlpatterns = [
    path("start/<uuid:episode>/", plan.start, name="start"),
    path("contact/<uuid:episode>/", contact.record, name="contact"),
    path("contacts/<uuid:contact>/", contact.detail, name="contact_detail"),
    path("close/<uuid:episode>/", closing.close, name="close"),
    path("goals/<uuid:goal>/", plan.change_goal, name="goal"),
    path("goals/<uuid:goal>/action/", plan.add_action, name="add_action"),
    path("<uuid:plan>/", plan.detail, name="detail"),
    path("<uuid:plan>/goal/", plan.add_goal, name="add_goal"),
    path("<uuid:plan>/change/", plan.change, name="change"),
    path("<uuid:plan>/agree/", plan.agree, name="agree"),
    path("<uuid:plan>/review/", plan.review, name="review"),
    path("<uuid:plan>/print/", document.printed, name="print"),
    path("<uuid:plan>/pdf/", document.pdf, name="pdf"),
]
