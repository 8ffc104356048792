"""How well a questionnaire measures, in plain words: each number with how many people, its interval and a meaning."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from django.utils.formats import number_format
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from medvirk.feedback.measuring import FEWEST, Measured
from medvirk.instruments.definitions import Instrument
from medvirk.stats.faults import BadScoresError
from medvirk.stats.reliability import (
    SOURCES,
    Cause,
    Criteria,
    Criterion,
    Description,
    Estimate,
    ItemStatistics,
    State,
    Verdict,
    local_reliable_change,
)

TOO_FEW = gettext_lazy("too few to show")
CAUSES: dict[Cause, Promise] = {
    Cause.FEW_ITEMS: gettext_lazy("cannot be estimated: too few questions"),
    Cause.FEW_PEOPLE: gettext_lazy("cannot be estimated: too few people"),
    Cause.CONSTANT: gettext_lazy("cannot be estimated: everybody answered the same"),
    Cause.NO_ONE_FACTOR: gettext_lazy("cannot be estimated: the questions do not fit one common factor"),
}
STATES: dict[State, Promise] = {
    State.MET: gettext_lazy("met"),
    State.NOT_MET: gettext_lazy("not met"),
    State.NOT_KNOWN: gettext_lazy("not yet known"),
}
CRITERIA: dict[Criterion, tuple[Promise, Promise]] = {
    Criterion.ANSWERS: (
        gettext_lazy("Enough complete answers"),
        gettext_lazy("With fewer people, chance decides too much."),
    ),
    Criterion.ONE_FACTOR: (
        gettext_lazy("The questions are about one thing"),
        gettext_lazy(
            "How far one common factor is from explaining the answers (SRMR), and how close it comes (CFI)."
        ),
    ),
    Criterion.OMEGA: (
        gettext_lazy("The questions hang together (omega)"),
        gettext_lazy("Lower: they pull in different directions. Higher: they repeat each other."),
    ),
    Criterion.OMEGA_LOWER: (
        gettext_lazy("Omega is surely high enough"),
        gettext_lazy("The lower end of its interval."),
    ),
    Criterion.ALPHA: (
        gettext_lazy("The questions hang together (alpha)"),
        gettext_lazy("The older and more widely used measure of the same."),
    ),
    Criterion.ITEM_TOTAL: (
        gettext_lazy("Each question goes with the others"),
        gettext_lazy("The weakest correlation of a question with the sum of the others."),
    ),
    Criterion.FLOOR: (
        gettext_lazy("Few are at the bottom"),
        gettext_lazy("Who is at the very bottom cannot be seen to get lower."),
    ),
    Criterion.CEILING: (
        gettext_lazy("Few are at the top"),
        gettext_lazy("Who is at the very top cannot be seen to get higher."),
    ),
    Criterion.PAIRS: (
        gettext_lazy("Enough people measured twice"),
        gettext_lazy("Two answers of one person, some days apart."),
    ),
    Criterion.RETEST: (
        gettext_lazy("The answers repeat themselves"),
        gettext_lazy("How well the second answer agrees with the first (intraclass correlation)."),
    ),
}
SHARES = frozenset({Criterion.FLOOR, Criterion.CEILING})
COUNTS = frozenset({Criterion.ANSWERS, Criterion.PAIRS})


@dataclass(frozen=True)
class NumberRow:
    """One number as it is told; `people` is how many it is from."""

    name: str
    value: str
    interval: str
    people: int
    meaning: str


@dataclass(frozen=True)
class CriterionRow:
    name: str
    meaning: str
    here: str
    people: int
    limit: str
    state: str
    state_in_words: str
    source: str


@dataclass(frozen=True)
class QuestionRow:
    """One question; texts that are ready to print. `answered` of `people` answered it."""

    words: str
    answered: str
    mean: str
    spread: str
    lowest: str
    highest: str
    with_others: str
    alpha_without: str
    loading: str


def decimals(value: float | None, places: int = 2) -> str:
    """A number with so many decimals, or a dash where there is none."""
    return "–" if value is None else number_format(f"{value:.{places}f}", decimal_pos=places)


def percent(share: float | None) -> str:
    """A share as whole per cent, or a dash."""
    return "–" if share is None else _("%(number)s\u00a0%%") % {"number": number_format(round(100 * share))}


def _of(estimate: Estimate, places: int = 2, *, share: bool = False) -> tuple[str, str]:
    """Value and interval of an estimate, or why there is none."""
    if estimate.value is None:
        return str(CAUSES[estimate.cause or Cause.FEW_PEOPLE]), ""
    if estimate.n < FEWEST:
        return str(TOO_FEW), ""
    write = percent if share else (lambda number: decimals(number, places))
    if estimate.low is None or estimate.high is None:
        return write(estimate.value), ""
    ends = {"low": write(estimate.low), "high": write(estimate.high)}
    return write(estimate.value), _("%(low)s to %(high)s") % ends


def number_rows(measured: Measured) -> list[NumberRow]:
    """The numbers of the scale as a whole."""
    found = measured.description
    if found is None:
        return []
    return [*_consistency(found), *_scores(found), *_error(measured, found), *_retest(found)]


def _row(name: str, estimate: Estimate, meaning: str, places: int = 2, *, share: bool = False) -> NumberRow:
    value, interval = _of(estimate, places, share=share)
    return NumberRow(name, value, interval, estimate.n, meaning)


def _consistency(found: Description) -> Iterator[NumberRow]:
    yield _row(
        _("Omega"),
        found.omega,
        _(
            "The share of the differences between people's scores that comes from what the questions have in common."
        ),
    )
    yield _row(
        _("Cronbach's alpha"),
        found.alpha,
        _("The same, as if every question measured equally well."),
    )
    halves = found.halves
    name = _("Split half")
    meaning = _(
        "How well one half of the questions agrees with the other, reckoned to full length: "
        "the mean over many ways to halve, and the lowest and highest of them."
    )
    if halves is None:
        yield NumberRow(
            name, str(CAUSES[found.halves_cause or Cause.FEW_PEOPLE]), "", found.complete, meaning
        )
    elif halves.n < FEWEST:
        yield NumberRow(name, str(TOO_FEW), "", halves.n, meaning)
    else:
        ends = {"low": decimals(halves.lowest), "high": decimals(halves.highest)}
        yield NumberRow(name, decimals(halves.mean), _("%(low)s to %(high)s") % ends, halves.n, meaning)
        yield NumberRow(
            _("Split half, odd against even"),
            decimals(halves.odd_even),
            "",
            halves.n,
            _("The first, third and fifth question and so on against the others."),
        )


def _scores(found: Description) -> Iterator[NumberRow]:
    yield _row(_("Mean score"), found.mean, _("The first score of each person, in points."), 1)
    if found.sd is not None and found.scored >= FEWEST:
        yield NumberRow(
            _("Standard deviation"),
            decimals(found.sd, 1),
            "",
            found.scored,
            _(
                "How far apart people are, in points. About two of three lie within this distance of the mean."
            ),
        )
    yield _row(
        _("At the very bottom"),
        found.floor,
        _("The share with the lowest score there is."),
        share=True,
    )
    yield _row(
        _("At the very top"),
        found.ceiling,
        _("The share with the highest score there is."),
        share=True,
    )


def _error(measured: Measured, found: Description) -> Iterator[NumberRow]:
    if found.sem is None or found.sd is None or found.reliability is None or found.complete < FEWEST:
        return
    yield NumberRow(
        _("Standard error of one score"),
        decimals(found.sem, 1),
        "",
        found.complete,
        _("How far a score usually lies from what the same person would score on average, in points."),
    )
    period = f"{measured.first_day}–{measured.last_day}"
    try:
        change = local_reliable_change(
            sd=found.sd, reliability=found.reliability, n=found.complete, period=period
        )
    except BadScoresError:  # a spread of nothing: there is no change to speak of
        return
    yield NumberRow(
        _("Reliable change, from the answers here"),
        decimals(change.value, 1),
        "",
        found.complete,
        _("A change of more points than this is seldom chance. %(in_use)s")
        % {"in_use": _in_use(measured.instrument)},
    )


def _in_use(instrument: Instrument) -> str:
    fact = instrument.main_scale.reliable_change if instrument.main_scale else None
    if fact is None:
        return _("No limit is in use now.")
    return _("The limit in use now is %(points)s.") % {"points": decimals(fact.value, 1)}


def _retest(found: Description) -> Iterator[NumberRow]:
    if found.retest is None:
        return
    agreement = _(
        "How well two answers of one person, some days apart, agree: 1 is the same, 0 is as strangers."
    )
    yield _row(_("Retest, intraclass correlation"), found.retest.icc, agreement)
    yield _row(
        _("Retest, correlation"),
        found.retest.correlation,
        _("Whether those who scored high the first time did so the second time, too."),
    )
    n = len(found.retest.pairs.first)
    if found.retest.shift is not None and n >= FEWEST:
        yield NumberRow(
            _("Retest, shift"),
            decimals(found.retest.shift, 1),
            "",
            n,
            _("How many points higher the second score was, on average."),
        )


def criterion_rows(measured: Measured) -> list[CriterionRow]:
    """The stated criteria, what they ask and what is found here."""
    return [_criterion(verdict, Criteria()) for verdict in measured.verdicts]


def _criterion(verdict: Verdict, limits: Criteria) -> CriterionRow:
    name, meaning = CRITERIA[verdict.criterion]
    hidden = verdict.n < FEWEST
    return CriterionRow(
        name=str(name),
        meaning=str(meaning),
        here=str(TOO_FEW) if hidden else _here(verdict),
        people=verdict.n,
        limit=_limit(verdict.criterion, limits),
        state=str(verdict.state),
        state_in_words=str(STATES[verdict.state]),
        source=SOURCES[verdict.criterion]
        if verdict.criterion is not Criterion.OMEGA_LOWER
        else _("our own choice"),
    )


def _here(verdict: Verdict) -> str:
    if verdict.value is None:
        return _("cannot be estimated")
    if verdict.criterion in COUNTS:
        return number_format(round(verdict.value))
    if verdict.criterion in SHARES:
        return percent(verdict.value)
    if verdict.criterion is Criterion.ONE_FACTOR:
        return _("SRMR %(srmr)s, CFI %(cfi)s") % {
            "srmr": decimals(verdict.value, 3),
            "cfi": decimals(verdict.second, 3),
        }
    return decimals(verdict.value)


def _limit(criterion: Criterion, limits: Criteria) -> str:
    at_least, at_most = _("at least %(number)s"), _("at most %(number)s")
    low, high = limits.reliability
    return {
        Criterion.ANSWERS: at_least % {"number": limits.answers},
        Criterion.ONE_FACTOR: _("SRMR at most %(srmr)s and CFI at least %(cfi)s")
        % {"srmr": decimals(limits.srmr), "cfi": decimals(limits.cfi)},
        Criterion.OMEGA: _("%(low)s to %(high)s") % {"low": decimals(low), "high": decimals(high)},
        Criterion.OMEGA_LOWER: at_least % {"number": decimals(limits.omega_lower)},
        Criterion.ALPHA: _("%(low)s to %(high)s") % {"low": decimals(low), "high": decimals(high)},
        Criterion.ITEM_TOTAL: at_least % {"number": decimals(limits.item_total)},
        Criterion.FLOOR: at_most % {"number": percent(limits.end_share)},
        Criterion.CEILING: at_most % {"number": percent(limits.end_share)},
        Criterion.PAIRS: at_least % {"number": limits.pairs},
        Criterion.RETEST: at_least % {"number": decimals(limits.retest)},
    }[criterion]


def question_rows(measured: Measured, language: str) -> list[QuestionRow]:
    """The questions one by one, in their own words where the wording is here."""
    found = measured.description
    if found is None:
        return []
    wording = measured.instrument.wordings.get(language)
    turned = set(measured.scale.reversed)
    rows = []
    for number, item in enumerate(found.items, start=1):
        words = wording.items[item.key].text if wording else _("Question %(number)d") % {"number": number}
        if item.key in turned:
            words = _("%(question)s (turned round)") % {"question": words}
        rows.append(_question(words, item, enough_complete=found.complete >= FEWEST))
    return rows


def _question(words: str, item: ItemStatistics, *, enough_complete: bool) -> QuestionRow:
    enough = item.answered >= FEWEST
    return QuestionRow(
        words=words,
        answered=_("%(answered)d of %(people)d (%(missing)s missing)")
        % {"answered": item.answered, "people": item.n, "missing": percent(item.missing_share)},
        mean=decimals(item.mean, 1) if enough else str(TOO_FEW),
        spread=decimals(item.sd, 1) if enough else "–",
        lowest=percent(item.floor_share) if enough else "–",
        highest=percent(item.ceiling_share) if enough else "–",
        with_others=decimals(item.item_total) if enough_complete else "–",
        alpha_without=decimals(item.alpha_without) if enough_complete else "–",
        loading=decimals(item.loading) if enough_complete else "–",
    )
