from django.apps import AppConfig


class DatabaseConfig(AppConfig):
    name = "teamaround.database"
    label = "database"
