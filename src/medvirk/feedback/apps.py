from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class FeedbackConfig(AppConfig):
    name = "medvirk.feedback"
    label = "feedback"

    def ready(self) -> None:
        from medvirk.feedback.panels import episodes_panel
        from medvirk.people.access import Permission
        from medvirk.people.hooks import PersonPanel, register_person_panel
        from medvirk.ui.hooks import MenuEntry, register_menu_entry

        register_menu_entry(
            MenuEntry(
                label=_("My citizens"), url_name="feedback:my_citizens", order=10, permission=Permission.FOLLOW_CITIZENS
            )
        )
        register_person_panel(PersonPanel("feedback/_person_panel.html", episodes_panel, order=10))
