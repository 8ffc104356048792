from django.apps import AppConfig


class InteropConfig(AppConfig):
    name = "medvirk.interop"
    label = "interop"
