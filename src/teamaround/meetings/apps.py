from django.apps import AppConfig


class MeetingsConfig(AppConfig):
    name = "teamaround.meetings"
    label = "meetings"
