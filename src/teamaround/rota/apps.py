from django.apps import AppConfig


class RotaConfig(AppConfig):
    name = "teamaround.rota"
    label = "rota"
