from django.apps import AppConfig


class SupervisionConfig(AppConfig):
    name = "teamaround.supervision"
    label = "supervision"
