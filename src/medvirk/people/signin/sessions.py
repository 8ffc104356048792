"""When a session ends: after a while without anybody there, and after a working day whatever happens."""

from __future__ import annotations

from datetime import timedelta

from django.conf import settings
from django.contrib.auth import logout
from django.http import HttpRequest
from django.utils import timezone

from medvirk.people.access import View

SINCE, SEEN, SHARED, RETURN = "since", "seen", "shared", "return_to"
#: The time of last activity is written down at most this often: each time is a row written.
STEP = timedelta(seconds=30)
#: For so long after signing in, nobody is asked for the password again.
NEW = timedelta(minutes=5)


def polling(view: View) -> View:
    """Declare that a view is asked by the page by itself: it does not show that anybody is there."""
    view.is_polling = True  # type: ignore[attr-defined]
    return view


def begin(request: HttpRequest) -> None:
    """Start the clock of a session that has just been signed in to."""
    now = timezone.now().timestamp()
    request.session[SINCE] = request.session[SEEN] = now


def is_new(request: HttpRequest) -> bool:
    """Has the person signed in just now?"""
    return timezone.now().timestamp() - request.session.get(SINCE, 0) < NEW.total_seconds()


def idle_limit(request: HttpRequest) -> timedelta:
    """How long nobody may be there: a third of the usual on a machine that others use too."""
    minutes = settings.IDLE_MINUTES
    return timedelta(minutes=minutes / 3 if request.session.get(SHARED) else minutes)


def time_left(request: HttpRequest) -> timedelta:
    """Until the session ends, if nothing more is done; zero or less when it has."""
    now = timezone.now().timestamp()
    seen, since = request.session.get(SEEN, now), request.session.get(SINCE, now)
    idle = idle_limit(request) - timedelta(seconds=now - seen)
    whole = timedelta(seconds=settings.SESSION_COOKIE_AGE - (now - since))
    return min(idle, whole)


def touch(request: HttpRequest) -> None:
    """Somebody is there."""
    now = timezone.now().timestamp()
    if SINCE not in request.session:
        begin(request)
    elif now - request.session.get(SEEN, 0) >= STEP.total_seconds():
        request.session[SEEN] = now


def end(request: HttpRequest, *, return_to: str = "") -> None:
    """End the session and everything it held. `return_to` is kept for the same person alone."""
    user_id = str(request.user.pk)
    logout(request)
    if return_to:
        request.session[RETURN] = [user_id, return_to]


def place_to_return(request: HttpRequest) -> str | None:
    """Where the one who has just signed in was when the session ended; forgotten when it was somebody else."""
    user_id, place = request.session.pop(RETURN, None) or (None, None)
    return place if user_id == str(request.user.pk) else None
