"""The first page: for the demo, four clicks to try; for a worker, on to today's work."""

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render

from medvirk.messages.wording import note_on_unread
from medvirk.people.access import Permission, for_everyone


@for_everyone
def start(request: HttpRequest) -> HttpResponse:
    """Sends those who are signed in to their work; shows the demo or the sign-in to the others."""
    if request.viewer:
        if Permission.OWN_PAGES in request.viewer.permissions:
            return redirect("people:own")
        if Permission.FOLLOW_CITIZENS in request.viewer.permissions:
            return redirect("feedback:my_citizens")
        if Permission.SEE_SHARED in request.viewer.permissions:
            return redirect("people:shared_list")
        return render(request, "ui/start.html", {"notes": {"messages:inbox": note_on_unread(request.viewer)}})
    if settings.DEMO:
        from medvirk.config.demo.views import tour

        return tour(request)
    return redirect("account_login")
