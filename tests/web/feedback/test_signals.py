"""Signals on the pages: said in one press, handed on, put off, undone; listed for whom they concern; and counted."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format
from factories_feedback import DAY
from pages import read

from medvirk.feedback.actions.raising import evaluate_due, tell_of_overdue
from medvirk.feedback.models import Agreement, ChangeChoice, Episode, Session, Signal, SignalGuide
from medvirk.messages.models import Notice
from medvirk.people.models import AccessEvent, Relation

FALL = "alliance_falling"


@pytest.fixture
def worker(care, client_of) -> Client:
    return client_of(care.worker)


@pytest.fixture
def session(care) -> Session:
    """Today's conversation of a course whose last meeting was rated lower. No duty has run."""
    episode = care.course([20.0, 24.0], meeting=46.0)
    care.held(episode, care.now - DAY, life=26.0, meeting=18.0)
    return care.session(episode)


def of(session, name, *more) -> str:
    return reverse(f"feedback:{name}", args=[session.pk, *more])


def page_of(client, path):
    return read(client.get(path))


@pytest.fixture
def signal(session) -> Signal:
    evaluate_due(timezone.now())
    return Signal.objects.get(kind=FALL)


# on the page of the conversation


def test_a_signal_that_no_duty_has_raised_yet_is_talked_about_in_one_press(worker, session):
    page = worker.get(of(session, "conversation")).content.decode()
    assert f"talk-{FALL}" in page
    assert not Signal.objects.exists()

    sent = worker.post(
        of(session, "talk_here", FALL),
        {
            f"{FALL}-about": "Vi kom ikke til det viktigste",
            f"{FALL}-changes": ["ours-2", "ours-3"],
            f"{FALL}-own": "Kortere",
        },
        follow=True,
    )

    held = Signal.objects.get(kind=FALL)
    assert held.settled_at is not None
    step = held.steps.get(kind="talked")
    assert (step.text, step.by, step.session) == ("Vi kom ikke til det viktigste", held.owner, session)
    assert list(held.agreements.values_list("text", "session")) == [
        ("Møtes et annet sted", session.pk),
        ("Ta med noen i samtalen", session.pk),
        ("Kortere", session.pk),
    ]
    text = read(sent).text
    assert "Vi kom ikke til det viktigste" in text
    assert "Møtes et annet sted" in text


def test_that_it_was_talked_about_is_enough(worker, session, signal):
    worker.post(of(session, "talk_here", FALL), {})

    signal.refresh_from_db()
    assert signal.settled_at is not None
    assert not Agreement.objects.exists()


def test_one_talk_is_noted_for_all_that_it_was_about(worker, care, session):
    episode = care.course([30.0, 32.0], meeting=46.0)
    care.held(episode, care.now - DAY, life=8.0, meeting=18.0)
    here = care.session(episode)
    page = page_of(worker, of(here, "conversation"))
    other = next(each["value"] for each in page.all("input", name=f"{FALL}-also"))
    assert {each["value"] for each in page.all("input", name=f"{other}-also")} >= {FALL}

    sent = {f"{FALL}-about": "Det ble for mye", f"{FALL}-own": "Roligere", f"{FALL}-also": [other]}
    worker.post(of(here, "talk_here", FALL), sent)

    held = {each.kind: each for each in Signal.objects.filter(episode=episode, settled_at__isnull=False)}
    assert set(held) == {FALL, other}
    assert [each.steps.get(kind="talked").text for each in held.values()] == ["Det ble for mye"] * 2
    assert [each.signal.kind for each in Agreement.objects.all()] == [FALL]
    again = page_of(worker, of(here, "conversation"))
    assert f"talk-{other}" not in [each.get("id") for each in again.all("details")]


def test_what_was_said_about_safety_is_not_put_away_without_a_word_nor_along_with_other_things(worker, care):
    care.course([30.0, 32.0], meeting=46.0)
    episode = care.course([30.0], meeting=46.0)
    care.held(episode, care.now - DAY, life=8.0, meeting=18.0, safety=2)
    here = care.session(episode)
    page = page_of(worker, of(here, "conversation"))
    assert not page.all("input", name="risk-also")
    assert "risk" not in {each["value"] for each in page.all("input", name=f"{FALL}-also")}

    empty = worker.post(of(here, "talk_here", "risk"), {"risk-about": " "})

    assert empty.status_code == 422
    assert "Skriv med noen få ord" in read(empty).text
    assert Signal.objects.get(kind="risk").settled_at is None
    worker.post(of(here, "talk_here", FALL), {f"{FALL}-also": ["risk"]})
    assert Signal.objects.get(kind="risk").settled_at is None
    worker.post(of(here, "talk_here", "risk"), {"risk-about": "Trygg i kveld, hos søsteren"})
    assert Signal.objects.get(kind="risk").settled_at is not None


