from django.apps import AppConfig


class FeedbackConfig(AppConfig):
    name = "medvirk.feedback"
    label = "feedback"
