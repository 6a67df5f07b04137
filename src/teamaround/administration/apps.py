from django.apps import AppConfig


class AdministrationConfig(AppConfig):
    name = "teamaround.administration"
    label = "administration"
