"""How many later deteriorators each rule finds, on courses of known truth, beside the best that any rule could do.

Run as a program it prints its part of docs/benchmarks.md. Nothing here is timed: the numbers are the same on
any machine.
"""

from __future__ import annotations

import numpy as np

from medvirk.stats.signals import (
    PROCESSES,
    BestPossible,
    Evaluation,
    Outcome,
    difference,
    evaluate,
)

PEOPLE, SEED, BURDEN, BY = 10_000, 1, 0.20, 3
KNOWN = 1_000_000
OURS, BASELINES = "forecast_deteriorated", ("rule_table", "raw_change")
WORSE = Outcome.DETERIORATED
ABOUT = f"""{PEOPLE:,} simulated courses of each process (`stats.signals.PROCESSES`), none of them Medvirk's
own data. Every rule may flag {BURDEN:.0%} of the courses by measurement {BY}, and is judged on people it has
not learnt from. In brackets 95 % intervals by bootstrap over people. The rule table is the published alert
table of another product; its own targets are proprietary, so its lines are made from our fitted mean course.
*Best possible* knows the process itself: what it misses is luck, and no rule can find it. It is estimated
from {KNOWN:,} further courses, so a rule can lie a hundredth above it."""


def main() -> None:
    rows = [_row(name) for name in PROCESSES]
    print(ABOUT)
    print("\n## Later deterioration found\n")
    print(
        "| process | end reliably worse | forecast | rule table | raw change | best possible | a flag is right |"
    )
    print("|---|---|---|---|---|---|---|")
    print("\n".join(row[0] for row in rows))
    print("\n## Forecast minus the others, in sensitivity\n")
    print("| process | minus rule table | minus raw change | minus best possible |")
    print("|---|---|---|---|")
    print("\n".join(row[1] for row in rows))
    print("\n" + ("\n".join(MISSED) or MET))


MISSED: list[str] = []


MET = "Goals: no fewer than either baseline within the interval on every process, and at least .80 on log growth: met."


def _row(name: str) -> tuple[str, str]:
    cohort = PROCESSES[name].draw(PEOPLE, SEED)

    def judged(rule: str | BestPossible) -> Evaluation:
        return evaluate(
            person=cohort.who, session=np.expm1(cohort.rows.t), score=cohort.rows.score,
            direction=cohort.direction, rci=cohort.rci, rule=rule, burden=BURDEN, by=BY, low=cohort.low,
            high=cohort.high,
        )  # fmt: skip

    best = BestPossible(name, by=BY, simulated=KNOWN, neighbours=1_500)
    found = {rule: judged(rule) for rule in (OURS, *BASELINES)} | {"best": judged(best)}
    ours = found[OURS].by(BY).accuracy[WORSE]
    gaps = {
        rule: difference(found[OURS], other, WORSE, by=BY) for rule, other in found.items() if rule != OURS
    }
    MISSED.extend(
        f"**Missed** on {name}: the forecast finds fewer than {rule}."
        for rule in BASELINES
        if gaps[rule].high < 0
    )
    if name == "log_growth" and (ours.sensitivity.value or 0) < 0.80:
        MISSED.append("**Missed**: below .80 on log growth.")
    first = " | ".join(
        [
            name,
            f"{ours.base_rate.value:.1%}",
            *(_sensitivity(each) for each in found.values()),
            f"{ours.ppv.value:.0%}",
        ]
    )
    second = " | ".join(
        [name, *(f"{gap.value:+.3f} ({gap.low:+.3f} to {gap.high:+.3f})" for gap in gaps.values())]
    )
    return f"| {first} |", f"| {second} |"


def _sensitivity(evaluation: Evaluation) -> str:
    share = evaluation.by(BY).accuracy[WORSE].sensitivity
    return f"{share.value:.3f} ({share.low:.3f}–{share.high:.3f})"


if __name__ == "__main__":
    main()
