"""Addresses of what is taken over into the municipality's own record system."""

from django.urls import path

from medvirk.interop.journal import views

app_name = "journal"
urlpatterns = [
    path("", views.waiting_list, name="waiting"),
    path("<slug:of>/<uuid:key>/", views.summary, name="summary"),
    path("<slug:of>/<uuid:key>/taken/", views.taken, name="taken"),
    path("<slug:of>/<uuid:key>/undo/", views.undo, name="undo"),
    path("<slug:of>/<uuid:key>/file/<slug:kind>/", views.file, name="file"),
]
