from django.apps import AppConfig


class NoticesConfig(AppConfig):
    name = "teamaround.notices"
    label = "notices"
