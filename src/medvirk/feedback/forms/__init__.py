"""Forms of the feedback room."""

from medvirk.feedback.forms.courses import (
    FRIDAY,
    MEETING_FORMS,
    ChangeForm,
    EndForm,
    EpisodeForm,
    SessionForm,
    likely_time,
    split,
)

__all__ = [
    "FRIDAY",
    "MEETING_FORMS",
    "ChangeForm",
    "EndForm",
    "EpisodeForm",
    "SessionForm",
    "likely_time",
    "split",
]
