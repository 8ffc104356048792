"""What numbers and signals mean, in plain words; the same words on screen, on paper and for those who hear the page."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from django.utils.formats import number_format
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from medvirk.feedback.logic import DECLINED, NOT_ASKED, PAUSED, Course, Expected, Found
from medvirk.feedback.wording.accuracy import FACTS, out_of
from medvirk.instruments.logic import MissingReason

SIGNALS: dict[str, tuple[Promise, Promise]] = {
    "risk": (
        gettext_lazy("Says that life is hard to bear"),
        gettext_lazy(
            "This is the latest answer to the question about safety. Ask about it now, calmly and directly."
        ),
    ),
    "not_on_track": (
        gettext_lazy("Less good than expected"),
        gettext_lazy(
            "Of ten people who started at the same place, about nine are doing better at this point. "
            "It may be a bad week, or the help may not suit. Ask."
        ),
    ),
    "deteriorated": (
        gettext_lazy("Worse than at the start"),
        gettext_lazy(
            "The change for the worse since the first conversation is larger than chance usually makes."
        ),
    ),
    "worse_expected": (
        gettext_lazy("The course may end worse than it began"),
        gettext_lazy(
            "Nothing is decided: this is the moment when talking about the help can still change it."
        ),
    ),
    "sudden_fall": (
        gettext_lazy("Suddenly worse"),
        gettext_lazy("Much worse than last time. Something may have happened: ask what."),
    ),
    "no_change_expected": (
        gettext_lazy("Little is moving"),
        gettext_lazy(
            "As it goes now, a clear improvement is unlikely. Talk about what could be done differently."
        ),
    ),
    "alliance_low": (
        gettext_lazy("The meeting was rated low"),
        gettext_lazy("Thank them for saying so, and ask what would have made it better."),
    ),
    "alliance_falling": (
        gettext_lazy("The meeting was rated lower than the time before"),
        gettext_lazy("A small fall can mean a lot. Ask what was missing."),
    ),
    "alliance_always_perfect": (
        gettext_lazy("The meeting gets full marks every time"),
        gettext_lazy("It may be true. It may also be hard to say something critical: invite it."),
    ),
    "missing_measure": (
        gettext_lazy("The last conversation was not measured"),
        gettext_lazy("Nothing to look at from last time. Begin with the form today, if it suits."),
    ),
}

CAUTION = gettext_lazy("A signal is a reason to talk, not a verdict.")

MISSING: dict[str, Promise] = {
    MissingReason.NOT_ALL_ANSWERED: gettext_lazy("no score: not everything was answered"),
    MissingReason.TOO_FEW_ANSWERED: gettext_lazy("no score: too little was answered"),
    MissingReason.NOTHING_ANSWERED: gettext_lazy("no score: nothing was answered"),
    "not_asked_or_not_sent": gettext_lazy("not answered"),
    "other_form": gettext_lazy("on the form for another age"),
    DECLINED: gettext_lazy("would rather not"),
    PAUSED: gettext_lazy("paused"),
    NOT_ASKED: gettext_lazy("not asked this time"),
}


def points(value: float) -> str:
    """A score as it is written: at most one decimal, and none where it is a whole number."""
    rounded = round(value, 1)  # the formatter itself would cut off, not round
    return number_format(rounded, decimal_pos=0 if float(rounded).is_integer() else 1)


def caution_of(signals: Iterable[Found]) -> str:
    """Said once beside the signals; nothing where there is no signal to doubt.

    Risk is the person's own word, and a missing measure is a fact: neither is a guess.
    """
    return str(CAUTION) if {signal.kind for signal in signals} - FACTS else ""


def title_of(signal: Found) -> str:
    return str(SIGNALS[signal.kind][0])


def reason_of(signal: Found) -> str:
    reason = str(SIGNALS[signal.kind][1])
    if signal.kind == "worse_expected" and "chance" in signal.facts:
        worse = _("In %(share)s courses that looked like this, it ended clearly worse.")
        return f"{worse % {'share': out_of(signal.facts['chance'])}} {reason}"
    return reason


def in_words(course: Course, expected: Expected | None) -> list[str]:
    """The picture, said in paragraphs: now and at first, against what was expected, the meeting."""
    measured = course.measured
    if not measured:
        return [_("No score yet.")]
    told = (_now_and_first(course), _against_expected(course, expected), _meeting(course))
    return [" ".join(sentences) for sentences in map(list, told) if sentences]


def in_words_alone(course: Course, expected: Expected | None) -> list[str]:
    """The same for somebody who reads it alone, without a verdict: that is for the two to find together."""
    measured = course.measured
    if not measured:
        return [_("No score yet.")]
    now, band = next(_now_and_first(course)), next(_against_expected(course, expected), "")
    fixed = _(
        "It goes up and down for everybody. If you wonder about something, bring it to the next conversation."
    )
    return [each for each in (now, band, " ".join(_meeting(course)), fixed) if each]


def _now_and_first(course: Course) -> Iterator[str]:
    measure, measured = course.measure, course.measured
    first, last = measured[0].outcome, measured[-1].outcome
    of = points(measure.high)
    if len(measured) == 1:
        yield _("The first score is %(score)s of %(of)s.") % {"score": points(last), "of": of}
        return
    yield _("Now: %(now)s of %(of)s. The first time: %(first)s.") % {
        "now": points(last),
        "of": of,
        "first": points(first),
    }
    gain = measure.direction.sign * (last - first)
    yield _change(abs(gain), better=gain > 0) if gain else _("That is the same as at the start.")
    if measure.rci is not None and gain:
        yield _reliable(course, gain)


def _change(size: float, *, better: bool) -> str:
    count = 1 if size == 1 else 2
    if better:
        text = ngettext(
            "That is %(size)s point better than at the start.",
            "That is %(size)s points better than at the start.",
            count,
        )
    else:
        text = ngettext(
            "That is %(size)s point worse than at the start.",
            "That is %(size)s points worse than at the start.",
            count,
        )
    return text % {"size": points(size)}


def _reliable(course: Course, gain: float) -> str:
    rci, limit = course.measure.rci, points(round(course.measure.rci.value, 1))
    if bool(rci.reached_by(abs(gain))):
        text = _("It is more than chance usually makes (%(limit)s points).") % {"limit": limit}
    else:
        text = _("It may still be chance (that can make up to %(limit)s points).") % {"limit": limit}
    return f"{text} {_('That limit is a guess so far.')}" if course.measure.rci_is_guess else text


def _against_expected(course: Course, expected: Expected | None) -> Iterator[str]:
    number = len(course.points)
    while number and course.points[number - 1].outcome is None:
        number -= 1
    if expected is None or number not in expected.sessions or number == expected.sessions[0]:
        return
    low, high = expected.wide[expected.sessions.index(number)]
    score = course.points[number - 1].outcome
    yield _(
        "Of ten people who started at the same place, eight lie between %(low)s and %(high)s at this point."
    ) % {"low": points(round(low)), "high": points(round(high))}
    if low <= score <= high:
        yield _("So this is within what is usual.")
    elif (score > high) == (course.measure.direction.sign > 0):
        yield _("So this is better than most.")
    else:
        yield _("So this is less good than most. That is worth talking about.")


def _meeting(course: Course) -> Iterator[str]:
    rated = [point.meeting for point in course.points if point.meeting is not None]
    if not rated or course.meeting_measure is None:
        return
    of = points(course.meeting_measure.high)
    if len(rated) == 1:
        yield _("The meeting was rated %(score)s of %(of)s.") % {"score": points(rated[-1]), "of": of}
    else:
        yield _("The meeting was rated %(score)s of %(of)s; the last time it was rated, %(earlier)s.") % {
            "score": points(rated[-1]),
            "of": of,
            "earlier": points(rated[-2]),
        }
