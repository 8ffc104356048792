"""The tablet's pages: a code is written, a form opens, and after it the tablet knows nothing of who was there."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext
from django.views.decorators.http import require_http_methods, require_POST

from medvirk.answers.queries import way_in
from medvirk.answers.tablet.codes import DIGITS, digits_of, in_fours, leave_tablet, open_by_code
from medvirk.answers.tablet.tries import count_try
from medvirk.people.access import for_everyone
from medvirk.people.signin.limits import not_for_guessers

PAD = "123456789"
BACK = "back"


@for_everyone
@require_http_methods(["GET", "HEAD", "POST"])
def tablet(request: HttpRequest) -> HttpResponse:
    """Take a code and lead to its form. The answer is the same to every code that opens nothing."""
    if request.method != "POST":
        return _page(request)
    code = digits_of(request.POST.get("code", ""))
    if pressed := request.POST.get("digit", ""):
        # The keys on the page, where there is no script.
        return _page(request, code[:-1] if pressed == BACK else (code + digits_of(pressed))[:DIGITS])
    if len(code) != DIGITS:
        return _page(request, code[:DIGITS], gettext("The code has eight digits. Look once more."), 422)
    counted = count_try(request)
    if counted is None:
        waits = gettext("This has been tried very many times, so the tablet must wait. Ask at the desk.")
        return _page(request, "", waits, 429)
    token = open_by_code(code=code, now=timezone.now())
    if token is None:
        return _page(request, "", gettext("This code opens nothing now. Ask at the desk for a new one."), 422)
    counted.was_right()
    return redirect("answers:answer", token=token)


def _page(request: HttpRequest, code: str = "", fault: str = "", status: int = 200) -> HttpResponse:
    context = {"code": in_fours(code), "fault": fault, "pad": PAD, "back": BACK}
    return render(request, "answers/tablet.html", context, status=status)


@for_everyone
@not_for_guessers
@require_POST
def leave(request: HttpRequest, token: str) -> HttpResponse:
    """Clear the tablet: the way in is closed, and the page for codes comes back."""
    now = timezone.now()
    found = way_in(token, now=now)
    if found is None:
        return render(request, "answers/no_link.html", status=404)
    leave_tablet(way_in=found, now=now)
    return redirect("answers:tablet")
