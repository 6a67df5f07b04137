from django.apps import AppConfig


class TasksConfig(AppConfig):
    name = "teamaround.tasks"
    label = "tasks"
