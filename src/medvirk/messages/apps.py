from datetime import timedelta

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class MessagesConfig(AppConfig):
    name = "medvirk.messages"
    # `messages` is the label of Django's own.
    label = "outbox"

    def ready(self) -> None:
        from medvirk.messages import own_data, parting
        from medvirk.messages.actions import stop_writing_to
        from medvirk.messages.channels import register_channel
        from medvirk.messages.channels.email import Email
        from medvirk.messages.channels.sms import Sms
        from medvirk.messages.closing import CLOSING
        from medvirk.messages.kinds import register_citizen_kind
        from medvirk.messages.notices import take
        from medvirk.messages.stopped import STOPPED_KIND
        from medvirk.messages.tasks import clear_run_out, deliver_due
        from medvirk.people.access import Permission
        from medvirk.people.duties import register_duty
        from medvirk.people.hooks import on_closing, on_withdrawal, register_notice_taker
        from medvirk.people.models import ConsentPurpose
        from medvirk.ui.hooks import MenuEntry, register_menu_entry

        own_data.register()
        parting.register()
        on_withdrawal(ConsentPurpose.CONTACT, stop_writing_to)
        on_closing(CLOSING)
        register_channel(Email())
        register_channel(Sms())
        register_citizen_kind(STOPPED_KIND)
        register_notice_taker(take)
        register_duty("messages.deliver", _("sends messages"), every=timedelta(seconds=5), run=deliver_due)
        register_duty(
            "messages.clear_run_out",
            _("clears away sessions and limits that have run out"),
            every=timedelta(hours=1),
            run=clear_run_out,
        )
        register_menu_entry(MenuEntry(_("Messages"), "messages:inbox", 35, Permission.READ_MESSAGES))
        register_menu_entry(MenuEntry(_("Operation"), "messages:operation", 95, Permission.SEE_OPERATION))
