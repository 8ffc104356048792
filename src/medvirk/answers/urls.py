"""Addresses of the answers room. The texts come first: a token never looks like them."""

from django.urls import path

from medvirk.answers import device, views
from medvirk.answers.paper.views import find_paper, paper, print_paper
from medvirk.answers.tablet.views import leave, tablet

app_name = "answers"
urlpatterns = [
    path("texts/", views.texts, name="texts"),
    path("texts/units/", views.unit_texts, name="unit_texts"),
    path("texts/units/<uuid:unit_id>/<slug:key>/", views.edit_unit_text, name="edit_unit_text"),
    path("texts/<slug:key>/", views.edit_text, name="edit_text"),
    path("worker.js", device.worker, name="worker"),
    path("tablet/", tablet, name="tablet"),
    path("paper/", find_paper, name="find_paper"),
    path("paper/<uuid:occasion_id>/", paper, name="paper"),
    path("paper/<uuid:occasion_id>/print/", print_paper, name="print_paper"),
    path("<str:token>/", views.answer, name="answer"),
    path("<str:token>/begin/", views.begin, name="begin"),
    path("<str:token>/not-today/", views.not_today, name="not_today"),
    path("<str:token>/draft/", views.draft, name="draft"),
    path("<str:token>/leave/", leave, name="leave"),
]
