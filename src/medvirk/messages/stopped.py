"""The one message of this room itself to citizens: that the stop word was heard."""

from django.utils.translation import gettext_lazy as _

from medvirk.messages.actions.citizens import STOPPED
from medvirk.messages.kinds import CitizenKind

STOPPED_KIND = CitizenKind(
    STOPPED,
    name=_("Confirms that somebody gets no more messages"),
    subject=_("You get no more messages from us"),
    text=_("You get no more messages from us. Say so when we meet if you change your mind."),
    sms=_("You get no more messages from us. Say so when we meet if you change your mind."),
    after_no=True,
)
