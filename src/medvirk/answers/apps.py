from django.apps import AppConfig


class AnswersConfig(AppConfig):
    name = "medvirk.answers"
    label = "answers"
