from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class AnswersConfig(AppConfig):
    name = "medvirk.answers"
    label = "answers"

    def ready(self) -> None:
        from medvirk.people.access import Permission
        from medvirk.ui.hooks import MenuEntry, register_menu_entry

        register_menu_entry(
            MenuEntry(label=_("Texts"), url_name="answers:texts", order=85, permission=Permission.EDIT_TEXTS)
        )
