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
    "feedback.signal": _("a signal in a course of help, and what was done with it"),
}
#: The same, to the citizen.
OWN_PARTS = {
    "feedback.my_citizens": _("your latest scores"),
    "feedback.episode": _("your course of help with its curve"),
    "feedback.session": _("your answers and your curve"),
    "feedback.change": _("what you changed in the help"),
    "feedback.own_course": _("your own page about the course"),
    "feedback.signal": _("a signal in your course of help, and what was done with it"),
}


class FeedbackConfig(AppConfig):
    name = "medvirk.feedback"
    label = "feedback"

    def ready(self) -> None:
        from medvirk.feedback import helping, own_data, parting, sharing
        from medvirk.feedback.panels import episodes_panel
        from medvirk.feedback.succession import EPISODES, MERGE_RULES, episode_tally
        from medvirk.people.access import Permission
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
        register_duties()
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


def register_duties() -> None:
    """What the worker does in this room without anybody asking."""
    from medvirk.feedback.succession import show_todays_units
    from medvirk.people.duties import register_duty

    register_duty(
        "feedback.todays_units",
        _("lets courses of help stand in the unit of today"),
        every=timedelta(minutes=10),
        run=lambda now: show_todays_units(timezone.localdate(now)),
    )
    register_duty(
        "feedback.norms",
        _("learns the expected course from local courses"),
        every=timedelta(days=1),
        at=time(3, 15),
        run=fit_norms_tonight,
    )
    follow_signals()


def follow_signals() -> None:
    """Signals are raised, judged, handed on and told of without anybody having to remember it."""
    from medvirk.answers.hooks import when_answered
    from medvirk.feedback.actions.raising import evaluate_due, hand_on, on_answer, tell_of_overdue
    from medvirk.people.duties import register_duty
    from medvirk.people.hooks import NoticeKind, register_notice_kind

    when_answered(on_answer)
    for name, label, every, run in (
        ("feedback.signals", _("works out signals from new answers"), timedelta(seconds=5), evaluate_due),
        ("feedback.overdue", _("tells leaders of signals that lie"), timedelta(minutes=5), tell_of_overdue),
        ("feedback.hand_on", _("gives signals that nobody owns to a leader"), timedelta(hours=1), hand_on),
    ):
        register_duty(name, label, every=every, run=run)
    register_notice_kind(
        NoticeKind(
            code="feedback.signal_overdue",
            subject=_("A signal in your team has not been talked about"),
            text=_("A signal has been waiting longer than agreed. Sign in to see which, and whose it is."),
            url_name="feedback:signals",
        )
    )
    register_notice_kind(
        NoticeKind(
            code="feedback.risk_overdue",
            subject=_("An answer in your team should be seen now"),
            text=_("An answer that somebody should see at once has not been seen. Sign in now to see which."),
            url_name="feedback:signals",
        )
    )


def fit_norms_tonight(now: datetime) -> None:
    """What `medvirk norms fit` does (`people.duties`)."""
    from medvirk.feedback.actions import fit_norms

    fit_norms(now=now)
