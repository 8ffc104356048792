from django.apps import AppConfig


class UiConfig(AppConfig):
    name = "medvirk.ui"
    label = "ui"
