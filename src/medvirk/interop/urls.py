"""Addresses of the interop room."""

from django.urls import path

from medvirk.interop import views

app_name = "interop"
urlpatterns = [
    path("own/<uuid:citizen_id>/", views.own_data_page, name="own_data"),
    path("own/<uuid:citizen_id>/<slug:kind>/", views.own_data_file, name="own_data_file"),
]
