from django.apps import AppConfig


class PeopleConfig(AppConfig):
    name = "teamaround.people"
    label = "people"
