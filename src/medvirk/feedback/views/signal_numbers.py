"""How a unit follows its signals through: a page of numbers."""

from __future__ import annotations

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.formats import number_format
from django.utils.translation import gettext
from django.views.decorators.http import require_GET

from medvirk.feedback.logic.following_numbers import FEWEST, Numbers, months_back
from medvirk.feedback.queries.signal_numbers import signal_numbers
from medvirk.feedback.queries.use import units_to_see
from medvirk.feedback.wording.signals import title_of_kind
from medvirk.feedback.wording.use import share_of
from medvirk.people.access import Permission, needs

#: How many whole months can be looked at.
PERIODS = (3, 6, 12, 24)


@needs(Permission.SEE_MEASURING)
@require_GET
def numbers(request: HttpRequest) -> HttpResponse:
    """One unit and period: the first unit that the viewer may see and a year, unless others are chosen."""
    units = units_to_see(request.viewer)
    wanted, period = request.GET.get("unit", ""), request.GET.get("months", "12")
    unit = next((each for each in units if wanted in ("", str(each.pk))), None)
    if (wanted and unit is None) or period not in map(str, PERIODS):
        raise Http404
    months = int(period)
    context: dict[str, object] = {"units": units, "unit": unit, "months": months, "periods": PERIODS}
    if unit is not None:
        found = signal_numbers(request.viewer, unit, months=months, now=timezone.now())
        first, last = months_back(timezone.localdate(), months)
        context |= {"rows": [_row(each) for each in found], "first": first, "last": last, "fewest": FEWEST}
    return render(request, "feedback/signal_numbers.html", context)


def _row(found: Numbers) -> dict[str, object]:
    title = title_of_kind(found.kind) if found.kind else gettext("All but answers about safety")
    if not found.shown:
        return {"title": title, "hidden": True}
    few = gettext("too few to show")
    days = few
    if found.median_days is not None:
        words = gettext("%(days)s days (of %(n)d)")
        days = words % {"days": number_format(round(found.median_days, 1), decimal_pos=1), "n": found.talked}
    return {
        "title": title,
        "signals": gettext("%(signals)d, of %(people)d people")
        % {"signals": found.signals, "people": found.people},
        "in_time": share_of(found.in_time.part, found.in_time.of),
        "days": days,
        "changed": share_of(found.changed.part, found.changed.of),
        "moved": share_of(found.moved.part, found.moved.of),
    }
