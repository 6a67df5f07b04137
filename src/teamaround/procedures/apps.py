from django.apps import AppConfig


class ProceduresConfig(AppConfig):
    name = "teamaround.procedures"
    label = "procedures"
