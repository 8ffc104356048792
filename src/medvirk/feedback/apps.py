from datetime import datetime, time, timedelta
from pathlib import Path

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
    "feedback.members": _("who takes part in a course of help"),
    "feedback.together": _("what those who take part show each other"),
    "feedback.proxy": _("that somebody else was asked how they see it"),
    "feedback.risk": _("the procedure for an answer about safety"),
}
PARTS |= {
    "feedback.pause": _("a pause in measuring"),
    "feedback.goal": _("the citizen's own goals"),
    "feedback.life_event": _("what happened in the citizen's life"),
    "feedback.schedule": _("what is asked when"),
    "feedback.journal": _("a summary for the municipality's own record system"),
    "feedback.use": _("what changed in how feedback is used"),
}
PARTS |= {
    "feedback.supervision": _("a course of help in the team's supervision"),
    "feedback.board": _("the team's board"),
    "feedback.crisis_plan": _("the crisis plan"),
}
#: The same, to the citizen.
OWN_PARTS = {
    "feedback.my_citizens": _("your latest scores"),
    "feedback.episode": _("your course of help with its curve"),
    "feedback.session": _("your answers and your curve"),
    "feedback.change": _("what you changed in the help"),
    "feedback.own_course": _("your own page about the course"),
    "feedback.signal": _("a signal in your course of help, and what was done with it"),
    "feedback.members": _("who takes part in your course of help"),
    "feedback.together": _("what those who take part with you show each other"),
    "feedback.proxy": _("that somebody else was asked how they see you"),
}

OWN_PARTS |= {
    "feedback.pause": _("a pause in what you are asked"),
    "feedback.goal": _("your own goals"),
    "feedback.life_event": _("what happened in your life"),
    "feedback.schedule": _("what you are asked when"),
    "feedback.journal": _("a summary for your record in the municipality's own record system"),
}

OWN_PARTS |= {
    "feedback.supervision": _("your course of help in the team's supervision"),
    "feedback.board": _("where you stand on the team's board, and its tasks"),
    "feedback.crisis_plan": _("your crisis plan"),
}


class FeedbackConfig(AppConfig):
    name = "medvirk.feedback"
    label = "feedback"

    def ready(self) -> None:
        from medvirk.feedback import helping, own_data, own_data_team, parting, reminders, sharing
        from medvirk.feedback.closing import close_after_death, reopen_after_mistake
        from medvirk.feedback.panels import episodes_panel
        from medvirk.feedback.succession import EPISODES, MERGE_RULES, episode_tally
        from medvirk.people.following import Tally, register_merge_rule, register_tally, register_unit_move
        from medvirk.people.hooks import (
            Closing,
            PersonPanel,
            on_closing,
            register_part_name,
            register_person_panel,
        )

        register_menu()
        register_tally(Tally(_("courses of help"), episode_tally))
        register_unit_move(EPISODES)
        register_duties()
        register_prompts()
        for field, rule in MERGE_RULES.items():
            register_merge_rule(field, rule)
        for code, words in PARTS.items():
            register_part_name(code, words, own=OWN_PARTS.get(code))
        on_closing(Closing("feedback", close_after_death, reopen_after_mistake))
        own_data.register()
        own_data_team.register()
        helping.register()
        parting.register()
        reminders.register()
        sharing.register()
        register_own_pages()
        register_person_panel(PersonPanel("feedback/_person_panel.html", episodes_panel, order=10))


def register_menu() -> None:
    """What stands in the menu, in this order."""
    from medvirk.people.access import Permission
    from medvirk.ui.hooks import MenuEntry, register_menu_entry

    for label, url_name, order, permission in (
        (_("My citizens"), "feedback:my_citizens", 10, Permission.FOLLOW_CITIZENS),
        (_("Use of feedback"), "feedback:use", 68, Permission.SEE_MEASURING),
        (_("Signals"), "feedback:signals", 12, Permission.FOLLOW_CITIZENS),
        (_("Board"), "feedback:boards", 14, Permission.FOLLOW_CITIZENS),
        (_("Supervision"), "feedback:supervisions", 16, Permission.FOLLOW_CITIZENS),
        (_("My learning"), "feedback:learning", 18, Permission.FOLLOW_CITIZENS),
        (_("Plans and tasks"), "feedback:shared_board", 22, Permission.SEE_SHARED),
        (_("Signals in numbers"), "feedback:signal_numbers", 72, Permission.SEE_MEASURING),
        (_("Beside a signal"), "feedback:house_support", 86, Permission.EDIT_TEXTS),
        (_("Questionnaires"), "feedback:measuring_list", 70, Permission.SEE_MEASURING),
        (_("What is asked when"), "feedback:unit_schedules", 71, Permission.SET_PROCEDURES),
        (_("When life is hard to bear"), "feedback:risk_units", 72, Permission.SET_PROCEDURES),
    ):
        register_menu_entry(MenuEntry(label, url_name, order, permission))


