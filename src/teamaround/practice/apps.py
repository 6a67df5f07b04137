from django.apps import AppConfig


class PracticeConfig(AppConfig):
    name = "teamaround.practice"
    label = "practice"