def test_what_was_said_about_safety_is_seen_to_though_the_course_has_ended(worker, care):
    episode = care.episode()
    care.held(episode, care.now, life=8.0, safety=2)
    risk = Signal.objects.get(kind="risk")
    # As where a paper is typed in after the end.
    Episode.objects.filter(pk=episode.pk).update(ended_on=care.viewer.today, ending="planned")
    page = reverse("feedback:signal", args=[risk.pk])
    assert page_of(worker, page).all("form", action=reverse("feedback:signal_talk", args=[risk.pk]))

    worker.post(reverse("feedback:signal_talk", args=[risk.pk]), {"risk-about": "Ringt, trygg i kveld"})

    risk.refresh_from_db()
    assert risk.settled_at is not None


def test_by_which_hour_an_answer_about_safety_should_be_seen_and_it_stands_first(
    worker, care, session, signal
):
    Signal.objects.filter(pk=signal.pk).update(due_at=timezone.now() - DAY)
    care.held(care.episode(), care.now, life=8.0, safety=2)
    risk = Signal.objects.get(kind="risk")
    due = f"skal ses innen kl. {timezone.localtime(risk.due_at):%H:%M} i dag"
    shown = worker.get(reverse("feedback:signals"))
    assert due in read(shown).text
    assert [line["each"].signal for line in shown.context["mine"]] == [risk, signal]

    worker.post(reverse("feedback:signal_see", args=[risk.pk]))

    assert "skal ses innen" not in page_of(worker, reverse("feedback:signals")).text


def test_undone_on_the_page_it_waits_again_and_nothing_was_agreed(worker, session, signal):
    worker.post(of(session, "talk_here", FALL), {f"{FALL}-own": "Feil person"})
    page = worker.get(of(session, "conversation")).content.decode()
    assert reverse("feedback:signal_reopen", args=[signal.pk]) in page

    sent = worker.post(
        reverse("feedback:signal_reopen", args=[signal.pk]), {"session": str(session.pk)}, follow=True
    )

    signal.refresh_from_db()
    assert signal.settled_at is None
    assert not Agreement.objects.exists()
    assert Agreement.everything.get().undone_at is not None
    assert "Feil person" not in read(sent).text


def test_a_day_that_has_passed_is_told_and_nothing_is_lost(worker, session, signal):
    yesterday = (timezone.localdate() - DAY).isoformat()

    sent = worker.post(of(session, "talk_here", FALL), {f"{FALL}-own": "Gå tur", f"{FALL}-due_on": yesterday})

    assert sent.status_code == 422
    assert "Gå tur" in sent.content.decode()
    signal.refresh_from_db()
    assert signal.settled_at is None


def test_what_was_done_before_with_this_kind_stands_beneath_it(worker, care, session, signal):
    worker.post(
        of(session, "talk_here", FALL), {f"{FALL}-about": "Savnet mål", f"{FALL}-changes": ["ours-5"]}
    )
    for ahead, meeting in ((1, 40.0), (2, 20.0)):
        held = care.held(session.episode, care.now + ahead * DAY, life=26.0, meeting=meeting)
    evaluate_due(care.now + 3 * DAY)

    text = page_of(worker, of(held, "conversation")).text

    assert "Savnet mål" in text
    assert "Jobbe med et annet mål" in text
    assert Signal.objects.filter(kind=FALL).count() == 2


def test_an_answer_about_safety_cannot_be_put_off(worker, care):
    episode = care.episode()
    care.held(episode, care.now - DAY, life=20.0, safety=2)
    held = Signal.objects.get(kind="risk")
    until = (timezone.localdate() + 3 * DAY).isoformat()

    worker.post(reverse("feedback:signal_snooze", args=[held.pk]), {"until": until, "reason": "Ferie"})

    assert not held.steps.filter(kind="snoozed").exists()
    assert (
        reverse("feedback:signal_snooze", args=[held.pk])
        not in worker.get(reverse("feedback:signal", args=[held.pk])).content.decode()
    )


# the list and a signal's own page


def test_handed_to_a_colleague_who_may_open_the_record_and_to_nobody_else(
    worker, care, make, client_of, signal
):
    colleague, other = make.staff(unit=care.unit), make.staff(unit=care.unit)
    Relation.objects.create(citizen=signal.citizen, staff=colleague, valid_from=make.long_ago)
    path = reverse("feedback:signal_hand", args=[signal.pk])

    refused = worker.post(path, {"owner": str(other.pk)})
    worker.post(path, {"owner": str(colleague.pk)})

    assert refused.status_code == 422
    signal.refresh_from_db()
    assert signal.owner == colleague
    text = page_of(client_of(colleague), reverse("feedback:signals")).text
    assert signal.citizen.person.name in text
    assert Notice.objects.filter(recipient=colleague.person, kind="feedback.signal_handed").exists()


