"""A paper that is typed in twice is an answer as any other, stored once, on the day when it was filled in."""

from __future__ import annotations

import io
from datetime import timedelta

import pytest
from django.core.exceptions import PermissionDenied
from django.utils import timezone
from pypdf import PdfReader

from medvirk.answers.actions import NotTaken
from medvirk.answers.logic import State
from medvirk.answers.models import Answer, PaperEntry, PaperForm, Submission
from medvirk.answers.paper import entering
from medvirk.answers.paper.codes import in_threes
from medvirk.answers.paper.entering import OnPaper, PaperRefused
from medvirk.answers.paper.printing import as_pdf, language_of
from medvirk.answers.queries import asked_in
from medvirk.feedback.actions.goals import add_goal
from medvirk.feedback.models import Signal, SignalStep
from medvirk.people.keeping import tidyings

FIVE = {f"life-now.q{number}": "6" for number in range(1, 6)}
SAFE = FIVE | {"safety.q1": "0"}
DAY = timedelta(days=1)


@pytest.fixture
def session(care):
    return care.session(at=care.now - 2 * DAY)


@pytest.fixture
def occasion(care, session):
    found = session.asks("before")
    type(found).objects.filter(pk=found.pk).update(created_at=care.now - 9 * DAY)
    found.refresh_from_db()
    return found


def today(care):
    return timezone.localdate(care.now)


def first(care, occasion, typed=SAFE, **once):
    paper = OnPaper(once.pop("filled_on", today(care)), **once)
    return entering.type_first(by=care.viewer, occasion=occasion, typed=typed, paper=paper, now=care.now)


def again(care, occasion, entry, typed=SAFE):
    asked = asked_in(occasion, "nb")
    return entering.type_again(by=care.viewer, entry=entry, asked=asked, typed=typed, now=care.now)


def test_what_is_typed_twice_alike_is_stored_on_the_day_of_the_paper(care, occasion):
    day = today(care) - 2 * DAY
    entry = first(care, occasion, filled_on=day, own_words="Det går", helped_by="interpreter")
    assert not Submission.objects.exists()

    assert again(care, occasion, entry) == []

    stored = Submission.objects.get()
    assert (stored.channel, timezone.localdate(stored.submitted_at)) == ("paper", day)
    assert (stored.own_words, stored.helped_by) == ("Det går", "interpreter")
    life = stored.answers.get(instrument_key="life-now")
    assert (life.values["q1"], life.scores.get().value) == (6.0, 30.0)
    entry.refresh_from_db()
    assert (entry.entered_by, entry.entered_at, entry.filled_on) == (care.worker, care.now, day)


def test_what_differs_is_kept_apart_until_somebody_has_looked_at_the_paper(care, occasion):
    entry = first(care, occasion)
    other = SAFE | {"life-now.q2": "9", "life-now.q4": ""}

    assert again(care, occasion, entry, other) == ["life-now.q2", "life-now.q4"]
    assert not Submission.objects.exists()
    asked = asked_in(occasion, "nb")
    with pytest.raises(PaperRefused, match="not_settled"):
        entering.settle(by=care.viewer, entry=entry, asked=asked, settled={"life-now.q2": "9"}, now=care.now)
    settled = {"life-now.q2": "9", "life-now.q4": "6"}
    entering.settle(by=care.viewer, entry=entry, asked=asked, settled=settled, now=care.now)

    values = Answer.objects.get(instrument_key="life-now").values
    assert (values["q2"], values["q4"]) == (9.0, 6.0)


def test_a_risk_on_paper_opens_a_signal_that_is_due_from_when_it_became_known(care, occasion):
    risky = FIVE | {"safety.q1": "3"}
    again(care, occasion, first(care, occasion, risky, filled_on=today(care) - 2 * DAY), risky)

    signal = Signal.objects.get()
    assert (signal.kind, signal.raised_at) == ("risk", care.now)
    assert signal.due_at > care.now


def test_the_same_worker_takes_back_a_wrong_paper_within_the_hour_and_it_stays_as_history(care, occasion):
    entry = first(care, occasion)
    again(care, occasion, entry)
    colleague = care.make.viewer(care.make.staff("practitioner", care.unit))
    late = care.now + timedelta(minutes=61)
    with pytest.raises((PaperRefused, PermissionDenied)):
        entering.undo(by=colleague, entry=entry, now=care.now)
    with pytest.raises(PaperRefused, match="too_late"):
        entering.undo(by=care.viewer, entry=entry, now=late)
    entering.correct(by=care.viewer, entry=entry, words="Linje 2 er 3", now=late)

    entering.undo(by=care.viewer, entry=entry, now=care.now + timedelta(minutes=59))

    assert not Submission.objects.exists()
    kept = PaperEntry.objects.get()
    assert (kept.undone_at is not None, kept.typed, kept.again) == (True, "", "")
    again(care, occasion, first(care, occasion))
    assert Submission.objects.count() == 1


def test_a_risk_signal_outlives_the_paper_that_raised_it_by_mistake(care, occasion):
    risky = FIVE | {"safety.q1": "3"}
    entry = first(care, occasion, risky)
    again(care, occasion, entry, risky)

    entering.undo(by=care.viewer, entry=entry, now=care.now)

    assert Signal.objects.get().settled_at is None
    assert SignalStep.objects.filter(kind="raised").count() == 1


