from django.apps import AppConfig


class DeskConfig(AppConfig):
    name = "teamaround.desk"
    label = "desk"
