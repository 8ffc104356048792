from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class InteropConfig(AppConfig):
    name = "medvirk.interop"
    label = "interop"

    def ready(self) -> None:
        from medvirk.feedback.hooks import CourseLink, register_course_link
        from medvirk.people.access import Permission
        from medvirk.people.hooks import OwnPage, register_own_page, register_part_name
        from medvirk.ui.hooks import MenuEntry, register_menu_entry

        register_menu_entry(
            MenuEntry(_("Privacy documents"), "privacy:documents", 94, Permission.MANAGE_RETENTION)
        )

        register_course_link(CourseLink(_("For the journal"), "journal:summary", "journal:waiting"))
        register_part_name(
            "interop.own_data",
            _("everything that is written about the citizen"),
            own=_("everything that is written about you"),
        )
        register_own_page(
            OwnPage(
                "data",
                _("My data"),
                _("A copy of everything, to read or take along"),
                "interop:own_data",
                order=50,
            )
        )
