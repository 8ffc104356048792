"""The demo's first page and its "try as …" buttons. Loaded only where MEDVIRK_DEMO is on."""

from __future__ import annotations

from django.contrib.auth import login, logout
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_POST

from medvirk.answers.actions import make_link
from medvirk.answers.models import Channel
from medvirk.config.demo import cast
from medvirk.feedback.models import Moment
from medvirk.feedback.queries import caseload
from medvirk.people.access import for_everyone, viewer_for
from medvirk.people.identity import sign_in_keys
from medvirk.people.models import User

WHO = {
    "practitioner": cast.PRACTITIONER,
    "leader": cast.TEAM_LEADER,
    "administrator": cast.ADMINISTRATOR,
    "own": cast.OWN_ACCOUNT,
    "partner": cast.PARTNER,
}


def tour(request: HttpRequest) -> HttpResponse:
    """What to try, in four clicks."""
    return render(request, "demo/tour.html")


def user_of(name: tuple[str, str]) -> User:
    return User.objects.get(login_hash__in=sign_in_keys(".".join(name)))


@for_everyone
@require_POST
def try_as(request: HttpRequest, who: str) -> HttpResponse:
    """Sign in as somebody made up; as a citizen, open the form for today's conversation."""
    if who == "citizen":
        return redirect("answers:answer", token=todays_link())
    if who not in WHO:
        raise Http404
    logout(request)
    login(request, user_of(WHO[who]), backend="medvirk.people.signin.SignInNameBackend")
    return redirect("start")


def todays_link() -> str:
    """A fresh link for the first of today's conversations that is not answered."""
    now = timezone.now()
    viewer = viewer_for(user_of(cast.PRACTITIONER))
    courses = caseload(viewer, now=now, language="nb")
    coming = [each.today or each.next_session for each in courses if each.today or each.next_session]
    for session in sorted(coming, key=lambda each: each.starts_at):
        occasion = session.asks(Moment.BEFORE)
        if not hasattr(occasion, "submission"):
            return make_link(by=viewer, occasion=occasion, channel=Channel.PHONE, now=now)
    raise Http404
