"""What this room holds about a citizen, as the citizen gets it out: what they were asked, and what they said."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

from django.db.models import F, QuerySet
from django.utils.translation import gettext_lazy

from medvirk.answers.models import Answer, Draft, Occasion, PaperEntry
from medvirk.instruments.definitions import Instrument, Item
from medvirk.instruments.queries import effective_catalogue
from medvirk.people.access import Viewer
from medvirk.people.hooks import OwnData, Shown, leave_out, register_own_data
from medvirk.people.models import Citizen
from medvirk.people.own_data import Fields, Row, coded, day, moment
from medvirk.ui.languages import choose_language, current_language


def own_occasions(citizen: Citizen) -> QuerySet[Occasion]:
    """What the citizen was asked about themselves. What others were asked about them is the others'."""
    return Occasion.objects.filter(about=citizen, respondent=F("about__person")).order_by("opens_at", "pk")


OCCASIONS: Fields = {
    "opens_at": gettext_lazy("Could be answered from"),
    "closes_at": gettext_lazy("Could be answered until"),
    "asked": gettext_lazy("Forms"),
    "answered_at": gettext_lazy("Answered"),
    "channel": gettext_lazy("Answered on"),
    "helped_by": gettext_lazy("Who was there"),
    "declined_at": gettext_lazy("Would rather not"),
    "own_words": gettext_lazy("In own words"),
}


def _occasions(_viewer: Viewer, citizen: Citizen) -> Iterator[Row]:
    for each in own_occasions(citizen).select_related("submission").prefetch_related("asks"):
        sent = getattr(each, "submission", None)
        asked = [str(ask) for ask in each.asks.all()]
        yield {
            "opens_at": moment(each.opens_at),
            "closes_at": moment(each.closes_at),
            "asked": Shown(list(asked), ", ".join(asked)),
            "answered_at": moment(sent.submitted_at if sent else None),
            "channel": coded(sent.channel, sent.get_channel_display()) if sent else "",
            "helped_by": coded(sent.helped_by, sent.get_helped_by_display()) if sent else "",
            "declined_at": moment(each.declined_at),
            "own_words": sent.own_words if sent else "",
        }


ANSWERS: Fields = {
    "answered_at": gettext_lazy("Answered"),
    "form": gettext_lazy("Form"),
    "topic": gettext_lazy("About"),
    "version": gettext_lazy("Version"),
    "language": gettext_lazy("Language"),
    "answers": gettext_lazy("Answers"),
    "scores": gettext_lazy("Scores"),
    "to_be_seen": gettext_lazy("Questions that somebody should see at once"),
}


def answers_of(citizen: Citizen) -> QuerySet[Answer]:
    """Everything the citizen has answered about themselves, in order of time. Two queries with the scores."""
    return (
        Answer.objects.filter(submission__occasion__in=own_occasions(citizen))
        .select_related("submission")
        .prefetch_related("scores")
        .order_by("submission__submitted_at", "pk")
    )


def _answers(_viewer: Viewer, citizen: Citizen) -> Iterator[Row]:
    catalogue = effective_catalogue()
    for each in answers_of(citizen):
        instrument = catalogue.get((each.instrument_key, each.instrument_version))
        said = [_said(instrument, key, value) for key, value in each.values.items()]
        scores = [
            {"scale": score.scale, "value": score.value, "missing_reason": score.missing_reason}
            for score in each.scores.all()
        ]
        yield {
            "answered_at": moment(each.submission.submitted_at),
            "form": coded(each.instrument_key, _title(instrument, each.instrument_key)),
            "topic": each.topic,
            "version": each.instrument_version,
            "language": each.language,
            "answers": Shown(said, "; ".join(_line(one) for one in said)),
            "scores": Shown(
                scores,
                "; ".join(
                    f"{one['scale']}: {one['value'] if one['value'] is not None else '–'}" for one in scores
                ),
            ),
            "to_be_seen": Shown(each.alerts, ", ".join(alert["item"] for alert in each.alerts)),
        }


