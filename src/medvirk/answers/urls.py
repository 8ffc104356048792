"""Addresses of the answers room. The texts come first: a token never looks like them."""

from django.urls import path

from medvirk.answers import views

app_name = "answers"
urlpatterns = [
    path("texts/", views.texts, name="texts"),
    path("texts/<slug:key>/", views.edit_text, name="edit_text"),
    path("<str:token>/", views.answer, name="answer"),
    path("<str:token>/begin/", views.begin, name="begin"),
    path("<str:token>/draft/", views.draft, name="draft"),
]
