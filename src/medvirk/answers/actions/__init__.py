"""Asking and answering: one function per verb, each in a transaction of its own."""

from medvirk.answers.actions.asking import (
    LINK_LIFETIME,
    ask,
    ask_anew,
    close,
    keep_links,
    make_link,
    message_link,
    new_link,
    open_again,
    see_notice,
)
from medvirk.answers.actions.checks import NotTaken
from medvirk.answers.actions.sending import (
    Receipt,
    decline,
    decline_for,
    note_help,
    save_draft,
    store,
    submit,
)
from medvirk.answers.actions.texts import change_text

__all__ = [
    "LINK_LIFETIME",
    "NotTaken",
    "Receipt",
    "ask",
    "ask_anew",
    "change_text",
    "close",
    "decline",
    "decline_for",
    "keep_links",
    "make_link",
    "message_link",
    "new_link",
    "note_help",
    "open_again",
    "save_draft",
    "see_notice",
    "store",
    "submit",
]
