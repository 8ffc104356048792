"""Addresses of the people room."""

from django.urls import path

from medvirk.people.views import citizens, staff, units

app_name = "people"
urlpatterns = [
    path("find/", citizens.find, name="find"),
    path("find/start/", citizens.relation_after_search, name="relation_after_search"),
    path("new/", citizens.citizen_new, name="citizen_new"),
    path("<uuid:citizen_id>/", citizens.citizen, name="citizen"),
    path("<uuid:citizen_id>/change/", citizens.citizen_change, name="citizen_change"),
    path("<uuid:citizen_id>/relations/new/", citizens.relation_new, name="relation_new"),
    path("relations/<uuid:relation_id>/end/", citizens.relation_end, name="relation_end"),
    path("staff/", staff.staff_list, name="staff_list"),
    path("staff/new/", staff.staff_new, name="staff_new"),
    path("staff/<uuid:staff_id>/", staff.staff, name="staff"),
    path("staff/<uuid:staff_id>/change/", staff.staff_change, name="staff_change"),
    path("staff/<uuid:staff_id>/roles/new/", staff.role_new, name="role_new"),
    path("staff/<uuid:staff_id>/roles/<int:grant_id>/end/", staff.role_end, name="role_end"),
    path("staff/<uuid:staff_id>/password/", staff.staff_password, name="staff_password"),
    path("staff/<uuid:staff_id>/account/", staff.staff_account, name="staff_account"),
    path("units/", units.units, name="units"),
    path("units/new/", units.unit_new, name="unit_new"),
    path("units/<uuid:unit_id>/", units.unit, name="unit"),
    path("units/<uuid:unit_id>/end/", units.unit_end, name="unit_end"),
]
