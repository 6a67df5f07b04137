from django.apps import AppConfig


class EventsConfig(AppConfig):
    name = "teamaround.events"
    label = "events"
