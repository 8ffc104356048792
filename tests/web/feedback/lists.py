"""Lists of the feedback room (tests/web/test_query_counts.py)."""

from __future__ import annotations

from django.urls import reverse
from factories_feedback import DAY, Care, marks
from lists import Listed


def my_citizens(make) -> Listed:
    care = Care(make)

    def add() -> str:
        return care.course([20.0, 24.0]).citizens.get().person.name

    return Listed(care.worker, reverse("feedback:my_citizens"), add)


def sessions(make) -> Listed:
    care = Care(make)
    episode = care.episode()
    days = iter(range(30, 0, -7))

    def add() -> str:
        at = care.now - next(days) * DAY
        care.held(episode, at, life=20.0, meeting=40.0)
        return f"{at:%d.%m.%Y}".lstrip("0")

    return Listed(care.worker, reverse("feedback:episode", args=[episode.pk]), add)


def courses_of_a_citizen(make) -> Listed:
    care = Care(make)
    citizen = make.citizen(worker=care.worker)

    def add() -> str:
        care.course([20.0, 24.0], episode=care.episode(citizen=citizen))
        return citizen.person.name

    return Listed(care.worker, reverse("people:citizen", args=[citizen.pk]), add)


def conversation(make) -> Listed:
    """The course on the page of a conversation: a line in its table per session before."""
    care = Care(make)
    episode = care.episode()
    session = care.session(episode)
    days = iter(range(30, 0, -7))

    def add() -> str:
        care.held(episode, care.now - next(days) * DAY, life=20.0, meeting=40.0)
        return "20"

    return Listed(care.worker, reverse("feedback:conversation", args=[session.pk]), add)


def own_words(make) -> Listed:
    """The citizen's own page of one course: what they wrote, conversation by conversation."""
    care = Care(make)
    episode = care.episode()
    days = iter(range(30, 0, -7))

    def add() -> str:
        at, words = care.now - next(days) * DAY, f"Om {make.unit().name}"
        session = care.session(episode, at=at)
        care.send(care.way_in(session.before), marks("life-now", 20.0), own_words=words, now=at)
        return words

    citizen = episode.citizens.get()
    return Listed(make.own_account(citizen.person), reverse("feedback:own_course", args=[citizen.pk]), add)


def own_courses(make) -> Listed:
    """Several courses of one citizen, each in a unit of its own."""
    care = Care(make)
    citizen = make.citizen(worker=care.worker)
    first = care.course([20.0, 24.0], episode=care.episode(citizen=citizen))

    def add() -> str:
        unit = make.unit()
        later = care.course([20.0, 24.0], episode=care.episode(citizen=citizen))
        type(later).objects.filter(pk=later.pk).update(unit=unit)
        return unit.name

    path = reverse("feedback:own_episode", args=[citizen.pk, first.pk])
    return Listed(make.own_account(citizen.person), path, add)


LISTS = {
    "feedback:own_course": own_words,
    "feedback:own_episode": own_courses,
    "feedback:my_citizens": my_citizens,
    "feedback:episode": sessions,
    "feedback:conversation": conversation,
    "people:citizen, courses": courses_of_a_citizen,
}
NO_LIST = {
    "feedback:arrived",
    "feedback:cancel_session",
    "feedback:end_episode",
    "feedback:measuring_list",
    "feedback:measuring_page",
    "feedback:news",
    "feedback:note_change",
    "feedback:phone",
    "feedback:plan_session",
    "feedback:reopen_episode",
    "feedback:restore_session",
    "feedback:screen",
    "feedback:start_episode",
}
