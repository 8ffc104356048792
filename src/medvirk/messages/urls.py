"""Addresses of the messages room."""

from django.urls import path

from medvirk.messages.views import gateway, pages

app_name = "messages"
urlpatterns = [
    path("", pages.inbox, name="inbox"),
    path("operation/", pages.operation, name="operation"),
    path("stop/<str:token>/", pages.stop, name="stop"),
    # What the gateway of text messages calls.
    path("sms/report/", gateway.report, name="sms_report"),
    path("sms/in/", gateway.incoming, name="sms_in"),
]
