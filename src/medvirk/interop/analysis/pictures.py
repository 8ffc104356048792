"""The three pictures of an analysis, each with a caption and with words for those who do not see it."""

from __future__ import annotations

import math

import numpy as np
from django.utils.translation import gettext as _
from numpy.typing import NDArray

from medvirk.interop.analysis.logic import Analysis
from medvirk.interop.analysis.times import axis, transformed_time
from medvirk.interop.analysis.words import category_name, growth_note, time_name, unjudged
from medvirk.interop.reports.figures import decimal, percent, point, rate, whole
from medvirk.interop.reports.report import Figure
from medvirk.interop.scores.few import FEWEST
from medvirk.interop.scores.options import Transform
from medvirk.stats.change import Category, is_clinical
from medvirk.stats.growth import Parameters
from medvirk.ui.charts import (
    CoursesPicture,
    FirstLastPicture,
    Move,
    MovesPicture,
    Size,
    courses_chart,
    first_last_chart,
    moves_chart,
    to_svg,
)

Members = NDArray[np.bool_]
# More lines than this hide each other.
MOST_COURSES = 250
GRID_POINTS = 60
ORDER = (Category.RECOVERED, Category.IMPROVED, Category.UNCHANGED, Category.DETERIORATED)


def figures(analysis: Analysis, name: str, time_column: str, language: str) -> list[Figure]:
    """Courses; then first against last score and who moved where, if anybody has two scores.

    Who moved where needs a reliable change; without one, the caption of the picture before it says so.
    """
    found = [_courses(analysis, name, time_column, language)]
    if analysis.with_two:
        found.append(_first_last(analysis, language))
        if analysis.change.rci is not None:
            found.append(_moves(analysis, language))
    return found


def _courses(analysis: Analysis, name: str, time_column: str, language: str) -> Figure:
    low, high = analysis.measure.low, analysis.measure.high
    model = analysis.growth if analysis.growth is not None and analysis.growth.usable else None
    drawn = min(analysis.persons, MOST_COURSES)
    caption = _("Each thin line is one person; %(drawn)s of %(persons)s are drawn.") % {
        "drawn": whole(drawn),
        "persons": whole(analysis.persons),
    }
    alt = _("Scores over time from %(low)s to %(high)s.") % {"low": point(low), "high": point(high)}
    bands: dict[str, tuple[tuple[float, float, float], ...]] = {}
    mean: list[tuple[float, float]] = []
    if model is not None:
        times = axis(analysis.scores, analysis.transform)
        grid = np.linspace(float(times.min()), float(times.max()), GRID_POINTS)
        t = transformed_time(grid, analysis.transform)
        expected, _sd = model.predict([], [], t)
        mean = list(zip(grid.tolist(), np.clip(expected, low, high).tolist(), strict=True))
        # On the edge of the possible the uncertainty of the parameters is not known.
        parameters = Parameters.KNOWN if model.variance_cov is None else Parameters.UNCERTAIN
        for key, coverage in (("band50", 0.5), ("band80", 0.8)):
            lower, upper = model.band([], [], t, coverage=coverage, low=low, high=high, parameters=parameters)
            bands[key] = tuple(zip(grid.tolist(), lower.tolist(), upper.tolist(), strict=True))
        alt += " " + _("The expected mean goes from %(first)s to %(last)s.") % {
            "first": decimal(mean[0][1]),
            "last": decimal(mean[-1][1]),
        }
    labels = {
        "title": _("Courses with the expected mean and bands"),
        "description": alt,
        "time": time_name(analysis, time_column),
        "score": name,
        "course": _("One person"),
        "mean": _("Expected mean"),
        "observed": _("Measured mean"),
        "band50": _("Half of all scores expected here"),
        "band80": _("Eight of ten expected here"),
        "cutoff": _cutoff_label(analysis),
    }
    picture = CoursesPicture(
        _lines(analysis, drawn), low, high, labels, mean, bands.get("band50", ()), bands.get("band80", ()),
        _observed(analysis), analysis.change.cutoff,
    )  # fmt: skip
    caption = " ".join(filter(None, [caption, growth_note(analysis)]))
    svgs = [to_svg(courses_chart(picture, size), language) for size in (Size.WIDE, Size.NARROW)]
    return Figure(labels["title"], caption, alt, *svgs)


def _lines(analysis: Analysis, drawn: int) -> list[list[tuple[float, float]]]:
    """The courses that are drawn: evenly spread over the file, the same each time."""
    scores, times = analysis.scores, axis(analysis.scores, analysis.transform)
    chosen = np.unique(np.linspace(0, analysis.persons - 1, drawn).astype(int))
    lines = []
    for person in chosen:
        mine = slice(*np.searchsorted(scores.person, [person, person + 1]))
        pairs = zip(times[mine].tolist(), scores.score[mine].tolist(), strict=True)
        lines.append([(at, score) for at, score in pairs if not math.isnan(score)])
    return lines


