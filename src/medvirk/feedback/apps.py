from datetime import datetime, time, timedelta

from django.apps import AppConfig
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

#: What an opening of these parts is called in the citizen's access log.
PARTS = {
    "feedback.my_citizens": _("the latest scores, in a list"),
    "feedback.episode": _("a course of help with its curve"),
    "feedback.session": _("a conversation with answers and curve"),
    "feedback.change": _("what was changed in the help"),
    "feedback.own_course": _("the citizen's own page about the course"),
}
#: The same, to the citizen.
OWN_PARTS = {
    "feedback.my_citizens": _("your latest scores"),
    "feedback.episode": _("your course of help with its curve"),
    "feedback.session": _("your answers and your curve"),
    "feedback.change": _("what you changed in the help"),
    "feedback.own_course": _("your own page about the course"),
}


class FeedbackConfig(AppConfig):
    name = "medvirk.feedback"
    label = "feedback"

    def ready(self) -> None:
        from medvirk.feedback import helping, own_data, parting, sharing
        from medvirk.feedback.panels import episodes_panel
        from medvirk.feedback.succession import EPISODES, MERGE_RULES, episode_tally, show_todays_units
        from medvirk.people.access import Permission
        from medvirk.people.duties import register_duty
        from medvirk.people.following import Tally, register_merge_rule, register_tally, register_unit_move
        from medvirk.people.hooks import (
            OwnPage,
            PersonPanel,
            register_own_page,
            register_part_name,
            register_person_panel,
        )
        from medvirk.ui.hooks import MenuEntry, register_menu_entry

        for label, url_name, order, permission in (
            (_("My citizens"), "feedback:my_citizens", 10, Permission.FOLLOW_CITIZENS),
            (_("Questionnaires"), "feedback:measuring_list", 70, Permission.SEE_MEASURING),
        ):
            register_menu_entry(MenuEntry(label, url_name, order, permission))
        register_tally(Tally(_("courses of help"), episode_tally))
        register_unit_move(EPISODES)
        register_duty(
            "feedback.todays_units",
            every=timedelta(minutes=10),
            run=lambda now: show_todays_units(timezone.localdate(now)),
        )
        for field, rule in MERGE_RULES.items():
            register_merge_rule(field, rule)
        for code, words in PARTS.items():
            register_part_name(code, words, own=OWN_PARTS.get(code))
        own_data.register()
        helping.register()
        parting.register()
        sharing.register()
        register_own_page(
            OwnPage(
                "course",
                _("My course"),
                _("My answers, the curve, and what we changed"),
                "feedback:own_course",
                order=10,
            )
        )
        register_person_panel(PersonPanel("feedback/_person_panel.html", episodes_panel, order=10))
        register_duty("feedback.norms", every=timedelta(days=1), at=time(3, 15), run=fit_norms_tonight)


def fit_norms_tonight(now: datetime) -> None:
    """What `medvirk norms fit` does (`people.duties`)."""
    from medvirk.feedback.actions import fit_norms

    fit_norms(now=now)
