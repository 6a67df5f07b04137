from django.apps import AppConfig


class ApiConfig(AppConfig):
    name = "teamaround.api"
    label = "api"