def test_put_off_to_a_day_with_a_reason_it_waits_that_day(worker, signal):
    day = timezone.localdate() + 3 * DAY
    path = reverse("feedback:signal_snooze", args=[signal.pk])

    assert worker.post(path, {"until": day.isoformat(), "reason": ""}).status_code == 422
    worker.post(path, {"until": day.isoformat(), "reason": "Vi møtes torsdag"})

    signal.refresh_from_db()
    assert timezone.localdate(signal.due_at) == day + DAY
    assert "Vi møtes torsdag" in page_of(worker, reverse("feedback:signal", args=[signal.pk])).text


def test_the_history_says_who_when_and_what(worker, signal):
    worker.post(reverse("feedback:signal_talk", args=[signal.pk]), {f"{FALL}-about": "Tempoet"})

    text = page_of(worker, reverse("feedback:signal", args=[signal.pk])).text

    for step in signal.steps.select_related("by__person"):
        when = date_format(timezone.localtime(step.at), "j. F Y H:i")
        assert f"{when} · {step.by.person.name if step.by else 'Medvirk'}" in text
    assert {step.by for step in signal.steps.all()} == {None, signal.owner}
    assert "Tempoet" in text


def test_a_leader_without_relation_sees_only_that_it_lies_whose_and_since_when(care, make, client_of, signal):
    leader = make.staff("team_leader", care.unit)
    Signal.objects.filter(pk=signal.pk).update(due_at=care.now - DAY, tell_at=care.now - DAY)
    before = AccessEvent.objects.count()

    sent = client_of(leader).get(reverse("feedback:signals"))

    text = read(sent).text
    assert signal.owner.person.name in text
    assert signal.citizen.person.family_name not in text
    assert str(signal.pk) not in sent.content.decode()
    assert AccessEvent.objects.count() == before
    assert client_of(leader).get(reverse("feedback:signal", args=[signal.pk])).status_code == 404


def test_a_leader_with_the_team_around_the_citizen_sees_whose_and_what(care, make, client_of, signal):
    leader = make.staff("team_leader", care.unit)
    Relation.objects.create(citizen=signal.citizen, unit=care.unit, valid_from=make.long_ago)
    Signal.objects.filter(pk=signal.pk).update(due_at=care.now - DAY)

    text = page_of(client_of(leader), reverse("feedback:signals")).text

    assert signal.citizen.person.name in text
    assert AccessEvent.objects.filter(what="feedback.signal", actor_hash__isnull=False).exists()


def test_an_overdue_signal_in_another_team_is_not_the_leaders(care, make, client_of, signal):
    Signal.objects.filter(pk=signal.pk).update(due_at=care.now - DAY)

    text = page_of(client_of(make.staff("team_leader")), reverse("feedback:signals")).text

    assert signal.owner.person.name not in text


def test_agreements_are_looked_at_again_done_dropped_or_given_a_new_day(worker, session, signal):
    today = timezone.localdate()
    worker.post(
        of(session, "talk_here", FALL),
        {f"{FALL}-changes": ["ours-1", "ours-2", "ours-4"], f"{FALL}-due_on": today.isoformat()},
    )
    often, place, other = Agreement.objects.order_by("noted_at", "text")
    assert often.text in page_of(worker, reverse("feedback:signals")).text

    worker.post(reverse("feedback:agreement", args=[often.pk]), {"what": "done"})
    worker.post(reverse("feedback:agreement", args=[place.pk]), {"what": "dropped"})
    later = today + timedelta(days=14)
    worker.post(
        reverse("feedback:agreement", args=[other.pk]),
        {"what": "day", f"{other.pk}-due_on": later.isoformat()},
    )

    for each in (often, place, other):
        each.refresh_from_db()
    assert (often.done_on, place.dropped_on, other.due_on) == (today, today, later)
    assert often.text not in page_of(worker, reverse("feedback:signals")).text


def test_the_free_words_of_a_conversation_become_an_agreement_with_a_day(worker, session):
    day = timezone.localdate() + DAY
    worker.post(of(session, "note_change"), {"text": "Vi går tur", "due_on": day.isoformat()})

    held = Agreement.objects.get()
    assert (held.text, held.due_on, held.session) == ("Vi går tur", day, session)


def test_a_colleague_without_relation_finds_no_signal_and_does_nothing(
    care, make, client_of, session, signal
):
    stranger = client_of(make.staff(unit=care.unit))

    paths = [
        *(
            reverse(f"feedback:signal_{name}", args=[signal.pk])
            for name in ("see", "talk", "hand", "snooze", "reopen")
        ),
        of(session, "talk_here", FALL),
        of(session, "open_here", FALL),
    ]

    assert {stranger.post(path).status_code for path in paths} == {404}
    assert signal.steps.count() == 1