def register_own_pages() -> None:
    """What citizens find on their own pages."""
    from medvirk.people.hooks import OwnPage, register_own_page

    for key, title, about, url_name, order in (
        ("crisis_plan", _("My crisis plan"), _("Early signs, what helps, whom to call, and what they do for me"),
         "feedback:own_plan", 14),
        ("course", _("My course"), _("My answers, the curve, and what we changed"), "feedback:own_course", 10),
        ("goals", _("My goals"), _("What I want to reach, and what happened in my life"), "feedback:own_goals", 11),
    ):  # fmt: skip
        register_own_page(OwnPage(key, title, about, url_name, order=order))


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


def register_prompts() -> None:
    """What one could ask, beside a signal: ours, until the house or a unit writes its own."""
    from medvirk.answers.texts import TextKind, register_text
    from medvirk.feedback.logic import support

    folder, readers = Path(__file__).parent / "texts", _("As workers see it now")
    beside = _("Something to ask, beside a signal")
    for key, label, group in (
        (support.RISK_TEXT, _("what to do when somebody says that life is hard to bear"),
         _("When life is hard to bear")),
        (support.ALLIANCE, _("about the two of us"), beside),
        (support.GOAL, _("about the goal itself"), beside),
        (support.MOTIVATION, _("about wanting and daring"), beside),
        (support.SUPPORT, _("about the people around"), beside),
        (support.EVENTS, _("about what has happened"), beside),
        (support.COLLEAGUE, _("to say to a colleague"), beside),
    ):  # fmt: skip
        register_text(TextKind(key, label, group, readers, folder, by_unit=True))


def follow_signals() -> None:
    """Signals are raised, judged, handed on and told of without anybody having to remember it."""
    from medvirk.answers.hooks import asked_by_unit, when_answered, when_taken_back, where_it_belongs
    from medvirk.feedback.actions.raising import (
        evaluate_due,
        hand_on,
        on_answer,
        on_taken_back,
        tell_of_overdue,
    )
    from medvirk.feedback.places import conversation_of
    from medvirk.feedback.queries.places import units_asking
    from medvirk.people.duties import register_duty

    when_answered(on_answer)
    asked_by_unit(units_asking)
    when_taken_back(on_taken_back)
    where_it_belongs(conversation_of)
    for name, label, every, run in (
        ("feedback.signals", _("works out signals from new answers"), timedelta(seconds=5), evaluate_due),
        ("feedback.overdue", _("tells leaders of signals that lie"), timedelta(minutes=5), tell_of_overdue),
        ("feedback.hand_on", _("gives signals that nobody owns to a leader"), timedelta(hours=1), hand_on),
    ):
        register_duty(name, label, every=every, run=run)
    register_signal_notices()


def register_signal_notices() -> None:
    """What workers and leaders are told of signals; it names no citizen."""
    from medvirk.people.hooks import NoticeKind, register_notice_kind

    for code, subject, text in (
        (
            "risk",
            _("An answer should be seen now"),
            _("Somebody you help has given an answer that should be seen now. Sign in to see it."),
        ),
        (
            "signal_handed",
            _("A signal was handed to you"),
            _("Somebody has handed you a signal to follow up. Sign in to see which."),
        ),
        (
            "signal_overdue",
            _("A signal in your team has not been talked about"),
            _("A signal has been waiting longer than agreed. Sign in to see which, and whose it is."),
        ),
        (
            "risk_overdue",
            _("An answer in your team should be seen now"),
            _("An answer that somebody should see at once has not been seen. Sign in now to see which."),
        ),
    ):
        register_notice_kind(
            NoticeKind(code=f"feedback.{code}", subject=subject, text=text, url_name="feedback:signals")
        )
    register_notice_kind(
        NoticeKind(
            code="feedback.risk_unread",
            subject=_("An answer should be seen now, and nobody leads the unit it came to"),
            text=_(
                "An answer that somebody should see at once has not been seen. Name a leader of the unit now."
            ),
            url_name="feedback:risk_units",
        )
    )


def fit_norms_tonight(now: datetime) -> None:
    """What `medvirk norms fit` does (`people.duties`)."""
    from medvirk.feedback.actions import fit_norms

    fit_norms(now=now)
