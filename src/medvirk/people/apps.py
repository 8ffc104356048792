from django.apps import AppConfig


class PeopleConfig(AppConfig):
    name = "medvirk.people"
    label = "people"
