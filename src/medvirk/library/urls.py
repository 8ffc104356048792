"""Addresses of the library."""

from django.urls import path

from medvirk.library import views

app_name = "library"
urlpatterns = [
    path("", views.shelf, name="shelf"),
    path("new/", views.new, name="new"),
    path("<uuid:document_id>/", views.document, name="document"),
    path("<uuid:document_id>/edit/", views.edit, name="edit"),
    path("<uuid:document_id>/retire/", views.retire, name="retire"),
    path("<uuid:document_id>/versions/", views.versions, name="versions"),
    path("<uuid:document_id>/versions/new/", views.new_version, name="new_version"),
    path("<uuid:document_id>/versions/<uuid:version_id>/", views.version, name="version"),
    path("<uuid:document_id>/versions/<uuid:version_id>/file/", views.file, name="file"),
]