# what stands beside a signal


def test_a_leader_writes_the_list_of_the_own_unit_and_old_words_stay(
    worker, care, make, client_of, session, signal
):
    leader = client_of(make.staff("team_leader", care.unit))
    path = reverse("feedback:unit_support", args=[care.unit.pk])
    worker.post(of(session, "talk_here", FALL), {f"{FALL}-changes": ["ours-2"]})

    leader.post(reverse("feedback:unit_line", args=[care.unit.pk, 2]), {"nb": "Møtes ute"})
    leader.post(
        reverse("feedback:unit_line_new", args=[care.unit.pk]), {"nb": "Gå på kafé", "en": "Go to a café"}
    )
    leader.post(path, {"what": "retire-1"})
    leader.post(path, {"what": "up-2"})

    text = page_of(leader, path).text
    assert "Møtes ute" in text
    assert "Gå på kafé" in text
    assert "Møtes oftere" not in text
    standing = ChangeChoice.objects.filter(retired_at__isnull=True)
    assert [each.words["nb"] for each in standing][:2] == ["Ta med noen i samtalen", "Møtes ute"]
    assert Agreement.objects.get().text == "Møtes et annet sted"
    assert client_of(make.staff("team_leader")).get(path).status_code == 404


def test_the_conversation_shows_the_nearest_list_and_prompts_at_once(worker, care, make, client_of, session):
    administrator, leader = (
        client_of(make.staff("administrator", care.unit)),
        client_of(make.staff("team_leader", care.unit)),
    )
    path = of(session, "conversation")
    assert "Møtes et annet sted" in page_of(worker, path).text

    administrator.post(reverse("feedback:house_line", args=[2]), {"nb": "Husets linje"})
    assert "Husets linje" in page_of(worker, path).text

    leader.post(reverse("feedback:unit_line", args=[care.unit.pk, 2]), {"nb": "Teamets linje"})
    leader.post(
        reverse("answers:edit_unit_text", args=[care.unit.pk, "talk-alliance"]), {"nb": "Spør om tempoet"}
    )
    text = page_of(worker, path).text
    assert "Teamets linje" in text
    assert "Husets linje" not in text
    assert "Spør om tempoet" in text


def test_a_guide_is_chosen_beside_a_kind_of_signal(worker, care, make, client_of, session):
    from factories_library import put_in

    document = put_in(make, care.unit)
    leader = client_of(make.staff("team_leader", care.unit))
    leader.post(
        reverse("feedback:unit_support", args=[care.unit.pk]), {"what": "guides", FALL: str(document.pk)}
    )

    assert SignalGuide.objects.get(kind=FALL).document == document
    path = of(session, "signal_guide", FALL)
    assert path in worker.get(of(session, "conversation")).content.decode()
    assert worker.get(path).url == reverse("library:document", args=[document.pk])


# in numbers


def test_the_numbers_of_a_unit_with_their_n(care, make, client_of):
    now = timezone.now()
    month_ago = now.replace(day=1, hour=12) - 10 * DAY
    for number in range(6):
        episode = care.course([20.0])
        session = episode.sessions.first()
        held = Signal.objects.create(
            episode=episode, citizen=episode.citizens.get(), session=session, kind=FALL, raised_at=month_ago,
            owner=care.worker, due_at=month_ago + 7 * DAY, tell_at=now, settled_at=month_ago + number * 2 * DAY,
        )  # fmt: skip
        held.steps.create(kind="raised", at=month_ago)
        held.steps.create(kind="talked", at=month_ago + number * 2 * DAY)
        if number < 3:
            Agreement.objects.create(episode=episode, signal=held, text="Gå tur", noted_by=care.worker)
            held.steps.create(kind="moved", at=now)
    leader = client_of(make.staff("team_leader", care.unit))

    text = page_of(leader, reverse("feedback:signal_numbers")).text

    assert re.search(r"Signaler ?6(?!\d)", text)
    assert re.search(r"67\s?% \(4 \w+ 6;", text)
    assert re.search(r"50\s?% \(3 \w+ 6;", text)
    assert "5,0" in text
    assert "100" not in text.partition("95")[0]  # of three verdicts no share is shown
    assert care.worker.person.name not in text


def test_overdue_ones_are_told_to_the_leader_who_finds_the_page(care, make, client_of, signal):
    leader = make.staff("team_leader", care.unit)
    Signal.objects.filter(pk=signal.pk).update(due_at=care.now - DAY, tell_at=care.now - DAY)

    assert tell_of_overdue(timezone.now()) == 1
    assert tell_of_overdue(timezone.now()) == 0

    assert signal.steps.filter(kind="overdue").count() == 1
    assert reverse("feedback:signals") in client_of(leader).get(reverse("messages:inbox")).content.decode()
