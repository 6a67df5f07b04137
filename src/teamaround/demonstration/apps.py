from django.apps import AppConfig


class DemonstrationConfig(AppConfig):
    name = "teamaround.demonstration"
    label = "demonstration"
