from django.apps import AppConfig


class RightsConfig(AppConfig):
    name = "teamaround.rights"
    label = "rights"
