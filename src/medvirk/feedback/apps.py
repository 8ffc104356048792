from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _

#: What an opening of these parts is called in the citizen's access log.
PARTS = {
    "feedback.my_citizens": _("the latest scores, in a list"),
    "feedback.episode": _("a course of help with its curve"),
    "feedback.session": _("a conversation with answers and curve"),
    "feedback.change": _("what was changed in the help"),
}


class FeedbackConfig(AppConfig):
    name = "medvirk.feedback"
    label = "feedback"

    def ready(self) -> None:
        from medvirk.feedback.panels import episodes_panel
        from medvirk.people.access import Permission
        from medvirk.people.hooks import PersonPanel, register_part_name, register_person_panel
        from medvirk.ui.hooks import MenuEntry, register_menu_entry

        register_menu_entry(
            MenuEntry(
                label=_("My citizens"),
                url_name="feedback:my_citizens",
                order=10,
                permission=Permission.FOLLOW_CITIZENS,
            )
        )
        register_menu_entry(
            MenuEntry(
                label=_("Questionnaires"),
                url_name="feedback:measuring_list",
                order=70,
                permission=Permission.SEE_MEASURING,
            )
        )
        for code, words in PARTS.items():
            register_part_name(code, words)
        register_person_panel(PersonPanel("feedback/_person_panel.html", episodes_panel, order=10))
