from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class AnswersConfig(AppConfig):
    name = "medvirk.answers"
    label = "answers"

    def ready(self) -> None:
        from medvirk.answers import own_data, parting
        from medvirk.answers.closing import close_after_death, reopen_after_mistake
        from medvirk.answers.queries import answer_tally
        from medvirk.people.access import Permission
        from medvirk.people.following import OnConflict, Tally, register_merge_rule, register_tally
        from medvirk.people.hooks import Closing, on_closing, register_part_name
        from medvirk.ui.hooks import MenuEntry, register_menu_entry

        register_menu_entry(
            MenuEntry(label=_("Texts"), url_name="answers:texts", order=85, permission=Permission.EDIT_TEXTS)
        )
        on_closing(Closing("answers", close_after_death, reopen_after_mistake))
        # The same wording of the notice was shown to both records.
        register_merge_rule("answers.NoticeSeen.person", OnConflict.STAY)
        register_tally(Tally(_("answers sent"), answer_tally))
        register_part_name(
            "answers.paper", _("a form on paper that was printed or typed in"),
            own=_("your form on paper, printed or typed in"),
        )  # fmt: skip
        register_menu_entry(
            MenuEntry(_("Type in a paper"), "answers:find_paper", 74, Permission.FOLLOW_CITIZENS)
        )
        own_data.register()
        parting.register()
