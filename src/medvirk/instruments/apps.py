from django.apps import AppConfig


class InstrumentsConfig(AppConfig):
    name = "medvirk.instruments"
    label = "instruments"
