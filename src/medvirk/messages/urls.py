"""Addresses of the messages room."""

from django.urls import path

from medvirk.messages import views

app_name = "messages"
urlpatterns = [
    path("", views.inbox, name="inbox"),
    path("operation/", views.operation, name="operation"),
]
