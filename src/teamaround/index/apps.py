from django.apps import AppConfig


class IndexConfig(AppConfig):
    name = "teamaround.index"
    label = "index"
