"""A summary in words: neutral, as a professional writes in a record, and with the source of each number."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from django.utils import timezone
from django.utils.formats import date_format, time_format
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from medvirk.answers.models import Capacity, Help
from medvirk.feedback.logic import Course, Measure, Point
from medvirk.feedback.logic.journal import JournalPart
from medvirk.feedback.models import Agreement
from medvirk.feedback.wording.courses import MISSING, SIGNALS, points
from medvirk.feedback.wording.journal import PARTS
from medvirk.instruments.loader import get
from medvirk.interop.journal.content import Gathered, Talked
from medvirk.stats.change import Direction

NOTE = gettext_lazy("The worker's note")
BETTER: dict[Direction, Promise] = {
    Direction.HIGHER: gettext_lazy("higher is better"),
    Direction.LOWER: gettext_lazy("lower is better"),
}


@dataclass(frozen=True)
class Section:
    """A heading and its sentences. `code`: of the part, or "note"."""

    code: str
    title: str
    sentences: tuple[str, ...]


@dataclass(frozen=True)
class Summary:
    """What is chosen, in words."""

    title: str
    sections: tuple[Section, ...]


def in_words(gathered: Gathered, parts: Sequence[JournalPart], note: str) -> Summary:
    """The chosen parts that have something to say, in the language that is active."""
    sections = [
        Section(str(part), str(PARTS[part]), said)
        for part in parts
        if (said := tuple(SENTENCES[part](gathered)))
    ]
    if note.strip():
        sections.append(Section("note", str(NOTE), tuple(note.strip().splitlines())))
    whole = gathered.of.session is None
    return Summary(
        _("Summary of the course of help") if whole else _("Summary of the conversation"), tuple(sections)
    )


def as_text(summary: Summary) -> str:
    """Plain text, as it is pasted into a record system."""
    said = ["\n".join((section.title, *section.sentences)) for section in summary.sections]
    return "\n\n".join((summary.title, *said)) + "\n"


def day_of(at: datetime | date) -> str:
    return date_format(timezone.localtime(at) if isinstance(at, datetime) else at, "d.m.Y")


def time_of(at: datetime) -> str:
    return time_format(timezone.localtime(at), "H:i")


def _contact(gathered: Gathered) -> Iterator[str]:
    episode, session = gathered.of.found.episode, gathered.of.session
    kind = str(episode.get_kind_display())
    if session is not None:
        told = {"day": day_of(session.starts_at), "time": time_of(session.starts_at), "kind": kind}
        if session.cancelled_at is not None:
            yield _("The conversation on %(day)s at %(time)s did not take place.") % told
        else:
            yield _("Conversation on %(day)s at %(time)s (%(kind)s).") % told
    else:
        yield _("Course of help since %(day)s (%(kind)s).") % {
            "day": day_of(episode.started_on),
            "kind": kind,
        }
        if episode.ended_on is not None:
            told = {"day": day_of(episode.ended_on), "how": str(episode.get_ending_display())}
            yield _("It ended on %(day)s: %(how)s.") % told
        if gathered.held:
            count = len(gathered.held)
            yield ngettext(
                "%(count)d conversation has been held; the latest on %(day)s.",
                "%(count)d conversations have been held; the latest on %(day)s.",
                count,
            ) % {"count": count, "day": day_of(gathered.held[-1].starts_at)}
    yield _("Responsible: %(name)s.") % {"name": gathered.responsible.person.name}


def _scores(gathered: Gathered) -> Iterator[str]:
    here, course = gathered.here, gathered.followed.course
    if here is None:
        return
    yield from _score(course.measure, here.outcome, here.missing, here.starts_at)
    if here.outcome is not None and gathered.first is not None:
        yield _("First score, %(day)s: %(score)s.") % {
            "day": day_of(gathered.first.starts_at),
            "score": points(gathered.first.outcome),
        }
        yield from _change(course, gathered.first, here)
    if here.helped_by:
        yield _("Answered with help from %(who)s.") % {"who": str(Help(here.helped_by).label)}
    if course.meeting_measure is not None:
        yield from _score(course.meeting_measure, here.meeting, here.meeting_missing, here.starts_at)
    measures = [course.measure] if here.outcome is not None else []
    if course.meeting_measure is not None and here.meeting is not None:
        measures.append(course.meeting_measure)
    yield from (source_of(measure) for measure in measures)


def _score(measure: Measure, value: float | None, missing: str, at: datetime) -> Iterator[str]:
    told = {"title": measure.title, "day": day_of(at)}
    if value is None:
        why = MISSING.get(missing)
        yield _("%(title)s, %(day)s: %(why)s.") % {**told, "why": why or _("no score")}
        return
    yield _("%(title)s, %(day)s: %(score)s on a scale from %(low)s to %(high)s (%(better)s).") % {
        **told,
        "score": points(value),
        "low": points(measure.low),
        "high": points(measure.high),
        "better": BETTER[measure.direction],
    }


def source_of(measure: Measure) -> str:
    """Where a number comes from."""
    told = {"title": measure.title}
    if measure.validated:
        return _("Source: the citizen's own answers to “%(title)s”.") % told
    if get(measure.instrument, measure.version).licence.owner == "Medvirk":
        return (
            _("Source: the citizen's own answers to “%(title)s”, Medvirk's own form, not validated.") % told
        )
    return _("Source: the citizen's own answers to “%(title)s”, not validated here.") % told


def _change(course: Course, first: Point, here: Point) -> Iterator[str]:
    assert first.outcome is not None
    assert here.outcome is not None
    gain = course.measure.direction.sign * (here.outcome - first.outcome)
    if not gain:
        yield _("No change since the first score.")
        return
    size, count = points(abs(gain)), 1 if abs(gain) == 1 else 2
    if gain > 0:
        told = ngettext("Change: %(size)s point better.", "Change: %(size)s points better.", count)
    else:
        told = ngettext("Change: %(size)s point worse.", "Change: %(size)s points worse.", count)
    yield told % {"size": size}
    rci = course.measure.rci
    if rci is None:
        return
    limit = {"limit": points(round(rci.value, 1))}
    if bool(rci.reached_by(abs(gain))):
        told = _("The change is larger than measurement error usually makes (%(limit)s points).") % limit
    else:
        told = _("The change is within measurement error (up to %(limit)s points).") % limit
    yield f"{told} {_('That limit is an estimate.')}" if course.measure.rci_is_guess else told


def _expected(gathered: Gathered) -> Iterator[str]:
    here, followed = gathered.here, gathered.followed
    band = band_at(gathered)
    if here is None or here.outcome is None or band is None:
        return
    low, high = band
    yield _(
        "Expected on %(day)s for people with the same first score: %(low)s–%(high)s (eight of ten lie there)."
    ) % {"day": day_of(here.starts_at), "low": points(round(low)), "high": points(round(high))}
    if low <= here.outcome <= high:
        yield _("The score lies within it.")
    elif (here.outcome > high) == (followed.course.measure.direction.sign > 0):
        yield _("The score is better than that.")
    else:
        yield _("The score is less good than that.")
    yield _(
        "Source: worked out by Medvirk from earlier courses; a support for the conversation, not an assessment."
    )


def band_at(gathered: Gathered) -> tuple[float, float] | None:
    """Where eight of ten lie at this point; None at the first score and where nothing is expected."""
    here, expected = gathered.here, gathered.followed.expected
    if here is None or expected is None:
        return None
    number = next(
        (
            at
            for at, point in enumerate(gathered.followed.course.points, 1)
            if point.session_id == here.session_id
        ),
        0,
    )
    if number not in expected.sessions or number == expected.sessions[0]:
        return None
    low, high = expected.wide[expected.sessions.index(number)]
    return float(low), float(high)


def _signals(gathered: Gathered) -> Iterator[str]:
    for each in gathered.signals:
        yield _("Signal: %(title)s.") % {"title": str(SIGNALS[each.kind][0])}
        yield from _done(each)
    for agreed in gathered.agreed:
        yield _agreement(agreed)
    if gathered.signals:
        yield _(
            "Source: worked out by Medvirk from the scores; a signal is a reason to talk, not an assessment."
        )


def _done(each: Talked) -> Iterator[str]:
    for name, at, text in each.talks:
        told = {"day": day_of(at), "name": name}
        if text.strip():
            yield _("Talked about on %(day)s by %(name)s: %(text)s.") % {
                **told,
                "text": text.strip().rstrip("."),
            }
        else:
            yield _("Talked about on %(day)s by %(name)s.") % told
    if not each.talks:
        yield _("Not talked about yet.")
    for agreed in each.agreed:
        yield _agreement(agreed)


def _agreement(agreed: Agreement) -> str:
    what = agreed.text.strip().rstrip(".")
    if agreed.done_on is not None:
        return _("Agreed: %(what)s (done %(day)s).") % {"what": what, "day": day_of(agreed.done_on)}
    if agreed.dropped_on is not None:
        return _("Agreed: %(what)s (no longer agreed since %(day)s).") % {
            "what": what,
            "day": day_of(agreed.dropped_on),
        }
    if agreed.due_on is not None:
        return _("Agreed: %(what)s (to be looked at again %(day)s).") % {
            "what": what,
            "day": day_of(agreed.due_on),
        }
    return _("Agreed: %(what)s.") % {"what": what}


def _goals(gathered: Gathered) -> Iterator[str]:
    for goal in gathered.goals:
        told = _("Own goal, set %(day)s: “%(words)s”.") % {
            "day": day_of(goal.set_on),
            "words": goal.words.strip(),
        }
        if goal.reached_on is not None:
            told += " " + _("Reached %(day)s.") % {"day": day_of(goal.reached_on)}
        elif goal.dropped_on is not None:
            told += " " + _("No longer a goal since %(day)s.") % {"day": day_of(goal.dropped_on)}
        if goal.pk in gathered.marks:
            first, latest, at = gathered.marks[goal.pk]
            told += " " + _("The citizen's own mark %(day)s: %(mark)s of 10 (the first: %(first)s).") % {
                "day": day_of(at),
                "mark": points(latest),
                "first": points(first),
            }
        yield told


def _events(gathered: Gathered) -> Iterator[str]:
    for event in gathered.events:
        yield f"{day_of(event.day)}: {event.words.strip()}"


def _own_words(gathered: Gathered) -> Iterator[str]:
    here = gathered.here
    if here is None:
        return
    if here.own_words.strip():
        yield _("Before the conversation on %(day)s: “%(words)s”") % {
            "day": day_of(here.starts_at),
            "words": here.own_words.strip(),
        }
    if here.meeting_words.strip():
        yield _("About the conversation on %(day)s: “%(words)s”") % {
            "day": day_of(here.starts_at),
            "words": here.meeting_words.strip(),
        }


def _safety(gathered: Gathered) -> Iterator[str]:
    here = gathered.here
    if here is None:
        return
    told = {"day": day_of(here.starts_at)}
    if here.at_risk is None:
        yield _("%(day)s: the question about safety was not asked, or not answered.") % told
    elif not here.at_risk:
        yield _("%(day)s: the answer to the question about safety raised no signal.") % told
    elif here.risk_words:
        yield _("%(day)s: at the question about safety the citizen chose “%(words)s”.") % {
            **told,
            "words": here.risk_words,
        }
    else:
        yield _("%(day)s: the answer to the question about safety raised a signal.") % told
    for each in gathered.risk:
        if each.said_by and each.said_by != Capacity.SELF:
            yield _("Said about the citizen by: %(who)s.") % {"who": str(Capacity(each.said_by).label)}
        for name, at in each.seen:
            yield _("Seen by %(name)s on %(day)s at %(time)s.") % {
                "name": name,
                "day": day_of(at),
                "time": time_of(at),
            }
        yield from _done(each)


def _next(gathered: Gathered) -> Iterator[str]:
    coming = gathered.next_session
    if coming is not None:
        yield _("%(day)s at %(time)s.") % {"day": day_of(coming.starts_at), "time": time_of(coming.starts_at)}
    elif gathered.of.found.episode.ended_on is None:
        yield _("None is planned.")


SENTENCES: dict[JournalPart, Callable[[Gathered], Iterator[str]]] = {
    JournalPart.CONTACT: _contact,
    JournalPart.SCORES: _scores,
    JournalPart.EXPECTED: _expected,
    JournalPart.SIGNALS: _signals,
    JournalPart.GOALS: _goals,
    JournalPart.EVENTS: _events,
    JournalPart.OWN_WORDS: _own_words,
    JournalPart.SAFETY: _safety,
    JournalPart.NEXT: _next,
}