def _observed(analysis: Analysis) -> list[tuple[float, float]]:
    """The mean at each common time; not where people were measured at all kinds of times."""
    if analysis.by_number or (not analysis.scores.dated and analysis.transform is not Transform.LOG):
        times = np.unique(axis(analysis.scores, analysis.transform))
        if times.size > len(analysis.at_times):
            return []
        scores = analysis.scores.score
        means = [(float(at), scores[axis(analysis.scores, analysis.transform) == at]) for at in times]
        return [(at, float(np.nanmean(here))) for at, here in means if not np.isnan(here).all()]
    return [(at.place, at.scores.mean) for at in analysis.at_times if at.scores.mean is not None]


def _cutoff_label(analysis: Analysis) -> str:
    cutoff = analysis.change.cutoff
    return "" if cutoff is None else _("Cut-off %(cutoff)s") % {"cutoff": point(cutoff)}


def _first_last(analysis: Analysis, language: str) -> Figure:
    low, high = analysis.measure.low, analysis.measure.high
    pairs = ~np.isnan(analysis.last_scores)
    outcomes, legend = _marks(analysis, pairs)
    caption = _first_last_caption(analysis)
    labels = {
        "title": _("First score against last score"),
        "description": caption + " " + ", ".join(legend.values()) + ".",
        "first": _("First score"),
        "last": _("Last score"),
        "cutoff": _cutoff_label(analysis),
    }
    # A band of no width is not seen; the line of no change remains.
    reliable = 0.0 if analysis.change.rci is None else analysis.change.rci.value
    picture = FirstLastPicture(
        analysis.first_scores[pairs].tolist(), analysis.last_scores[pairs].tolist(), outcomes, low, high,
        reliable, labels, legend, analysis.change.cutoff,
    )  # fmt: skip
    svgs = [to_svg(first_last_chart(picture, size), language) for size in (Size.WIDE, Size.NARROW)]
    return Figure(labels["title"], caption, labels["description"], *svgs)


def _marks(analysis: Analysis, pairs: Members) -> tuple[list[str], dict[str, str]]:
    """The look of each person with two scores, and its text: all alike where nothing judges the change."""
    if analysis.change.rci is None:
        plain = Category.UNCHANGED.value
        return [plain] * analysis.with_two, {plain: _("One person")}
    outcomes = [category.value for category, both in zip(analysis.categories, pairs, strict=True) if both]
    counts = analysis.change.counts
    legend = {
        category.value: f"{category_name(category)} ({whole(counts[category] or 0)})"
        for category in ORDER
        if counts[category] is not None
    }
    return outcomes, legend


def _first_last_caption(analysis: Analysis) -> str:
    people = rate(analysis.with_two, analysis.persons)
    if analysis.change.rci is None:
        told = _(
            "One mark per person with two scores: %(n)s. There is no grey band, and no picture of who moved "
            "where. %(reason)s"
        )
        return told % {"n": people, "reason": unjudged(analysis)}
    return _(
        "One mark per person with two scores: %(n)s. In the grey band the change is no larger than the "
        "%(points)s points that measurement error alone seldom makes."
    ) % {"n": people, "points": decimal(analysis.change.rci.value)}


def _moves(analysis: Analysis, language: str) -> Figure:
    groups = _starting_groups(analysis)
    moves = []
    spoken = []
    for name, members in groups:
        of = int(members.sum())
        heading = _("%(group)s (n = %(n)s)") % {"group": name, "n": whole(of)}
        bars = _bars(analysis, members, heading)
        moves += bars
        spoken.append(heading + ": " + ", ".join(f"{bar.name} {bar.text}" for bar in bars) + ".")
    missing = analysis.persons - analysis.with_two
    caption = _("%(missing)s people with one score or none are not in the picture.") % {
        "missing": rate(missing, analysis.persons)
    }
    labels = {"title": _("Who moved where"), "description": " ".join(spoken)}
    picture = MovesPicture(moves, labels)
    svgs = [to_svg(moves_chart(picture, size), language) for size in (Size.WIDE, Size.NARROW)]
    return Figure(labels["title"], caption, labels["description"], *svgs)


def _starting_groups(analysis: Analysis) -> list[tuple[str, Members]]:
    """People with two scores by which side of the cut-off they started on; all in one where there is none."""
    pairs = ~np.isnan(analysis.last_scores)
    cutoff = analysis.change.cutoff
    if cutoff is None:
        return [(_("Everyone with two scores"), pairs)]
    clinical = is_clinical(analysis.first_scores, direction=analysis.measure.direction, cutoff=cutoff)
    groups = [
        (_("Started on the clinical side of the cut-off"), pairs & clinical),
        (_("Started on the other side of the cut-off"), pairs & ~clinical),
    ]
    return [(name, members) for name, members in groups if members.any()]


def _bars(analysis: Analysis, members: Members, heading: str) -> list[Move]:
    """One bar per outcome that this group can have."""
    of = int(members.sum())
    found = [category for category, member in zip(analysis.categories, members, strict=True) if member]
    bars = []
    for category in ORDER:
        count = found.count(category)
        # Nobody recovers who did not start on the clinical side: no bar, rather than one that says 0.
        if category is Category.RECOVERED and count == 0:
            continue
        text = whole(count) if of < FEWEST else f"{whole(count)} ({percent(count / of)})"
        bars.append(Move(heading, category.value, category_name(category), count / of, text))
    return bars
