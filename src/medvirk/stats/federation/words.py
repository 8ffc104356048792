"""A norms file in words: what it is, how much is in it and what is not, and which course it makes expected."""

import numpy as np

from medvirk.stats.faults import CannotEstimateError
from medvirk.stats.federation.release import Part, Release
from medvirk.stats.federation.selection import Rare
from medvirk.stats.growth.model import GrowthModel
from medvirk.stats.growth.reml import fit

#: Times at which the expected course is told, as far as the file goes.
TOLD_AT = (1, 2, 3, 5, 8, 12)
BETTER = {"higher": "higher is better", "lower": "lower is better", "none": "neither way is better"}
BIAS = {
    Rare.TRIM: (
        "Rare courses were cut back to a common beginning: their first scores are in, some of their last are not. "
        "Long and irregular courses are cut most, so the spread late in a course is the least certain."
    ),
    Rare.WITHHOLD: (
        "Courses with rare patterns were left out whole. These are the long and the irregular ones, so expect the "
        "norms to lean to short and regular courses, and the spread between people to be off."
    ),
}


def describe(release: Release) -> str:
    """Several paragraphs for a terminal."""
    measure, norms = release.measure, release.norms
    smallest = int(norms.count.min())
    what = (
        f"{measure}: {measure.low:g} to {measure.high:g} points, {BETTER[measure.better]}. "
        f"Time: {release.time_scale}, from the first measurement."
    )
    how_many = (
        f"{norms.persons} courses with {norms.scores} scores in {norms.count.size} patterns; "
        f"the smallest pattern has {smallest} people."
    )
    paragraphs = [
        f"{what}\n{how_many}",
        "\n".join(_part(part) for part in release.parts),
        "\n".join(_withheld(release.parts)),
        "\n".join(_expected(release)),
    ]
    return "\n\n".join(paragraphs)


def _share(withheld: int, kept: int) -> str:
    return f"{withheld / (withheld + kept):.0%}"


def _part(part: Part) -> str:
    rules = "all sessions" if part.first_sessions is None else f"the first {part.first_sessions} sessions"
    rare = {Rare.TRIM: "rare courses trimmed", Rare.WITHHOLD: "rare courses left out"}[part.rare]
    courses, scores, patterns = part.withheld
    return (
        f"{part.municipality} ({part.number}) {part.period}: {part.courses} courses, {part.scores} scores "
        f"({rules}, {rare}). Withheld, rounded to 5: {courses} courses ({_share(courses, part.courses)}), "
        f"{scores} scores ({_share(scores, part.scores)}), in {patterns} patterns. Made {part.made_on:%d.%m.%Y}."
    )


def _withheld(parts: tuple[Part, ...]) -> list[str]:
    courses, scores = (sum(part.withheld[i] for part in parts) for i in (0, 1))
    kept = sum(part.courses for part in parts), sum(part.scores for part in parts)
    lines = [
        f"Withheld in all: about {_share(courses, kept[0])} of the courses and {_share(scores, kept[1])} of the scores."
    ]
    if scores:
        lines += [BIAS[rare] for rare in Rare if any(part.rare is rare for part in parts)]
    return lines


def _expected(release: Release) -> list[str]:
    try:
        model = fit(release.norms)
    except CannotEstimateError as error:
        return ["The expected course cannot be estimated from this.", *error.faults]
    if not model.usable:
        return ["The expected course cannot be estimated from this.", model.message]
    spread = np.sqrt(np.diag(model.G))
    per = "per unit of log(1 + time)" if str(release.time_scale).startswith("log1p") else "per unit of time"
    told = (
        f"First score on average {model.beta[0]:.2f}, change {model.beta[1]:+.2f} {per}. People differ by SD "
        f"{spread[0]:.2f} in level and {spread[1]:.2f} in change; one measurement by SD {model.sigma2**0.5:.2f}."
    )
    return [told, "Expected score, with 50 % and 80 % bands:", *_table(release, model)]


def _table(release: Release, model: GrowthModel) -> list[str]:
    low, high = release.measure.low, release.measure.high
    longest = max(pattern.times[-1] for pattern in release.norms.patterns)
    told = [time for time in TOLD_AT if release.time_scale.t([time])[0] <= longest + 1e-9]
    t = release.time_scale.t(told)
    sd = float(model.predict([], [], [0.0])[1][0])
    lines = []
    for steps in (-1, 0, 1):
        first = float(np.clip(model.beta[0] + steps * sd, low, high))
        mean = np.clip(model.expected(first, t), low, high)
        inner = model.band([0.0], [first], t, coverage=0.5, low=low, high=high)
        outer = model.band([0.0], [first], t, coverage=0.8, low=low, high=high)
        lines.append(f"  first score {first:.1f}:")
        lines += [
            f"    {release.time_scale.unit} {time:>2}: {mean[i]:5.1f}  ({inner[0][i]:.1f} to {inner[1][i]:.1f}; "
            f"{outer[0][i]:.1f} to {outer[1][i]:.1f})"
            for i, time in enumerate(told)
        ]
    return lines