def test_a_paper_does_not_replace_what_was_answered_another_way(care, occasion):
    entry = first(care, occasion)
    care.send(care.way_in(occasion), {"life-now.q1": "2"})

    with pytest.raises(NotTaken) as refused:
        again(care, occasion, entry)

    assert refused.value.state is State.ANSWERED
    assert Submission.objects.get().channel == "phone"


def test_a_paper_filled_in_before_the_question_was_closed_is_still_taken(care, occasion):
    occasion.closes_at = care.now - DAY
    occasion.save()
    with pytest.raises(NotTaken) as refused:
        first(care, occasion, filled_on=today(care))
    assert refused.value.state is State.CLOSED

    again(care, occasion, first(care, occasion, filled_on=today(care) - 2 * DAY))

    assert Submission.objects.count() == 1


def test_only_those_who_follow_the_citizen_print_and_type(care, occasion):
    stranger = care.make.viewer(care.make.staff("practitioner"))
    for act in (
        lambda: entering.printed(by=stranger, occasion=occasion, now=care.now),
        lambda: entering.type_first(
            by=stranger, occasion=occasion, typed=SAFE, paper=OnPaper(today(care)), now=care.now
        ),
    ):
        with pytest.raises(PermissionDenied):
            act()
    assert not PaperForm.objects.exists()


@pytest.mark.parametrize(
    ("moment", "language", "words"), [("before", "nb", "Fylt ut"), ("after", "en", "Filled in")]
)
def test_the_printed_form_is_accessible_has_one_page_and_no_name(care, session, moment, language, words):
    occasion = session.asks(moment)
    type(occasion.respondent).objects.filter(pk=occasion.respondent_id).update(language=language)
    occasion.respondent.refresh_from_db()
    held = entering.printed(by=care.viewer, occasion=occasion, now=care.now)
    assert entering.printed(by=care.viewer, occasion=occasion, now=care.now).code == held.code

    pdf = as_pdf(occasion, held, f"https://medvirk.example/a/paper/{occasion.pk}/", language_of(occasion))

    assert b"pdfuaid" in pdf
    read = PdfReader(io.BytesIO(pdf))
    assert len(read.pages) == 1
    text = read.pages[0].extract_text()
    assert words in text
    assert in_threes(held.code) in text
    assert not any(name in text for name in care.citizen_names(session))


@pytest.mark.parametrize("goals", [0, 2, 4])
def test_where_to_get_help_stands_on_the_page_of_the_question_about_safety(care, goals):
    episode = care.episode()
    for number in range(goals):
        add_goal(
            by=care.viewer,
            citizen=episode.citizens.get(),
            episode=episode,
            words=f"Noe som betyr noe for meg, nummer {number}",
            now=care.now,
        )
    asked = care.session(episode).asks("before")
    held = entering.printed(by=care.viewer, occasion=asked, now=care.now)

    pages = PdfReader(io.BytesIO(as_pdf(asked, held, "https://medvirk.example/", "nb"))).pages

    texts = [page.extract_text() for page in pages]
    [with_question] = [text for text in texts if "ikke vil leve" in text]
    assert "113" in with_question


def test_what_somebody_close_gets_on_paper_says_that_they_answer_as_they_see_it(care, session):
    from medvirk.feedback.actions import ask_somebody

    citizen = session.asks("before").about
    asked = ask_somebody(
        by=care.viewer, session=session, citizen=citizen, whom=("Siv", "Nær"), basis="citizen", now=care.now
    )
    held = entering.printed(by=care.viewer, occasion=asked, now=care.now)

    text = (
        PdfReader(io.BytesIO(as_pdf(asked, held, "https://medvirk.example/", "nb"))).pages[0].extract_text()
    )

    assert "slik du ser det" in text
    assert "Siv" not in text


def test_what_was_typed_and_never_stored_goes_as_a_draft_does(care, session):
    kept = {}
    for name, occasion in (("begun", session.asks("before")), ("stored", session.asks("after"))):
        kept[name] = first(care, occasion, FIVE if name == "begun" else {"this-meeting.q1": "6"})
    again(care, session.asks("after"), kept["stored"], {"this-meeting.q1": "6"})
    [tidying] = [each for each in tidyings() if each.key == "answers.papers"]
    assert tidying.retention == "draft"

    assert not tidying.due(today(care)).exists()
    assert list(tidying.due(today(care) + DAY)) == [kept["begun"]]


def test_without_a_second_typing_nothing_is_stored(care, occasion):
    asked = asked_in(occasion, "nb")
    once = first(care, occasion)
    with pytest.raises(PaperRefused, match="not_open"):
        entering.settle(by=care.viewer, entry=once, asked=asked, settled=SAFE, now=care.now)
    again(care, occasion, once, SAFE | {"life-now.q2": "9"})
    anew = first(care, occasion, SAFE | {"life-now.q3": "2"})
    for entry in (anew, PaperEntry.objects.get()):
        with pytest.raises(PaperRefused, match="not_open"):
            entering.settle(
                by=care.viewer, entry=entry, asked=asked, settled={"life-now.q2": "9"}, now=care.now
            )
    assert not Submission.objects.exists()


def test_what_was_printed_is_asked_as_it_was_printed(care, session):
    occasion = session.asks("before")
    before = list(occasion.asks.values_list("instrument_key", flat=True))
    entering.printed(by=care.viewer, occasion=occasion, now=care.now)

    add_goal(by=care.viewer, citizen=occasion.about, episode=session.episode, words="Gå tur", now=care.now)

    assert list(occasion.asks.values_list("instrument_key", flat=True)) == before