def _title(instrument: Instrument | None, key: str) -> str:
    return instrument.title(current_language()) if instrument else key


def _said(instrument: Instrument | None, key: str, value: Any) -> dict[str, Any]:
    """One answer with its question and what was chosen, in words, as far as there is wording here."""
    item = next((each for each in instrument.items if each.key == key), None) if instrument else None
    question, chosen = _worded(instrument, item, value) if instrument and item else ("", "")
    return {"item": key, "question": question, "value": value, "chosen": chosen}


def _worded(instrument: Instrument, item: Item, value: Any) -> tuple[str, str]:
    wording = instrument.wordings.get(choose_language(current_language(), instrument.languages) or "")
    if wording is None or item.key not in wording.items:
        return "", ""
    words = wording.items[item.key]
    has_words = value in item.options and len(words.options) == len(item.options)
    return words.text, words.options[item.options.index(value)] if has_words else ""


def _line(one: dict[str, Any]) -> str:
    return f"{one['question'] or one['item']}: {one['chosen'] or one['value']}"


DRAFTS: Fields = {
    "updated_at": gettext_lazy("Last touched"),
    "content": gettext_lazy("What was written and not sent"),
}


def _drafts(_viewer: Viewer, citizen: Citizen) -> Iterator[Row]:
    for each in Draft.objects.filter(occasion__in=own_occasions(citizen)).order_by("updated_at"):
        content = json.loads(each.content)
        lines = "; ".join(f"{name}: {value}" for name, value in content.items())
        yield {"updated_at": moment(each.updated_at), "content": Shown(content, lines)}


PAPERS: Fields = {
    "filled_on": gettext_lazy("Filled in on paper"),
    "entered_at": gettext_lazy("Typed in"),
    "entered_by": gettext_lazy("Typed in by"),
    "undone_at": gettext_lazy("Taken back"),
    "correction": gettext_lazy("What was wrong in it"),
}


def _papers(_viewer: Viewer, citizen: Citizen) -> Iterator[Row]:
    found = PaperEntry.objects.filter(occasion__in=own_occasions(citizen)).select_related(
        "entered_by__person"
    )
    for each in found.order_by("begun_at"):
        yield {
            "filled_on": day(each.filled_on),
            "entered_at": moment(each.entered_at),
            "entered_by": each.entered_by.person.name if each.entered_by else "",
            "undone_at": moment(each.undone_at),
            "correction": each.correction,
        }


NOTICES: Fields = {"seen_at": gettext_lazy("The privacy notice was shown")}


def _notices(_viewer: Viewer, citizen: Citizen) -> Iterator[Row]:
    for each in citizen.person.notices_seen.order_by("seen_at"):
        yield {"seen_at": moment(each.seen_at)}


def register() -> None:
    """Called when the room is ready."""
    for order, (key, title, fields, models, collect) in enumerate(
        (
            (
                "occasions",
                gettext_lazy("What I was asked"),
                OCCASIONS,
                {"Occasion", "Ask", "Submission"},
                _occasions,
            ),
            ("answers", gettext_lazy("What I answered"), ANSWERS, {"Answer", "Score"}, _answers),
            ("drafts", gettext_lazy("What I began and did not send"), DRAFTS, {"Draft"}, _drafts),
            ("papers", gettext_lazy("What I answered on paper"), PAPERS, {"PaperEntry"}, _papers),
            ("notices", gettext_lazy("What I was told about privacy"), NOTICES, {"NoticeSeen"}, _notices),
        )
    ):
        tables = frozenset(f"answers.{model}" for model in models)
        register_own_data(OwnData(f"answers.{key}", title, 40 + order, fields, tables, collect))
    leave_out("answers.PaperForm", "codes on printed forms; they say nothing about anybody")
    leave_out(
        "answers.TabletCode",
        "hashes of codes that open a form on a tablet for a quarter of an hour; they say nothing about anybody",
    )
    leave_out(
        "answers.AnswerLink",
        "hashes of links that open a form for some hours; they say nothing about anybody",
    )
