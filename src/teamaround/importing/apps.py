from django.apps import AppConfig


class ImportingConfig(AppConfig):
    name = "teamaround.importing"
    label = "importing"
