from django.apps import AppConfig


class SharingConfig(AppConfig):
    name = "teamaround.sharing"
    label = "sharing"
