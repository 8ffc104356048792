from datetime import timedelta

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class LibraryConfig(AppConfig):
    name = "medvirk.library"
    label = "library"

    def ready(self) -> None:
        from medvirk.library.succession import DOCUMENTS, show_todays_units
        from medvirk.people.access import Permission
        from medvirk.people.duties import register_duty
        from medvirk.people.following import register_unit_move
        from medvirk.ui.hooks import MenuEntry, register_menu_entry

        register_unit_move(DOCUMENTS)
        register_duty(
            "library.todays_units",
            _("lets documents follow units that are merged"),
            every=timedelta(minutes=10),
            run=show_todays_units,
        )
        # Nobody holds both: no account is a worker's and a citizen's.
        register_menu_entry(MenuEntry(_("Library"), "library:shelf", 80, Permission.READ_LIBRARY))
        register_menu_entry(MenuEntry(_("Library"), "library:shelf", 80, Permission.OWN_PAGES))
