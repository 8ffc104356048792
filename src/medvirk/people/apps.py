from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class PeopleConfig(AppConfig):
    name = "medvirk.people"
    label = "people"

    def ready(self) -> None:
        from medvirk.people.access import Permission
        from medvirk.ui.hooks import MenuEntry, register_menu_entry

        for label, address, order, permission in (
            (_("Find or register a citizen"), "people:find", 20, Permission.REGISTER_CITIZENS),
            (_("Staff"), "people:staff_list", 80, Permission.MANAGE_STAFF),
            (_("Units"), "people:units", 90, Permission.MANAGE_UNITS),
        ):
            register_menu_entry(MenuEntry(label, address, order, permission))
