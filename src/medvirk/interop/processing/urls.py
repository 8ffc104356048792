"""Addresses of what is said about privacy."""

from django.urls import path

from medvirk.interop.processing import views

app_name = "privacy"
urlpatterns = [
    path("", views.notice_page, name="notice"),
    path("documents/", views.documents, name="documents"),
    path("documents/<slug:key>/", views.document, name="document"),
    path("documents/<slug:key>/<slug:kind>/", views.document_file, name="file"),
]
